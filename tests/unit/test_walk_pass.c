// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The pass over a table that is made up: every run of a BPF program is answered by this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/walk/walk_internal.h"
#include "common/sampling/chain_histogram.h"

#if DCM_WITH_BPF

#define BUCKETS (1u << 21)
#define PAGE	512

static struct dcm_walk walk;

/* Every third bucket is empty; of the others each has a chain of more than 64. */
static bool is_empty(uint64_t bucket)
{
	return bucket % 3 == 0;
}

static uint64_t length_of(uint64_t bucket)
{
	return is_empty(bucket) ? 0 : bucket == 1000000 ? 5000 : 65 + bucket % 7;
}

static struct dcm_bpf_out *out;

static void run_pass(uint64_t block)
{
	struct dcm_bpf_pass *pass = &out->pass;

	if (block) {
		pass->next = block & (BUCKETS - 1);
		pass->stop = pass->next + (1ULL << (block >> DCM_BLOCK_SHIFT));
	}
	pass->deferred = 0;
	for (uint32_t i = 0; i < PAGE && pass->next < pass->stop; i++, pass->next++) {
		if (is_empty(pass->next)) {
			pass->lengths[0]++;
			continue;
		}
		pass->nonempty++;
		pass->entries += DCM_LEVELS;
		out->deferred[pass->deferred++] =
			(struct dcm_bpf_deferred){(uint32_t)pass->next, DCM_LEVELS};
	}
	pass->end = pass->next == pass->stop ? DCM_END_DONE : DCM_END_BUDGET;
}

int dcm_walk_run(struct dcm_walk *w, enum dcm_walk_program program, enum dcm_bpf_op op, uint64_t a,
		 uint64_t b, struct dcm_reason *reason)
{
	struct dcm_bpf_chain_state *state = &out->chain.state;

	(void)w, (void)reason;
	if (program == DCM_PROG_PASS) {
		if (op == DCM_OP_GO_ON || op == DCM_OP_JOIN)
			run_pass(b);
		else if (op == DCM_OP_BEGIN)
			out->pass = (struct dcm_bpf_pass){.sketch_every = (uint32_t)a};
		return 0;
	}
	assert_int_equal(program, DCM_PROG_CHAIN);
	state->length = length_of(b);
	state->end = DCM_END_DONE;
	return 0;
}

int dcm_walk_hash_discover(struct dcm_walk *w, struct dcm_reason *reason,
			   struct dcm_walk_table *ret)
{
	(void)reason;
	w->table.buckets = BUCKETS;
	*ret = w->table;
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(&walk, 0, sizeof(walk));
	out = calloc(1, sizeof(*out));
	walk.out = out;
	return out ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	dcm_walk_pass_deinit(&walk);
	free(out);
	return 0;
}

/* 1.4 million chains to be walked one by one, as a table that is far too small makes them. */
static void test_only_long_chains(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_chain_histogram histogram;
	struct dcm_walk_pass pass;
	uint64_t sum = 0, entries = 0;
	double fraction;
	int err;

	(void)state;
	err = dcm_walk_pass_begin(&walk, &reason);
	while (!err)
		err = dcm_walk_pass_step(&walk, &reason, &fraction);
	if (err != 1)
		fail_msg("pass: %d %s", err, reason.text);
	dcm_walk_pass_result(&walk, &pass);
	for (uint64_t bucket = 0; bucket < BUCKETS; bucket++)
		entries += length_of(bucket);
	assert_int_equal(pass.entries, entries);
	assert_int_equal(pass.max_chain, 5000);
	assert_int_equal(pass.truncated, 0);
	assert_int_equal(pass.top_count, DCM_WALK_TOP_CHAINS);
	assert_int_equal(pass.top[0].bucket, 1000000);
	for (size_t i = 1; i < pass.top_count; i++) {
		assert_int_equal(pass.top[i].length, 71);
		assert_int_equal(length_of(pass.top[i].bucket), 71);
		assert_true(i == 1 || pass.top[i].bucket > pass.top[i - 1].bucket);
	}
	dcm_chain_histogram_fill(&pass, &histogram);
	for (unsigned row = 0; row < DCM_HISTOGRAM_ROWS; row++)
		sum += histogram.chains[row];
	assert_int_equal(sum, BUCKETS);
	assert_int_equal(histogram.chains[dcm_chain_histogram_row(65)], pass.nonempty - 1);
	assert_int_equal(histogram.chains[dcm_chain_histogram_row(5000)], 1);
}

