/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hash table's row and its histogram: counted by a complete pass, or estimated before. */
#ifndef DCM_SAMPLING_HASH_ROWS_H
#define DCM_SAMPLING_HASH_ROWS_H

#include "common/model/snapshot/snapshot.h"
#include "common/sampling/pass_estimate.h"

/* What a complete pass found. */
struct dcm_hash_census {
	uint64_t buckets, nonempty, entries, negative, max_chain, truncated;
	struct dcm_chain_histogram histogram;
};

void dcm_hash_census_take(const struct dcm_walk_pass *pass, struct dcm_hash_census *ret);

/* Adds a row for the census; its times are added by the caller. NULL: no memory. */
struct dcm_snap_hash *dcm_hash_rows_census(const struct dcm_hash_census *census,
					   struct dcm_snapshot_builder *builder);

/* The same for what a pass under way has found of @buckets in all. */
struct dcm_snap_hash *dcm_hash_rows_estimate(const struct dcm_pass_estimate *estimate,
					     const struct dcm_walk_pass *pass, uint64_t buckets,
					     struct dcm_snapshot_builder *builder);

/* Whole numbers, rounded away from the middle. */
struct dcm_snap_estimate dcm_snap_estimate_of(const struct dcm_interval *interval);

#endif
