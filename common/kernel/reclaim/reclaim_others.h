/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a reclaim took from other superblocks than the one that was meant. */
#ifndef DCM_KERNEL_RECLAIM_OTHERS_H
#define DCM_KERNEL_RECLAIM_OTHERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/kernel/walk/walk.h"

struct dcm_reclaim_others {
	struct dcm_reclaim_other *item;
	size_t count;
};

/* Remembers the unused dentries of every superblock but @dev_major:@dev_minor. -errno. */
int dcm_reclaim_others_init(const struct dcm_walk_superblock *superblock, size_t count,
			    uint32_t dev_major, uint32_t dev_minor, struct dcm_reclaim_others *ret);
void dcm_reclaim_others_deinit(struct dcm_reclaim_others *others);

/*
 * Percent of its unused dentries that the one hit worst has lost since. Those with fewer than
 * 10,000 are left out: programs that end take more than 1 % of theirs along at any time.
 */
double dcm_reclaim_others_worst(struct dcm_reclaim_others *others,
				const struct dcm_walk_superblock *superblock, size_t count);

/*
 * Whose loss is not the reclaim's. @superblock: the counts after a pause since the last look, in
 * which nothing was reclaimed. What lost at least @share of its loss again in that pause, files of
 * it being removed meanwhile, starts anew with what it has now.
 */
void dcm_reclaim_others_excuse(struct dcm_reclaim_others *others, double share,
			       const struct dcm_walk_superblock *superblock, size_t count);

#endif
