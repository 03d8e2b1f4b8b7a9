/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_CPU_STAT_H
#define DCM_PARSE_CPU_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Time of all CPUs together, in clock ticks since boot, and what wants to run at the moment. */
struct dcm_cpu_stat {
	uint64_t total; /* guest time is part of user time and not added again */
	uint64_t idle;	/* waiting for a disk included */
	uint64_t steal; /* a hypervisor ran somebody else */
	uint64_t cpus;	/* online */
	bool has_running;
	uint64_t running; /* tasks that run or want to, the reader included */
};

/*
 * Parses /proc/stat (@len bytes, no NUL needed). Returns 0; -ENOENT without a usable line of all
 * CPUs and one of at least one of them.
 */
int dcm_cpu_stat_parse(const char *text, size_t len, struct dcm_cpu_stat *ret);

#endif