static unsigned begun_with(unsigned every)
{
	struct dcm_reason reason = {""};

	dcm_walk_set_sketch(&walk, every);
	assert_int_equal(dcm_walk_pass_begin(&walk, &reason), 0);
	return out->pass.sketch_every;
}

/* The first pass goes by the buckets that proved the table, each later one by the pass before. */
static void test_big_tables_are_sampled(void **state)
{
	(void)state;
	assert_int_equal(begun_with(1), 1);
	out->checked = DCM_PROVE_BUCKETS / 4; /* 0.29 per bucket: 600,000 */
	assert_int_equal(begun_with(1), 1);
	out->checked = DCM_PROVE_BUCKETS / 2; /* 0.69: 1,450,000 */
	assert_int_equal(begun_with(1), 8);
	assert_int_equal(begun_with(0), 0);
	assert_int_equal(begun_with(64), 64);
	out->checked = DCM_PROVE_BUCKETS;
	assert_int_equal(begun_with(1), 8);
	out->pass.entries = 900000;
	assert_int_equal(begun_with(1), 1);
	out->pass.entries = 900000;
	walk.pass.entries = 200000; /* in long chains */
	assert_int_equal(begun_with(1), 8);
}

#define BLOCK_BUCKETS (BUCKETS / 256)

/* One block; the number of the first bucket of each is that of its block. */
static uint64_t step_block(bool *ret_complete)
{
	struct dcm_block_sample done;
	struct dcm_reason reason;
	double fraction;
	int err;

	do {
		err = dcm_walk_pass_step(&walk, &reason, &fraction);
		assert_true(err >= 0);
	} while (!dcm_walk_pass_blocks(&walk, &done));
	*ret_complete = err == 1;
	return (out->pass.next - 1) / BLOCK_BUCKETS;
}

/* Every block once, in an order that is another one in every pass. */
static void test_random_order(void **state)
{
	uint64_t first[2][8];
	bool complete = false;
	struct dcm_reason reason;
	struct dcm_block_sample done;

	(void)state;
	for (unsigned pass = 0; pass < 2; pass++) {
		unsigned char seen[256] = {0};

		assert_int_equal(dcm_walk_pass_begin(&walk, &reason), 0);
		for (size_t i = 0; i < 256; i++) {
			uint64_t block = step_block(&complete);

			assert_int_equal(seen[block]++, 0);
			assert_int_equal(complete, i == 255);
			dcm_walk_pass_blocks(&walk, &done);
			assert_int_equal(done.blocks, 256);
			assert_int_equal(done.sampled, i + 1);
			assert_int_equal(done.certain, 0);
			if (i < 8)
				first[pass][i] = block;
		}
	}
	assert_memory_not_equal(first[0], first[1], sizeof(first[0]));
}

/* What is found at the end of a block is what is in the blocks so far. */
static void test_blocks_are_counted(void **state)
{
	struct dcm_reason reason;
	struct dcm_walk_pass pass;
	uint64_t entries = 0, block;
	bool complete;

	(void)state;
	assert_int_equal(dcm_walk_pass_begin(&walk, &reason), 0);
	for (uint64_t i = 1; i <= 20; i++) {
		block = step_block(&complete);
		for (uint64_t b = block * BLOCK_BUCKETS; b < (block + 1) * BLOCK_BUCKETS; b++)
			entries += length_of(b);
		dcm_walk_pass_result(&walk, &pass);
		assert_int_equal(pass.entries, entries);
		assert_int_equal(pass.buckets, i * BLOCK_BUCKETS);
	}
}

