/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Gives every superblock an index that stays with it for its life and is never given again. The
 * address alone does not tell: a freed superblock's memory is soon another's.
 */
#ifndef DCM_SAMPLING_SUPERBLOCK_INDEX_H
#define DCM_SAMPLING_SUPERBLOCK_INDEX_H

#include "common/kernel/walk/walk.h"

struct dcm_superblock_index;

struct dcm_superblock {
	uint32_t index;	   /* 1.. */
	uint64_t since_ns; /* first seen; an older address may have been another superblock */
	struct dcm_walk_superblock walk; /* newest sample */
};

int dcm_superblock_index_create(struct dcm_superblock_index **ret);
void dcm_superblock_index_destroy(struct dcm_superblock_index *table);

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

/* The listed superblock at @address, or NULL. */
const struct dcm_superblock *dcm_superblock_index_find(const struct dcm_superblock_index *table,
						       uint64_t address);

#endif
