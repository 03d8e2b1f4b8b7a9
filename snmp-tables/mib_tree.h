/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The order of all object instances (pure): which one a name identifies, and which one comes after
 * a name. Names are below dcmObjects:
 *
 *   group.column.0               scalars: one row at most
 *   table.1.column.index         conceptual tables with one Unsigned32 index
 *   changes.change_arc.0         TimeTicks of a table's last change
 *
 * An absent value has no instance. Nothing here allocates or waits while it looks something up.
 */
#ifndef DCM_SNMP_TABLES_MIB_TREE_H
#define DCM_SNMP_TABLES_MIB_TREE_H

#include "common/model/metrics/metrics.h"
#include "snmp-tables/mib_objects.h"

struct dcm_mib_tree;
struct dcm_mib_view;

/* One instance. Valid as long as the view it came from. */
struct dcm_mib_cell {
	const struct dcm_snapshot *snapshot;
	const struct dcm_table *table;
	const struct dcm_metric *metric; /* NULL: the table's change stamp */
	const void *row;		 /* NULL with a NULL metric */
	bool wide;			 /* the 64-bit twin */
	dcm_mib_oid name[DCM_MIB_NAME_MAX];
	size_t name_len;
};

/*
 * Sorts the columns of @tables (kept, not copied). @changes_arc is the group of change stamps, 0
 * for none. -EINVAL: two columns collide or one lies inside another; -ENOMEM.
 */
int dcm_mib_tree_create(const struct dcm_table *tables, size_t count, uint32_t changes_arc,
			struct dcm_mib_tree **ret);
void dcm_mib_tree_destroy(struct dcm_mib_tree *tree);

/*
 * Indexes the rows of @snapshot, which becomes the view's (not on failure); NULL gives a view
 * without instances. Rows without an index, with one above 2^32-1 or with one seen before are left
 * out; rows may be in any order. -ENOMEM.
 */
int dcm_mib_view_create(const struct dcm_mib_tree *tree, struct dcm_snapshot *snapshot,
			struct dcm_mib_view **ret);
void dcm_mib_view_destroy(struct dcm_mib_view *view);

/* The instance called @name: -ENOENT there is no such object, -ENXIO no such instance of it. */
int dcm_mib_get(const struct dcm_mib_view *view, struct dcm_mib_name name,
		struct dcm_mib_cell *ret);

/* The first instance after @name (at or after it when @inclusive); -ENOENT after the last. */
int dcm_mib_next(const struct dcm_mib_view *view, struct dcm_mib_name name, bool inclusive,
		 struct dcm_mib_cell *ret);

/* Name of the first column of the row with @index (tables only, 1..) of @section; -ENOENT when it
 * has none. */
int dcm_mib_row_name(const struct dcm_mib_tree *tree, enum dcm_section section, uint32_t index,
		     dcm_mib_oid ret_name[DCM_MIB_NAME_MAX], size_t *ret_len);

#endif