/* Blocks with a known chain come first, those counted already do not come again. */
static void test_preferred_blocks(void **state)
{
	struct dcm_block_sample done;
	struct dcm_reason reason;
	uint64_t first;
	bool complete;

	(void)state;
	assert_int_equal(dcm_walk_pass_begin(&walk, &reason), 0);
	first = step_block(&complete);
	for (uint64_t i = 0; i < 3; i++)
		dcm_walk_pass_prefer(&walk, (first + 10 + i) % 256 * BLOCK_BUCKETS + 7);
	dcm_walk_pass_prefer(&walk, first * BLOCK_BUCKETS);
	dcm_walk_pass_prefer(&walk, (first + 10) % 256 * BLOCK_BUCKETS + 8);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(step_block(&complete), (first + 10 + i) % 256);
	step_block(&complete);
	dcm_walk_pass_blocks(&walk, &done);
	assert_int_equal(done.certain, 3);
	assert_int_equal(done.sampled, 2);
	while (!complete)
		step_block(&complete);
	dcm_walk_pass_blocks(&walk, &done);
	assert_int_equal(done.certain + done.sampled, 256);
}

/* Without BPF, blocks are counted together: all of them, or, where estimates are made meanwhile, as
 * many as there are already. */
static void count_groups(bool watch, const size_t *ends, size_t count)
{
	struct dcm_block_sample done;
	struct dcm_reason reason;
	struct dcm_walk_pass pass;
	double fraction, last = 0;
	size_t groups = 0;
	int err;

	walk.flavour = DCM_WALK_KCORE;
	dcm_walk_watch_blocks(&walk, watch);
	assert_int_equal(dcm_walk_pass_begin(&walk, &reason), 0);
	do {
		err = dcm_walk_pass_step(&walk, &reason, &fraction);
		assert_true(err >= 0 && fraction >= last && fraction <= 1);
		last = fraction;
		if (!dcm_walk_pass_blocks(&walk, &done))
			continue;
		assert_true(groups < count);
		assert_int_equal(done.sampled, ends[groups++]);
		assert_int_equal(done.joined, done.sampled - groups);
		dcm_walk_pass_result(&walk, &pass);
		assert_int_equal(pass.buckets, done.sampled * BLOCK_BUCKETS);
		assert_int_equal(pass.nonempty, pass.buckets - pass.lengths[0]);
	} while (!err);
	assert_int_equal(groups, count);
	assert_int_equal(done.sampled, 256);
}

static void test_blocks_are_joined(void **state)
{
	const size_t ends[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,   10,
			       11, 12, 13, 14, 15, 16, 32, 64, 128, 256};

	(void)state;
	count_groups(true, ends, DCM_ARRAY_SIZE(ends));
	count_groups(false, &ends[19], 1);
}

/* Blocks that are preferred are not counted together with others. */
static void test_preferred_are_apart(void **state)
{
	struct dcm_block_sample done;
	struct dcm_reason reason;
	double fraction;

	(void)state;
	walk.flavour = DCM_WALK_KCORE;
	dcm_walk_watch_blocks(&walk, true);
	assert_int_equal(dcm_walk_pass_begin(&walk, &reason), 0);
	do
		assert_int_equal(dcm_walk_pass_step(&walk, &reason, &fraction), 0);
	while (!dcm_walk_pass_blocks(&walk, &done) || done.sampled < 16);
	assert_int_equal(dcm_walk_pass_step(&walk, &reason, &fraction), 0);
	for (uint64_t i = 0; i < 256; i++)
		dcm_walk_pass_prefer(&walk, i * BLOCK_BUCKETS);
	do
		assert_int_equal(dcm_walk_pass_step(&walk, &reason, &fraction), 0);
	while (!dcm_walk_pass_blocks(&walk, &done));
	assert_int_equal(done.sampled, 17);
	assert_int_equal(done.joined, 0);
	do
		assert_true(dcm_walk_pass_step(&walk, &reason, &fraction) >= 0);
	while (!dcm_walk_pass_blocks(&walk, &done));
	assert_true(done.certain > 1 && done.sampled == 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_big_tables_are_sampled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_long_chains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_random_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_blocks_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_preferred_blocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_blocks_are_joined, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_preferred_are_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include "tests/unit/without_bpf.h"
#endif
