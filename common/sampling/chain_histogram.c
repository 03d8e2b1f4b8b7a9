// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/chain_histogram.h"

#include <string.h>

#include "common/base/minmax.h"

#define SINGLE 5 /* rows of one length each */

unsigned dcm_chain_histogram_row(uint64_t length)
{
	unsigned bits;

	if (length < SINGLE)
		return (unsigned)length;
	/* 5..8 has 3 bits in length - 1, 9..16 has 4. */
	bits = 64 - (unsigned)__builtin_clzll(length - 1);
	return DCM_MIN(bits - 3 + SINGLE, (uint32_t)DCM_HISTOGRAM_ROWS - 1);
}

void dcm_chain_histogram_bounds(unsigned row, uint64_t *ret_min, uint64_t *ret_max)
{
	if (row < SINGLE) {
		*ret_min = row;
		*ret_max = row;
		return;
	}
	*ret_min = (1ULL << (row - SINGLE + 2)) + 1;
	*ret_max = row == DCM_HISTOGRAM_ROWS - 1 ? UINT64_MAX : 1ULL << (row - SINGLE + 3);
}

void dcm_chain_histogram_fill(const struct dcm_walk_pass *pass, struct dcm_chain_histogram *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->chains[0] = DCM_EXCESS(pass->buckets, pass->nonempty);
	for (unsigned length = 1; length < DCM_WALK_EXACT_LENGTHS; length++)
		ret->chains[dcm_chain_histogram_row(length)] += pass->lengths[length];
	/* Both go by powers of two. */
	for (unsigned bits = 0; bits < DCM_WALK_LENGTH_BITS; bits++)
		ret->chains[dcm_chain_histogram_row(1ULL << bits)] += pass->longer[bits];
}
