// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_others.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/minmax.h"

#define FEW 10000

struct dcm_reclaim_other {
	uint64_t address, root_dentry;
	uint64_t unused, now; /* at first, and at the last look */
};

int dcm_reclaim_others_init(const struct dcm_walk_superblock *superblock, size_t count,
			    uint32_t dev_major, uint32_t dev_minor, struct dcm_reclaim_others *ret)
{
	struct dcm_reclaim_others others = {.item = calloc(count + 1, sizeof(*others.item))};

	if (!others.item)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (superblock[i].unused < FEW ||
		    (superblock[i].dev_major == dev_major && superblock[i].dev_minor == dev_minor))
			continue;
		others.item[others.count++] =
			(struct dcm_reclaim_other){superblock[i].address, superblock[i].root_dentry,
						   superblock[i].unused, superblock[i].unused};
	}
	*ret = others;
	return 0;
}

void dcm_reclaim_others_deinit(struct dcm_reclaim_others *others)
{
	free(others->item);
	others->item = NULL;
}

/* NULL when it is not mounted any more. */
static const struct dcm_walk_superblock *find(const struct dcm_reclaim_other *other,
					      const struct dcm_walk_superblock *superblock,
					      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (superblock[i].address == other->address &&
		    superblock[i].root_dentry == other->root_dentry)
			return &superblock[i];
	return NULL;
}

double dcm_reclaim_others_worst(struct dcm_reclaim_others *others,
				const struct dcm_walk_superblock *superblock, size_t count)
{
	double worst = 0;

	for (size_t i = 0; i < others->count; i++) {
		struct dcm_reclaim_other *other = &others->item[i];
		const struct dcm_walk_superblock *found = find(other, superblock, count);

		other->now = found ? found->unused : other->unused;
		worst = DCM_MAX(worst, 100.0 * (double)DCM_EXCESS(other->unused, other->now) /
					       (double)other->unused);
	}
	return worst;
}

void dcm_reclaim_others_excuse(struct dcm_reclaim_others *others, double share,
			       const struct dcm_walk_superblock *superblock, size_t count)
{
	for (size_t i = 0; i < others->count; i++) {
		struct dcm_reclaim_other *other = &others->item[i];
		const struct dcm_walk_superblock *found = find(other, superblock, count);
		double lost = (double)DCM_EXCESS(other->unused, other->now);

		if (found && found->unused < other->now &&
		    (double)(other->now - found->unused) >= share * lost)
			other->unused = other->now = found->unused;
	}
}
