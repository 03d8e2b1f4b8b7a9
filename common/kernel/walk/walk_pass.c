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
#define MOST_LOAD      64 /* entries per bucket that are expected where no bucket is empty */

/* Without BPF, blocks are counted together, which costs less. While estimates are made of them, so
 * many are counted one by one first, and then as many as are there. */
#define SINGLE_BLOCKS 16

/* Above so many entries, parents are counted in one bucket of so many: doing it for each would take
 * a quarter of a pass. A directory of 100,000 is then known to within 2 %, one of 10,000 to 5 %. */
#define SAMPLE_ABOVE 1000000
#define SAMPLE_EVERY 8u

void dcm_walk_pass_deinit(struct dcm_walk *walk)
{
	free(walk->pass.superblocks);
}

void dcm_walk_watch_blocks(struct dcm_walk *walk, bool watch)
{
	walk->watch_blocks = watch;
}

/* Buckets that the pass has been to. Of those under way, as many as the entries that are counted
 * make up of the entries met. */
static uint64_t count_buckets(const struct dcm_walk *walk)
{
	const struct dcm_walk_blocks *b = &walk->pass.blocks;
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	uint64_t whole = (b->done.certain + b->done.sampled) * b->buckets;
	uint64_t counted = pass->entries - walk->pass.before;
	double taken;

	if (!b->under_way)
		return whole;
	taken = (double)(b->under_way * b->buckets - (pass->stop - pass->next));
	if (pass->waiting)
		taken *= (double)counted / (double)(counted + pass->waiting);
	return whole + (uint64_t)taken;
}

double dcm_walk_expected_entries(const struct dcm_walk *walk)
{
	uint64_t counted = walk->out->pass.entries + walk->pass.entries;
	uint64_t seen = count_buckets(walk);
	double empty = 1.0 - (double)walk->out->checked / DCM_PROVE_BUCKETS;
	double buckets = (double)walk->table.buckets, most = buckets * MOST_LOAD;

	if (counted)
		return seen ? (double)counted * buckets / (double)seen : (double)counted;
	return DCM_MIN(-log(empty) * buckets, most);
}

/* A sample takes whole DCM_PAGE_BUCKETS: a table of fewer than @every of them cannot be sampled so
 * thinly. */
static unsigned sketch_every(const struct dcm_walk *walk)
{
	bool sampled = walk->sketch_every && dcm_walk_expected_entries(walk) > SAMPLE_ABOVE;
	unsigned every = sampled ? DCM_MAX(walk->sketch_every, SAMPLE_EVERY) : walk->sketch_every;
	uint64_t most = DCM_MAX(walk->table.buckets / DCM_PAGE_BUCKETS, (uint64_t)1);

	return (unsigned)DCM_MIN((uint64_t)every, most);
}

int dcm_walk_pass_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	struct dcm_walk_table table;
	int err = dcm_walk_hash_discover(walk, reason, &table);

	if (err)
		return err;
	err = dcm_walk_run(walk, DCM_PROG_PASS, DCM_OP_BEGIN, sketch_every(walk), 0, reason);
	if (err)
		return err;
	if (!p->page)
		p->page = FIRST_PAGE;
	p->entries = p->negative = p->truncated = p->max_chain = p->runs = p->run_ns = 0;
	p->pending_count = p->pending_next = p->top_count = p->superblock_count = 0;
	memset(p->lengths, 0, sizeof(p->lengths));
	memset(p->longer, 0, sizeof(p->longer));
	p->chain_active = p->block_ended = false;
	p->joining = 0;
	p->fraction = 0;
	p->watch_blocks = walk->watch_blocks;
	dcm_walk_blocks_begin(&p->blocks, table.buckets);
	p->active = true;
	return 0;
}

/* As many nodes as take a quarter of a slice, whatever the table's load: enough misses at once, few
 * ends of levels. */
static uint32_t adapt_page(const struct dcm_walk *walk)
{
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	uint64_t ns = walk->flavour == DCM_WALK_FAST ? NODE_NS : NODE_NS_COMPAT;
	uint64_t aim = walk->slice_ns / SLICE_PAGES / ns;
	uint64_t buckets = count_buckets(walk);
	uint64_t load = buckets ? pass->entries * 16 / buckets : 16; /* per 16 buckets */
	uint32_t page = DCM_PAGE_BUCKETS;

	while (page > DCM_HEADS && page * (load + 4) / 16 > aim)
		page /= 2;
	return page;
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
	struct dcm_walk_long_chain chain = {
		.bucket = bucket, .length = length, .truncated = truncated};

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
	walk->pass.run_ns += walk->out->run_ns;
}

/* One run of the chain at the front of the pending ones. */
static int step_chain(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	const struct dcm_bpf_chain_state *state = &walk->out->chain.state;
	const struct dcm_bpf_deferred *d = &p->pending[p->pending_next];
	int err;

	if (!p->chain_active) {
		p->chain_active = true;
		p->chain_runs = 0;
		err = dcm_walk_run(walk, DCM_PROG_CHAIN, DCM_OP_COUNT, d->counted, d->bucket,
				   reason);
	} else {
		err = dcm_walk_run(walk, DCM_PROG_CHAIN, DCM_OP_GO_ON, 0, 0, reason);
	}
	if (err)
		return err;
	count_run(walk);
	if (state->end == DCM_END_BUDGET && ++p->chain_runs < DCM_MAX_CHAIN_RUNS)
		return 0;
	p->chain_active = false;
	p->pending_next++;
	p->entries += state->length - d->counted;
	p->negative += state->negative;
	add_chain(p, d->bucket, state->length, state->end != DCM_END_DONE);
	return 0;
}

