/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How long the request handler takes: a histogram of constant size (pure). */
#ifndef DCM_SNMP_TABLES_LATENCY_HISTOGRAM_H
#define DCM_SNMP_TABLES_LATENCY_HISTOGRAM_H

#include <stdint.h>

/* Eight buckets per power of two nanoseconds: an error of at most 12.5 %. */
#define DCM_HANDLER_TIME_BUCKETS (8 * 62)

struct dcm_latency {
	uint64_t calls, requests;
	uint64_t max_ns;
	uint64_t buckets[DCM_HANDLER_TIME_BUCKETS];
};

/* Counts one call that answered @requests variable bindings in @ns. */
void dcm_latency_add(struct dcm_latency *time, uint64_t requests, uint64_t ns);

/* Upper bound in nanoseconds of the fastest @share (0..1) of the calls; 0 without any. */
uint64_t dcm_latency_quantile(const struct dcm_latency *time, double share);

#endif
