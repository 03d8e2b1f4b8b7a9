/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is true of a made-up kernel right now, from its plain arrays alone. */
#ifndef WORLD_TRUTH_H
#define WORLD_TRUTH_H

#include "common/kernel/walk/walk.h"
#include "tests/unit/worlds/world.h"

struct world_counts {
	__u64 hashed, negative;
};

struct world_truth {
	__u64 nonempty, entries, negative, max_chain;
	__u64 lengths[DCM_WALK_EXACT_LENGTHS], longer[DCM_WALK_LENGTH_BITS];
	__u64 longest[DCM_WALK_TOP_CHAINS]; /* lengths of the longest chains */
	size_t longest_count;
	__u32 *length;					/* of each chain */
	struct world_counts *of_superblock, *of_parent; /* by number */
	__u64 stable; /* entries that no change has put where they are since @since */
};

/* Counts; *@ret belongs to the caller, who deinitialises it. */
void world_truth_take(__u64 since, struct world_truth *ret);
void world_truth_deinit(struct world_truth *truth);

#define WORLD_PATH_ROOM (200 * WORLD_NAME_ROOM)

/* "/sys/net", from the root of the superblock. */
void world_path(int dentry, char ret[WORLD_PATH_ROOM]);

/* The one that lives at an address, or none. */
int world_find(__u64 address);

/* A chain's entries, as numbers of dentries; at most @room. Returns how many there are. */
size_t world_chain(__u64 bucket, int *ret, size_t room);

#endif
