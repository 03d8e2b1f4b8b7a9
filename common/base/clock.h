/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_BASE_CLOCK_H
#define DCM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define DCM_NSEC_PER_SEC  1000000000ULL
#define DCM_NSEC_PER_MSEC 1000000ULL
#define DCM_NSEC_PER_USEC 1000ULL

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

#endif
