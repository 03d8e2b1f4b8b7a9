/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How fast numbers change that are sampled now and then: the difference of the last two samples of
 * each, by the time between them. Pure.
 */
#ifndef DCM_CLI_TOP_RATES_H
#define DCM_CLI_TOP_RATES_H

#include <stdbool.h>
#include <stdint.h>

/* What changes, of the row with that number. No padding: its bytes are a key. */
struct top_rate_key {
	uint64_t id;
	uint64_t quantity;
};

struct top_rates;

/* -ENOMEM */
int top_rates_create(struct top_rates **ret);
void top_rates_destroy(struct top_rates *rates);

/* The number was @value at @time_ns. The same sample may be noted again: nothing changes. When
 * memory is short there is no rate. */
void top_rates_note(struct top_rates *rates, struct top_rate_key key, uint64_t value,
		    uint64_t time_ns);

/* Forgets what was not noted since the last call: its rows are gone. */
void top_rates_end_round(struct top_rates *rates);

/* Per second; false before two samples. */
bool top_rates_get(const struct top_rates *rates, struct top_rate_key key, double *ret);

#endif
