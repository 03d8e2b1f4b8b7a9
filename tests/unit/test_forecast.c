// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Forecasts against what was recorded on one host, and against hosts made up of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/reclaim/forecast.h"
#include "common/model/reclaim/reclaim_entry.h"

#define FRESH(name) struct dcm_forecast name = {0}

static void assert_between(double value, double low, double high)
{
	if (!(value >= low && value <= high))
		fail_msg("%g is not between %g and %g", value, low, high);
}

static void assert_ordered(const struct dcm_range *range)
{
	assert_true(range->low >= 0 && range->low <= range->likely && range->likely <= range->high);
}

/* The walker of these passes took that much longer than today's. */
#define OLDER_WALKER 1.6

/* Missing names on ext4, Linux 6.18, 2 CPUs that other work kept busy. */
static const struct recorded {
	uint64_t names; /* planted in one directory */
	struct dcm_forecast_pass pass;
	double walker; /* what that pass took, beside what it takes today */
	double reclaim_cpu_seconds, watch_seconds;
} recorded[] = {
	{1000000, {4194304, 2311866, 0.111, false}, OLDER_WALKER, 0.49, 0.073},
	{10000000, {4194304, 10297956, 0.397, false}, OLDER_WALKER, 5.65, 0.750},
	{16000000, {4194304, 17314397, 0.774, false}, OLDER_WALKER, 9.60, 1.293},
	{16000000, {4194304, 17326806, 0.810, false}, OLDER_WALKER, 8.94, 1.142},
	{16000000, {4194304, 16394122, 0.899, false}, OLDER_WALKER, 8.22, 1.181},
	/* Beside programs that use the memory all the time. */
	{1000000, {4194304, 2702570, 0.140, false}, 1, 0.54, 0.143},
	{1000000, {4194304, 2666312, 0.132, false}, 1, 0.65, 0.138},
	{1000000, {4194304, 2665807, 0.149, false}, 1, 0.56, 0.153},
	{1000000, {4194304, 2668509, 0.156, false}, 1, 0.57, 0.139},
};

static void test_recorded(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(recorded); i++) {
		const struct recorded *r = &recorded[i];
		struct dcm_forecast_pass pass = r->pass;
		struct dcm_forecast_shrink shrink;
		struct dcm_range watch;
		FRESH(forecast);

		pass.cpu_seconds /= r->walker;
		forecast.pace = dcm_forecast_pace(&pass);
		assert_between(forecast.pace, 0.8, 2);
		dcm_forecast_shrink(&forecast, "ext4", r->names, &shrink);
		assert_between(shrink.cpu.likely / r->reclaim_cpu_seconds, 0.7, 1.3);
		assert_between(r->reclaim_cpu_seconds, shrink.cpu.low, shrink.cpu.high);
		dcm_forecast_watch(&forecast, r->names, 0, &watch);
		assert_between(r->watch_seconds, watch.low, watch.high);
	}
}

/* Memory that is twice as slow doubles the pace; the slower walker does not. */
static void test_pace(void **state)
{
	struct dcm_forecast_pass pass = {4194304, 10000000, 0.4, false};
	double pace = dcm_forecast_pace(&pass);

	pass.cpu_seconds = 0.8;
	assert_between(dcm_forecast_pace(&pass) / pace, 1.99, 2.01);
	pass.compat = true;
	assert_between(dcm_forecast_pace(&pass) / pace, 0.39, 0.41);
	pass.entries = 5000;
	assert_true(dcm_forecast_pace(&pass) == 0);
	pass = (struct dcm_forecast_pass){4194304, 10000000, 0, false};
	assert_true(dcm_forecast_pace(&pass) == 0);
}

static void test_steady_pace(void **state)
{
	double pace;

	assert_true(dcm_forecast_steady_pace(0, 1.5) == 1.5);
	assert_true(dcm_forecast_steady_pace(1.5, 0) == 1.5);
	assert_true(dcm_forecast_steady_pace(1.5, 0.7) == 0.7);
	assert_between(dcm_forecast_steady_pace(1, 2), 1.1, 1.2);
	pace = 1;
	for (int i = 0; i < 40; i++)
		pace = dcm_forecast_steady_pace(pace, 2);
	assert_between(pace, 1.98, 2);
}

/* The less is known, the wider the range. */
static void test_unknown(void **state)
{
	struct dcm_forecast_shrink unknown, by_pace;
	FRESH(forecast);

	dcm_forecast_shrink(&forecast, "overlay", 1000000, &unknown);
	assert_ordered(&unknown.cpu);
	assert_memory_equal(&unknown.clock, &unknown.cpu, sizeof(unknown.cpu));
	forecast.pace = 1;
	dcm_forecast_shrink(&forecast, "overlay", 1000000, &by_pace);
	assert_ordered(&by_pace.cpu);
	assert_true(by_pace.cpu.likely == unknown.cpu.likely);
	assert_true(by_pace.cpu.low > unknown.cpu.low && by_pace.cpu.high < unknown.cpu.high);
	dcm_forecast_shrink(&forecast, "proc", 1000000, &unknown);
	assert_true(unknown.cpu.likely > 2 * by_pace.cpu.likely);
	dcm_forecast_shrink(&forecast, "proc", 0, &unknown);
	assert_true(unknown.cpu.high == 0 && unknown.clock.high == 0);
}

/* ---- earlier reclaims ---- */

static struct dcm_reclaim_entry entry(uint64_t entries, double cpu_seconds)
{
	return (struct dcm_reclaim_entry){.outcome = DCM_RECLAIM_DONE,
					  .has_before = true,
					  .before = entries + 12,
					  .has_after = true,
					  .after = 12,
					  .has_cpu_seconds = true,
					  .cpu_seconds = cpu_seconds,
					  .fstype = "ext4"};
}

