/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reclaim.rules in the state directory: when "dcachemon reclaim --rules" last ran without a
 * failure, in seconds since 1970 (0: never), and how many runs have failed since. A run that hangs
 * or is never started leaves no failure, but the time grows old.
 */
#ifndef DCM_KERNEL_RECLAIM_RUNS_H
#define DCM_KERNEL_RECLAIM_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/reason.h"

#define DCM_RECLAIM_RUNS_NAME "reclaim.rules"

struct dcm_reclaim_runs {
	int64_t good_s; /* 0: never */
	uint64_t failed;
};

/* -ENOENT: no run has ended yet; other -errno with a reason. */
int dcm_reclaim_runs_read(const char *folder, struct dcm_reason *reason,
			  struct dcm_reclaim_runs *ret);

/* A run has ended at @now_s. -errno with a reason. */
int dcm_reclaim_runs_end(const char *folder, int64_t now_s, bool failed, struct dcm_reason *reason);

#endif
