/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of the kernel's other hash tables: those of the own network namespace, and of the others
 * those with the longest chains. */
#ifndef DCM_SAMPLING_TABLE_ROWS_H
#define DCM_SAMPLING_TABLE_ROWS_H

#include "common/kernel/netns/netns_names.h"
#include "common/kernel/walk/walk.h"
#include "common/model/snapshot/snapshot.h"

#define DCM_TABLE_OTHERS 7 /* namespaces per table */

struct dcm_table_rows {
	struct dcm_walk_hash_table own[DCM_TABLE_COUNT];
	bool has_own[DCM_TABLE_COUNT];
	struct dcm_walk_hash_table other[DCM_TABLE_COUNT][DCM_TABLE_OTHERS]; /* longest first */
	size_t others[DCM_TABLE_COUNT];
	struct dcm_netns_name name[DCM_TABLE_COUNT][DCM_TABLE_OTHERS];
};

/* Takes one table; a namespace that is there already is replaced. */
void dcm_table_rows_add(struct dcm_table_rows *rows, const struct dcm_walk_hash_table *table);

/* Names the others' namespaces, looked for below @root. */
void dcm_table_rows_name(struct dcm_table_rows *rows, const char *root);

void dcm_table_rows_publish(const struct dcm_table_rows *rows,
			    struct dcm_snapshot_builder *builder);

#endif
