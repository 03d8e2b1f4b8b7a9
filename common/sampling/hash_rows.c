// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/hash_rows.h"

#include <math.h>

struct dcm_snap_estimate dcm_snap_estimate_of(const struct dcm_interval *interval)
{
	return (struct dcm_snap_estimate){.value = (uint64_t)llround(interval->value),
					  .low = (uint64_t)floor(interval->low),
					  .high = (uint64_t)ceil(interval->high)};
}

void dcm_hash_census_take(const struct dcm_walk_pass *pass, struct dcm_hash_census *ret)
{
	*ret = (struct dcm_hash_census){
		.buckets = pass->buckets,
		.nonempty = pass->nonempty,
		.entries = pass->entries,
		.negative = pass->negative,
		.max_chain = pass->max_chain,
		.truncated = pass->truncated,
	};
	dcm_chain_histogram_fill(pass, &ret->histogram);
}

static struct dcm_snap_histogram *add_histogram_row(unsigned i,
						    struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_histogram *row = dcm_snapshot_builder_add(builder, DCM_SEC_HISTOGRAM);
	uint64_t min, max;

	if (!row)
		return NULL;
	dcm_chain_histogram_bounds(i, &min, &max);
	DCM_SET(row, index, i + 1);
	DCM_SET(row, min_length, min);
	if (max != UINT64_MAX)
		DCM_SET(row, max_length, max);
	return row;
}

struct dcm_snap_hash *dcm_hash_rows_census(const struct dcm_hash_census *census,
					   struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_hash *row = dcm_snapshot_builder_add(builder, DCM_SEC_HASH);

	if (!row)
		return NULL;
	DCM_SET_FROM(row, census, buckets, nonempty, entries, negative, max_chain, truncated);
	DCM_SET(row, coverage, 1.0);
	for (unsigned i = 0; i < DCM_HISTOGRAM_ROWS; i++) {
		struct dcm_snap_histogram *h = add_histogram_row(i, builder);

		if (h)
			DCM_SET(h, chains, census->histogram.chains[i]);
	}
	return row;
}

static void estimate_table(const struct dcm_pass_estimate *estimate, struct dcm_snap_hash *row,
			   struct dcm_snapshot_builder *builder)
{
	struct dcm_pass_estimates about;

	dcm_pass_estimate_table(estimate, &about);
	DCM_SET_ESTIMATE(row, nonempty_estimate, dcm_snap_estimate_of(&about.nonempty));
	DCM_SET_ESTIMATE(row, entries_estimate, dcm_snap_estimate_of(&about.entries));
	DCM_SET_ESTIMATE(row, negative_estimate, dcm_snap_estimate_of(&about.negative));
	for (unsigned i = 0; i < DCM_HISTOGRAM_ROWS; i++) {
		struct dcm_snap_histogram *h = add_histogram_row(i, builder);

		if (h)
			DCM_SET_ESTIMATE(h, chains_estimate,
					 dcm_snap_estimate_of(&about.chains[i]));
	}
}

struct dcm_snap_hash *dcm_hash_rows_estimate(const struct dcm_pass_estimate *estimate,
					     const struct dcm_walk_pass *pass, uint64_t buckets,
					     struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_hash *row = dcm_snapshot_builder_add(builder, DCM_SEC_HASH);
	struct dcm_block_sample blocks;

	if (!row)
		return NULL;
	DCM_SET(row, buckets, buckets);
	DCM_SET(row, max_chain, pass->max_chain);
	if (!dcm_pass_estimate_blocks(estimate, &blocks)) {
		DCM_SET(row, coverage, 0.0);
		return row;
	}
	DCM_SET(row, coverage, (double)(blocks.certain + blocks.sampled) / (double)blocks.blocks);
	estimate_table(estimate, row, builder);
	return row;
}
