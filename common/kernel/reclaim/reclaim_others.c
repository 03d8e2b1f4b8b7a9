// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_others.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/minmax.h"

#define FEW 10000

struct dcm_reclaim_other {
	uint64_t address, root_dentry, unused;
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
		others.item[others.count++] = (struct dcm_reclaim_other){
			superblock[i].address, superblock[i].root_dentry, superblock[i].unused};
	}
	*ret = others;
	return 0;
}

void dcm_reclaim_others_deinit(struct dcm_reclaim_others *others)
{
	free(others->item);
	others->item = NULL;
}

double dcm_reclaim_others_worst(const struct dcm_reclaim_others *others,
				const struct dcm_walk_superblock *superblock, size_t count)
{
	double worst = 0;

	for (size_t i = 0; i < others->count; i++) {
		const struct dcm_reclaim_other *other = &others->item[i];

		for (size_t j = 0; j < count; j++) {
			uint64_t lost = DCM_EXCESS(other->unused, superblock[j].unused);

			if (superblock[j].address == other->address &&
			    superblock[j].root_dentry == other->root_dentry)
				worst = DCM_MAX(worst,
						100.0 * (double)lost / (double)other->unused);
		}
	}
	return worst;
}
