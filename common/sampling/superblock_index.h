/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Gives every superblock an index and a name that stay with it for its life; the index is never
 * given again. The address alone does not tell: a freed superblock's memory is soon another's. What
 * survives the process is the roster's (model/roster/roster.h).
 */
#ifndef DCM_SAMPLING_SUPERBLOCK_INDEX_H
#define DCM_SAMPLING_SUPERBLOCK_INDEX_H

#include "common/kernel/walk/walk.h"
#include "common/model/roster/roster.h"

struct dcm_superblock_index;

struct dcm_superblock {
	uint32_t index;	   /* 1.. */
	const char *name;  /* unique among those of one sample; valid until the next update */
	uint64_t since_ns; /* first seen; an older address may have been another superblock */
	struct dcm_walk_superblock walk; /* newest sample */
};

int dcm_superblock_index_create(struct dcm_superblock_index **ret);
void dcm_superblock_index_destroy(struct dcm_superblock_index *table);

/* The numbers and names that it gives; owned by @table. */
struct dcm_roster *dcm_superblock_index_roster(struct dcm_superblock_index *table);

/* Where a device is mounted, as raw bytes; NULL: nowhere, or not known. Without such a function,
 * names rest on device numbers alone. */
typedef const char *dcm_superblock_mountpoint(const void *ctx, uint32_t major, uint32_t minor);
void dcm_superblock_index_set_mounts(struct dcm_superblock_index *table,
				     dcm_superblock_mountpoint *mountpoint, const void *ctx);

/* "overlay", "fuse.sshfs". */
#define DCM_FSTYPE_SIZE 72
void dcm_superblock_fstype(const struct dcm_walk_superblock *walk, char ret[DCM_FSTYPE_SIZE]);

/*
 * Takes a complete sample of @now_ns (CLOCK_MONOTONIC). A superblock that is not in it is no longer
 * listed, but keeps its index when the very next sample has it again. -ENOMEM leaves a part
 * of the new ones out.
 */
int dcm_superblock_index_update(struct dcm_superblock_index *table,
				const struct dcm_walk_superblock *sample, size_t count,
				uint64_t now_ns);

/* By ascending index, valid until the next update. */
size_t dcm_superblock_index_count(const struct dcm_superblock_index *table);
const struct dcm_superblock *dcm_superblock_index_at(const struct dcm_superblock_index *table,
						     size_t i);

/* The most that unused entries of one superblock grew by from the sample before to the last one. */
uint64_t dcm_superblock_index_grown(const struct dcm_superblock_index *table);

/* The listed superblock at @address, or NULL. */
const struct dcm_superblock *dcm_superblock_index_find(const struct dcm_superblock_index *table,
						       uint64_t address);

#endif
