// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* LD_PRELOAD: a kernel that passed over PASSED_OVER_COUNT events of one program, that of the name
 * PASSED_OVER_PROGRAM. bpf(2) with BPF_OBJ_GET_INFO_BY_FD says so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_program(unsigned int fd)
{
	char path[32], target[32] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%u", fd);
	return readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, "bpf-prog");
}

static void pass_over(const union bpf_attr *attr)
{
	struct bpf_prog_info *info = (struct bpf_prog_info *)(unsigned long)attr->info.info;
	const char *name = getenv("PASSED_OVER_PROGRAM"), *count = getenv("PASSED_OVER_COUNT");

	if (name && count && is_program(attr->info.bpf_fd) &&
	    !strncmp(info->name, name, sizeof(info->name)))
		info->recursion_misses = strtoull(count, NULL, 10);
}

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long argument[6], ret;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(list, long);
	va_end(list);
	ret = next(number, argument[0], argument[1], argument[2], argument[3], argument[4],
		   argument[5]);
	if (!ret && number == SYS_bpf && argument[0] == BPF_OBJ_GET_INFO_BY_FD)
		pass_over((const union bpf_attr *)argument[1]);
	return ret;
}
