/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the clock, and turns nanoseconds into what system calls take. */
#ifndef DCM_BASE_CLOCK_H
#define DCM_BASE_CLOCK_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

#include "common/base/units.h"

/* Nanoseconds of @clock (CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID, ...). */
static inline uint64_t dcm_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * DCM_NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static inline uint64_t dcm_now_ns(void)
{
	return dcm_clock_ns(CLOCK_MONOTONIC);
}

/* A time or a duration of @ns nanoseconds. */
static inline struct timespec dcm_timespec(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / DCM_NSEC_PER_SEC),
				 .tv_nsec = (long)(ns % DCM_NSEC_PER_SEC)};
}

/* How long it is until @until_ns (CLOCK_MONOTONIC); 0 when that has passed. */
static inline struct timespec dcm_timespec_until(uint64_t until_ns)
{
	uint64_t now = dcm_now_ns();

	return dcm_timespec(until_ns > now ? until_ns - now : 0);
}

/* The time-out of poll(2) from @now_ns until @due_ns, in milliseconds, rounded up so that it is not
 * called again too early. -1, for ever, for UINT64_MAX. */
static inline int dcm_timeout_ms(uint64_t due_ns, uint64_t now_ns)
{
	uint64_t left_ms = due_ns > now_ns ? (due_ns - now_ns - 1) / DCM_NSEC_PER_MSEC + 1 : 0;

	if (due_ns == UINT64_MAX)
		return -1;
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

#endif
