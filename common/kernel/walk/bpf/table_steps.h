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

/* One step from a hashed node towards its bucket; ends with area.node[0] the bucket, or 0. */
static long step_back(__u32 i, void *ctx)
{
	__u64 node = area.node[0], pprev;

	if (!node_is_linked(node)) {
		area.node[0] = 0;
		return 1;
	}
	pprev = MEMBER(struct hlist_bl_node, node, pprev);
	area.node[0] = pprev;
	return !node_is_linked(pprev);
}

/*
 * From a hashed node back to its bucket: a node's pprev is the address of the previous node's
 * next, which is that node's own address; the first address that is not a linked node itself is
 * the bucket. 0 when @node is not hashed. (Loops through bpf_loop: unrolled by the verifier,
 * these took it most of a second.)
 */
static __always_inline __u64 bucket_of(__u64 node)
{
	area.node[0] = node;
	if (bpf_loop(CHAIN_STEPS, step_back, NULL, 0) >= CHAIN_STEPS)
		return 0;
	return area.node[0];
}

/* The pair of area.node[1], a dentry; continues with its parent. */
static long gather_pair(__u32 i, void *ctx)
{
	__u64 dentry = area.node[1], node = dentry + D_HASH_OFFSET, bucket = bucket_of(node),
	      parent;
	__u32 n = area.pairs_found;

	if (bucket && n < DCM_PAIRS) {
		area.pairs[n].bucket = bucket;
		area.pairs[n].hash = node_hash(node);
		area.pairs_found = n + 1;
	}
	parent = MEMBER(struct dentry, dentry, d_parent);
	area.node[1] = parent;
	return !parent || parent == dentry;
}

/* Pairs of (bucket, hash) of the dentry of area.fd and its ancestors. */
static __always_inline void gather_pairs(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file **fds = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), fds + area.fd);
	area.node[1] = (__u64)BPF_CORE_READ(file, f_path.dentry);
	bpf_loop(ANCESTORS, gather_pair, NULL, 0);
}

/* One bucket of a sample spread over the table. */
static long prove_step(__u32 i, void *ctx)
{
	__u64 number = area.pass.next, bucket = area.base + number * 8;
	__u64 first = load_word(bucket) & ~LIST_BL_LOCKMASK;

	area.pass.next = (number + 40503) & (area.buckets - 1);
	if (!first)
		return 0;
	area.checked++;
	if (MEMBER(struct hlist_bl_node, first, pprev) == bucket &&
	    node_hash(first) >> area.shift == number)
		area.agreed++;
	return 0;
}

static __always_inline void prove_table(void)
{
	area.checked = area.agreed = 0;
	bpf_loop(4096, prove_step, NULL, 0);
}

/* ---- superblock counts ---- */

/* Slot of @sb, taking a free one when it is new; DCM_SB_SLOTS when its surroundings are full. */
static __noinline __u32 sb_find(__u64 sb)
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

static __always_inline void sb_account(__u64 sb, __u64 negative)
{
	__u32 slot = dcm_sb_slot(sb);

	if (area.sb[slot].address != sb) {
		slot = sb_find(sb);
		if (slot >= DCM_SB_SLOTS) {
			area.pass.uncounted++;
			return;
		}
	}
	area.sb[slot].count[negative & 1]++;
}

/* ---- the pass ---- */

/* Of the heads just copied to area.next, the non-empty ones are kept. */
static long keep_heads(__u32 i, void *ctx)
{
	__u32 first = (i * DCM_HEADS) & (DCM_PAGE_BUCKETS - 1), kept = area.kept, j;
	__u32 number = area.pass.next + first;

#pragma unroll
	for (j = 0; j < DCM_HEADS; j++) {
		__u64 head = area.next[first + j] & ~LIST_BL_LOCKMASK;

		area.node[kept & (DCM_PAGE_BUCKETS - 1)] = head;
		area.bucket[kept & (DCM_PAGE_BUCKETS - 1)] = number + j;
		kept += is_set(head);
	}
	area.kept = kept;
	return 0;
}

/*
 * Two rounds per level. The first only fetches each node's successor: so few instructions per node
 * that the cache misses of many independent nodes overlap. The second finds what else it needs
 * in the lines just fetched. The superblock is that of the parent (d_alloc takes it from there):
 * d_sb lies in the second cache line of a dentry, and parents are few, shared and mostly cached.
 */
static long fetch_nodes(__u32 i, void *ctx)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), j;

#pragma unroll
	for (j = 0; j < DCM_CHUNK; j++)
		area.next[first + j] = load_word(area.node[first + j]);
	return 0;
}

static long load_nodes(__u32 i, void *ctx)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), j;

#pragma unroll
	for (j = 0; j < DCM_CHUNK; j++) {
		__u64 dentry = area.node[first + j] - D_HASH_OFFSET;
		__u64 parent = MEMBER(struct dentry, dentry, d_parent);

		area.inode[first + j] = MEMBER(struct dentry, dentry, d_inode);
		area.parent[first + j] = parent;
		area.super[first + j] = MEMBER(struct dentry, parent, d_sb);
	}
	return 0;
}

