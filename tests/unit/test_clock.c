// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define NOW DCM_NSEC_PER_SEC

/* poll(2) must not end before the time, or the loop turns without anything to do. */
static void test_timeout_rounds_up(void **state)
{
	static const struct {
		uint64_t due_ns;
		int timeout_ms;
	} cases[] = {
		{0, 0},
		{NOW, 0},
		{NOW + 1, 1},
		{NOW + DCM_NSEC_PER_MSEC, 1},
		{NOW + DCM_NSEC_PER_MSEC + 1, 2},
		{NOW + 5 * DCM_NSEC_PER_SEC, 5000},
		{NOW + INT_MAX * DCM_NSEC_PER_MSEC, INT_MAX},
		{UINT64_MAX - 1, INT_MAX},
		{UINT64_MAX, -1},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++)
		assert_int_equal(dcm_timeout_ms(cases[i].due_ns, NOW), cases[i].timeout_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeout_rounds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
