// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/token_bucket.h"

#include "common/base/units.h"

void dcm_token_bucket_init(struct dcm_token_bucket *ret, double burst, uint64_t now_ns)
{
	*ret = (struct dcm_token_bucket){burst, now_ns};
}

void dcm_token_bucket_limit(struct dcm_token_bucket *bucket, double burst)
{
	if (bucket->tokens > burst)
		bucket->tokens = burst;
}

uint64_t dcm_token_bucket_wait(struct dcm_token_bucket *bucket, double rate, double burst,
			       uint64_t now_ns)
{
	if (now_ns > bucket->counted_ns)
		bucket->tokens += (double)(now_ns - bucket->counted_ns) / DCM_NSEC_PER_SEC * rate;
	bucket->counted_ns = now_ns;
	dcm_token_bucket_limit(bucket, burst);
	if (bucket->tokens >= 1)
		return 0;
	if (rate <= 0)
		return UINT64_MAX;
	/* one nanosecond more than the division gives, so that the token is whole by then */
	return now_ns + (uint64_t)((1 - bucket->tokens) / rate * DCM_NSEC_PER_SEC) + 1;
}
