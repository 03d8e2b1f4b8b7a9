/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The third round per level of a page: counts its nodes for their superblocks. */
#ifndef DCM_BPF_ACCOUNT_STEPS_H
#define DCM_BPF_ACCOUNT_STEPS_H

/*
 * All children of a directory have its superblock (d_alloc takes it from there), and d_sb lies in
 * the second cache line of a dentry, so they are summed up per parent, in a direct-mapped cache.
 * What another parent displaces is counted for its superblock later, many at once. This is read
 * from the last of the children: its page has just been visited, the parent's has not. Where some
 * names are in one large directory and the others all over, a branch on the parent would be
 * mispredicted for every third.
 */
static __always_inline struct dcm_bpf_house *count_child(__u64 node, __u64 parent, __u64 positive,
							 struct dcm_bpf_house *displaced)
{
	struct dcm_bpf_family *family = &area.family[parent >> 6 & (DCM_FAMILIES - 1)];
	__u64 before = family->parent, children = family->children;
	__u64 other = differ(before, parent);

	displaced->superblock = family->child;
	displaced->children = children;
	displaced += other;
	family->parent = parent;
	family->children = (children & (other - 1)) + DCM_CHILD + positive;
	family->child = node;
	return displaced;
}

static __always_inline struct dcm_bpf_house *first_displaced(void)
{
	return &area.displaced[area.displaced_count & (DCM_DISPLACED_ROOM - 1)];
}

static __always_inline void end_displaced(const struct dcm_bpf_house *displaced)
{
	area.displaced_count = ((__u64)displaced - (__u64)area.displaced) / sizeof(*displaced);
}

/* Counts the nodes of a chunk and keeps their successors. */
LOOP_BODY(account_nodes, DCM_PAGE_BUCKETS / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), nodes = area.live - first, j;
	struct dcm_bpf_node *kept = &area.node[area.kept & (DCM_PAGE_BUCKETS - 1)];
	struct dcm_bpf_house *displaced = first_displaced();

	for (j = 0; j < DCM_CHUNK && j < nodes; j++) {
		const struct dcm_bpf_node *n = &area.node[first + j];
		__u64 node = n->address, parent = n->parent, next = n->next;

		kept->bucket = n->bucket;
		kept->address = next;
		kept += is_set(next);
		displaced =
			count_child(node, parent & ~DCM_POSITIVE, parent & DCM_POSITIVE, displaced);
	}
	area.kept = ((__u64)kept - (__u64)area.node) / sizeof(*kept);
	end_displaced(displaced);
	return 0;
}

/* Zeroes after the displaced ones, as far as fetching goes beyond them. */
static __always_inline void pad_families(void)
{
	__u32 count = area.displaced_count, j;

	if (count > DCM_DISPLACED_ROOM)
		return;
#pragma unroll
	for (j = 0; j < DCM_FETCH; j++)
		area.displaced[count + j].superblock = 0;
}

/* Puts the superblock in the place of the node. */
LOOP_BODY(fetch_superblocks, DCM_DISPLACED_ROOM / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_DISPLACED_ROOM - 1), j, k;
	__u32 families = area.displaced_count - first;

	for (j = 0; j < DCM_CHUNK && j < families; j += DCM_FETCH) {
#pragma unroll
		for (k = 0; k < DCM_FETCH; k++) {
			struct dcm_bpf_house *family = &area.displaced[first + j + k];

			family->superblock =
				MEMBER(struct dentry, family->superblock - D_HASH_OFFSET, d_sb);
		}
	}
	return 0;
}

/* Counts for a superblock what is summed up for it. */
static __always_inline void settle_house(struct dcm_bpf_house *house)
{
	__u64 positive = house->children % DCM_CHILD;
	__u64 negative = house->children / DCM_CHILD - positive;

	sb_account(house->superblock, positive, negative);
	area.pass.negative += negative;
	house->children = 0;
}

LOOP_BODY(settle, DCM_HOUSES)
{
	struct dcm_bpf_house *house = &area.house[i & (DCM_HOUSES - 1)];

	if (house->children)
		settle_house(house);
	return 0;
}

/* Sums up families per superblock, as children per parent: most of those of a run are of few. Calls
 * are as deep here as they may be: no function of its own settles. */
LOOP_BODY(account_families, DCM_DISPLACED_ROOM / DCM_FEW)
{
	__u32 first = (i * DCM_FEW) & (DCM_DISPLACED_ROOM - 1), j;
	__u32 families = area.displaced_count - first;

	for (j = 0; j < DCM_FEW && j < families; j++) {
		const struct dcm_bpf_house *family = &area.displaced[first + j];
		__u64 superblock = family->superblock;
		struct dcm_bpf_house *house =
			&area.house[superblock >> DCM_HOUSE_SHIFT & (DCM_HOUSES - 1)];

		if (house->superblock != superblock) {
			if (house->children)
				settle_house(house);
			house->superblock = superblock;
		}
		house->children += family->children;
	}
	return 0;
}

/* Enough cache misses at once, and few enough that the TLB still knows their pages. */
#define DISPLACED_ENOUGH 1024

static __always_inline void account_displaced(void)
{
	pad_families();
	LOOP_OVER(area.displaced_count, DCM_CHUNK, fetch_superblocks);
	LOOP_OVER(area.displaced_count, DCM_FEW, account_families);
	area.displaced_count = 0;
}

/* Empties the cache of families. */
LOOP_BODY(displace_families, DCM_FAMILIES / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_FAMILIES - 1), j;
	struct dcm_bpf_house *displaced = first_displaced();

	for (j = 0; j < DCM_CHUNK; j++) {
		struct dcm_bpf_family *family = &area.family[first + j];

		displaced->superblock = family->child;
		displaced->children = family->children;
		displaced += is_set(family->parent);
		family->parent = family->children = family->child = 0;
	}
	end_displaced(displaced);
	return 0;
}

/* Leaves nothing for the next run, when parents may be gone. */
static __always_inline void account_families_left(void)
{
	LOOP_OVER(DCM_FAMILIES, DCM_CHUNK, displace_families);
	account_displaced();
	settle_loop(DCM_HOUSES);
}

#endif
