/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reclaim under way: how fast it goes, when it ends, and whether it can win. Pure. */
#ifndef DCM_MODEL_RECLAIM_PACE_H
#define DCM_MODEL_RECLAIM_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/reason.h"

/* What ends a reclaim in steps early; looked at between two steps. */
struct dcm_reclaim_bounds {
	double seconds;	      /* wall time of all steps */
	double pressure;      /* percent of the time that memory pressure may add, see below */
	double others;	      /* percent of its entries that another superblock may lose */
	uint64_t cache_bytes; /* page cache that may go along */
};

struct dcm_reclaim_progress {
	uint64_t before, now; /* unused dentries of the superblock */
	uint64_t steps;
	double seconds, longest_step_seconds; /* so far */
	double pressure;      /* /proc/pressure/memory, "some": share of the time since the last
				 look, in percent, less what it was before the first step */
	double others;	      /* percent that the superblock hit worst has lost */
	uint64_t cache_bytes; /* page cache that the control group has lost */
	bool exhausted;	      /* the way says that no step is left */
	bool interrupted;     /* by a person */
};

enum dcm_reclaim_end {
	DCM_RECLAIM_GOES_ON,
	DCM_RECLAIM_REACHED, /* at most 1 % and 100 are left */
	DCM_RECLAIM_DRY,     /* it no longer falls */
	DCM_RECLAIM_INTERRUPTED,
	DCM_RECLAIM_TIME,
	DCM_RECLAIM_PRESSURE,
	DCM_RECLAIM_OTHERS,
	DCM_RECLAIM_CACHE,
};

/* Whether another step may follow, and else why not, in words. */
enum dcm_reclaim_end dcm_reclaim_next(const struct dcm_reclaim_bounds *bounds,
				      const struct dcm_reclaim_progress *progress,
				      struct dcm_reason *ret_why);

/* Entries per second net of what others made meanwhile; 0 while unknown. */
double dcm_reclaim_rate(const struct dcm_reclaim_progress *progress);

/* Seconds until nothing is left at that rate; below 0 while unknown. */
double dcm_reclaim_seconds_left(const struct dcm_reclaim_progress *progress);

/*
 * One call shrinks until nothing is left, however much others add meanwhile. @growth: entries that
 * they add per second; @shrink: entries that the call frees per second. -EBUSY with a reason when
 * @growth is above half of @shrink: such a call may not end, and cannot be stopped.
 */
int dcm_reclaim_judge_growth(double growth, double shrink, struct dcm_reason *reason);

/* Seconds for what would take @seconds without that growth; @growth must be below @shrink. */
double dcm_reclaim_seconds_beside(double seconds, double growth, double shrink);

#endif
