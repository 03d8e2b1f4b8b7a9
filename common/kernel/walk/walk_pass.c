// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The pass over the whole dentry hash table, one run at a time. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

#define FIRST_PAGE     64
#define SLICE_PAGES    4  /* pages of a slice: the clock is read between them */
#define NODE_NS	       50 /* what a node takes on a busy machine */
#define NODE_NS_COMPAT 200

/* Above so many entries, parents are counted in one bucket of so many: doing it for each would take
 * a quarter of a pass. A directory of 100,000 is then known to within 2 %, one of 10,000 to 5 %. */
#define SAMPLE_ABOVE 1000000
#define SAMPLE_EVERY 8u

void dcm_walk_pass_deinit(struct dcm_walk *walk)
{
	free(walk->pass.superblocks);
}

/* Forgets the counts of the last pass: of superblocks, only the slots that were taken. */
static int clear_counts(struct dcm_walk *walk)
{
	struct dcm_bpf_area *area = walk->area;
	int err = dcm_walk_counts_map(walk);

	if (err)
		return err;
	for (uint32_t i = 0; i < area->pass.sb_used && i < DCM_SB_SLOTS; i++)
		memset(&area->sb[area->sb_used[i] % DCM_SB_SLOTS], 0, sizeof(area->sb[0]));
	if (area->sketch.total)
		memset(&area->sketch, 0, sizeof(area->sketch));
	dcm_walk_counts_unmap(walk);
	return 0;
}

/* Entries of the last pass. Before the first: the share of empty buckets among those that proved
 * the table tells how full it is, as names hash evenly. */
static double expected_entries(const struct dcm_walk *walk)
{
	uint64_t last = walk->area->pass.entries + walk->pass.entries;
	double empty = 1.0 - (double)walk->area->checked / DCM_PROVE_BUCKETS;

	return last ? (double)last : -log(empty) * (double)walk->table.buckets;
}

static unsigned sketch_every(const struct dcm_walk *walk)
{
	bool sampled = walk->sketch_every && expected_entries(walk) > SAMPLE_ABOVE;

	return sampled ? DCM_MAX(walk->sketch_every, SAMPLE_EVERY) : walk->sketch_every;
}

int dcm_walk_pass_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	struct dcm_walk_table table;
	uint32_t page = walk->area->pass.page_buckets;
	unsigned every;
	int err = dcm_walk_hash_discover(walk, reason, &table);

	if (err)
		return err;
	err = clear_counts(walk);
	if (err)
		return dcm_reason_set(reason, err, "mapping counts: %s", strerror(-err));
	every = sketch_every(walk);
	memset(&walk->area->pass, 0, sizeof(walk->area->pass));
	walk->area->pass.page_buckets = page ? page : FIRST_PAGE;
	walk->area->pass.sketch_every = every;
	p->entries = p->negative = p->truncated = p->max_chain = p->runs = p->run_ns = 0;
	p->pending_count = p->pending_next = p->top_count = p->superblock_count = 0;
	memset(p->lengths, 0, sizeof(p->lengths));
	memset(p->longer, 0, sizeof(p->longer));
	p->chain_active = false;
	p->active = true;
	return 0;
}

/* As many nodes as take a quarter of a slice, whatever the table's load: enough misses at once, few
 * ends of levels. */
static void adapt_page(struct dcm_walk *walk)
{
	struct dcm_bpf_pass *pass = &walk->area->pass;
	uint64_t ns = walk->flavour == DCM_WALK_COMPAT ? NODE_NS_COMPAT : NODE_NS;
	uint64_t aim = walk->area->max_ns / SLICE_PAGES / ns;
	uint64_t load = pass->next ? pass->entries * 16 / pass->next : 16; /* per 16 buckets */
	uint32_t page = DCM_PAGE_BUCKETS;

	while (page > DCM_HEADS && page * (load + 4) / 16 > aim)
		page /= 2;
	pass->page_buckets = page;
}

/* True if @a sorts before @b: longer, or of the same length and further to the front. */
static bool is_before(const struct dcm_walk_long_chain *a, const struct dcm_walk_long_chain *b)
{
	return a->length != b->length ? a->length > b->length : a->bucket < b->bucket;
}

static void offer_top(struct dcm_walk_pass_state *p, const struct dcm_walk_long_chain *chain)
{
	size_t at = p->top_count;

	if (at == DCM_WALK_TOP_CHAINS && !is_before(chain, &p->top[--at]))
		return;
	for (; at > 0 && is_before(chain, &p->top[at - 1]); at--)
		p->top[at] = p->top[at - 1];
	p->top[at] = *chain;
	if (p->top_count < DCM_WALK_TOP_CHAINS)
		p->top_count++;
}

/* Bits of @length - 1: n for lengths up to 2^n. */
static unsigned length_bits(uint64_t length)
{
	return 64 - (unsigned)__builtin_clzll(length - 1);
}

/* A chain that was walked one by one. */
static void add_chain(struct dcm_walk_pass_state *p, uint64_t bucket, uint64_t length,
		      bool truncated)
{
	struct dcm_walk_long_chain chain = {bucket, length, truncated};

	if (length < DCM_WALK_EXACT_LENGTHS)
		p->lengths[length]++;
	else
		p->longer[length_bits(length) % DCM_WALK_LENGTH_BITS]++;
	if (length > p->max_chain)
		p->max_chain = length;
	p->truncated += truncated;
	offer_top(p, &chain);
}

static void count_run(struct dcm_walk *walk)
{
	walk->pass.runs++;
	walk->pass.run_ns += walk->area->run_ns;
}

