// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/pass_estimate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/search.h"

/* A quantity that only grows during a pass. */
struct growing {
	uint64_t last; /* at the end of the last block */
	struct dcm_block_sum sum;
};

struct superblock {
	uint64_t address;
	struct growing hashed, negative;
};

struct dcm_pass_estimate {
	struct dcm_block_sample blocks;
	struct growing nonempty, entries, negative;
	struct growing chains[DCM_HISTOGRAM_ROWS];
	struct superblock *superblocks; /* in the order in which the pass met them */
	size_t count, room;
	const struct superblock **sorted; /* by address; the first sorted_count of them */
	size_t sorted_count, sorted_room;
	uint64_t uncounted;
};

int dcm_pass_estimate_create(struct dcm_pass_estimate **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void dcm_pass_estimate_destroy(struct dcm_pass_estimate *estimate)
{
	if (!estimate)
		return;
	free(estimate->superblocks);
	free(estimate->sorted);
	free(estimate);
}

void dcm_pass_estimate_reset(struct dcm_pass_estimate *e)
{
	struct dcm_pass_estimate old = *e;

	*e = (struct dcm_pass_estimate){.superblocks = old.superblocks,
					.room = old.room,
					.sorted = old.sorted,
					.sorted_room = old.sorted_room};
}

/* By what was found in @blocks of them. */
static void grow(struct growing *g, bool certain, size_t blocks, uint64_t now)
{
	if (now > g->last)
		dcm_block_sum_add(&g->sum, certain, (double)(now - g->last), blocks);
	g->last = now;
}

/* The pass appends those that it meets for the first time. */
static int make_room(struct dcm_pass_estimate *e, size_t count)
{
	size_t room = DCM_MAX(count, 2 * e->room);
	void *superblocks;

	if (count > e->room) {
		superblocks = reallocarray(e->superblocks, room, sizeof(*e->superblocks));
		if (!superblocks)
			return -ENOMEM;
		e->superblocks = superblocks;
		e->room = room;
		e->sorted_count = 0; /* they point to the old place */
	}
	if (count > e->count)
		memset(e->superblocks + e->count, 0, (count - e->count) * sizeof(*e->superblocks));
	e->count = DCM_MAX(e->count, count);
	return 0;
}

int dcm_pass_estimate_add(struct dcm_pass_estimate *e, const struct dcm_walk_pass *pass,
			  const struct dcm_block_sample *blocks)
{
	bool certain = blocks->certain > e->blocks.certain;
	size_t n = certain ? 1 : DCM_MAX(blocks->sampled - e->blocks.sampled, (size_t)1);
	struct dcm_chain_histogram histogram;
	int err = make_room(e, pass->superblock_count);

	if (err)
		return err;
	e->blocks = *blocks;
	e->uncounted = pass->uncounted;
	grow(&e->nonempty, certain, n, pass->nonempty);
	grow(&e->entries, certain, n, pass->entries);
	grow(&e->negative, certain, n, pass->negative);
	dcm_chain_histogram_fill(pass, &histogram);
	for (size_t i = 0; i < DCM_HISTOGRAM_ROWS; i++)
		grow(&e->chains[i], certain, n, histogram.chains[i]);
	for (size_t i = 0; i < pass->superblock_count; i++) {
		e->superblocks[i].address = pass->superblocks[i].address;
		grow(&e->superblocks[i].hashed, certain, n, pass->superblocks[i].hashed);
		grow(&e->superblocks[i].negative, certain, n, pass->superblocks[i].negative);
	}
	return 0;
}

bool dcm_pass_estimate_blocks(const struct dcm_pass_estimate *e, struct dcm_block_sample *ret)
{
	*ret = e->blocks;
	return e->blocks.blocks && dcm_block_sample_suffices(&e->blocks);
}

static struct dcm_interval interval(const struct dcm_pass_estimate *e, const struct growing *g)
{
	return dcm_block_sum_interval(&g->sum, &e->blocks);
}

void dcm_pass_estimate_table(const struct dcm_pass_estimate *e, struct dcm_pass_estimates *ret)
{
	ret->nonempty = interval(e, &e->nonempty);
	ret->entries = interval(e, &e->entries);
	ret->negative = interval(e, &e->negative);
	for (size_t i = 0; i < DCM_HISTOGRAM_ROWS; i++)
		ret->chains[i] = interval(e, &e->chains[i]);
}

static int by_address(const void *a, const void *b)
{
	const struct superblock *x = *(const struct superblock *const *)a,
				*y = *(const struct superblock *const *)b;

	return DCM_COMPARE(x->address, y->address);
}

static int sort(struct dcm_pass_estimate *e)
{
	if (e->sorted_count == e->count)
		return 0;
	if (e->count > e->sorted_room) {
		void *sorted = reallocarray(e->sorted, e->count, sizeof(*e->sorted));

		if (!sorted)
			return -ENOMEM;
		e->sorted = sorted;
		e->sorted_room = e->count;
	}
	for (size_t i = 0; i < e->count; i++)
		e->sorted[i] = &e->superblocks[i];
	qsort(e->sorted, e->count, sizeof(*e->sorted), by_address);
	e->sorted_count = e->count;
	return 0;
}

bool dcm_pass_estimate_superblock(struct dcm_pass_estimate *e, uint64_t address,
				  struct dcm_interval *ret_hashed,
				  struct dcm_interval *ret_negative)
{
	static const struct superblock none;
	const struct superblock wanted = {.address = address}, *key = &wanted, *const * found,
				*superblock;

	if (sort(e) < 0)
		return false;
	found = dcm_find(&key, e->sorted, e->count, sizeof(*e->sorted), by_address);
	if (!found && e->uncounted)
		return false;
	superblock = found ? *found : &none;
	*ret_hashed = interval(e, &superblock->hashed);
	*ret_negative = interval(e, &superblock->negative);
	return true;
}
