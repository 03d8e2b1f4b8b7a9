// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_check.h"
#include "tests/unit/worlds/world_memory.h"
#include "tests/unit/worlds/world_run.h"
#include "tests/unit/worlds/world_truth.h"

/* ---- finding it ---- */

#define ENOUGH_PAIRS 40
#define ANCESTORS    16
#define REACHED	     1000 /* further from the head of a long chain it is not looked for */

static bool is_reached(int dentry)
{
	int steps = 0;

	for (; dentry != WORLD_NONE; dentry = world.dentry[dentry].front)
		steps++;
	return steps < REACHED;
}

/* Different hashes among what the task's files are. */
static unsigned count_pairs(void)
{
	__u32 hashes[WORLD_FDS * ANCESTORS];
	unsigned count = 0;

	for (int i = 0; i < WORLD_FDS; i++) {
		int dentry = world.fd[i];

		for (int n = 0; dentry != WORLD_NONE && n < ANCESTORS; n++) {
			const struct world_dentry *d = &world.dentry[dentry];
			unsigned j = 0;

			while (j < count && hashes[j] != d->hash)
				j++;
			if (j == count && d->hashed && is_reached(dentry))
				hashes[count++] = d->hash;
			dentry = d->parent == dentry ? WORLD_NONE : d->parent;
		}
	}
	return count;
}

void world_check_discovery(void)
{
	struct dcm_walk *walk = &world_run.walk;
	struct dcm_walk_table found = {0};
	struct dcm_reason reason = {""};
	int err;

	world_run_count();
	walk->table_known = false;
	dcm_walk_find_table(walk, &reason);
	err = dcm_walk_hash_discover(walk, &reason, &found);
	if (world_pace == WORLD_STILL && count_pairs() >= ENOUGH_PAIRS)
		WORLD_CHECK(!err, "%s, %u pairs", reason.text, count_pairs());
	if (!err && world_pace == WORLD_STILL) {
		WORLD_CHECK(found.base == world.table && found.shift == world.shift &&
				    found.buckets == world.buckets,
			    "shift %u of %u", found.shift, world.shift);
		WORLD_CHECK(walk->out->checked == walk->out->agreed, "%u of %u", walk->out->agreed,
			    walk->out->checked);
	}
	walk->table_known = true;
	walk->table = (struct dcm_walk_table){.buckets = world.buckets, .shift = world.shift};
	dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_TABLE, world.table, world.shift, NULL);
	dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_FORGET, 0, 0, NULL);
}

/* ---- the pass ---- */

static int walk_pass(struct dcm_walk_pass *ret)
{
	struct dcm_reason reason = {""};
	double fraction, last = 0;
	int err;

	world_run_count();
	err = dcm_walk_pass_begin(&world_run.walk, &reason);
	while (!err) {
		err = dcm_walk_pass_step(&world_run.walk, &reason, &fraction);
		if (err >= 0)
			WORLD_CHECK(fraction >= last && fraction <= 1, "%f", fraction);
		last = fraction;
	}
	WORLD_CHECK(err == 1 || (err == -EINTR && world_pace == WORLD_BROKEN), "%d %s", err,
		    reason.text);
	dcm_walk_pass_result(&world_run.walk, ret);
	return err;
}

/* What must agree whatever the world does. */
static void check_sums(const struct dcm_walk_pass *pass)
{
	struct world_counts sum = {0, 0};
	__u64 chains = 0;

	for (size_t i = 0; i < pass->superblock_count; i++) {
		sum.hashed += pass->superblocks[i].hashed;
		sum.negative += pass->superblocks[i].negative;
	}
	WORLD_CHECK(sum.hashed + pass->uncounted == pass->entries, "%llu of %llu", sum.hashed,
		    (unsigned long long)pass->entries);
	if (!pass->uncounted)
		WORLD_CHECK(sum.negative == pass->negative, "%llu of %llu", sum.negative,
			    (unsigned long long)pass->negative);
	for (size_t i = 0; i < DCM_WALK_EXACT_LENGTHS; i++)
		chains += pass->lengths[i];
	for (size_t i = 0; i < DCM_WALK_LENGTH_BITS; i++)
		chains += pass->longer[i];
	WORLD_CHECK(chains == world.buckets && pass->buckets == world.buckets, "%llu of %llu",
		    chains, world.buckets);
}

