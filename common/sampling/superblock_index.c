// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/superblock_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/minmax.h"
#include "common/model/reclaim/reclaim_identity.h"

struct entry {
	struct dcm_superblock pub;
	uint64_t generation; /* of the last update that had it */
	UT_hash_handle hh;   /* by pub.walk.address */
};

struct dcm_superblock_index {
	struct entry *by_address;
	struct entry **sorted; /* listed ones by index */
	size_t count, room;
	uint64_t generation;
	uint32_t last_index;
};

int dcm_superblock_index_create(struct dcm_superblock_index **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void dcm_superblock_index_destroy(struct dcm_superblock_index *table)
{
	if (!table)
		return;
	DCM_HASH_FREE(table->by_address);
	free(table->sorted);
	free(table);
}

static struct dcm_reclaim_identity identity(const struct dcm_walk_superblock *walk)
{
	return (struct dcm_reclaim_identity){walk->fingerprint, walk->oldest_mount,
					     walk->newest_mount};
}

static bool is_same(const struct dcm_walk_superblock *old, const struct dcm_walk_superblock *new)
{
	const struct dcm_reclaim_identity then = identity(old), now = identity(new);

	if (old->dev_major != new->dev_major || old->dev_minor != new->dev_minor ||
	    old->root_dentry != new->root_dentry || old->fingerprint != new->fingerprint ||
	    old->bdi_id != new->bdi_id || strcmp(old->fstype, new->fstype) != 0)
		return false;
	/* Every mount of it is younger than the last sample: another one in the same memory. */
	return dcm_reclaim_may_be_same(&then, &now);
}

static struct entry *lookup(const struct dcm_superblock_index *table, uint64_t address)
{
	struct entry *entry;

	HASH_FIND(hh, table->by_address, &address, sizeof(address), entry);
	return entry;
}

static struct entry *insert(struct dcm_superblock_index *table, uint64_t address)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->pub.walk.address = address;
	return DCM_HASH_ADD(table->by_address, pub.walk.address, sizeof(address), entry);
}

static int update_one(struct dcm_superblock_index *table, const struct dcm_walk_superblock *walk,
		      uint64_t now_ns)
{
	struct entry *entry = lookup(table, walk->address);
	bool known = entry && is_same(&entry->pub.walk, walk);

	if (!entry)
		entry = insert(table, walk->address);
	if (!entry)
		return -ENOMEM;
	if (!known) {
		entry->pub.index = ++table->last_index;
		entry->pub.since_ns = now_ns;
	}
	entry->pub.walk = *walk;
	entry->generation = table->generation;
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	return DCM_COMPARE(x->pub.index, y->pub.index);
}

/* Lists this generation's entries; removes those that two samples in a row did not have. */
static int list_entries(struct dcm_superblock_index *table)
{
	size_t room = HASH_COUNT(table->by_address);
	struct entry *entry, *next;

	table->count = 0;
	if (room > table->room) {
		void *sorted = realloc(table->sorted, room * sizeof(struct entry *));

		if (!sorted)
			return -ENOMEM;
		table->sorted = sorted;
		table->room = room;
	}
	HASH_ITER (hh, table->by_address, entry, next) {
		if (entry->generation == table->generation)
			table->sorted[table->count++] = entry;
		else if (entry->generation + 1 < table->generation)
			DCM_HASH_DROP(table->by_address, entry);
	}
	if (table->count > 1)
		qsort(table->sorted, table->count, sizeof(struct entry *), by_index);
	return 0;
}

int dcm_superblock_index_update(struct dcm_superblock_index *table,
				const struct dcm_walk_superblock *sample, size_t count,
				uint64_t now_ns)
{
	int err = 0, list_err;

	table->generation++;
	for (size_t i = 0; i < count; i++) {
		int one = update_one(table, &sample[i], now_ns);

		if (one)
			err = one;
	}
	list_err = list_entries(table);
	return err ? err : list_err;
}

size_t dcm_superblock_index_count(const struct dcm_superblock_index *table)
{
	return table->count;
}

const struct dcm_superblock *dcm_superblock_index_at(const struct dcm_superblock_index *table,
						     size_t i)
{
	return i < table->count ? &table->sorted[i]->pub : NULL;
}

const struct dcm_superblock *dcm_superblock_index_find(const struct dcm_superblock_index *table,
						       uint64_t address)
{
	const struct entry *entry = lookup(table, address);

	return entry && entry->generation == table->generation ? &entry->pub : NULL;
}