static void remember(struct dcm_forecast *forecast, struct dcm_reclaim_entry e)
{
	dcm_forecast_remember(&forecast->history, &e);
}

static double likely(const struct dcm_forecast *forecast, const char *fstype, uint64_t unused)
{
	struct dcm_forecast_shrink shrink;

	dcm_forecast_shrink(forecast, fstype, unused, &shrink);
	assert_ordered(&shrink.cpu);
	return shrink.cpu.likely;
}

static void test_history(void **state)
{
	struct dcm_forecast_shrink shrink;
	FRESH(forecast);

	forecast.pace = 1;
	remember(&forecast, entry(1000000, 0.9));
	assert_between(likely(&forecast, "overlay", 2000000), 1.79, 1.81);
	/* Nothing similar: of another size, of another kind. */
	assert_between(likely(&forecast, "overlay", 20000000), 10, 14);
	assert_between(likely(&forecast, "proc", 2000000), 3, 5);
	/* The median, and a range that holds each of them. */
	remember(&forecast, entry(1000000, 0.5));
	remember(&forecast, entry(1000000, 2.0));
	dcm_forecast_shrink(&forecast, "overlay", 1000000, &shrink);
	assert_between(shrink.cpu.likely, 0.89, 0.91);
	assert_true(shrink.cpu.low <= 0.5 && shrink.cpu.high >= 2.0);
	/* The last eight count. */
	for (int i = 0; i < 8; i++)
		remember(&forecast, entry(1000000, 0.4));
	assert_int_equal(forecast.history.count, 8);
	dcm_forecast_shrink(&forecast, "overlay", 1000000, &shrink);
	assert_between(shrink.cpu.high, 0.47, 0.49);
}

static void test_history_leaves_out(void **state)
{
	struct dcm_reclaim_entry e;
	FRESH(forecast);

	remember(&forecast, entry(5000, 0.001)); /* too few */
	e = entry(1000000, 1);
	e.outcome = DCM_RECLAIM_REFUSED;
	remember(&forecast, e);
	e = entry(1000000, 1);
	e.has_cpu_seconds = false; /* in steps, or by an older version */
	remember(&forecast, e);
	e = entry(1000000, 1);
	e.has_after = false;
	remember(&forecast, e);
	e = entry(1000000, 1);
	e.after = e.before + 1000000; /* made faster than freed */
	remember(&forecast, e);
	remember(&forecast, entry(1000000, 0));
	assert_int_equal(forecast.history.count, 0);
}

/* ---- the clock ---- */

static struct dcm_range clock_beside(struct dcm_forecast_cpus cpus)
{
	struct dcm_forecast_shrink shrink;
	FRESH(forecast);

	forecast.pace = 1;
	forecast.cpus = cpus;
	dcm_forecast_shrink(&forecast, "ext4", 16000000, &shrink);
	assert_ordered(&shrink.clock);
	assert_true(shrink.clock.low >= shrink.cpu.low);
	shrink.clock.low /= shrink.cpu.low;
	shrink.clock.likely /= shrink.cpu.likely;
	shrink.clock.high /= shrink.cpu.high;
	return shrink.clock;
}

static void test_clock(void **state)
{
	struct dcm_range range;

	range = clock_beside((struct dcm_forecast_cpus){.cpus = 2, .busy = 0.02});
	assert_between(range.low, 1, 1);
	assert_between(range.likely, 1, 1);
	assert_between(range.high, 1, 1.05);
	/* Two that compute all the time: two thirds of a CPU on average, a half at worst. */
	range = clock_beside((struct dcm_forecast_cpus){.cpus = 2, .busy = 2, .running = 2});
	assert_between(range.low, 1, 1);
	assert_between(range.likely, 1.49, 1.51);
	assert_between(range.high, 1.99, 2.01);
	/* Many CPUs leave one free. */
	range = clock_beside((struct dcm_forecast_cpus){.cpus = 64, .busy = 30, .running = 32});
	assert_between(range.likely, 1, 1);
	assert_between(range.high, 1.4, 1.6);
	/* A crowd. */
	range = clock_beside(
		(struct dcm_forecast_cpus){.cpus = 2, .busy = 2, .waiting = 1, .running = 10});
	assert_between(range.likely, 1.99, 2.01);
	assert_between(range.high, 5.99, 6.01);
	/* A hypervisor that takes half. */
	range = clock_beside((struct dcm_forecast_cpus){.cpus = 2, .steal = 0.5});
	assert_between(range.likely, 1.99, 2.01);
	range = clock_beside((struct dcm_forecast_cpus){.cpus = 2, .steal = 1});
	assert_between(range.high, 19, 21);
}

/* ---- watches ---- */

static void test_watch(void **state)
{
	struct dcm_range exact, estimated, none;
	FRESH(forecast);

	forecast.pace = 1;
	dcm_forecast_watch(&forecast, 200000000, 0, &exact);
	assert_between(exact.likely, 9, 30); /* the field saw soft lockups of 9 s and more */
	assert_ordered(&exact);
	dcm_forecast_watch(&forecast, 200000000, 50000000, &estimated);
	assert_true(estimated.likely == exact.likely);
	assert_true(estimated.low < exact.low && estimated.high > exact.high);
	dcm_forecast_watch(&forecast, 100, 500, &none);
	assert_true(none.low == 0);
	assert_ordered(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),    cmocka_unit_test(test_pace),
		cmocka_unit_test(test_steady_pace), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_history),	    cmocka_unit_test(test_history_leaves_out),
		cmocka_unit_test(test_clock),	    cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
