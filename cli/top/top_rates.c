// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_rates.h"

#include <errno.h>

#include "common/base/hash_table.h"
#include "common/base/units.h"

/* Times are derived from ages, which are a little off: nearer together is one sample. */
#define SAME_SAMPLE_NS (50 * DCM_NSEC_PER_MSEC)

struct number {
	struct top_rate_key key;
	uint64_t value, time_ns, round;
	double rate;
	bool has_rate;
	UT_hash_handle hh;
};

struct top_rates {
	struct number *numbers;
	uint64_t round;
};

int top_rates_create(struct top_rates **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void top_rates_destroy(struct top_rates *rates)
{
	if (!rates)
		return;
	DCM_HASH_FREE(rates->numbers);
	free(rates);
}

static struct number *add_number(struct top_rates *rates, struct top_rate_key key)
{
	struct number *number = calloc(1, sizeof(*number));

	if (!number)
		return NULL;
	number->key = key;
	return DCM_HASH_ADD(rates->numbers, key, sizeof(key), number);
}

/* A sample older than the last one is of another sampler: it begins afresh. */
static void take_sample(struct number *number, uint64_t value, uint64_t time_ns)
{
	uint64_t apart =
		time_ns > number->time_ns ? time_ns - number->time_ns : number->time_ns - time_ns;

	if (number->time_ns && apart < SAME_SAMPLE_NS)
		return;
	number->has_rate = number->time_ns && time_ns > number->time_ns;
	if (number->has_rate)
		number->rate = ((double)value - (double)number->value) /
			       ((double)apart / (double)DCM_NSEC_PER_SEC);
	number->value = value;
	number->time_ns = time_ns;
}

void top_rates_note(struct top_rates *rates, struct top_rate_key key, uint64_t value,
		    uint64_t time_ns)
{
	struct number *number = DCM_HASH_FIND(rates->numbers, &key, sizeof(key));

	if (!number)
		number = add_number(rates, key);
	if (!number)
		return;
	take_sample(number, value, time_ns);
	number->round = rates->round;
}

void top_rates_end_round(struct top_rates *rates)
{
	struct number *number, *next;

	HASH_ITER (hh, rates->numbers, number, next)
		if (number->round != rates->round)
			DCM_HASH_DROP(rates->numbers, number);
	rates->round++;
}

bool top_rates_get(const struct top_rates *rates, struct top_rate_key key, double *ret)
{
	const struct number *number = DCM_HASH_FIND(rates->numbers, &key, sizeof(key));

	if (!number || !number->has_rate)
		return false;
	*ret = number->rate;
	return true;
}
