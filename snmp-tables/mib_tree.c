// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/mib_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/search.h"

struct column {
	dcm_mib_oid prefix[DCM_MIB_NAME_MAX - 1];
	size_t prefix_len;
	size_t table; /* position in the tree's tables */
	const struct dcm_metric *metric;
	bool wide;
};

struct dcm_mib_tree {
	const struct dcm_table *tables;
	size_t table_count;
	size_t column_count;
	struct column columns[];
};

struct row_ref {
	uint32_t index;
	uint32_t row;
};

struct row_list {
	struct row_ref *refs; /* by ascending index */
	size_t count;
};

struct dcm_mib_view {
	const struct dcm_mib_tree *tree;
	struct dcm_snapshot *snapshot;
	struct row_list rows[]; /* per table of the tree */
};

static struct dcm_mib_name prefix_of(const struct column *column)
{
	return (struct dcm_mib_name){column->prefix, column->prefix_len};
}

static bool starts_with(struct dcm_mib_name name, const struct column *column)
{
	return name.len >= column->prefix_len &&
	       !memcmp(name.arcs, column->prefix, column->prefix_len * sizeof(*name.arcs));
}

static int compare_columns(const void *a, const void *b)
{
	return dcm_mib_name_compare(prefix_of(a), prefix_of(b));
}

static void add_column(struct dcm_mib_tree *tree, size_t table, const struct dcm_metric *metric,
		       uint32_t arc, bool wide)
{
	struct column *column = &tree->columns[tree->column_count++];
	size_t len = 0;

	column->prefix[len++] = tree->tables[table].arc;
	if (tree->tables[table].array)
		column->prefix[len++] = 1;
	column->prefix[len++] = arc;
	column->prefix_len = len;
	column->table = table;
	column->metric = metric;
	column->wide = wide;
}

static void add_table(struct dcm_mib_tree *tree, size_t position, uint32_t changes_arc)
{
	const struct dcm_table *table = &tree->tables[position];

	for (size_t i = 0; i < table->count && table->arc; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (metric->column && metric->snmp_type != DCM_SNMP_NONE)
			add_column(tree, position, metric, metric->column, false);
		if (metric->column64)
			add_column(tree, position, metric, metric->column64, true);
	}
	if (changes_arc && table->change_arc) {
		struct column *column = &tree->columns[tree->column_count++];

		*column = (struct column){.prefix = {changes_arc, table->change_arc},
					  .prefix_len = 2,
					  .table = position};
	}
}

/* Binary search needs names that are unique, none of them the beginning of another. */
static bool is_ordered(const struct dcm_mib_tree *tree)
{
	for (size_t i = 1; i < tree->column_count; i++) {
		const struct column *next = &tree->columns[i];

		if (starts_with(prefix_of(next), next - 1))
			return false;
	}
	return true;
}

int dcm_mib_tree_create(const struct dcm_table *tables, size_t count, uint32_t changes_arc,
			struct dcm_mib_tree **ret)
{
	struct dcm_mib_tree *tree;
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += 2 * tables[i].count + 1;
	tree = calloc(1, sizeof(*tree) + room * sizeof(tree->columns[0]));
	if (!tree)
		return -ENOMEM;
	tree->tables = tables;
	tree->table_count = count;
	for (size_t i = 0; i < count; i++)
		add_table(tree, i, changes_arc);
	qsort(tree->columns, tree->column_count, sizeof(tree->columns[0]), compare_columns);
	if (!is_ordered(tree)) {
		free(tree);
		return -EINVAL;
	}
	*ret = tree;
	return 0;
}

void dcm_mib_tree_destroy(struct dcm_mib_tree *tree)
{
	free(tree);
}

/* By index; rows with the same one in the order of the snapshot, so that the first is kept. */
static int compare_refs(const void *a, const void *b)
{
	const struct row_ref *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return DCM_COMPARE(x->row, y->row);
}

