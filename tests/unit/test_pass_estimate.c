// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Passes over tables that are made up, stopped half way: do the intervals hold the truth? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/sampling/pass_estimate.h"
#include "tests/unit/poisson.h"

#define SAMPLES 1000
#define BLOCKS	256

static unsigned short seed[3] = {1, 2, 3};

/* What is in one block: 16 million entries of one superblock, 2 million of another. */
struct block {
	uint64_t hashed[2], negative[2], nonempty, length[3];
};

static uint64_t draw(double mean)
{
	return (uint64_t)poisson(seed, mean);
}

static void fill(struct block *b)
{
	b->hashed[0] = draw(16e6 / BLOCKS);
	b->hashed[1] = draw(2e6 / BLOCKS);
	b->negative[0] = draw((double)b->hashed[0] * 0.9);
	b->negative[1] = draw((double)b->hashed[1] * 0.1);
	b->length[1] = draw(400);
	b->length[2] = draw(40);
	b->nonempty = b->length[1] + b->length[2];
}

/* The superblocks change places in what the pass lists: the second is met in a later block. */
static void add(struct dcm_walk_pass *pass, struct dcm_walk_superblock_count *counts,
		const struct block *b)
{
	for (size_t i = 0; i < 2; i++) {
		counts[i].address = i ? 0x1000 : 0x2000;
		counts[i].hashed += b->hashed[i];
		counts[i].negative += b->negative[i];
		pass->entries += b->hashed[i];
		pass->negative += b->negative[i];
		pass->lengths[i + 1] += b->length[i + 1];
	}
	pass->buckets += 16384;
	pass->nonempty += b->nonempty;
	pass->superblocks = counts;
	pass->superblock_count = 2;
}

/* What is asked of a table: the intervals, and what they should hold. */
enum { ENTRIES, NEGATIVE, NONEMPTY, LENGTH_1, LENGTH_2, HASHED_A, HASHED_B, NEGATIVE_B, FIGURES };

static void truth_of(const struct block *blocks, double truth[FIGURES])
{
	memset(truth, 0, FIGURES * sizeof(*truth));
	for (size_t i = 0; i < BLOCKS; i++) {
		const struct block *b = &blocks[i];

		truth[ENTRIES] += (double)(b->hashed[0] + b->hashed[1]);
		truth[NEGATIVE] += (double)(b->negative[0] + b->negative[1]);
		truth[NONEMPTY] += (double)b->nonempty;
		truth[LENGTH_1] += (double)b->length[1];
		truth[LENGTH_2] += (double)b->length[2];
		truth[HASHED_A] += (double)b->hashed[0];
		truth[HASHED_B] += (double)b->hashed[1];
		truth[NEGATIVE_B] += (double)b->negative[1];
	}
}

static void ask(struct dcm_pass_estimate *e, struct dcm_interval got[FIGURES])
{
	struct dcm_pass_estimates table;
	struct dcm_interval unused;

	dcm_pass_estimate_table(e, &table);
	got[ENTRIES] = table.entries;
	got[NEGATIVE] = table.negative;
	got[NONEMPTY] = table.nonempty;
	got[LENGTH_1] = table.chains[1];
	got[LENGTH_2] = table.chains[2];
	assert_true(dcm_pass_estimate_superblock(e, 0x2000, &got[HASHED_A], &unused));
	assert_true(dcm_pass_estimate_superblock(e, 0x1000, &got[HASHED_B], &got[NEGATIVE_B]));
}

