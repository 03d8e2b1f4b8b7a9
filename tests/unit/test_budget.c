// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/units.h"
#include "common/sampling/budget.h"

#define MS  DCM_NSEC_PER_MSEC
#define SEC DCM_NSEC_PER_SEC

/* Elastic work: charged, and told. */
static void work(struct dcm_budget *budget, uint64_t cpu_ns)
{
	dcm_budget_charge(budget, cpu_ns);
	dcm_budget_elastic(budget, cpu_ns);
}

/* Spends @slice_ns whenever allowed until @end_ns; returns what was spent. */
static uint64_t spend(struct dcm_budget *budget, uint64_t begin_ns, uint64_t end_ns,
		      uint64_t slice_ns)
{
	uint64_t now = begin_ns, spent = 0;

	while ((now = dcm_budget_ready_ns(budget, now, 0)) < end_ns) {
		work(budget, slice_ns);
		spent += slice_ns;
		now += slice_ns; /* a CPU-bound slice takes as long as it costs */
	}
	return spent;
}

static void test_long_run(void **state)
{
	struct dcm_budget budget;
	uint64_t spent;

	dcm_budget_init(&budget, 0.5, 5 * SEC);
	spent = spend(&budget, 5 * SEC, 3605 * SEC, MS);
	/* 0.5 % of an hour is 18 s; what the start has in advance is among it. */
	assert_in_range(spent, 18000 * MS, 18002 * MS);
}

/* Half of it at once, the rest evenly; what follows is as usual. */
static void test_first_minute(void **state)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, 0.5, 5 * SEC);
	assert_in_range(spend(&budget, 5 * SEC, 6 * SEC, MS), 150 * MS, 154 * MS);
	assert_in_range(spend(&budget, 6 * SEC, 35 * SEC, MS), 71 * MS, 74 * MS);
	assert_in_range(spend(&budget, 35 * SEC, 65 * SEC, MS), 74 * MS, 76 * MS);
	assert_in_range(spend(&budget, 65 * SEC, 75 * SEC, MS), 49 * MS, 51 * MS);
}

static void test_start_credit(void **state)
{
	struct dcm_budget budget;
	uint64_t now = SEC, spent = 0;

	dcm_budget_init(&budget, 0.5, now);
	while (dcm_budget_ready_ns(&budget, now, 0) == now) {
		work(&budget, MS);
		spent += MS;
	}
	assert_in_range(spent, 150 * MS, 151 * MS);
}

/* Whatever else is charged: elastic work has as much at the start, and a quarter of the rate. */
static void test_least(void **state)
{
	struct dcm_budget budget;
	uint64_t now = SEC, spent = 0;

	(void)state;
	dcm_budget_init(&budget, 0.05, now);
	dcm_budget_charge(&budget, 100 * MS);
	while (dcm_budget_ready_ns(&budget, now, 0) == now) {
		work(&budget, MS);
		spent += MS;
	}
	assert_in_range(spent, 15 * MS, 16 * MS);
	dcm_budget_charge(&budget, 100 * MS);
	assert_in_range(dcm_budget_ready_ns(&budget, now, 5 * MS), 41 * SEC, 50 * SEC);
	dcm_budget_init(&budget, 5, now);
	dcm_budget_set(&budget, 0.05, now);
	dcm_budget_charge(&budget, 100 * MS);
	assert_int_equal(dcm_budget_ready_ns(&budget, now, 5 * MS), now);
	assert_true(dcm_budget_ready_ns(&budget, now, 6 * MS) > now); /* ten seconds' worth */
}

static void test_savings_are_bounded(void **state)
{
	struct dcm_budget budget;
	uint64_t now = SEC, spent = 0;

	dcm_budget_init(&budget, 0.5, now);
	work(&budget, 150 * MS);
	now += 86400 * SEC;
	while (dcm_budget_ready_ns(&budget, now, 0) == now) {
		work(&budget, MS);
		spent += MS;
	}
	assert_in_range(spent, 50 * MS, 51 * MS); /* ten seconds' worth, not a day's */
}

static void test_debt(void **state)
{
	struct dcm_budget budget;
	uint64_t ready;

	dcm_budget_init(&budget, 1.0, SEC);
	work(&budget, 300 * MS); /* the credit */
	work(&budget, 20 * MS);
	ready = dcm_budget_ready_ns(&budget, SEC, 0);
	assert_in_range(ready, 5 * SEC, 5 * SEC + 10); /* 20 ms at the half of 1 % take 4 s */
	assert_int_equal(dcm_budget_ready_ns(&budget, ready, 0), ready);
}

static void test_debt_is_bounded(void **state)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, 0.5, SEC);
	work(&budget, 3600 * SEC);
	assert_in_range(dcm_budget_ready_ns(&budget, SEC, 0), 60 * SEC, 62 * SEC);
}

static void test_no_limit(void **state)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, 0, SEC);
	work(&budget, 3600 * SEC);
	assert_int_equal(dcm_budget_ready_ns(&budget, SEC, 0), SEC);
	assert_int_equal(dcm_budget_earn_ns(&budget, SEC, 0.5), 0);
}

static void test_set(void **state)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, 50, SEC);
	work(&budget, 30 * SEC);
	work(&budget, 10 * SEC);
	dcm_budget_set(&budget, 0.5, SEC);
	/* Ten seconds of debt become a minute's worth, fifteen of advance half of that. */
	assert_in_range(dcm_budget_ready_ns(&budget, SEC, 0), 90 * SEC, 92 * SEC);
	dcm_budget_set(&budget, 0, SEC);
	assert_int_equal(dcm_budget_ready_ns(&budget, SEC, 0), SEC);
}

static void test_clock_going_back(void **state)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, 0.5, 100 * SEC);
	work(&budget, 150 * MS);
	work(&budget, 5 * MS);
	assert_true(dcm_budget_ready_ns(&budget, 50 * SEC, 0) > 50 * SEC);
	assert_in_range(dcm_budget_ready_ns(&budget, 100 * SEC, 0), 102 * SEC, 102 * SEC + 10);
}

static void test_earn(void **state)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, 0.5, SEC);
	assert_in_range(dcm_budget_earn_ns(&budget, 5 * MS, 1.0), SEC - 10, SEC + 10);
	assert_in_range(dcm_budget_earn_ns(&budget, 5 * MS, 0.25), 4 * SEC - 10, 4 * SEC + 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_run),
		cmocka_unit_test(test_first_minute),
		cmocka_unit_test(test_start_credit),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_savings_are_bounded),
		cmocka_unit_test(test_debt),
		cmocka_unit_test(test_debt_is_bounded),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_clock_going_back),
		cmocka_unit_test(test_earn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
