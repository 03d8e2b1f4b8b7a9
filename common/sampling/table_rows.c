// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/table_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/minmax.h"

_Static_assert(DCM_TABLE_OTHERS < DCM_TABLE_PLACES, "each place has a number");

/* A walk that had to begin again meets it twice. */
static void remove_namespace(struct dcm_table_rows *rows, const struct dcm_walk_hash_table *table)
{
	struct dcm_walk_hash_table *other = rows->other[table->table];
	size_t *count = &rows->others[table->table];

	for (size_t i = 0; i < *count; i++) {
		if (other[i].netns != table->netns)
			continue;
		memmove(&other[i], &other[i + 1], (*count - i - 1) * sizeof(*other));
		(*count)--;
		return;
	}
}

void dcm_table_rows_add(struct dcm_table_rows *rows, const struct dcm_walk_hash_table *table)
{
	struct dcm_walk_hash_table *other = rows->other[table->table];
	size_t *count = &rows->others[table->table], at;

	if (table->own) {
		rows->own[table->table] = *table;
		rows->has_own[table->table] = true;
		return;
	}
	remove_namespace(rows, table);
	for (at = *count; at > 0 && other[at - 1].longest < table->longest; at--)
		;
	if (at == DCM_TABLE_OTHERS)
		return;
	*count = DCM_MIN(*count + 1, (size_t)DCM_TABLE_OTHERS);
	memmove(&other[at + 1], &other[at], (*count - at - 1) * sizeof(*other));
	other[at] = *table;
}

void dcm_table_rows_name(struct dcm_table_rows *rows, const char *root)
{
	struct dcm_netns_name all[DCM_TABLE_COUNT * DCM_TABLE_OTHERS];
	size_t n = 0;

	for (size_t t = 0; t < DCM_TABLE_COUNT; t++)
		for (size_t i = 0; i < rows->others[t]; i++)
			all[n++].inode = rows->other[t][i].inode;
	dcm_netns_names_find(root, all, n);
	n = 0;
	for (size_t t = 0; t < DCM_TABLE_COUNT; t++)
		for (size_t i = 0; i < rows->others[t]; i++)
			rows->name[t][i] = all[n++];
}

/* ---- rows ---- */

static uint64_t key_of(const struct dcm_walk_hash_table *table)
{
	uint64_t hash = dcm_hash64(DCM_HASH64_START, &table->table, sizeof(table->table));

	return table->shared ? hash : dcm_hash64(hash, &table->netns, sizeof(table->netns));
}

static void put_numbers(const struct dcm_walk_hash_table *table, struct dcm_snap_table *row)
{
	DCM_SET_FROM(row, table, buckets, entries, longest, p99, truncated);
	DCM_SET(row, load, (double)table->entries / (double)table->buckets);
}

static struct dcm_snap_table *put(const struct dcm_walk_hash_table *table, unsigned place,
				  struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_table *row = dcm_snapshot_builder_add(builder, DCM_SEC_TABLES);
	const char *missing = table->missing;
	char name[64];

	if (!row)
		return NULL;
	snprintf(name, sizeof(name), place ? "%s-%u" : "%s", dcm_hash_table_name(table->table),
		 place);
	DCM_SET(row, index, ((uint32_t)table->table + 1) * DCM_TABLE_PLACES + place);
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, name));
	DCM_SET(row, key, key_of(table));
	DCM_SET(row, state,
		missing		  ? DCM_STATE_UNSUPPORTED
		: table->unproven ? DCM_STATE_FAILED
				  : DCM_STATE_OK);
	if (!missing && table->unproven)
		missing = "its entries are not where they belong: the kernel does it otherwise";
	if (missing)
		DCM_SET(row, reason, dcm_snapshot_builder_text(builder, missing));
	else
		put_numbers(table, row);
	return row;
}

static const char *namespace_text(const struct dcm_walk_hash_table *table,
				  const struct dcm_netns_name *name, char buf[32])
{
	if (*name->path)
		return name->path;
	snprintf(buf, 32, "net:[%" PRIu32 "]", table->inode);
	return buf;
}

static void put_own(const struct dcm_walk_hash_table *table, struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_table *row = put(table, 0, builder);

	if (row && !table->shared && !table->missing)
		DCM_SET(row, namespace, dcm_snapshot_builder_text(builder, "self"));
}

static void put_other(const struct dcm_walk_hash_table *table, const struct dcm_netns_name *name,
		      unsigned place, struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_table *row = put(table, place, builder);
	char buf[32];

	if (row)
		DCM_SET(row, namespace,
			dcm_snapshot_builder_text(builder, namespace_text(table, name, buf)));
}

void dcm_table_rows_publish(const struct dcm_table_rows *rows, struct dcm_snapshot_builder *builder)
{
	for (size_t t = 0; t < DCM_TABLE_COUNT; t++) {
		if (rows->has_own[t])
			put_own(&rows->own[t], builder);
		for (size_t i = 0; i < rows->others[t]; i++)
			put_other(&rows->other[t][i], &rows->name[t][i], (unsigned)i + 1, builder);
	}
}