/* One run of the chain at the front of the pending ones. */
static int step_chain(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	struct dcm_bpf_chain_state *state = &walk->area->chain.state;
	const struct dcm_bpf_deferred *d = &p->pending[p->pending_next];
	int err;

	if (!p->chain_active) {
		memset(&p->chain, 0, sizeof(p->chain));
		p->chain.bucket = d->bucket;
		p->chain.length = d->counted;
		p->chain.mode = DCM_CHAIN_COUNT;
		p->chain_active = true;
		p->chain_runs = 0;
	}
	*state = p->chain;
	err = dcm_walk_run(walk, DCM_PROG_CHAIN, reason);
	if (err)
		return err;
	count_run(walk);
	p->chain = *state;
	if (p->chain.end == DCM_END_BUDGET && ++p->chain_runs < DCM_MAX_CHAIN_RUNS)
		return 0;
	p->chain_active = false;
	p->pending_next++;
	p->entries += p->chain.length - d->counted;
	p->negative += p->chain.negative;
	add_chain(p, p->chain.bucket, p->chain.length, p->chain.end != DCM_END_DONE);
	return 0;
}

static int step_pages(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	struct dcm_bpf_pass *pass = &walk->area->pass;
	int err = dcm_walk_run(walk, DCM_PROG_PASS, reason);

	if (err)
		return err;
	count_run(walk);
	adapt_page(walk);
	p->pending_next = 0;
	p->pending_count = DCM_MIN(pass->deferred, (uint32_t)DCM_DEFERRED);
	memcpy(p->pending, walk->area->deferred, p->pending_count * sizeof(p->pending[0]));
	return 0;
}

/* Copies the superblock counts from the shared area. */
static int take_superblocks(struct dcm_walk *walk)
{
	struct dcm_bpf_area *area = walk->area;
	uint32_t i, n = DCM_MIN(area->pass.sb_used, (uint32_t)DCM_SB_SLOTS);
	int err;
	void *room =
		reallocarray(walk->pass.superblocks, n ? n : 1, sizeof(*walk->pass.superblocks));

	if (!room)
		return -ENOMEM;
	walk->pass.superblocks = room;
	err = dcm_walk_counts_map(walk);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		const struct dcm_bpf_sb_count *c = &area->sb[area->sb_used[i] % DCM_SB_SLOTS];

		walk->pass.superblocks[i] = (struct dcm_walk_superblock_count){
			c->address, c->count[0] + c->count[1], c->count[1]};
	}
	dcm_walk_counts_unmap(walk);
	walk->pass.superblock_count = n;
	return 0;
}

int dcm_walk_pass_step(struct dcm_walk *walk, struct dcm_reason *reason, double *ret_fraction)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	int err;

	if (!p->active)
		return dcm_reason_set(reason, -EINVAL, "no pass under way");
	if (p->pending_next < p->pending_count)
		err = step_chain(walk, reason);
	else
		err = step_pages(walk, reason);
	if (err)
		return err;
	*ret_fraction = (double)walk->area->pass.next / (double)walk->table.buckets;
	if (walk->area->pass.next < walk->table.buckets || p->pending_next < p->pending_count)
		return 0;
	if (take_superblocks(walk))
		return dcm_reason_set(reason, -ENOMEM, "no memory for superblock counts");
	p->active = false;
	return 1;
}

/* The longest chains of all: those walked one by one, which may be short ones, too, and those
 * remembered per length. */
static size_t take_top(const struct dcm_walk *walk, struct dcm_walk_long_chain *top)
{
	const struct dcm_bpf_pass *pass = &walk->area->pass;
	const struct dcm_walk_pass_state *p = &walk->pass;
	size_t n = 0, walked = 0, i;
	unsigned length;

	for (length = DCM_LEVELS; length > 0; length--) {
		uint64_t ended = pass->lengths[length];

		while (walked < p->top_count && p->top[walked].length >= length &&
		       n < DCM_WALK_TOP_CHAINS)
			top[n++] = p->top[walked++];
		/* The slot after the newest may have a chain that continued. */
		for (i = 1; i <= ended && i <= DCM_RECENT / 2 && n < DCM_WALK_TOP_CHAINS; i++)
			top[n++] = (struct dcm_walk_long_chain){
				pass->recent[length][(ended - i) % DCM_RECENT], length, false};
	}
	return n;
}

void dcm_walk_pass_result(const struct dcm_walk *walk, struct dcm_walk_pass *ret)
{
	const struct dcm_bpf_pass *pass = &walk->area->pass;
	const struct dcm_walk_pass_state *p = &walk->pass;
	unsigned length;

	memset(ret, 0, sizeof(*ret));
	ret->buckets = pass->next;
	ret->nonempty = pass->nonempty;
	ret->entries = pass->entries + p->entries;
	ret->negative = pass->negative + p->negative;
	ret->truncated = p->truncated;
	ret->max_chain = p->max_chain;
	for (length = 0; length <= DCM_LEVELS; length++) {
		ret->lengths[length] = pass->lengths[length] + p->lengths[length];
		if (pass->lengths[length] && length > ret->max_chain)
			ret->max_chain = length;
	}
	memcpy(ret->longer, p->longer, sizeof(ret->longer));
	ret->top_count = take_top(walk, ret->top);
	ret->superblocks = p->superblocks;
	ret->superblock_count = p->superblock_count;
	ret->uncounted = pass->uncounted;
	ret->runs = p->runs;
	ret->run_ns = p->run_ns;
}
