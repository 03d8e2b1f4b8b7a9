/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The dentry hash table (fs/dcache.c, dentry_hashtable): finding it from dentries at hand, proving
 * it, and the level-by-level pass over all of it.
 */
#ifndef DCM_BPF_TABLE_STEPS_H
#define DCM_BPF_TABLE_STEPS_H

/* ---- discovery ---- */

#define ANCESTORS   16
#define CHAIN_STEPS 1024

/* One step from a hashed node towards its bucket; ends with area.back[0] the bucket, or 0. */
LOOP(step_back, CHAIN_STEPS)
{
	__u64 node = area.back[0], pprev;

	if (!node_is_linked(node)) {
		area.back[0] = 0;
		return 1;
	}
	pprev = MEMBER(struct hlist_bl_node, node, pprev);
	area.back[0] = pprev;
	return !node_is_linked(pprev);
}

/*
 * From a hashed node back to its bucket: a node's pprev is the address of the previous node's
 * next, which is that node's own address; the first address that is not a linked node itself is
 * the bucket. 0 when @node is not hashed.
 */
static __always_inline __u64 bucket_of(__u64 node)
{
	area.back[0] = node;
	if (RUN_LOOP(step_back, CHAIN_STEPS) >= CHAIN_STEPS)
		return 0;
	return area.back[0];
}

/* The pair of area.back[1], a dentry; continues with its parent. */
LOOP(gather_pair, ANCESTORS)
{
	__u64 dentry = area.back[1], node = dentry + D_HASH_OFFSET, bucket = bucket_of(node),
	      parent;
	__u32 n = area.pairs_found;

	if (bucket && n < DCM_PAIRS) {
		area.pairs[n].bucket = bucket;
		area.pairs[n].hash = node_hash(node);
		area.pairs_found = n + 1;
	}
	parent = MEMBER(struct dentry, dentry, d_parent);
	area.back[1] = parent;
	return !parent || parent == dentry;
}

/* What the caller's descriptor @fd stands for; 0: there is none of that number. */
static __always_inline __u64 dentry_of_fd(__u64 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **fds = BPF_CORE_READ(table, fd), *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), fds + fd);
	return file ? (__u64)BPF_CORE_READ(file, f_path.dentry) : 0;
}

/* Pairs of (bucket, hash) of the dentry of @fd and its ancestors. */
static __always_inline void gather_pairs(__u64 fd)
{
	area.back[1] = dentry_of_fd(fd);
	RUN_LOOP(gather_pair, ANCESTORS);
}

/* One bucket of a sample spread over the table. */
LONG_LOOP(prove_step, DCM_PROVE_BUCKETS)
{
	__u64 number = area.pass.next, bucket = area.base + number * 8;
	__u64 first = load_word(bucket) & ~LIST_BL_LOCKMASK;

	area.pass.next = (number + 40503) & (area.buckets - 1);
	if (!first)
		return 0;
	area.checked++;
	if (MEMBER(struct hlist_bl_node, first, pprev) == bucket && node_bucket(first) == number)
		area.agreed++;
	return 0;
}

static __always_inline void prove_table(void)
{
	area.checked = area.agreed = 0;
	RUN_LOOP(prove_step, DCM_PROVE_BUCKETS);
}

/* ---- superblock counts ---- */

/*
 * Slot of @sb, taking a free one when it is new; DCM_SB_SLOTS, for all others, when its
 * surroundings are full. (A global function: the verifier checks it once, not for each call.)
 */
DCM_GLOBAL __noinline __u32 sb_find(__u64 sb)
{
	__u32 slot = dcm_sb_slot(sb), i;

	for (i = 0; i < DCM_SB_PROBES; i++) {
		__u32 s = (slot + i) & (DCM_SB_SLOTS - 1);

		if (area.sb[s].address == sb)
			return s;
		if (!area.sb[s].address) {
			__u32 used = area.pass.sb_used;

			area.sb[s].address = sb;
			area.sb_used[used & (DCM_SB_SLOTS - 1)] = s;
			area.pass.sb_used = used + 1;
			return s;
		}
	}
	return DCM_SB_SLOTS;
}

