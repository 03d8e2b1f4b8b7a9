// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/reclaim/reclaim_pace.h"

static const struct dcm_reclaim_bounds bounds = {
	.seconds = 10, .pressure = 20, .others = 1, .cache_bytes = 64 << 20};

static void test_next(void **state)
{
	static const struct {
		const char *name;
		struct dcm_reclaim_progress progress;
		enum dcm_reclaim_end end;
		const char *why;
	} cases[] = {
		{"at first", {.before = 1000000, .now = 1000000}, DCM_RECLAIM_GOES_ON, ""},
		{"at every bound",
		 {.before = 1000000,
		  .now = 500000,
		  .seconds = 9.9,
		  .pressure = 20,
		  .others = 1,
		  .cache_bytes = 64 << 20},
		 DCM_RECLAIM_GOES_ON,
		 ""},
		{"1 % and 100 left", {.before = 1000000, .now = 10100}, DCM_RECLAIM_REACHED, ""},
		{"one more", {.before = 1000000, .now = 10101}, DCM_RECLAIM_GOES_ON, ""},
		{"next to none from the start", {.before = 60, .now = 60}, DCM_RECLAIM_REACHED, ""},
		{"all gone, whatever it took",
		 {.before = 1000000, .seconds = 99, .pressure = 99, .interrupted = true},
		 DCM_RECLAIM_REACHED,
		 ""},
		{"time",
		 {.before = 1000000, .now = 500000, .seconds = 10},
		 DCM_RECLAIM_TIME,
		 "took 10 s, max_seconds is 10"},
		{"pressure",
		 {.before = 1000000, .now = 500000, .pressure = 21},
		 DCM_RECLAIM_PRESSURE,
		 "memory pressure rose by 21 %, more than max_pressure 20"},
		{"others",
		 {.before = 1000000, .now = 500000, .others = 1.5},
		 DCM_RECLAIM_OTHERS,
		 "another filesystem lost 1.5 %"},
		{"cache",
		 {.before = 1000000, .now = 500000, .cache_bytes = 70 << 20},
		 DCM_RECLAIM_CACHE,
		 "70 MiB of page cache went along, more than max_cache 64"},
		{"a person",
		 {.before = 1000000, .now = 500000, .interrupted = true},
		 DCM_RECLAIM_INTERRUPTED,
		 "interrupted"},
		{"nothing moves",
		 {.before = 1000000, .now = 500000, .exhausted = true},
		 DCM_RECLAIM_DRY,
		 "no longer falls"},
		{"more than at first", {.before = 1000, .now = 5000}, DCM_RECLAIM_GOES_ON, ""},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reason why = {""};

		print_message("%s\n", cases[i].name);
		assert_int_equal(dcm_reclaim_next(&bounds, &cases[i].progress, &why), cases[i].end);
		assert_int_equal(*why.text != '\0', *cases[i].why != '\0');
		assert_non_null(strstr(why.text, cases[i].why));
	}
}

static void test_rate(void **state)
{
	const struct dcm_reclaim_progress half = {.before = 1000, .now = 500, .seconds = 2};
	const struct dcm_reclaim_progress begun = {.before = 1000, .now = 1000};
	const struct dcm_reclaim_progress grown = {.before = 1000, .now = 2000, .seconds = 2};

	assert_float_equal(dcm_reclaim_rate(&half), 250, 1e-9);
	assert_float_equal(dcm_reclaim_seconds_left(&half), 2, 1e-9);
	assert_float_equal(dcm_reclaim_rate(&begun), 0, 0);
	assert_true(dcm_reclaim_seconds_left(&begun) < 0);
	assert_float_equal(dcm_reclaim_rate(&grown), 0, 0);
	assert_true(dcm_reclaim_seconds_left(&grown) < 0);
}

static void test_growth(void **state)
{
	struct dcm_reason reason = {""};

	assert_int_equal(dcm_reclaim_judge_growth(0, 2e6, &reason), 0);
	assert_int_equal(dcm_reclaim_judge_growth(1e6, 2e6, &reason), 0);
	assert_string_equal(reason.text, "");
	assert_int_equal(dcm_reclaim_judge_growth(1000001, 2e6, &reason), -EBUSY);
	assert_non_null(strstr(reason.text, "1000001 entries are made per second"));
	assert_float_equal(dcm_reclaim_seconds_beside(3, 0, 2e6), 3, 1e-9);
	assert_float_equal(dcm_reclaim_seconds_beside(3, 1e6, 2e6), 6, 1e-9);
	assert_float_equal(dcm_reclaim_seconds_beside(3, 3e6, 2e6), 3, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
