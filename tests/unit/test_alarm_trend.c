// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/model/alarms/alarm_trend.h"

#define SEC 1000000000ULL

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The definition, straight: sort all slopes, take the middle one. */
static double sorted_median(const double *v, size_t n, double step)
{
	double slopes[DCM_TREND_SAMPLES * DCM_TREND_SAMPLES];
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			slopes[count++] = (v[j] - v[i]) / ((j - i) * step);
	qsort(slopes, count, sizeof(*slopes), by_value);
	return slopes[count / 2];
}

static void equals_the_definition(void **state)
{
	for (unsigned seed = 1; seed < 200; seed++) {
		size_t n = DCM_TREND_MIN + seed % (DCM_TREND_SAMPLES - DCM_TREND_MIN + 1);
		struct dcm_trend trend = {0};
		double v[DCM_TREND_SAMPLES], slope;

		srand(seed);
		for (size_t i = 0; i < n; i++) {
			v[i] = seed % 3 ? rand() % 1000 : rand() % 3; /* many equal slopes too */
			dcm_trend_add(&trend, (i + 1) * 10 * SEC, v[i]);
		}
		assert_true(dcm_trend_slope(&trend, &slope));
		assert_true(fabs(slope - sorted_median(v, n, 10)) < 1e-9);
	}
}

static void ignores_wild_samples(void **state)
{
	struct dcm_trend trend = {0};
	double slope;

	for (size_t i = 0; i < 60; i++)
		dcm_trend_add(&trend, (i + 1) * 10 * SEC, i % 5 == 2 ? 1e9 : 500.0 * 10 * i);
	assert_true(dcm_trend_slope(&trend, &slope));
	assert_true(fabs(slope - 500) < 25);
}

static void window_is_bounded(void **state)
{
	struct dcm_trend trend = {0};
	double slope;

	for (size_t i = 0; i < 200; i++)
		dcm_trend_add(&trend, (i + 1) * 10 * SEC, i < 140 ? i * 1e6 : 140e6 + i);
	assert_int_equal(trend.ring.count, DCM_TREND_SAMPLES);
	assert_true(dcm_trend_slope(&trend, &slope));
	assert_true(fabs(slope - 0.1) < 1e-9);
}

static void few_samples_say_nothing(void **state)
{
	struct dcm_trend trend = {0};
	double slope = 7;

	for (size_t i = 0; i < DCM_TREND_MIN - 1; i++)
		dcm_trend_add(&trend, (i + 1) * 10 * SEC, i);
	assert_false(dcm_trend_slope(&trend, &slope));
	assert_true(slope == 7);
	/* too close together: skipped */
	for (size_t i = 0; i < 1000; i++)
		dcm_trend_add(&trend, (DCM_TREND_MIN - 1) * 10 * SEC + i, i);
	assert_false(dcm_trend_slope(&trend, &slope));
}

static void clock_jumps_start_afresh(void **state)
{
	struct dcm_trend trend = {0};
	double slope;

	for (size_t i = 0; i < 30; i++)
		dcm_trend_add(&trend, (1000 + i * 10) * SEC, i);
	dcm_trend_add(&trend, 5 * SEC, 0);
	assert_int_equal(trend.ring.count, 1);
	for (size_t i = 0; i < 30; i++)
		dcm_trend_add(&trend, (1000 + i * 10) * SEC, i);
	dcm_trend_add(&trend, 1000000 * SEC, 0);
	assert_int_equal(trend.ring.count, 1);
	assert_false(dcm_trend_slope(&trend, &slope));
}

static void rate_of_a_counter(void **state)
{
	struct dcm_rate rate = {0};
	double per_second = -1;

	for (uint64_t i = 0; i < 20; i++) {
		dcm_rate_add(&rate, i * SEC, 1000000 + i * 5);
		assert_false(dcm_rate_per_second(&rate, &per_second));
	}
	for (uint64_t i = 20; i < 200; i++)
		dcm_rate_add(&rate, i * SEC, 1000000 + i * 5);
	assert_true(dcm_rate_per_second(&rate, &per_second));
	assert_true(fabs(per_second - 5) < 1e-9);
	dcm_rate_add(&rate, 201 * SEC, 3); /* started afresh */
	assert_false(dcm_rate_per_second(&rate, &per_second));
	dcm_rate_add(&rate, 100 * SEC, 900);
	assert_int_equal(rate.ring.count, 1);
	dcm_rate_add(&rate, 10000 * SEC, UINT64_MAX);
	assert_true(dcm_rate_per_second(&rate, &per_second));
	assert_true(per_second > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_the_definition),
		cmocka_unit_test(ignores_wild_samples),
		cmocka_unit_test(window_is_bounded),
		cmocka_unit_test(few_samples_say_nothing),
		cmocka_unit_test(clock_jumps_start_afresh),
		cmocka_unit_test(rate_of_a_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
