// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How often do intervals of the live hash table hold the truth? Each pass is asked for them after
 * some of its blocks; the truth is what the same pass has counted in the end.
 *
 *   estimate_live PASSES BLOCKS	prints "NAME INSIDE of PASSES, width W %" per figure
 *
 * Exits with 77 and the reason where there is no BPF.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/sampling/pass_estimate.h"

enum { ENTRIES, NEGATIVE, NONEMPTY, LENGTH_1, LENGTH_2, HASHED, HASHED_NEGATIVE, FIGURES };

static const char *const names[FIGURES] = {
	"entries",
	"negative",
	"nonempty",
	"chains_of_1",
	"chains_of_2",
	"superblock",
	"superblock_negative",
};

/* The superblock with the most entries so far: the same one at the end, in all likelihood. */
static const struct dcm_walk_superblock_count *largest(const struct dcm_walk_pass *pass)
{
	const struct dcm_walk_superblock_count *ret = &pass->superblocks[0];

	for (size_t i = 1; i < pass->superblock_count; i++)
		if (pass->superblocks[i].hashed > ret->hashed)
			ret = &pass->superblocks[i];
	return ret;
}

static uint64_t ask(struct dcm_pass_estimate *estimate, const struct dcm_walk_pass *pass,
		    struct dcm_interval got[FIGURES])
{
	uint64_t address = largest(pass)->address;
	struct dcm_pass_estimates table;

	dcm_pass_estimate_table(estimate, &table);
	got[ENTRIES] = table.entries;
	got[NEGATIVE] = table.negative;
	got[NONEMPTY] = table.nonempty;
	got[LENGTH_1] = table.chains[1];
	got[LENGTH_2] = table.chains[2];
	dcm_pass_estimate_superblock(estimate, address, &got[HASHED], &got[HASHED_NEGATIVE]);
	return address;
}

static void compare(const struct dcm_walk_pass *pass, uint64_t address,
		    const struct dcm_interval got[FIGURES], unsigned inside[FIGURES],
		    double width[FIGURES])
{
	double truth[FIGURES] = {
		[ENTRIES] = (double)pass->entries,     [NEGATIVE] = (double)pass->negative,
		[NONEMPTY] = (double)pass->nonempty,   [LENGTH_1] = (double)pass->lengths[1],
		[LENGTH_2] = (double)pass->lengths[2],
	};

	for (size_t i = 0; i < pass->superblock_count; i++) {
		if (pass->superblocks[i].address != address)
			continue;
		truth[HASHED] = (double)pass->superblocks[i].hashed;
		truth[HASHED_NEGATIVE] = (double)pass->superblocks[i].negative;
	}
	for (size_t f = 0; f < FIGURES; f++) {
		inside[f] += got[f].low <= truth[f] && truth[f] <= got[f].high;
		width[f] += truth[f] > 0 ? (got[f].high - got[f].low) / truth[f] : 0;
	}
}

/* One pass. -errno. */
static int run_pass(struct dcm_walk *walk, struct dcm_pass_estimate *estimate, size_t blocks,
		    struct dcm_reason *reason, unsigned inside[FIGURES], double width[FIGURES])
{
	struct dcm_interval got[FIGURES] = {{0}};
	struct dcm_block_sample done;
	struct dcm_walk_pass pass;
	uint64_t address = 0;
	double fraction;
	int err = dcm_walk_pass_begin(walk, reason);

	dcm_pass_estimate_reset(estimate);
	while (!err) {
		err = dcm_walk_pass_step(walk, reason, &fraction);
		if (err < 0 || !dcm_walk_pass_blocks(walk, &done))
			continue;
		dcm_walk_pass_result(walk, &pass);
		if (dcm_pass_estimate_add(estimate, &pass, &done))
			return dcm_reason_no_memory(reason);
		if (done.sampled == blocks)
			address = ask(estimate, &pass, got);
	}
	if (err > 0)
		compare(&pass, address, got, inside, width);
	return err < 0 ? err : 0;
}

int main(int argc, char **argv)
{
	unsigned passes = argc > 1 ? (unsigned)atoi(argv[1]) : 20, inside[FIGURES] = {0};
	size_t blocks = argc > 2 ? (size_t)atoi(argv[2]) : 32;
	struct dcm_pass_estimate *estimate;
	struct dcm_reason reason = {""};
	double width[FIGURES] = {0};
	struct dcm_walk *walk;
	int err = dcm_walk_open("", DCM_WALK_AUTO, &reason, &walk);

	if (err) {
		fprintf(stderr, "estimate_live: %s\n", reason.text);
		return 77;
	}
	dcm_walk_watch_blocks(walk, true);
	err = dcm_pass_estimate_create(&estimate);
	for (unsigned i = 0; i < passes && !err; i++)
		err = run_pass(walk, estimate, blocks, &reason, inside, width);
	for (size_t f = 0; f < FIGURES && !err; f++)
		printf("%s %u of %u, width %.2f %%\n", names[f], inside[f], passes,
		       100 * width[f] / passes);
	if (err)
		fprintf(stderr, "estimate_live: %s\n", reason.text);
	dcm_pass_estimate_destroy(estimate);
	dcm_walk_close(walk);
	return err != 0;
}
