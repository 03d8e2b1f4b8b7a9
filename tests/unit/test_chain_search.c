// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The search for chains, on a walk that is scripted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/sampling/chain_search.h"
#include "tests/lib/walk_fake.h"

static struct dcm_chain_search search;
static struct dcm_config config;
static struct dcm_walk *walk = (struct dcm_walk *)&fake;

static int set_up(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	dcm_config_defaults(&config);
	memset(&search, 0, sizeof(search));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dcm_chain_search_deinit(&search);
	return 0;
}

static size_t run(const struct dcm_walk_long_chain **ret)
{
	unsigned steps = 0;

	assert_int_equal(dcm_chain_search_found(&search, ret), 0);
	while (!dcm_chain_search_step(&search, walk, &config))
		assert_true(++steps < 100);
	return dcm_chain_search_found(&search, ret);
}

/* Children of two long chains, of a short one and of many buckets more. */
static void test_found(void **state)
{
	static uint32_t buckets[3000];
	const struct dcm_walk_long_chain *found;

	(void)state;
	for (uint32_t i = 0; i < 3000; i++)
		buckets[i] = i < 900 ? 9 : i < 1900 ? 7 : i < 1915 ? 11 : 100 + i;
	fake.children = (struct dcm_walk_buckets){buckets, 3000};
	assert_int_equal(run(&found), 2);
	assert_string_equal(fake.children_of, "/proc/sys/net");
	assert_int_equal(found[0].bucket, 7);
	assert_int_equal(found[0].length, 1000);
	assert_true(found[0].truncated);
	assert_int_equal(found[1].bucket, 9);
	dcm_chain_search_prefer(&search, walk);
	assert_int_equal(fake.preferred_count, 2);
	assert_int_equal(fake.preferred[0], 7);
}

/* Each directory is looked into; a chain that two of them have part of is one. */
static void test_directories(void **state)
{
	static uint32_t buckets[40];
	const struct dcm_walk_long_chain *found;

	(void)state;
	config.sampling.chain_directories = 2;
	strcpy(config.sampling.chain_directory[1], "/proc/sys/net/ipv4");
	fake.children = (struct dcm_walk_buckets){buckets, 40};
	assert_int_equal(run(&found), 1);
	assert_int_equal(fake.visits, 2);
	assert_string_equal(fake.children_of, "/proc/sys/net/ipv4");
	assert_int_equal(found[0].length, 40);
}

static void test_none(void **state)
{
	const struct dcm_walk_long_chain *found;

	(void)state;
	config.sampling.chain_directories = 0;
	assert_int_equal(run(&found), 0);
	assert_int_equal(fake.visits, 0);
	dcm_chain_search_prefer(&search, walk);
	assert_int_equal(fake.preferred_count, 0);
}

static void test_not_there(void **state)
{
	const struct dcm_walk_long_chain *found;

	(void)state;
	fake.visit_err = -ENOENT;
	assert_int_equal(run(&found), 0);
	assert_int_equal(fake.visits, 1);
}

/* More buckets than can be told apart, and more chains than are kept. */
static void test_full(void **state)
{
	static uint32_t buckets[200000];
	const struct dcm_walk_long_chain *found;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++)
		buckets[i] = i < 3200 ? i % 100 : i * 31;
	for (uint32_t i = 199950; i < 200000; i++)
		buckets[i] = 42;
	fake.children = (struct dcm_walk_buckets){buckets, 200000};
	assert_int_equal(run(&found), DCM_FOUND_CHAINS);
	assert_int_equal(found[0].bucket, 42);
	assert_in_range(found[0].length, 82, 84);
	for (size_t i = 1; i < DCM_FOUND_CHAINS; i++)
		assert_in_range(found[i].length, 32, 34);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_directories, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
