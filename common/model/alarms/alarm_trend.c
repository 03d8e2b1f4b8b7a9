// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_trend.h"

#include <string.h>

#include "common/base/units.h"

#define RATE_STEP_NS	 (10 * DCM_NSEC_PER_SEC)
#define RATE_MIN_SPAN_NS (30 * DCM_NSEC_PER_SEC)
#define PAIRS		 (DCM_TREND_SAMPLES * (DCM_TREND_SAMPLES - 1) / 2)

static size_t newest(const struct dcm_ring *ring, size_t size)
{
	return (ring->next + size - 1) % size;
}

static size_t oldest(const struct dcm_ring *ring, size_t size)
{
	return (ring->next + size - ring->count) % size;
}

/* The place of a new sample. */
static size_t push(struct dcm_ring *ring, size_t size)
{
	size_t place = ring->next;

	ring->next = (place + 1) % size;
	if (ring->count < size)
		ring->count++;
	return place;
}

void dcm_trend_reset(struct dcm_trend *trend)
{
	trend->ring = (struct dcm_ring){0};
}

void dcm_trend_add(struct dcm_trend *trend, uint64_t now_ns, double value)
{
	uint64_t step_ns = trend->step_ns ? trend->step_ns : DCM_TREND_STEP_NS;
	size_t most = trend->most ? trend->most : DCM_TREND_SAMPLES, place;

	if (trend->ring.count) {
		uint64_t last = trend->at_ns[newest(&trend->ring, most)];

		if (now_ns < last || now_ns - last > most * step_ns)
			dcm_trend_reset(trend);
		else if (now_ns - last < step_ns)
			return;
	}
	place = push(&trend->ring, most);
	trend->at_ns[place] = now_ns;
	trend->value[place] = value;
}

/* The k-th smallest of @v, which is reordered (Hoare's selection). */
static double select_kth(double *v, size_t count, size_t k)
{
	size_t low = 0, high = count - 1;

	while (low < high) {
		double pivot = v[low + (high - low) / 2];
		size_t i = low, j = high;

		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			double swap = v[i];

			v[i++] = v[j];
			v[j--] = swap;
		}
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	return v[k];
}

bool dcm_trend_slope(const struct dcm_trend *trend, double *ret)
{
	double slopes[PAIRS];
	size_t n = 0;

	if (trend->ring.count < DCM_TREND_MIN)
		return false;
	/* the order of the samples in the ring doesn't matter: each slope keeps its sign */
	for (size_t i = 0; i < trend->ring.count; i++) {
		for (size_t j = i + 1; j < trend->ring.count; j++) {
			double dt = ((double)trend->at_ns[j] - (double)trend->at_ns[i]) /
				    DCM_NSEC_PER_SEC;

			if (dt != 0)
				slopes[n++] = (trend->value[j] - trend->value[i]) / dt;
		}
	}
	if (!n)
		return false;
	*ret = select_kth(slopes, n, n / 2);
	return true;
}

void dcm_rate_add(struct dcm_rate *rate, uint64_t now_ns, uint64_t value)
{
	size_t place;

	if (rate->ring.count) {
		size_t last = newest(&rate->ring, DCM_RATE_SAMPLES);

		if (now_ns < rate->at_ns[last] || value < rate->value[last])
			rate->ring = (struct dcm_ring){0};
		else if (now_ns - rate->at_ns[last] < RATE_STEP_NS)
			return;
	}
	place = push(&rate->ring, DCM_RATE_SAMPLES);
	rate->at_ns[place] = now_ns;
	rate->value[place] = value;
}

bool dcm_rate_per_second(const struct dcm_rate *rate, double *ret)
{
	size_t last, first;
	uint64_t span;

	if (rate->ring.count < 2)
		return false;
	last = newest(&rate->ring, DCM_RATE_SAMPLES);
	first = oldest(&rate->ring, DCM_RATE_SAMPLES);
	span = rate->at_ns[last] - rate->at_ns[first];
	if (span < RATE_MIN_SPAN_NS)
		return false;
	*ret = (double)(rate->value[last] - rate->value[first]) * DCM_NSEC_PER_SEC / span;
	return true;
}