/* Blocks drawn at random are as good as any order. */
static void test_intervals_hold_the_truth(void **state)
{
	unsigned inside[FIGURES] = {0};
	struct dcm_pass_estimate *e;
	struct block blocks[BLOCKS];

	(void)state;
	assert_int_equal(dcm_pass_estimate_create(&e), 0);
	for (unsigned sample = 0; sample < SAMPLES; sample++) {
		struct dcm_walk_superblock_count counts[2] = {{0}, {0}};
		struct dcm_block_sample done = {.blocks = BLOCKS};
		struct dcm_walk_pass pass = {0};
		struct dcm_interval got[FIGURES];
		double truth[FIGURES];

		dcm_pass_estimate_reset(e);
		assert_false(dcm_pass_estimate_blocks(e, &done));
		done.blocks = BLOCKS;
		for (size_t i = 0; i < BLOCKS; i++)
			fill(&blocks[i]);
		truth_of(blocks, truth);
		for (size_t i = 0; i < 40; i++) {
			add(&pass, counts, &blocks[i]);
			done.sampled++;
			assert_int_equal(dcm_pass_estimate_add(e, &pass, &done), 0);
		}
		assert_true(dcm_pass_estimate_blocks(e, &done));
		ask(e, got);
		for (size_t f = 0; f < FIGURES; f++)
			inside[f] += got[f].low <= truth[f] && truth[f] <= got[f].high;
	}
	for (size_t f = 0; f < FIGURES; f++) {
		print_message("figure %zu: %.1f %% hold it\n", f, 100.0 * inside[f] / SAMPLES);
		assert_true(inside[f] >= SAMPLES * 93 / 100 && inside[f] <= SAMPLES * 97 / 100);
	}
	dcm_pass_estimate_destroy(e);
}

/* More entries all the time: what is said of the whole is never more than there was at the end, nor
 * less than at the start. */
static void test_growing_table(void **state)
{
	struct dcm_pass_estimate *e;

	(void)state;
	assert_int_equal(dcm_pass_estimate_create(&e), 0);
	for (unsigned round = 0; round < 100; round++) {
		struct dcm_walk_superblock_count counts[2] = {{0}, {0}};
		struct dcm_block_sample done = {.blocks = BLOCKS};
		struct dcm_walk_pass pass = {0};
		struct dcm_pass_estimates table;

		dcm_pass_estimate_reset(e);
		for (size_t i = 0; i < BLOCKS; i++) {
			/* 16 million, and 200,000 more with each second of a minute. */
			double mean = (16e6 + 12e6 * (double)i / BLOCKS) / BLOCKS;
			struct block b = {.hashed = {draw(mean), 0}};

			add(&pass, counts, &b);
			done.sampled++;
			assert_int_equal(dcm_pass_estimate_add(e, &pass, &done), 0);
			if (!dcm_pass_estimate_blocks(e, &done) || i < 16)
				continue;
			dcm_pass_estimate_table(e, &table);
			assert_true(table.entries.value >= 16e6);
			assert_true(table.entries.value <= 28e6);
		}
		assert_true(table.entries.low == table.entries.high);
		assert_true(table.entries.value == (double)pass.entries);
	}
	dcm_pass_estimate_destroy(e);
}

/* Entries of a superblock that no block had any of, with and without room for all. */
static void test_unmet_superblock(void **state)
{
	struct dcm_walk_superblock_count counts[2] = {{0}, {0}};
	struct dcm_block_sample done = {.blocks = BLOCKS, .sampled = 64};
	struct dcm_interval hashed, negative;
	struct dcm_walk_pass pass = {0};
	struct dcm_pass_estimate *e;
	struct block b;

	(void)state;
	fill(&b);
	add(&pass, counts, &b);
	assert_int_equal(dcm_pass_estimate_create(&e), 0);
	assert_int_equal(dcm_pass_estimate_add(e, &pass, &done), 0);
	assert_true(dcm_pass_estimate_superblock(e, 0x3000, &hashed, &negative));
	assert_true(hashed.value == 0 && hashed.low == 0 && hashed.high > 9 && hashed.high < 15);
	pass.uncounted = 1;
	done.sampled++;
	assert_int_equal(dcm_pass_estimate_add(e, &pass, &done), 0);
	assert_false(dcm_pass_estimate_superblock(e, 0x3000, &hashed, &negative));
	assert_true(dcm_pass_estimate_superblock(e, 0x2000, &hashed, &negative));
	dcm_pass_estimate_destroy(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intervals_hold_the_truth),
		cmocka_unit_test(test_growing_table),
		cmocka_unit_test(test_unmet_superblock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
