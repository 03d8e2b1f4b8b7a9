// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The sketch of children per parent, fed as the pass feeds it, against exact counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/kernel/walk/bpf/sketch.h"

#define DENTRY_STEP 192 /* distance of dentries in their slab */
#define BASE	    0xffff888100000000ULL

static struct dcm_sketch sketch;

static const struct dcm_sketch_count *find(uint64_t key)
{
	uint32_t set = dcm_sketch_set(key);

	for (unsigned way = 0; way < DCM_SKETCH_WAYS; way++)
		if (sketch.key[set][way] == key)
			return &sketch.count[set][way];
	return NULL;
}

static int reset(void **state)
{
	memset(&sketch, 0, sizeof(sketch));
	return 0;
}

static void test_exact_while_there_is_room(void **state)
{
	for (uint64_t i = 0; i < 2000; i++)
		for (uint64_t k = 0; k <= i % 50; k++)
			dcm_sketch_add(&sketch, BASE + i * DENTRY_STEP, k % 2, 1, 0);
	for (uint64_t i = 0; i < 2000; i++) {
		const struct dcm_sketch_count *c = find(BASE + i * DENTRY_STEP);

		assert_non_null(c);
		assert_int_equal(c->children, i % 50 + 1);
		assert_int_equal(c->negative, (i % 50 + 1) / 2);
		assert_int_equal(c->error, 0);
	}
}

/* Ten million parents with one child each, two big directories among them. */
static void test_heavy_among_ten_million(void **state)
{
	const uint64_t parents = 10000000, heavy[2] = {BASE - DENTRY_STEP, BASE - 7 * DENTRY_STEP};
	const uint64_t children[2] = {300000, 50000};
	uint64_t fed[2] = {0, 0};

	assert_in_range(sizeof(sketch), 1, 4 << 20);
	for (uint64_t i = 0; i < parents; i++) {
		dcm_sketch_add(&sketch, BASE + i * DENTRY_STEP, 0, 1, 0);
		for (unsigned h = 0; h < 2; h++) {
			/* Evenly among the others, as hashing spreads them. */
			if (i * children[h] / parents >= fed[h] && fed[h] < children[h]) {
				dcm_sketch_add(&sketch, heavy[h], 1, 1, 0);
				fed[h]++;
			}
		}
	}
	for (unsigned h = 0; h < 2; h++) {
		const struct dcm_sketch_count *c = find(heavy[h]);

		assert_non_null(c);
		assert_int_equal(fed[h], children[h]);
		assert_in_range(children[h], c->children - c->error, c->children);
		/* The least of a set is at most its entries divided by its ways. */
		assert_in_range(c->error, 0,
				2 * (parents + 350000) / DCM_SKETCH_SETS / DCM_SKETCH_WAYS);
		assert_in_range(c->negative, children[h] - c->error, children[h]);
	}
}

/* The pass over @children of @key, @per_bucket in each bucket, of which one in @every is fed. */
static void feed_sampled(uint64_t key, unsigned children, unsigned per_bucket, unsigned every,
			 uint32_t *bucket)
{
	for (unsigned i = 0; i < children; i += per_bucket, ++*bucket) {
		for (unsigned k = 0; k < per_bucket; k++) {
			if (k >= DCM_SKETCH_CLUSTER)
				dcm_sketch_add(&sketch, key, 1, 1, 0);
			else if (rand() % every == 0 || k)
				/* all of a bucket or none */
				dcm_sketch_add(&sketch, key, 1, every, *bucket);
			else
				k = DCM_SKETCH_CLUSTER - 1;
		}
	}
}

/* Sampled: ordinary directories, a few chains of one name and a single long one. The truth lies
 * within the stated error (two standard deviations, themselves estimated) in most of many samples,
 * whether a long chain is hit or missed. */
static void test_sampled(void **state)
{
	static const struct {
		unsigned children, per_bucket, long_chains;
	} cases[] = {
		{30000, 1, 0},	 {1000, 1, 0},	   {300, 50, 0},
		{5000, 5000, 1}, {11000, 5500, 2}, {200, 100, 2},
	};
	const uint64_t key = BASE;

	srand(1806);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned every = 2; every <= 64; every *= 2) {
			unsigned within = 0, seen = 0;

			for (unsigned round = 0; round < 200; round++) {
				const struct dcm_sketch_count *c;
				uint32_t bucket = 0;
				double error;

				memset(sketch.key[dcm_sketch_set(key)], 0, sizeof(sketch.key[0]));
				memset(sketch.count[dcm_sketch_set(key)], 0,
				       sizeof(sketch.count[0]));
				feed_sampled(key, cases[i].children, cases[i].per_bucket, every,
					     &bucket);
				c = find(key);
				if (!c)
					continue; /* not one bucket of it: in no list */
				seen++;
				error = dcm_sketch_sampling_error(c, every, cases[i].long_chains);
				within += cases[i].children <= c->children + error &&
					  cases[i].children + error >= c->children;
				/* A long chain is there in any case, all but its head. */
				if (cases[i].long_chains)
					assert_true(c->children >=
						    cases[i].children - cases[i].long_chains *
										DCM_SKETCH_CLUSTER);
			}
			assert_true(within >= seen * 85 / 100);
			if (cases[i].long_chains)
				assert_int_equal(seen, 200);
		}
	}
}

/* Sets share the load: no set gets more than a few times its part of real addresses. */
static void test_sets_are_even(void **state)
{
	static unsigned load[DCM_SKETCH_SETS];
	const unsigned keys = DCM_SKETCH_SETS * 64;

	for (uint64_t i = 0; i < keys; i++)
		load[dcm_sketch_set(BASE + i * DENTRY_STEP)]++;
	for (unsigned i = 0; i < DCM_SKETCH_SETS; i++)
		assert_in_range(load[i], 16, 160);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_exact_while_there_is_room, reset),
		cmocka_unit_test_setup(test_heavy_among_ten_million, reset),
		cmocka_unit_test_setup(test_sampled, reset),
		cmocka_unit_test(test_sets_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
