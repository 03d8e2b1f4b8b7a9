/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a pass does in addition where no RCU read section keeps what it reads: memory that is read
 * through a file, natively. A node may be removed, freed and used for something else at any moment,
 * so each is checked before it is counted; what is to be read is asked for a level at a time.
 * Included by table_steps.h.
 */
#ifndef DCM_UNGUARDED_STEPS_H
#define DCM_UNGUARDED_STEPS_H

#define FOLLOWED 8 /* removed nodes in a row, each of which still leads on */

/* The node in front of each, by its number; 0: the bucket. */
static __u64 in_front[DCM_PAGE_ROOM];

static inline void keep_way(const struct dcm_bpf_node *n, __u64 before)
{
	in_front[n - area.node] = before;
}

/* Where the way to @n comes from. */
static inline __u64 way_to(const struct dcm_bpf_node *n)
{
	__u64 before = in_front[n - area.node];

	return before ? before : area.base + n->bucket * 8;
}

/* In the chain right now: its hash says so, and the node in front or another one points at it. */
static bool is_in_place(const struct dcm_bpf_node *n)
{
	__u64 pprev = MEMBER(struct hlist_bl_node, n->address, pprev);

	return pprev && (pprev == way_to(n) || node_is_linked(n->address));
}

/*
 * Finds the node that @n stands for: itself, or what comes behind it when it was removed, which
 * leaves its way on as it was, until the memory is used again. What is in no place of this chain is
 * looked for again, once, from the node in front. False: the chain ends here, or its rest is lost.
 */
static bool find_member(struct dcm_bpf_node *n)
{
	bool again = false;

	for (__u32 i = 0; i < FOLLOWED && n->address; i++) {
		bool removed = !MEMBER(struct hlist_bl_node, n->address, pprev);

		if (node_bucket(n->address) == n->bucket) {
			if (is_in_place(n))
				return true;
			if (removed) {
				n->address = load_word(n->address);
				continue;
			}
		}
		if (again)
			return false;
		again = true;
		native_forget(n->address);
		native_forget(way_to(n));
		n->address = load_word(way_to(n)) & ~LIST_BL_LOCKMASK;
	}
	return false;
}

/* The chain of @bucket has ended in front of @level. */
static void end_chain(__u64 bucket, __u32 level)
{
	__u64 ended = area.pass.lengths[level - 1]++;

	if (level == 1) {
		area.pass.nonempty--;
		return;
	}
	area.recent.bucket[level - 1][ended & (DCM_RECENT - 1)] = (__u32)bucket;
	area.pass.ended++;
}

/* All that the nodes of a level need, in one read for each node, or for neighbours. */
static void fetch_level(void)
{
	static __u64 wanted[DCM_PAGE_BUCKETS];
	const __u64 inode = bpf_core_field_offset(struct dentry, d_inode);
	const __u64 sb = bpf_core_field_offset(struct dentry, d_sb);

	for (__u32 i = 0; i < area.live; i++)
		wanted[i] = area.node[i].address;
	native_fetch(wanted, area.live, (inode > sb ? inode : sb) + 8 - D_HASH_OFFSET);
}

/* Heads of buckets lie behind each other. */
static void fetch_heads(__u64 number, __u32 bytes)
{
	__u64 address = area.base + number * 8;

	native_fetch(&address, 1, bytes);
}

static void check_level(__u32 level)
{
	__u32 kept = 0;

	if (level > DCM_LEVELS)
		return;
	fetch_level();
	for (__u32 i = 0; i < area.live; i++) {
		if (find_member(&area.node[i])) {
			in_front[kept] = in_front[i];
			area.node[kept++] = area.node[i];
		} else {
			end_chain(area.node[i].bucket, level);
		}
	}
	area.live = kept;
}

/* A node's own superblock lies in what has been read of it, unlike its parent's. */
static void count_member(__u64 node, __u64 inode)
{
	__u64 negative = 1 - is_set(inode);

	sb_account(MEMBER(struct dentry, node - D_HASH_OFFSET, d_sb), 1 - negative, negative);
	area.pass.negative += negative;
}

#endif
