// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* LD_PRELOAD: a filesystem that answers a reconfigure with an error. The kernel has done it all,
 * the shrink first; fsconfig(2) says EINVAL, as ocfs2 does each time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/mount.h>
#include <stdarg.h>
#include <sys/syscall.h>

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long argument[6], result;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(list, long);
	va_end(list);
	result = next(number, argument[0], argument[1], argument[2], argument[3], argument[4],
		      argument[5]);
	if (number != SYS_fsconfig || argument[1] != FSCONFIG_CMD_RECONFIGURE || result)
		return result;
	errno = EINVAL;
	return -1;
}
