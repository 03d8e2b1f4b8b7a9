// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_trend.h"

#include <string.h>

#include "common/base/units.h"

#define WINDOW_NS	 (DCM_TREND_SAMPLES * DCM_TREND_STEP_NS)
#define RATE_STEP_NS	 (10 * DCM_NSEC_PER_SEC)
#define RATE_MIN_SPAN_NS (30 * DCM_NSEC_PER_SEC)
#define PAIRS		 (DCM_TREND_SAMPLES * (DCM_TREND_SAMPLES - 1) / 2)

void dcm_trend_reset(struct dcm_trend *trend)
{
	trend->count = trend->next = 0;
}

static size_t newest(size_t next, size_t size)
{
	return (next + size - 1) % size;
}

void dcm_trend_add(struct dcm_trend *trend, uint64_t now_ns, double value)
{
	if (trend->count) {
		uint64_t last = trend->at_ns[newest(trend->next, DCM_TREND_SAMPLES)];

		if (now_ns < last || now_ns - last > WINDOW_NS)
			dcm_trend_reset(trend);
		else if (now_ns - last < DCM_TREND_STEP_NS)
			return;
	}
	trend->at_ns[trend->next] = now_ns;
	trend->value[trend->next] = value;
	trend->next = (trend->next + 1) % DCM_TREND_SAMPLES;
	if (trend->count < DCM_TREND_SAMPLES)
		trend->count++;
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

	if (trend->count < DCM_TREND_MIN)
		return false;
	/* the order of the samples in the ring doesn't matter: each slope keeps its sign */
	for (size_t i = 0; i < trend->count; i++) {
		for (size_t j = i + 1; j < trend->count; j++) {
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
	if (rate->count) {
		size_t last = newest(rate->next, DCM_RATE_SAMPLES);

		if (now_ns < rate->at_ns[last] || value < rate->value[last])
			rate->count = rate->next = 0;
		else if (now_ns - rate->at_ns[last] < RATE_STEP_NS)
			return;
	}
	rate->at_ns[rate->next] = now_ns;
	rate->value[rate->next] = value;
	rate->next = (rate->next + 1) % DCM_RATE_SAMPLES;
	if (rate->count < DCM_RATE_SAMPLES)
		rate->count++;
}

bool dcm_rate_per_second(const struct dcm_rate *rate, double *ret)
{
	size_t last, first;
	uint64_t span;

	if (rate->count < 2)
		return false;
	last = newest(rate->next, DCM_RATE_SAMPLES);
	first = (rate->next + DCM_RATE_SAMPLES - rate->count) % DCM_RATE_SAMPLES;
	span = rate->at_ns[last] - rate->at_ns[first];
	if (span < RATE_MIN_SPAN_NS)
		return false;
	*ret = (double)(rate->value[last] - rate->value[first]) * DCM_NSEC_PER_SEC / span;
	return true;
}