static void check_top(const struct dcm_walk_pass *pass, const struct world_truth *truth)
{
	WORLD_CHECK(pass->top_count == truth->longest_count, "%zu of %zu", pass->top_count,
		    truth->longest_count);
	for (size_t i = 0; i < pass->top_count; i++) {
		const struct dcm_walk_long_chain *c = &pass->top[i];

		WORLD_CHECK(c->bucket < world.buckets && c->length == truth->length[c->bucket] &&
				    !c->truncated,
			    "top %zu: bucket %llu", i, (unsigned long long)c->bucket);
		WORLD_CHECK(c->length == truth->longest[i], "top %zu: %llu of %llu", i,
			    (unsigned long long)c->length, truth->longest[i]);
		for (size_t j = 0; j < i; j++)
			WORLD_CHECK(pass->top[j].bucket != c->bucket, "twice %llu",
				    (unsigned long long)c->bucket);
	}
}

/* Entries of superblocks without a row are those that are uncounted. */
static void check_counts(const struct dcm_walk_pass *pass, const struct world_truth *truth)
{
	__u64 missing = 0;

	for (int n = 0; n < world.superblocks; n++) {
		const struct world_counts *c = &truth->of_superblock[n];
		__u64 handle = world_walkers.handle_of(world.superblock[n].address);
		size_t i = 0;

		while (i < pass->superblock_count && pass->superblocks[i].address != handle)
			i++;
		if (i == pass->superblock_count) {
			missing += c->hashed;
			continue;
		}
		WORLD_CHECK(pass->superblocks[i].hashed == c->hashed &&
				    pass->superblocks[i].negative == c->negative,
			    "superblock %d: %llu of %llu", n,
			    (unsigned long long)pass->superblocks[i].hashed, c->hashed);
	}
	WORLD_CHECK(missing == pass->uncounted, "%llu of %llu", missing,
		    (unsigned long long)pass->uncounted);
}

static void check_truth(const struct dcm_walk_pass *pass)
{
	struct world_truth truth;

	world_truth_take(0, &truth);
	WORLD_CHECK(pass->entries == truth.entries && pass->negative == truth.negative,
		    "%llu of %llu", (unsigned long long)pass->entries, truth.entries);
	WORLD_CHECK(pass->nonempty == truth.nonempty && pass->max_chain == truth.max_chain,
		    "%llu of %llu, %llu of %llu", (unsigned long long)pass->nonempty,
		    truth.nonempty, (unsigned long long)pass->max_chain, truth.max_chain);
	WORLD_CHECK(!pass->truncated, "%llu", (unsigned long long)pass->truncated);
	WORLD_CHECK(!memcmp(pass->lengths, truth.lengths, sizeof(truth.lengths)), "lengths");
	WORLD_CHECK(!memcmp(pass->longer, truth.longer, sizeof(truth.longer)), "longer");
	check_top(pass, &truth);
	check_counts(pass, &truth);
	world_truth_deinit(&truth);
}

/*
 * Each entry that stayed is counted. A change of place makes one entry count twice or not at all,
 * and so it does with one more of a long chain, which is entered again from its head.
 */
static void check_bounds(const struct dcm_walk_pass *pass, __u64 then, __u64 since, __u64 placed,
			 __u64 moves)
{
	struct world_truth truth;

	world_truth_take(since, &truth);
	WORLD_CHECK(pass->entries <= then + placed + moves, "%llu, %llu, %llu placed, %llu moves",
		    (unsigned long long)pass->entries, then, placed, moves);
	if (!pass->truncated)
		WORLD_CHECK(pass->entries + moves >= truth.stable, "%llu, %llu stayed, %llu moves",
			    (unsigned long long)pass->entries, truth.stable, moves);
	world_truth_deinit(&truth);
}

void world_check_pass(void)
{
	__u64 since = world.changes, placed = world.placed, unplaced = world.unplaced;
	__u64 then = placed - unplaced;
	struct dcm_walk_pass pass;
	int err = walk_pass(&pass);

	for (size_t i = 0; i < pass.top_count; i++)
		WORLD_CHECK(pass.top[i].bucket < world.buckets, "%llu",
			    (unsigned long long)pass.top[i].bucket);
	if (world_pace == WORLD_BROKEN || err != 1)
		return;
	check_sums(&pass);
	placed = world.placed - placed;
	unplaced = world.unplaced - unplaced;
	if (world_pace == WORLD_STILL)
		check_truth(&pass);
	else if (world_pace == WORLD_BETWEEN)
		check_bounds(&pass, then, since, placed, placed + unplaced);
}
