// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/minmax.h"
#include "common/kernel/reclaim/reclaim_others.h"

/* What is reclaimed, a quiet one, one whose files are being removed, and one with few entries. */
enum { MEANT, QUIET, BUSY, FEW, COUNT };

static const struct dcm_walk_superblock at_first[COUNT] = {
	[MEANT] = {.address = 1, .root_dentry = 1, .dev_minor = 1, .unused = 1000000},
	[QUIET] = {.address = 2, .root_dentry = 2, .dev_minor = 2, .unused = 100000},
	[BUSY] = {.address = 3, .root_dentry = 3, .dev_minor = 3, .unused = 200000},
	[FEW] = {.address = 4, .root_dentry = 4, .dev_minor = 4, .unused = 9999},
};

static struct dcm_walk_superblock now[COUNT];
static struct dcm_reclaim_others others;

static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < COUNT; i++)
		now[i] = at_first[i];
	return dcm_reclaim_others_init(at_first, COUNT, 0, 1, &others);
}

static int teardown(void **state)
{
	(void)state;
	dcm_reclaim_others_deinit(&others);
	return 0;
}

static double worst(void)
{
	return dcm_reclaim_others_worst(&others, now, COUNT);
}

static void test_worst(void **state)
{
	(void)state;
	now[MEANT].unused = now[FEW].unused = 0;
	assert_float_equal(worst(), 0, 0);
	now[QUIET].unused -= 1000;
	now[BUSY].unused -= 4000;
	assert_float_equal(worst(), 2, 1e-9);
	now[BUSY].unused += 8000; /* they grow as well */
	assert_float_equal(worst(), 1, 1e-9);
}

/* Another superblock at the address of one that was unmounted is another. */
static void test_unmounted(void **state)
{
	(void)state;
	now[QUIET].root_dentry = 9;
	now[QUIET].unused = 0;
	assert_float_equal(worst(), 0, 0);
	dcm_reclaim_others_excuse(&others, 0.5, now, COUNT);
	assert_float_equal(worst(), 0, 0);
}

/* What goes on losing in the pause is excused, what stops losing is not. */
static void test_excuse(void **state)
{
	(void)state;
	now[QUIET].unused -= 1500;
	now[BUSY].unused -= 4000;
	assert_float_equal(worst(), 2, 1e-9);
	now[BUSY].unused -= 2000;
	dcm_reclaim_others_excuse(&others, 0.5, now, COUNT);
	assert_float_equal(worst(), 1.5, 1e-9);
	now[BUSY].unused -= 1940; /* of the 194,000 that it has now */
	now[QUIET].unused += 1500;
	assert_float_equal(worst(), 1, 1e-9);
}

static void test_too_slow_for_an_excuse(void **state)
{
	(void)state;
	now[BUSY].unused -= 4000;
	assert_float_equal(worst(), 2, 1e-9);
	now[BUSY].unused -= 1999;
	dcm_reclaim_others_excuse(&others, 0.5, now, COUNT);
	assert_float_equal(worst(), 2.9995, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_worst, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unmounted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_excuse, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_slow_for_an_excuse, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