static __always_inline void sb_account(__u64 sb, __u64 positive, __u64 negative)
{
	__u32 slot = dcm_sb_slot(sb);

	if (area.sb[slot].address != sb) {
		slot = sb_find(sb);
		barrier_var(slot);
		if (slot >= DCM_SB_SLOTS) {
			area.pass.uncounted += positive + negative;
			return;
		}
	}
	area.sb[slot].count[0] += positive;
	area.sb[slot].count[1] += negative;
}

/* ---- the pass ---- */

static __always_inline bool is_sketched(__u64 bucket)
{
	__u32 every = area.pass.sketch_every;

	return every && !((bucket / DCM_PAGE_BUCKETS) & (every - 1));
}

static __always_inline bool run_is_over(void)
{
	return area.pass.deferred > DCM_DEFERRED - DCM_PAGE_BUCKETS || time_is_over();
}

#if DCM_UNGUARDED
#include "common/kernel/walk/bpf/unguarded_steps.h"
#else

#define RUN_PAGES 1024 /* more than a run has time for, but for the smallest */

/*
 * Heads of a piece of a page: copied at once, which costs far less than as many loads with a call
 * each, then the non-empty ones are kept. No branch depends on what was read.
 */
LOOP_BODY(take_heads, DCM_PAGE_BUCKETS / DCM_PIECE)
{
	__u32 first = (i * DCM_PIECE) & (DCM_PAGE_BUCKETS - 1), j, k;
	__u32 buckets = area.page_buckets - first, bytes = buckets * 8;
	struct dcm_bpf_node *kept = &area.node[area.kept & (DCM_PAGE_BUCKETS - 1)];
	__u64 number = area.pass.next + first;

	if (bytes > sizeof(area.heads))
		bytes = sizeof(area.heads);
	bpf_probe_read_kernel(area.heads, bytes, (void *)(area.base + number * 8));
	for (j = 0; j < DCM_PIECE && j < buckets; j += DCM_HEADS) {
#pragma unroll
		for (k = 0; k < DCM_HEADS; k++) {
			__u64 head = area.heads[j + k] & ~LIST_BL_LOCKMASK;

			kept->address = head;
			kept->bucket = number++;
			kept += is_set(head);
		}
	}
	area.kept = ((__u64)kept - (__u64)area.node) / sizeof(*kept);
	return 0;
}

/*
 * The second of three rounds per level: what else is needed of each node, read in the lines that
 * the first has just fetched. The third counts it: each keeps what it works with in registers,
 * which a cast in the same round would take from it.
 */
#define FETCH_RELATIVES (DCM_FAST ? DCM_FETCH : 1) /* in a row */

LOOP_BODY(fetch_relatives, DCM_PAGE_BUCKETS / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), nodes = area.live - first, j, k;

	for (j = 0; j < DCM_CHUNK && j < nodes; j += FETCH_RELATIVES) {
#pragma unroll
		for (k = 0; k < FETCH_RELATIVES; k++)
			read_relatives(&area.node[first + j + k]);
	}
	return 0;
}

#include "common/kernel/walk/bpf/account_steps.h"

/* The buckets of the last chains that end at this level, before accounting moves the nodes. */
LOOP_BODY(note_ends, DCM_PAGE_BUCKETS / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), nodes = area.live - first, j;
	__u32 level = area.level & (DCM_LEVEL_ROOM - 1), ended = area.ended;

	for (j = 0; j < DCM_CHUNK && j < nodes; j++) {
		const struct dcm_bpf_node *n = &area.node[first + j];

		area.recent.bucket[level][ended & (DCM_RECENT - 1)] = n->bucket; /* if it ends */
		ended += 1 - is_set(n->next);
	}
	area.ended = ended;
	return 0;
}

/* What the next round works with: a set is four or five cache lines, in no cache mostly. */
LOOP_BODY(fetch_sketch, DCM_PAGE_BUCKETS / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), nodes = area.live - first, j;

	for (j = 0; j < DCM_CHUNK && j < nodes; j++)
		dcm_sketch_fetch(&area.sketch, area.node[first + j].parent);
	return 0;
}

