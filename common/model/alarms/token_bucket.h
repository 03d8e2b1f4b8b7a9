/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A token bucket (pure): a number of events per second, and a burst of them after a pause. */
#ifndef DCM_MODEL_TOKEN_BUCKET_H
#define DCM_MODEL_TOKEN_BUCKET_H

#include <stdint.h>

struct dcm_token_bucket {
	double tokens;
	uint64_t counted_ns; /* when they were counted */
};

/* Full. All times are of one monotonic clock, nanoseconds. */
void dcm_token_bucket_init(struct dcm_token_bucket *ret, double burst, uint64_t now_ns);

/* After a change of the configuration. */
void dcm_token_bucket_limit(struct dcm_token_bucket *bucket, double burst);

/* 0: one token or more is there, for the caller to subtract. Otherwise when that will be; with a
 * @rate (tokens per second) of 0 never, UINT64_MAX. */
uint64_t dcm_token_bucket_wait(struct dcm_token_bucket *bucket, double rate, double burst,
			       uint64_t now_ns);

#endif
