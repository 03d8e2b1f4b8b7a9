// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/latency_histogram.h"

#include "common/base/minmax.h"

/* 0..7 are exact; above, three bits follow the leading one. */
static unsigned bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns < 8)
		return (unsigned)ns;
	shift = 60 - (unsigned)__builtin_clzll(ns);
	return 8 * (shift + 1) + (unsigned)((ns >> shift) & 7);
}

static uint64_t upper_bound(unsigned bucket)
{
	if (bucket < 8)
		return bucket;
	return ((uint64_t)(8 + bucket % 8 + 1) << (bucket / 8 - 1)) - 1;
}

void dcm_latency_add(struct dcm_latency *time, uint64_t requests, uint64_t ns)
{
	time->calls++;
	time->requests += requests;
	if (ns > time->max_ns)
		time->max_ns = ns;
	time->buckets[bucket_of(ns)]++;
}

uint64_t dcm_latency_quantile(const struct dcm_latency *time, double share)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < DCM_HANDLER_TIME_BUCKETS; i++) {
		seen += time->buckets[i];
		if (time->buckets[i] && (double)seen >= share * (double)time->calls) {
			uint64_t bound = upper_bound(i);

			return DCM_MIN(bound, time->max_ns);
		}
	}
	return 0;
}
