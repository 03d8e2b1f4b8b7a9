// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_pace.h"

#include <errno.h>

#define FEW 100

enum dcm_reclaim_end dcm_reclaim_next(const struct dcm_reclaim_bounds *bounds,
				      const struct dcm_reclaim_progress *progress,
				      struct dcm_reason *ret_why)
{
	if (progress->now <= progress->before / 100 + FEW)
		return DCM_RECLAIM_REACHED;
	if (progress->interrupted)
		return dcm_reason_set(ret_why, 0, "interrupted"), DCM_RECLAIM_INTERRUPTED;
	if (progress->others > bounds->others)
		return dcm_reason_set(ret_why, 0, "another filesystem lost %.1f %% of its entries",
				      progress->others),
		       DCM_RECLAIM_OTHERS;
	if (progress->cache_bytes > bounds->cache_bytes)
		return dcm_reason_set(ret_why, 0,
				      "%.0f MiB of page cache went along, more than max_cache %.0f",
				      (double)progress->cache_bytes / (1 << 20),
				      (double)bounds->cache_bytes / (1 << 20)),
		       DCM_RECLAIM_CACHE;
	if (progress->pressure > bounds->pressure)
		return dcm_reason_set(ret_why, 0,
				      "memory pressure rose by %.0f %%, more than max_pressure %g",
				      progress->pressure, bounds->pressure),
		       DCM_RECLAIM_PRESSURE;
	if (progress->exhausted)
		return dcm_reason_set(ret_why, 0,
				      "no longer falls: what is left is out of this "
				      "way's reach, or made as fast as it is freed"),
		       DCM_RECLAIM_DRY;
	if (progress->seconds >= bounds->seconds)
		return dcm_reason_set(ret_why, 0, "took %.3g s, max_seconds is %.3g",
				      progress->seconds, bounds->seconds),
		       DCM_RECLAIM_TIME;
	return DCM_RECLAIM_GOES_ON;
}

double dcm_reclaim_rate(const struct dcm_reclaim_progress *progress)
{
	if (progress->seconds <= 0 || progress->now >= progress->before)
		return 0;
	return (double)(progress->before - progress->now) / progress->seconds;
}

double dcm_reclaim_seconds_left(const struct dcm_reclaim_progress *progress)
{
	double rate = dcm_reclaim_rate(progress);

	return rate > 0 ? (double)progress->now / rate : -1;
}

int dcm_reclaim_judge_growth(double growth, double shrink, struct dcm_reason *reason)
{
	if (growth <= shrink / 2)
		return 0;
	return dcm_reason_set(reason, -EBUSY,
			      "%.0f entries are made per second, more than half of the %.0f that "
			      "one call frees: it may not end, and cannot be stopped",
			      growth, shrink);
}

double dcm_reclaim_seconds_beside(double seconds, double growth, double shrink)
{
	return growth > 0 && shrink > growth ? seconds / (1 - growth / shrink) : seconds;
}