static bool index_of(const struct dcm_table *table, const void *row, uint32_t *ret)
{
	uint64_t index = 0;

	if (table->array) {
		if (!table->index || !dcm_metric_present(table->index, row))
			return false;
		index = dcm_metric_u64(table->index, row, 1);
	}
	if (index > UINT32_MAX)
		return false;
	*ret = (uint32_t)index;
	return true;
}

static int list_rows(const struct dcm_table *table, const struct dcm_snapshot *snapshot,
		     struct row_list *ret)
{
	size_t count = dcm_snapshot_count(snapshot, table->section), used = 0, unique = 0;
	struct row_ref *refs;
	bool sorted = true;

	if (!count)
		return 0;
	refs = calloc(count, sizeof(*refs));
	if (!refs)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const void *row = dcm_snapshot_row(snapshot, table->section, i);

		if (!index_of(table, row, &refs[used].index))
			continue;
		refs[used].row = (uint32_t)i;
		sorted = sorted && (!used || refs[used - 1].index < refs[used].index);
		used++;
	}
	if (!sorted)
		qsort(refs, used, sizeof(*refs), compare_refs);
	for (size_t i = 0; i < used; i++)
		if (!unique || refs[unique - 1].index != refs[i].index)
			refs[unique++] = refs[i];
	ret->refs = refs;
	ret->count = unique;
	return 0;
}

void dcm_mib_view_destroy(struct dcm_mib_view *view)
{
	if (!view)
		return;
	for (size_t i = 0; i < view->tree->table_count; i++)
		free(view->rows[i].refs);
	dcm_snapshot_destroy(view->snapshot);
	free(view);
}

DCM_DEFINE_CLEANUP(struct dcm_mib_view, dcm_mib_view_destroy)

int dcm_mib_view_create(const struct dcm_mib_tree *tree, struct dcm_snapshot *snapshot,
			struct dcm_mib_view **ret)
{
	_cleanup_(dcm_mib_view_destroyp) struct dcm_mib_view *view =
		calloc(1, sizeof(*view) + tree->table_count * sizeof(view->rows[0]));
	int err = 0;

	if (!view)
		return -ENOMEM;
	view->tree = tree;
	for (size_t i = 0; snapshot && i < tree->table_count && !err; i++)
		err = list_rows(&tree->tables[i], snapshot, &view->rows[i]);
	if (err)
		return err;
	view->snapshot = snapshot;
	*ret = dcm_take_ptr(view);
	return 0;
}

/* Rows that @column can have an instance in: a change stamp exists with the snapshot. */
static struct row_list rows_of(const struct dcm_mib_view *view, const struct column *column)
{
	static struct row_ref stamp;

	if (column->metric)
		return view->rows[column->table];
	return (struct row_list){&stamp, view->snapshot ? 1 : 0};
}

static int compare_index(const void *key, const void *ref)
{
	const dcm_mib_oid *index = key;
	const struct row_ref *row = ref;

	return DCM_COMPARE(*index, row->index);
}

/* Position of the first row at or after @index. */
static size_t lower_bound(struct row_list rows, dcm_mib_oid index)
{
	return dcm_lower_bound(&index, rows.refs, rows.count, sizeof(*rows.refs), compare_index);
}

/* An absent string is zeros in its row, and so "". */
static bool has_instance(const struct dcm_metric *metric, const void *row)
{
	return row && (metric->snmp_empty || dcm_metric_present(metric, row));
}

static bool make_cell(const struct dcm_mib_view *view, const struct column *column,
		      const struct row_ref *ref, struct dcm_mib_cell *ret)
{
	const struct dcm_table *table = &view->tree->tables[column->table];
	const void *row = NULL;

	if (column->metric) {
		row = dcm_snapshot_row(view->snapshot, table->section, ref->row);
		if (!has_instance(column->metric, row))
			return false;
	}
	*ret = (struct dcm_mib_cell){.snapshot = view->snapshot,
				     .table = table,
				     .metric = column->metric,
				     .row = row,
				     .wide = column->wide,
				     .name_len = column->prefix_len + 1};
	memcpy(ret->name, column->prefix, sizeof(column->prefix));
	ret->name[column->prefix_len] = ref->index;
	return true;
}