/* How many blocks are counted together with the one that is to begin, itself included. */
static size_t group_size(const struct dcm_walk *walk)
{
	const struct dcm_walk_pass_state *p = &walk->pass;
	const struct dcm_block_sample *done = &p->blocks.done;

	if (walk->flavour != DCM_WALK_KCORE)
		return 1;
	if (!p->watch_blocks)
		return done->blocks;
	return done->sampled < SINGLE_BLOCKS ? 1 : done->sampled;
}

/* The block that is to begin with the next run; 0: none. */
static uint64_t next_block(struct dcm_walk *walk)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	uint64_t first;

	if (!p->blocks.under_way) {
		p->joining = group_size(walk);
		p->before = pass->entries;
	}
	if (!p->joining || pass->next != pass->stop)
		return 0;
	if (!dcm_walk_blocks_next(&p->blocks, &first)) {
		p->joining = 0;
		return 0;
	}
	p->joining--;
	return first | (uint64_t)__builtin_ctzll(p->blocks.buckets) << DCM_BLOCK_SHIFT;
}

static int step_pages(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	uint64_t block = next_block(walk);
	int err = dcm_walk_run(walk, DCM_PROG_PASS, p->joining ? DCM_OP_JOIN : DCM_OP_GO_ON,
			       p->page, block, reason);

	if (err)
		return err;
	count_run(walk);
	p->page = adapt_page(walk);
	p->pending_next = 0;
	p->pending_count = DCM_MIN(pass->deferred, (uint32_t)DCM_DEFERRED);
	memcpy(p->pending, walk->out->deferred, p->pending_count * sizeof(p->pending[0]));
	return 0;
}

/* Fetches the superblock counts so far, in short runs. How many there are is seen when there are no
 * more: chains walked one by one may have added some since the last page. */
static int take_superblocks(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	const struct dcm_bpf_out *out = walk->out;
	uint32_t at = 0, count;
	int err;

	do {
		err = dcm_walk_run(walk, DCM_PROG_PASS, DCM_OP_RESULT, at, 0, reason);
		if (err)
			return err;
		count = DCM_MIN(out->sb_results, (uint32_t)DCM_SB_RESULTS);
		if (dcm_walk_room((void **)&p->superblocks, &p->superblock_room, at + count,
				  sizeof(*p->superblocks)))
			return dcm_reason_set(reason, -ENOMEM, "no memory for superblock counts");
		for (uint32_t i = 0; i < count; i++, at++)
			p->superblocks[at] = (struct dcm_walk_superblock_count){
				out->sb[i].address, out->sb[i].count[0] + out->sb[i].count[1],
				out->sb[i].count[1]};
	} while (count == DCM_SB_RESULTS && at < DCM_SB_SLOTS);
	p->superblock_count = at;
	return 0;
}

int dcm_walk_pass_step(struct dcm_walk *walk, struct dcm_reason *reason, double *ret_fraction)
{
	struct dcm_walk_pass_state *p = &walk->pass;
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	int err;

	if (!p->active)
		return dcm_reason_set(reason, -EINVAL, "no pass under way");
	if (p->pending_next < p->pending_count)
		err = step_chain(walk, reason);
	else
		err = step_pages(walk, reason);
	if (err)
		return err;
	p->fraction =
		DCM_MAX(p->fraction, (double)count_buckets(walk) / (double)walk->table.buckets);
	*ret_fraction = p->fraction;
	p->block_ended = !p->joining && pass->next == pass->stop && !pass->waiting &&
			 p->pending_next == p->pending_count;
	if (!p->block_ended)
		return 0;
	dcm_walk_blocks_end(&p->blocks);
	p->active = p->blocks.done.certain + p->blocks.done.sampled < p->blocks.done.blocks;
	if (p->active && !p->watch_blocks)
		return 0;
	err = take_superblocks(walk, reason);
	if (err)
		return err;
	if (p->active)
		return 0;
	return 1;
}

/* The longest chains of all: those walked one by one, which may be short ones, too, and those
 * remembered per length. */
static size_t take_top(const struct dcm_walk *walk, struct dcm_walk_long_chain *top)
{
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	const struct dcm_walk_pass_state *p = &walk->pass;
	size_t n = 0, walked = 0, i;
	unsigned length;

	for (length = DCM_LEVELS; length > 0; length--) {
		uint64_t ended = pass->lengths[length];

		while (walked < p->top_count && p->top[walked].length >= length &&
		       n < DCM_WALK_TOP_CHAINS)
			top[n++] = p->top[walked++];
		for (i = 1; i <= ended && i <= DCM_RECENT / 2 && n < DCM_WALK_TOP_CHAINS; i++)
			top[n++] = (struct dcm_walk_long_chain){
				.bucket =
					walk->out->recent.bucket[length][(ended - i) % DCM_RECENT],
				.length = length};
	}
	return n;
}

void dcm_walk_pass_result(const struct dcm_walk *walk, struct dcm_walk_pass *ret)
{
	const struct dcm_bpf_pass *pass = &walk->out->pass;
	const struct dcm_walk_pass_state *p = &walk->pass;
	unsigned length;

	memset(ret, 0, sizeof(*ret));
	ret->buckets = count_buckets(walk);
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

bool dcm_walk_pass_blocks(const struct dcm_walk *walk, struct dcm_block_sample *ret)
{
	*ret = walk->pass.blocks.done;
	return walk->pass.block_ended;
}

void dcm_walk_pass_prefer(struct dcm_walk *walk, uint64_t bucket)
{
	if (walk->pass.active)
		dcm_walk_blocks_prefer(&walk->pass.blocks, bucket);
}
