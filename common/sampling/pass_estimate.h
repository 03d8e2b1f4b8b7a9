/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the blocks counted so far say of the whole table, while no pass is complete. A block's own
 * figures are the differences between what the pass had found at its end and at the end before.
 */
#ifndef DCM_SAMPLING_PASS_ESTIMATE_H
#define DCM_SAMPLING_PASS_ESTIMATE_H

#include "common/kernel/walk/walk.h"
#include "common/sampling/chain_histogram.h"

struct dcm_pass_estimate;

int dcm_pass_estimate_create(struct dcm_pass_estimate **ret);
void dcm_pass_estimate_destroy(struct dcm_pass_estimate *estimate);

/* A pass begins: what is known of the last one is forgotten. */
void dcm_pass_estimate_reset(struct dcm_pass_estimate *estimate);

/* Takes what @pass has found at the end of a block, or of several, which makes @blocks. -ENOMEM. */
int dcm_pass_estimate_add(struct dcm_pass_estimate *estimate, const struct dcm_walk_pass *pass,
			  const struct dcm_block_sample *blocks);

/* The blocks taken; true when they suffice for the rest of this. */
bool dcm_pass_estimate_blocks(const struct dcm_pass_estimate *estimate,
			      struct dcm_block_sample *ret);

struct dcm_pass_estimates {
	struct dcm_interval nonempty, entries, negative;
	struct dcm_interval chains[DCM_HISTOGRAM_ROWS];
};

void dcm_pass_estimate_table(const struct dcm_pass_estimate *estimate,
			     struct dcm_pass_estimates *ret);

/* Entries of the superblock at @address, also when none was met. False: it may be among those that
 * the pass has no room for. */
bool dcm_pass_estimate_superblock(struct dcm_pass_estimate *estimate, uint64_t address,
				  struct dcm_interval *ret_hashed,
				  struct dcm_interval *ret_negative);

#endif
