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

static size_t run_to_end(bool everywhere, const struct dcm_walk_long_chain **ret)
{
	unsigned steps = 0;

	dcm_chain_search_begin(&search, everywhere ? DCM_WALK_SAMPLE_ENTRIES : 0);
	assert_true(search.under_way);
	while (!dcm_chain_search_step(&search, walk, &config))
		assert_true(++steps < 100);
	assert_false(search.under_way);
	return dcm_chain_search_found(&search, ret);
}

static size_t run(const struct dcm_walk_long_chain **ret)
{
	assert_int_equal(dcm_chain_search_found(&search, ret), 0);
	return run_to_end(false, ret);
}

/* Children of two long chains, of a short one and of many buckets more. */
static void test_found(void **state)
{
	static uint32_t buckets[3000];
	const struct dcm_walk_long_chain *found;

	(void)state;
	for (uint32_t i = 0; i < 3000; i++)
		buckets[i] = i < 900 ? 9 : i < 1900 ? 7 : i < 1915 ? 11 : 100 + i;
	fake.children = (struct dcm_walk_buckets){.bucket = buckets, .count = 3000};
	assert_int_equal(run(&found), 2);
	assert_string_equal(fake.children_of, "/proc/sys/net");
	assert_int_equal(found[0].bucket, 7);
	assert_int_equal(found[0].length, 1000);
	assert_true(found[0].truncated);
	assert_false(found[0].guessed);
	assert_int_equal(found[1].bucket, 9);
	assert_int_equal(fake.samples, 0);
	assert_null(dcm_chain_search_lacks(&search));
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
	fake.children = (struct dcm_walk_buckets){.bucket = buckets, .count = 40};
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
	fake.children = (struct dcm_walk_buckets){.bucket = buckets, .count = 200000};
	assert_int_equal(run(&found), DCM_FOUND_CHAINS / 2);
	assert_int_equal(found[0].bucket, 42);
	assert_in_range(found[0].length, 82, 84);
	for (size_t i = 1; i < DCM_FOUND_CHAINS / 2; i++)
		assert_in_range(found[i].length, 32, 34);
}

/* What both ways find is known by the children; lengths of the sample are guesses, in entries. */
static void test_everywhere(void **state)
{
	static uint32_t children[100], sample[1000];
	const struct dcm_walk_long_chain *found;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		children[i] = 7;
	for (uint32_t i = 0; i < 1000; i++)
		sample[i] = i < 20 ? 9 : i < 24 ? 7 : i < 27 ? 11 : 100 + i;
	fake.children = (struct dcm_walk_buckets){.bucket = children, .count = 100};
	fake.sample = (struct dcm_walk_buckets){.bucket = sample, .count = 1000, .each = 50};
	assert_int_equal(run_to_end(true, &found), 2);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(found[0].bucket, 9);
	assert_int_equal(found[0].length, 1000);
	assert_true(found[0].guessed);
	assert_int_equal(found[1].bucket, 7);
	assert_int_equal(found[1].length, 100);
	assert_false(found[1].guessed);
	/* The next search does not add to it, and a directory that goes meanwhile ends with it. */
	fake.children.count = 0;
	dcm_chain_search_begin(&search, DCM_WALK_SAMPLE_ENTRIES);
	assert_int_equal(dcm_chain_search_step(&search, walk, &config), 0);
	config.sampling.chain_directories = 0;
	while (!dcm_chain_search_step(&search, walk, &config))
		assert_int_equal(dcm_chain_search_found(&search, &found), 2);
	assert_int_equal(dcm_chain_search_found(&search, &found), 2);
	assert_int_equal(found[1].length, 200);
	assert_true(found[1].guessed);
}

/* A kernel that cannot sample: what is in directories is found as ever, and the reason is there. */
static void test_no_sample(void **state)
{
	static uint32_t buckets[100];
	const struct dcm_walk_long_chain *found;

	(void)state;
	fake.children = (struct dcm_walk_buckets){.bucket = buckets, .count = 100};
	fake.sample_err = -EOPNOTSUPP;
	assert_int_equal(run_to_end(true, &found), 1);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(found[0].length, 100);
	assert_string_equal(dcm_chain_search_lacks(&search), "fake kernel is old");
	fake.sample_err = 0;
	assert_int_equal(run_to_end(true, &found), 1);
	assert_null(dcm_chain_search_lacks(&search));
}

/* Enough is enough: what is met then stands for more entries each. */
static void test_smaller_sample(void **state)
{
	static uint32_t sample[500];
	const struct dcm_walk_long_chain *found;

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		sample[i] = i < 4 ? 9 : 100 + i;
	fake.sample = (struct dcm_walk_buckets){.bucket = sample, .count = 500, .each = 50};
	fake.sample_runs = 24;
	dcm_chain_search_begin(&search, 1001);
	while (!dcm_chain_search_step(&search, walk, &config))
		;
	assert_int_equal(fake.sample_run, 3);
	assert_int_equal(dcm_chain_search_found(&search, &found), 1);
	assert_int_equal(found[0].length, 600);
}

/* One entry in a thousand is in one chain: 1,000 samples of 12,288. The rest spreads over 4 million
 * buckets, of which none is taken for long. */
static void test_one_in_a_thousand(void **state)
{
	static uint32_t buckets[12288];
	const struct dcm_walk_long_chain *found;
	unsigned short seed[3] = {4, 5, 6};
	unsigned seen = 0, wrong = 0;

	(void)state;
	config.sampling.chain_directories = 0;
	fake.sample = (struct dcm_walk_buckets){.bucket = buckets, .count = 12288, .each = 1000};
	for (unsigned round = 0; round < 1000; round++) {
		size_t count;

		for (size_t i = 0; i < 12288; i++)
			buckets[i] =
				erand48(seed) < 0.001 ? 4711 : (uint32_t)(erand48(seed) * 4194304);
		count = run_to_end(true, &found);
		seen += count > 0 && found[0].bucket == 4711;
		wrong += count > 1;
	}
	print_message("found in %u of 1,000 samples, others in %u\n", seen, wrong);
	assert_true(seen >= 998);
	assert_true(wrong <= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_directories, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_everywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_sample, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_smaller_sample, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_in_a_thousand, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
