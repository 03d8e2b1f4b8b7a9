// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* In which order a pass takes the table, see walk.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

/* Names that hash into one place at will must not tell when that place is counted. */
static void seed_random(unsigned short seed[3])
{
	uint64_t now = dcm_now_ns();

	if (getrandom(seed, 3 * sizeof(seed[0]), GRND_NONBLOCK) != 3 * sizeof(seed[0]))
		memcpy(seed, &now, 3 * sizeof(seed[0]));
}

static void swap(struct dcm_walk_blocks *blocks, size_t a, size_t b)
{
	uint16_t keep = blocks->order[a];

	blocks->order[a] = blocks->order[b];
	blocks->order[b] = keep;
}

void dcm_walk_blocks_begin(struct dcm_walk_blocks *blocks, uint64_t buckets)
{
	uint64_t count = DCM_MIN(buckets / DCM_PAGE_BUCKETS, (uint64_t)DCM_WALK_BLOCKS);
	unsigned short seed[3];
	size_t i;

	memset(blocks, 0, sizeof(*blocks));
	blocks->done.blocks = count ? count : 1;
	blocks->buckets = buckets / blocks->done.blocks;
	for (i = 0; i < blocks->done.blocks; i++)
		blocks->order[i] = (uint16_t)i;
	seed_random(seed);
	for (i = blocks->done.blocks; i > 1; i--)
		swap(blocks, i - 1, (size_t)nrand48(seed) % i);
}

static size_t count_done(const struct dcm_walk_blocks *blocks)
{
	return blocks->done.certain + blocks->done.sampled;
}

bool dcm_walk_blocks_next(struct dcm_walk_blocks *blocks, uint64_t *ret_first)
{
	size_t at = count_done(blocks) + blocks->under_way;
	bool certain = blocks->ahead > 0;

	if (at == blocks->done.blocks || (blocks->under_way && certain != blocks->certain))
		return false;
	blocks->under_way++;
	blocks->certain = certain;
	blocks->ahead -= certain;
	*ret_first = blocks->order[at] * blocks->buckets;
	return true;
}

void dcm_walk_blocks_end(struct dcm_walk_blocks *blocks)
{
	if (blocks->certain) {
		blocks->done.certain += blocks->under_way;
	} else {
		blocks->done.sampled += blocks->under_way;
		blocks->done.joined += blocks->under_way - 1;
	}
	blocks->under_way = 0;
}

void dcm_walk_blocks_prefer(struct dcm_walk_blocks *blocks, uint64_t bucket)
{
	size_t to = count_done(blocks) + blocks->under_way + blocks->ahead, i;

	for (i = to; i < blocks->done.blocks; i++) {
		if (blocks->order[i] != bucket / blocks->buckets)
			continue;
		swap(blocks, i, to);
		blocks->ahead++;
		return;
	}
}
