// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/superblock_index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/minmax.h"
#include "common/model/reclaim/reclaim_identity.h"

struct entry {
	struct dcm_superblock pub;
	struct dcm_roster_entry *seat; /* NULL: none yet */
	uint64_t generation;	       /* of the last update that had it */
	UT_hash_handle hh;	       /* by pub.walk.address */
};

struct dcm_superblock_index {
	struct dcm_roster *roster;
	dcm_superblock_mountpoint *mountpoint; /* NULL: never known */
	const void *mounts;
	struct entry *by_address;
	struct entry **sorted; /* listed ones by index */
	size_t count, room;
	uint64_t generation;
	uint64_t grown;
};

int dcm_superblock_index_create(struct dcm_superblock_index **ret)
{
	struct dcm_superblock_index *table = calloc(1, sizeof(*table));
	int err = table ? dcm_roster_create(&table->roster) : -ENOMEM;

	if (err)
		free(table);
	else
		*ret = table;
	return err;
}

void dcm_superblock_index_destroy(struct dcm_superblock_index *table)
{
	if (!table)
		return;
	DCM_HASH_FREE(table->by_address);
	free(table->sorted);
	dcm_roster_destroy(table->roster);
	free(table);
}

struct dcm_roster *dcm_superblock_index_roster(struct dcm_superblock_index *table)
{
	return table->roster;
}

void dcm_superblock_index_set_mounts(struct dcm_superblock_index *table,
				     dcm_superblock_mountpoint *mountpoint, const void *ctx)
{
	table->mountpoint = mountpoint;
	table->mounts = ctx;
}

void dcm_superblock_fstype(const struct dcm_walk_superblock *walk, char ret[DCM_FSTYPE_SIZE])
{
	snprintf(ret, DCM_FSTYPE_SIZE, "%s%s%s", walk->fstype, walk->subtype[0] ? "." : "",
		 walk->subtype);
}

/* ---- identity ---- */

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
	return DCM_HASH_FIND(table->by_address, &address, sizeof(address));
}

static struct entry *insert(struct dcm_superblock_index *table, uint64_t address)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->pub.walk.address = address;
	return DCM_HASH_ADD(table->by_address, pub.walk.address, sizeof(address), entry);
}

/* ---- seats in the roster ---- */

static const char *mountpoint_of(const struct dcm_superblock_index *table,
				 const struct dcm_walk_superblock *walk)
{
	if (!table->mountpoint)
		return NULL;
	return table->mountpoint(table->mounts, walk->dev_major, walk->dev_minor);
}

/* @fstype is room that the guest refers to. */
static struct dcm_roster_guest guest_of(const struct dcm_walk_superblock *walk,
					const char *mountpoint, char fstype[DCM_FSTYPE_SIZE])
{
	dcm_superblock_fstype(walk, fstype);
	return (struct dcm_roster_guest){
		.fstype = fstype,
		.dev_major = walk->dev_major,
		.dev_minor = walk->dev_minor,
		.mountpoint = mountpoint,
		.identity = identity(walk),
	};
}

static void leave(struct dcm_superblock_index *table, struct entry *entry)
{
	if (entry->seat)
		dcm_roster_leave(table->roster, entry->seat);
	entry->seat = NULL;
}

static void sit(struct entry *entry, struct dcm_roster_entry *seat)
{
	entry->seat = seat;
	if (!seat)
		return;
	entry->pub.index = dcm_roster_number(seat);
	entry->pub.name = dcm_roster_name(seat);
}

/* The seat of what has one: a better name, if there is one now. */
static void refresh(struct dcm_superblock_index *table, struct entry *entry)
{
	const struct dcm_walk_superblock *walk = &entry->pub.walk;
	struct dcm_roster_guest guest = {.identity = identity(walk)};
	const char *mountpoint = NULL;
	char fstype[DCM_FSTYPE_SIZE];

	if (dcm_roster_wants_mount(entry->seat))
		mountpoint = mountpoint_of(table, walk);
	if (mountpoint)
		guest = guest_of(walk, mountpoint, fstype);
	sit(entry, dcm_roster_refresh(table->roster, entry->seat, &guest));
}

/* Seats for those of @sample that claimed none. */
static int seat_new(struct dcm_superblock_index *table, const struct dcm_walk_superblock *sample,
		    size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		struct entry *entry = lookup(table, sample[i].address);
		char fstype[DCM_FSTYPE_SIZE];
		struct dcm_roster_guest guest;

		if (!entry || entry->seat)
			continue;
		guest = guest_of(&sample[i], mountpoint_of(table, &sample[i]), fstype);
		sit(entry, dcm_roster_enter(table->roster, &guest));
		if (!entry->seat)
			err = -ENOMEM;
	}
	return err;
}

/* ---- the index ---- */

static void note_growth(struct dcm_superblock_index *table, const struct dcm_walk_superblock *then,
			const struct dcm_walk_superblock *now)
{
	if (then->has_unused && now->has_unused && now->unused > then->unused)
		table->grown = DCM_MAX(table->grown, now->unused - then->unused);
}

/* *@ret_new is raised when the superblock is new here and was not in the roster. */
static int update_one(struct dcm_superblock_index *table, const struct dcm_walk_superblock *walk,
		      uint64_t now_ns, size_t *ret_new)
{
	struct entry *entry = lookup(table, walk->address);
	bool known = entry && entry->seat && is_same(&entry->pub.walk, walk);
	char fstype[DCM_FSTYPE_SIZE];
	struct dcm_roster_guest guest;

	if (!entry)
		entry = insert(table, walk->address);
	if (!entry)
		return -ENOMEM;
	if (known) {
		note_growth(table, &entry->pub.walk, walk);
	} else {
		leave(table, entry);
		guest = guest_of(walk, mountpoint_of(table, walk), fstype);
		sit(entry, dcm_roster_claim(table->roster, &guest));
		entry->pub.since_ns = now_ns;
	}
	entry->pub.walk = *walk;
	entry->generation = table->generation;
	if (entry->seat)
		refresh(table, entry);
	else
		++*ret_new;
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
		if (entry->seat && entry->generation == table->generation) {
			table->sorted[table->count++] = entry;
		} else if (!entry->seat || entry->generation + 1 < table->generation) {
			leave(table, entry);
			DCM_HASH_DROP(table->by_address, entry);
		}
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
	size_t new = 0;

	table->generation++;
	table->grown = 0;
	for (size_t i = 0; i < count; i++) {
		int one = update_one(table, &sample[i], now_ns, &new);

		if (one)
			err = one;
	}
	if (new &&seat_new(table, sample, count) < 0)
		err = -ENOMEM;
	list_err = list_entries(table);
	dcm_roster_settle(table->roster);
	return err ? err : list_err;
}

uint64_t dcm_superblock_index_grown(const struct dcm_superblock_index *table)
{
	return table->grown;
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
