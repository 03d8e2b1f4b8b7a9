/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Chain lengths in a fixed set of rows, so that row numbers mean the same on every host and at any
 * time: 0, 1, 2, 3, 4, 5-8, 9-16, 17-32, ... 2^30+1-2^31, more.
 */
#ifndef DCM_SAMPLING_CHAIN_HISTOGRAM_H
#define DCM_SAMPLING_CHAIN_HISTOGRAM_H

#include "common/kernel/walk/walk.h"

#define DCM_HISTOGRAM_ROWS 35

struct dcm_chain_histogram {
	uint64_t chains[DCM_HISTOGRAM_ROWS];
};

/* Row 0..DCM_HISTOGRAM_ROWS-1 that chains of @length belong to. */
unsigned dcm_chain_histogram_row(uint64_t length);

/* Bounds of a row, inclusive; the last one has no upper bound: UINT64_MAX. */
void dcm_chain_histogram_bounds(unsigned row, uint64_t *ret_min, uint64_t *ret_max);

void dcm_chain_histogram_fill(const struct dcm_walk_pass *pass, struct dcm_chain_histogram *ret);

#endif
