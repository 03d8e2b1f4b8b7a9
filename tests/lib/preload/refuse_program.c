// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* LD_PRELOAD: a kernel whose verifier gives up on one program, that of the name REFUSE_PROGRAM:
 * bpf(2) says E2BIG. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static int is_refused(const union bpf_attr *attr)
{
	const char *name = getenv("REFUSE_PROGRAM");

	return name && !strncmp(attr->prog_name, name, sizeof(attr->prog_name));
}

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long argument[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && argument[0] == BPF_PROG_LOAD &&
	    is_refused((const union bpf_attr *)argument[1])) {
		errno = E2BIG;
		return -1;
	}
	return next(number, argument[0], argument[1], argument[2], argument[3], argument[4],
		    argument[5]);
}
