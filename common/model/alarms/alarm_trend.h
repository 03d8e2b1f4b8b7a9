/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rates over a bounded window of the monotonic clock. Pure; all memory is in the structs. */
#ifndef DCM_MODEL_ALARM_TREND_H
#define DCM_MODEL_ALARM_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/units.h"

#define DCM_TREND_SAMPLES 60			  /* at most, oldest dropped first */
#define DCM_TREND_MIN	  12			  /* fewer give no slope */
#define DCM_TREND_STEP_NS (10 * DCM_NSEC_PER_SEC) /* samples closer than this are skipped */

/* Where in arrays of samples the next one goes, over the oldest when they are full. */
struct dcm_ring {
	size_t count, next;
};

/*
 * Slope of a noisy series: the median of the slopes between all pairs of samples (Theil 1950,
 * Sen 1968). Up to 29 % of the samples may be wild (a spike, a drop_caches) without moving it far.
 */
struct dcm_trend {
	uint64_t at_ns[DCM_TREND_SAMPLES];
	double value[DCM_TREND_SAMPLES];
	struct dcm_ring ring;
	size_t most; /* samples that are kept, DCM_TREND_MIN at least; 0: all there is room for */
	uint64_t step_ns; /* 0: DCM_TREND_STEP_NS */
};

void dcm_trend_reset(struct dcm_trend *trend);

/* Adds a sample; starts anew if the clock went back, or stopped for the length of a window. */
void dcm_trend_add(struct dcm_trend *trend, uint64_t now_ns, double value);

/* Units per second; false without DCM_TREND_MIN samples. */
bool dcm_trend_slope(const struct dcm_trend *trend, double *ret);

/* Rate of a counter over the last minute or so. */
#define DCM_RATE_SAMPLES 8

struct dcm_rate {
	uint64_t at_ns[DCM_RATE_SAMPLES];
	uint64_t value[DCM_RATE_SAMPLES];
	struct dcm_ring ring;
};

/* Adds a reading; a counter or clock that went back starts afresh. */
void dcm_rate_add(struct dcm_rate *rate, uint64_t now_ns, uint64_t value);

/* Events per second between oldest and newest reading; false when less than 30 s apart. */
bool dcm_rate_per_second(const struct dcm_rate *rate, double *ret);

#endif
