// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/sampling/chain_histogram.h"

static const struct {
	unsigned row;
	uint64_t min, max;
} bounds[] = {
	{0, 0, 0},
	{1, 1, 1},
	{2, 2, 2},
	{3, 3, 3},
	{4, 4, 4},
	{5, 5, 8},
	{6, 9, 16},
	{7, 17, 32},
	{8, 33, 64},
	{9, 65, 128},
	{33, 1073741825ULL, 2147483648ULL},
	{34, 2147483649ULL, UINT64_MAX},
};

static void test_bounds(void **state)
{
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		uint64_t min, max;

		dcm_chain_histogram_bounds(bounds[i].row, &min, &max);
		assert_true(min == bounds[i].min && max == bounds[i].max);
		assert_int_equal(dcm_chain_histogram_row(bounds[i].min), bounds[i].row);
		assert_int_equal(dcm_chain_histogram_row(bounds[i].max), bounds[i].row);
	}
}

static void test_rows_meet(void **state)
{
	uint64_t min, max, before = 0;

	for (unsigned row = 1; row < DCM_HISTOGRAM_ROWS; row++) {
		dcm_chain_histogram_bounds(row, &min, &max);
		assert_true(min == before + 1);
		before = max;
	}
}

static void test_fill(void **state)
{
	struct dcm_walk_pass pass = {.buckets = 1000, .nonempty = 20};
	struct dcm_chain_histogram histogram;
	uint64_t sum = 0;

	pass.lengths[0] = 12345; /* not used: the empty ones are those that are left */
	pass.lengths[1] = 10;
	pass.lengths[5] = 2;
	pass.lengths[8] = 4;
	pass.lengths[64] = 1;
	pass.longer[7] = 2;  /* 65..128 */
	pass.longer[14] = 1; /* 8193..16384 */
	dcm_chain_histogram_fill(&pass, &histogram);
	assert_int_equal(histogram.chains[0], 980);
	assert_int_equal(histogram.chains[1], 10);
	assert_int_equal(histogram.chains[5], 6);
	assert_int_equal(histogram.chains[8], 1);
	assert_int_equal(histogram.chains[9], 2);
	assert_int_equal(histogram.chains[dcm_chain_histogram_row(11001)], 1);
	for (unsigned row = 0; row < DCM_HISTOGRAM_ROWS; row++)
		sum += histogram.chains[row];
	assert_int_equal(sum, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_rows_meet),
		cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