/* A column whose prefix is the name itself is still before what column_after() looks for. */
static int compare_prefix(const void *key, const void *column)
{
	const struct dcm_mib_name *name = key;

	return dcm_mib_name_compare(*name, prefix_of(column)) >= 0 ? 1 : -1;
}

/* Position of the first column whose prefix is greater than @name. */
static size_t column_after(const struct dcm_mib_tree *tree, struct dcm_mib_name name)
{
	return dcm_lower_bound(&name, tree->columns, tree->column_count, sizeof(*tree->columns),
			       compare_prefix);
}

/* The column that @name lies in: as no prefix begins another, only one can come into question. */
static const struct column *column_around(const struct dcm_mib_tree *tree, struct dcm_mib_name name)
{
	size_t after = column_after(tree, name);

	if (!after || !starts_with(name, &tree->columns[after - 1]))
		return NULL;
	return &tree->columns[after - 1];
}

int dcm_mib_get(const struct dcm_mib_view *view, struct dcm_mib_name name, struct dcm_mib_cell *ret)
{
	const struct column *column = column_around(view->tree, name);
	dcm_mib_oid index;
	struct row_list rows;
	size_t position;

	if (!column)
		return -ENOENT;
	if (name.len != column->prefix_len + 1)
		return -ENXIO;
	index = name.arcs[name.len - 1];
	rows = rows_of(view, column);
	position = lower_bound(rows, index);
	if (position == rows.count || rows.refs[position].index != index ||
	    !make_cell(view, column, &rows.refs[position], ret))
		return -ENXIO;
	return 0;
}

/* First present instance of @column from row @position on. */
static int first_cell(const struct dcm_mib_view *view, const struct column *column,
		      struct row_list rows, size_t position, struct dcm_mib_cell *ret)
{
	for (; position < rows.count; position++)
		if (make_cell(view, column, &rows.refs[position], ret))
			return 0;
	return -ENOENT;
}

/* The same after a name in the column, whose index part may be missing or too long. */
static int first_cell_after(const struct dcm_mib_view *view, const struct column *column,
			    struct dcm_mib_name name, bool inclusive, struct dcm_mib_cell *ret)
{
	struct row_list rows = rows_of(view, column);
	size_t index_len = name.len - column->prefix_len, position = 0;

	if (index_len) {
		dcm_mib_oid index = name.arcs[column->prefix_len];

		position = lower_bound(rows, index);
		if (position < rows.count && rows.refs[position].index == index &&
		    !(inclusive && index_len == 1))
			position++;
	}
	return first_cell(view, column, rows, position, ret);
}

int dcm_mib_next(const struct dcm_mib_view *view, struct dcm_mib_name name, bool inclusive,
		 struct dcm_mib_cell *ret)
{
	const struct dcm_mib_tree *tree = view->tree;
	const struct column *around = column_around(tree, name);

	if (around && !first_cell_after(view, around, name, inclusive, ret))
		return 0;
	for (size_t i = column_after(tree, name); i < tree->column_count; i++)
		if (!first_cell(view, &tree->columns[i], rows_of(view, &tree->columns[i]), 0, ret))
			return 0;
	return -ENOENT;
}

int dcm_mib_row_name(const struct dcm_mib_tree *tree, enum dcm_section section, uint32_t index,
		     dcm_mib_oid ret_name[DCM_MIB_NAME_MAX], size_t *ret_len)
{
	for (size_t i = 0; i < tree->column_count; i++) {
		const struct column *column = &tree->columns[i];
		const struct dcm_table *table = &tree->tables[column->table];

		if (!column->metric || table->section != section)
			continue;
		if (table->array && !index)
			break;
		memcpy(ret_name, column->prefix, sizeof(column->prefix));
		ret_name[column->prefix_len] = table->array ? index : 0;
		*ret_len = column->prefix_len + 1;
		return 0;
	}
	return -ENOENT;
}