static __always_inline void recent(__u32 level, __u32 ended, __u32 bucket)
{
	area.pass.recent[level & (DCM_LEVEL_ROOM - 1)][ended & (DCM_RECENT - 1)] = bucket;
}

/* Counts the nodes of a chunk and keeps their successors; all from memory just loaded. */
static long account_nodes(__u32 i, void *ctx)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), level = area.level, j;
	__u32 kept = area.kept, ended = area.ended;
	__u64 negatives = 0;

#pragma unroll
	for (j = 0; j < DCM_CHUNK; j++) {
		__u64 next = area.next[first + j], negative = 1 - is_set(area.inode[first + j]);
		__u32 bucket = area.bucket[first + j];

		if (!area.node[first + j])
			break; /* padding after the last node */
		negatives += negative;
		sb_account(area.super[first + j], negative);
		recent(level, ended, bucket); /* stays if the chain ends here */
		ended += 1 - is_set(next);
		area.node[kept & (DCM_PAGE_BUCKETS - 1)] = next;
		area.bucket[kept & (DCM_PAGE_BUCKETS - 1)] = bucket;
		kept += is_set(next);
	}
	area.kept = kept;
	area.ended = ended;
	area.pass.negative += negatives;
	return 0;
}

static __always_inline bool is_sketched(__u64 bucket)
{
	__u32 every = area.pass.sketch_every;

	return every && !((bucket / DCM_PAGE_BUCKETS) & (every - 1));
}

/* Children per parent, before the accounting moves the nodes. */
static long sketch_nodes(__u32 i, void *ctx)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), j;

	for (j = 0; j < DCM_CHUNK; j++) {
		if (!area.node[first + j])
			break;
		dcm_sketch_add(&area.sketch, area.parent[first + j],
			       1 - is_set(area.inode[first + j]), area.pass.sketch_every,
			       area.bucket[first + j]);
	}
	return 0;
}

/* Zeroes after the live nodes, up to a whole chunk. */
static __always_inline void pad_nodes(void)
{
	__u32 live = area.live, j;

#pragma unroll
	for (j = 0; j < DCM_CHUNK; j++)
		area.node[(live + j) & (DCM_PAGE_ROOM - 1)] = 0;
}

static long walk_level(__u32 i, void *ctx)
{
	__u32 live = area.live, level = i + 1, chunks = (live + DCM_CHUNK - 1) / DCM_CHUNK;

	if (!live || level > DCM_LEVELS || area.page_steps > area.most_steps)
		return 1;
	pad_nodes();
	area.level = level;
	area.kept = 0;
	area.ended = area.pass.lengths[level];
	bpf_loop(chunks, fetch_nodes, NULL, 0);
	bpf_loop(chunks, load_nodes, NULL, 0);
	if (is_sketched(area.pass.next)) {
		bpf_loop(chunks, sketch_nodes, NULL, 0);
		area.sketch.total += live;
	}
	bpf_loop(chunks, account_nodes, NULL, 0);
	area.pass.entries += live;
	area.page_steps += live;
	area.pass.lengths[level] += live - area.kept;
	area.live = area.kept;
	return 0;
}

/* What is longer than DCM_LEVELS is handed to the chain walker, with what is counted already. */
static long defer_chain(__u32 i, void *ctx)
{
	__u32 n = area.pass.deferred;

	if (i >= area.live || n >= DCM_DEFERRED)
		return 1;
	area.deferred[n].bucket = area.bucket[i & (DCM_PAGE_BUCKETS - 1)];
	area.deferred[n].counted = area.level;
	area.pass.deferred = n + 1;
	return 0;
}

static __always_inline bool run_is_over(void)
{
	return area.pass.deferred > DCM_DEFERRED - DCM_PAGE_BUCKETS || time_is_over();
}

/* One copy of up to 4 KiB costs far less than as many loads with a call each. */
static __always_inline void copy_heads(__u32 buckets)
{
	__u32 bytes = buckets * 8;

	if (bytes > DCM_PAGE_BUCKETS * 8)
		bytes = DCM_PAGE_BUCKETS * 8;
	bpf_probe_read_kernel(area.next, bytes, (void *)(area.base + area.pass.next * 8));
}

static long walk_page(__u32 i, void *ctx)
{
	__u64 left = area.buckets - area.pass.next;
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
	copy_heads(buckets);
	bpf_loop(buckets / DCM_HEADS, keep_heads, NULL, 0);
	area.live = area.kept;
	area.pass.nonempty += area.live;
	area.pass.lengths[0] += buckets - area.live;
	area.page_steps = 0;
	bpf_loop(DCM_LEVELS, walk_level, NULL, 0);
	if (area.live)
		bpf_loop(DCM_PAGE_BUCKETS, defer_chain, NULL, 0);
	area.pass.next += buckets;
	return 0;
}

static __always_inline void pass_run(void)
{
	area.pass.deferred = 0;
	area.pass.end = DCM_END_BUDGET;
	bpf_loop(1 << 16, walk_page, NULL, 0);
}

#endif