/* Children per parent, before accounting moves the nodes. */
LOOP_BODY(sketch_nodes, DCM_PAGE_BUCKETS / DCM_FEW)
{
	__u32 first = (i * DCM_FEW) & (DCM_PAGE_BUCKETS - 1), nodes = area.live - first, j;

	for (j = 0; j < DCM_FEW && j < nodes; j++) {
		const struct dcm_bpf_node *n = &area.node[first + j];

		dcm_sketch_add(&area.sketch, n->parent & ~DCM_POSITIVE,
			       1 - (n->parent & DCM_POSITIVE), area.pass.sketch_every, n->bucket);
	}
	return 0;
}

/* Zeroes after the live nodes, as far as fetching goes beyond them. */
static __always_inline void pad_nodes(void)
{
	__u32 live = area.live & (2 * DCM_PAGE_BUCKETS - 1), j;

#pragma unroll
	for (j = 0; j < DCM_FETCH; j++)
		area.node[live + j].address = 0;
}

/* Only the longest chains of a table are listed: the ends of shorter ones need not be noted. */
static __always_inline bool ends_are_wanted(void)
{
	return area.longer < DCM_RECENT / 2;
}

LOOP(walk_level, DCM_LEVELS)
{
	__u32 level = i + 1, live = area.live;

	if (!live || level > DCM_LEVELS || area.page_steps > area.most_steps)
		return 1;
	pad_nodes();
	area.level = level;
	area.kept = 0;
	area.ended = area.pass.lengths[level];
	area.longer -= area.ended;
#if DCM_FAST
	LOOP_OVER(live, DCM_CHUNK, fetch_nodes);
#endif
	LOOP_OVER(live, DCM_CHUNK, fetch_relatives);
	if (ends_are_wanted())
		LOOP_OVER(live, DCM_CHUNK, note_ends);
	if (is_sketched(area.pass.next)) {
		LOOP_OVER(live, DCM_CHUNK, fetch_sketch);
		LOOP_OVER(live, DCM_FEW, sketch_nodes);
		area.sketch.total += live;
	}
	LOOP_OVER(live, DCM_CHUNK, account_nodes);
	if (area.displaced_count >= DISPLACED_ENOUGH)
		account_displaced();
	area.pass.entries += live;
	area.page_steps += live;
	area.pass.lengths[level] += live - area.kept;
	area.pass.ended += live - area.kept;
	area.live = area.kept;
	return 0;
}

/* What is longer than DCM_LEVELS is handed to the chain walker, with what is counted already. */
LONG_LOOP(defer_chain, DCM_PAGE_BUCKETS)
{
	__u32 n = area.pass.deferred;

	if (i >= area.live || n >= DCM_DEFERRED)
		return 1;
	area.deferred[n].bucket = area.node[i & (DCM_PAGE_BUCKETS - 1)].bucket;
	area.deferred[n].counted = area.level;
	area.pass.deferred = n + 1;
	return 0;
}

LOOP(walk_page, RUN_PAGES)
{
	__u64 left = area.pass.stop - area.pass.next;
	__u32 buckets = area.pass.page_buckets;

	if (!left) {
		area.pass.end = DCM_END_DONE;
		return 1;
	}
	if (buckets > left) /* pages of several sizes: the last one may be cut */
		buckets = left;
	if (i && run_is_over())
		return 1;
	area.kept = 0;
	area.page_buckets = buckets;
	LOOP_OVER(buckets, DCM_PIECE, take_heads);
	area.live = area.kept;
	area.pass.nonempty += area.live;
	area.pass.lengths[0] += buckets - area.live;
	area.page_steps = 0;
	area.longer = area.pass.ended;
	RUN_LOOP(walk_level, DCM_LEVELS);
	if (area.live)
		RUN_LOOP(defer_chain, DCM_PAGE_BUCKETS);
	area.pass.next += buckets;
	return 0;
}

static __always_inline void pass_run(void)
{
	area.pass.deferred = 0;
	area.pass.end = DCM_END_BUDGET;
	area.displaced_count = 0;
	RUN_LOOP(walk_page, RUN_PAGES);
	account_families_left();
}

#endif /* DCM_UNGUARDED */

#endif
