/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Estimates what happened in all of a time from what was seen in windows of it, with a 95 %
 * interval. Pure.
 *
 * Time is cut into periods: a gap of random length, and a window. What a window saw, times a scale
 * (time passed / time watched, or better that of the CPU time of who did it) estimates its period.
 * The error follows from how much the periods differ from each other: W. G. Cochran,
 * Sampling Techniques, 3rd edition, sections 2.6 (finite population correction), 2.12 and 6.3
 * (ratios). A window as long as its period is exact. Within a window one event may
 * be described for several.
 */
#ifndef DCM_MODEL_WHO_ESTIMATE_H
#define DCM_MODEL_WHO_ESTIMATE_H

#include <stddef.h>

/* At least, most likely, at most. Equal where nothing is estimated. */
struct dcm_who_interval {
	double value, low, high;
};

/* The windows that were closed. All zero at first. */
struct dcm_who_windows {
	size_t partial;		 /* windows shorter than their period */
	double seconds, watched; /* of all periods, of all windows */
	double open_squares;	 /* sum of period^2 times the share not watched */
	double call_seconds;	 /* what watching adds to a call, about; set by the caller */
};

/* Events of one kind of one process, directory ... All zero at first. */
struct dcm_who_sum {
	double now, now_spread; /* in the period under way; for @spread */
	double now_seen;	/* in its window */
	double total;		/* estimate over the closed periods */
	double seen;		/* events described: it happened that often at least */
	double open_squares,
		open_by; /* as above: of the periods' estimates, and times the period */
	double spread;	 /* variance because one event is described for several */
	double peak;	 /* most in a partial window, per second */
	size_t windows;	 /* partial ones in which it was seen */
};

/* @one_of events in the current window, @amount each, of which one was seen; each counts as @scale
 * in the period. */
void dcm_who_sum_add(struct dcm_who_sum *sum, double one_of, double scale, double amount);

/* Closes a window of @watched seconds in a period of @period; first the sums, then the windows. */
void dcm_who_sum_close(struct dcm_who_sum *sum, double period, double watched);
void dcm_who_windows_close(struct dcm_who_windows *windows, double period, double watched);

/* Over all periods. By how much watching slows a caller down is known within a half only, and the
 * interval has room for that. */
struct dcm_who_interval dcm_who_sum_interval(const struct dcm_who_sum *sum,
					     const struct dcm_who_windows *windows);

/* Two sums of which one is part of the other, seen in the same windows. */
struct dcm_who_share {
	const struct dcm_who_sum *part, *whole;
	double open_product; /* sum of both periods' estimates times the share not watched */
};

/* What closing a window adds to @open_product; before the sums are closed. */
double dcm_who_share_product(const struct dcm_who_sum *part, const struct dcm_who_sum *whole,
			     double period, double watched);

/* part / whole, 0 to 1, and its variance; nothing seen of the whole: 0.5 and 0.25. */
double dcm_who_share(const struct dcm_who_share *share, const struct dcm_who_windows *windows,
		     double *ret_variance);

/* An interval about @value > 0, never below @least; @freedom: of the t distribution. */
struct dcm_who_interval dcm_who_interval_about(double value, double variance, double freedom,
					       double least);

#endif
