// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Golden walk without libnetsnmp: the order of all instances against a plain enumeration of the
 * same tables that is sorted afterwards, from every name that a manager could ask with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "common/base/cleanup.h"
#include "snmp-tables/mib_tree.h"
#include "tests/lib/synthetic.h"

#define NAME_MAX_LEN  8
#define MAX_INSTANCES 4096

struct name {
	dcm_mib_oid arcs[NAME_MAX_LEN];
	size_t len;
};

#define NAME(...)                                            \
	((struct dcm_mib_name){(dcm_mib_oid[]){__VA_ARGS__}, \
			       sizeof((dcm_mib_oid[]){__VA_ARGS__}) / sizeof(dcm_mib_oid)})

static struct dcm_mib_name name_of(const struct name *name)
{
	return (struct dcm_mib_name){name->arcs, name->len};
}

struct walk {
	struct dcm_mib_tree *tree;
	struct dcm_mib_view *view;
	struct name names[MAX_INSTANCES]; /* of the oracle, ascending */
	size_t count;
};

/* A table at the edges of what a tree may hold: arcs and indexes beyond 2^31, unsorted rows. */
static const struct dcm_metric edge_metrics[] = {
	{.name = "index", .type = DCM_T_U32, .offset = offsetof(struct dcm_snap_lookup, index)},
	{.name = "last",
	 .type = DCM_T_U32,
	 .offset = offsetof(struct dcm_snap_lookup, index),
	 .mib_name = "last",
	 .column = 65535,
	 .snmp_type = DCM_SNMP_UNSIGNED32},
	{.name = "error",
	 .type = DCM_T_STR,
	 .offset = offsetof(struct dcm_snap_lookup, error),
	 .mib_name = "error",
	 .column = 3,
	 .snmp_type = DCM_SNMP_STRING,
	 .snmp_empty = true},
	{.name = "seconds",
	 .type = DCM_T_DOUBLE,
	 .offset = offsetof(struct dcm_snap_lookup, seconds),
	 .mib_name = "seconds",
	 .column = 2,
	 .snmp_type = DCM_SNMP_GAUGE32,
	 .column64 = 400,
	 .mib_name64 = "seconds64"},
};

static const struct dcm_table edge_tables[] = {
	{.name = "edge",
	 .section = DCM_SEC_LOOKUPS,
	 .array = true,
	 .arc = 65535,
	 .change_arc = 65535,
	 .metrics = edge_metrics,
	 .count = DCM_ARRAY_SIZE(edge_metrics),
	 .index = &edge_metrics[0]},
};

static int compare(const struct name *a, const struct name *b)
{
	for (size_t i = 0; i < a->len && i < b->len; i++)
		if (a->arcs[i] != b->arcs[i])
			return a->arcs[i] < b->arcs[i] ? -1 : 1;
	return a->len < b->len ? -1 : a->len > b->len;
}

static int compare_void(const void *a, const void *b)
{
	return compare(a, b);
}

static void oracle_add(struct walk *walk, size_t len, const dcm_mib_oid *arcs)
{
	struct name *name = &walk->names[walk->count++];

	assert_true(walk->count < MAX_INSTANCES);
	memcpy(name->arcs, arcs, len * sizeof(*arcs));
	name->len = len;
}

static void oracle_column(struct walk *walk, const struct dcm_table *table,
			  const struct dcm_metric *metric, unsigned arc,
			  const struct dcm_snapshot *snapshot)
{
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, table->section); i++) {
		const char *row = dcm_snapshot_row(snapshot, table->section, i);
		uint32_t index = 0;
		uint64_t has;

		memcpy(&has, row, sizeof(has));
		if (!metric->snmp_empty && !(has >> DCM_BIT_OF(metric->offset) & 1))
			continue;
		if (table->array) {
			memcpy(&index, row + table->index->offset, sizeof(index));
			oracle_add(walk, 4, (dcm_mib_oid[]){table->arc, 1, arc, index});
		} else {
			oracle_add(walk, 3, (dcm_mib_oid[]){table->arc, arc, 0});
		}
	}
}

static void oracle(struct walk *walk, const struct dcm_table *tables, size_t count,
		   unsigned changes_arc, const struct dcm_snapshot *snapshot)
{
	for (size_t t = 0; t < count; t++) {
		const struct dcm_table *table = &tables[t];

		for (size_t m = 0; m < table->count; m++) {
			const struct dcm_metric *metric = &table->metrics[m];

			if (metric->column && metric->snmp_type != DCM_SNMP_NONE)
				oracle_column(walk, table, metric, metric->column, snapshot);
			if (metric->column64)
				oracle_column(walk, table, metric, metric->column64, snapshot);
		}
		if (table->change_arc)
			oracle_add(walk, 3, (dcm_mib_oid[]){changes_arc, table->change_arc, 0});
	}
	qsort(walk->names, walk->count, sizeof(walk->names[0]), compare_void);
}

static void open_walk(struct walk *walk, const struct dcm_table *tables, size_t count,
		      unsigned changes_arc, struct dcm_snapshot *snapshot)
{
	walk->count = 0;
	assert_int_equal(dcm_mib_tree_create(tables, count, changes_arc, &walk->tree), 0);
	oracle(walk, tables, count, changes_arc, snapshot);
	assert_int_equal(dcm_mib_view_create(walk->tree, snapshot, &walk->view), 0);
}

static void close_walk(struct walk *walk)
{
	dcm_mib_view_destroy(walk->view);
	dcm_mib_tree_destroy(walk->tree);
}

/* What the oracle says comes after @probe, and what the tree says. */
static void check_next(struct walk *walk, const struct name *probe)
{
	for (int inclusive = 0; inclusive <= 1; inclusive++) {
		struct dcm_mib_cell cell;
		size_t i = 0;
		int err = dcm_mib_next(walk->view, name_of(probe), inclusive, &cell);

		while (i < walk->count && compare(&walk->names[i], probe) < (inclusive ? 0 : 1))
			i++;
		if (i == walk->count) {
			assert_int_equal(err, -ENOENT);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(cell.name_len, walk->names[i].len);
		assert_memory_equal(cell.name, walk->names[i].arcs,
				    cell.name_len * sizeof(cell.name[0]));
	}
}

static void check_get(struct walk *walk, const struct name *probe)
{
	bool expected = bsearch(probe, walk->names, walk->count, sizeof(*probe), compare_void);
	struct dcm_mib_cell cell;
	int err = dcm_mib_get(walk->view, name_of(probe), &cell);

	assert_int_equal(!err, expected);
	if (err)
		assert_true(err == -ENOENT || err == -ENXIO);
}

static void check_probe(struct walk *walk, const struct name *probe)
{
	check_next(walk, probe);
	check_get(walk, probe);
}

/* Every beginning of @name with each arc moved down, up and far away, longer and shorter. */
static void check_around(struct walk *walk, const struct name *name)
{
	static const dcm_mib_oid tails[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};

	for (size_t len = 0; len <= name->len; len++) {
		struct name probe = *name;

		probe.len = len;
		check_probe(walk, &probe);
		for (size_t t = 0; t < DCM_ARRAY_SIZE(tails); t++) {
			probe.arcs[len] = tails[t];
			probe.len = len + 1;
			check_probe(walk, &probe);
		}
		if (!len)
			continue;
		probe.len = len;
		for (int step = -1; step <= 1; step += 2) {
			probe.arcs[len - 1] = name->arcs[len - 1] + (dcm_mib_oid)step;
			probe.arcs[len - 1] &= 0xffffffff;
			check_probe(walk, &probe);
		}
	}
}

static void check_walk(struct walk *walk)
{
	struct name at = {.len = 0};
	struct dcm_mib_cell cell;
	size_t seen = 0;

	while (!dcm_mib_next(walk->view, name_of(&at), false, &cell)) {
		struct name next = {.len = cell.name_len};

		memcpy(next.arcs, cell.name, cell.name_len * sizeof(cell.name[0]));
		assert_true(compare(&at, &next) < 0);
		at = next;
		seen++;
	}
	assert_int_equal(seen, walk->count);
	for (size_t i = 0; i < walk->count; i++)
		check_around(walk, &walk->names[i]);
}

static struct dcm_snapshot *build(void (*fill)(struct dcm_snapshot_builder *))
{
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *snapshot;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	fill(builder);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

static void fill_synthetic(struct dcm_snapshot_builder *builder)
{
	synthetic_fill(builder, 7);
}

static void fill_nothing(struct dcm_snapshot_builder *builder)
{
}

static void fill_edge(struct dcm_snapshot_builder *builder)
{
	static const uint32_t indexes[] = {0x80000001, 5, 0xffffffff, 1, 0x7fffffff, 77};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(indexes); i++) {
		struct dcm_snap_lookup *row = dcm_snapshot_builder_add(builder, DCM_SEC_LOOKUPS);

		DCM_SET(row, index, indexes[i]);
		if (i % 2)
			DCM_SET(row, seconds, 1.0);
	}
}

static void test_all_tables(void **state)
{
	struct walk *walk = *state;

	open_walk(walk, dcm_tables, dcm_table_count, DCM_TABLE_CHANGES_ARC, build(fill_synthetic));
	assert_true(walk->count > 100);
	check_walk(walk);
	close_walk(walk);
}

static void test_empty_snapshot(void **state)
{
	struct walk *walk = *state;

	open_walk(walk, dcm_tables, dcm_table_count, DCM_TABLE_CHANGES_ARC, build(fill_nothing));
	check_walk(walk); /* change stamps only */
	close_walk(walk);
}

static void test_no_snapshot(void **state)
{
	struct walk *walk = *state;
	struct dcm_mib_cell cell;

	assert_int_equal(dcm_mib_tree_create(dcm_tables, dcm_table_count, DCM_TABLE_CHANGES_ARC,
					     &walk->tree),
			 0);
	assert_int_equal(dcm_mib_view_create(walk->tree, NULL, &walk->view), 0);
	assert_int_equal(dcm_mib_next(walk->view, NAME(), false, &cell), -ENOENT);
	assert_int_equal(dcm_mib_get(walk->view, NAME(1, 1, 0), &cell), -ENXIO);
	assert_int_equal(dcm_mib_get(walk->view, NAME(999, 1, 0), &cell), -ENOENT);
	close_walk(walk);
}

static void test_edges(void **state)
{
	struct walk *walk = *state;

	open_walk(walk, edge_tables, 1, 65534, build(fill_edge));
	/* "error" is nowhere there, and has an empty instance in every row */
	assert_int_equal(walk->count, 6 + 6 + 3 + 3 + 1);
	check_walk(walk);
	close_walk(walk);
}

static void fill_duplicates(struct dcm_snapshot_builder *builder)
{
	for (uint32_t i = 0; i < 6; i++) {
		struct dcm_snap_lookup *row = dcm_snapshot_builder_add(builder, DCM_SEC_LOOKUPS);

		if (i == 5) /* a row without an index is no row */
			continue;
		DCM_SET(row, index, i / 2);
		DCM_SET(row, seconds, i);
	}
}

/* The first of several rows with one index is the one that exists. */
static void test_duplicate_rows(void **state)
{
	struct walk *walk = *state;
	struct dcm_mib_cell cell;

	assert_int_equal(dcm_mib_tree_create(edge_tables, 1, 0, &walk->tree), 0);
	assert_int_equal(dcm_mib_view_create(walk->tree, build(fill_duplicates), &walk->view), 0);
	for (dcm_mib_oid index = 0; index < 3; index++) {
		const struct dcm_snap_lookup *row;

		assert_int_equal(dcm_mib_get(walk->view, NAME(65535, 1, 2, index), &cell), 0);
		row = cell.row;
		assert_true(row->seconds == 2.0 * (double)index);
	}
	close_walk(walk);
}

static void test_collisions(void **state)
{
	static const struct dcm_metric same[] = {
		{.column = 1, .snmp_type = DCM_SNMP_GAUGE32},
		{.column = 1, .snmp_type = DCM_SNMP_GAUGE32},
	};
	static const struct dcm_table duplicate = {.arc = 1, .metrics = same, .count = 2};
	static const struct dcm_table inside[] = {
		{.arc = 1, .metrics = same, .count = 1},
		{.arc = 1, .array = true, .metrics = same, .count = 1, .index = same},
	};
	struct dcm_mib_tree *tree;

	assert_int_equal(dcm_mib_tree_create(&duplicate, 1, 0, &tree), -EINVAL);
	assert_int_equal(dcm_mib_tree_create(inside, 2, 0, &tree), -EINVAL);
}

static void test_row_name(void **state)
{
	struct walk *walk = *state;
	dcm_mib_oid name[DCM_MIB_NAME_MAX];
	size_t len;

	open_walk(walk, dcm_tables, dcm_table_count, DCM_TABLE_CHANGES_ARC, build(fill_synthetic));
	assert_int_equal(dcm_mib_row_name(walk->tree, DCM_SEC_SUPERBLOCKS, 21, name, &len), 0);
	check_get(walk, &(struct name){{name[0], name[1], name[2], name[3]}, len});
	assert_int_equal(len, 4);
	assert_int_equal(name[3], 21);
	assert_int_equal(dcm_mib_row_name(walk->tree, DCM_SEC_TOTALS, 21, name, &len), 0);
	assert_int_equal(len, 3);
	assert_int_equal(name[2], 0);
	assert_int_equal(dcm_mib_row_name(walk->tree, DCM_SEC_STRINGS, 1, name, &len), -ENOENT);
	close_walk(walk);
}

int main(void)
{
	static struct walk walk;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_all_tables, &walk),
		cmocka_unit_test_prestate(test_empty_snapshot, &walk),
		cmocka_unit_test_prestate(test_no_snapshot, &walk),
		cmocka_unit_test_prestate(test_edges, &walk),
		cmocka_unit_test_prestate(test_duplicate_rows, &walk),
		cmocka_unit_test_prestate(test_collisions, &walk),
		cmocka_unit_test_prestate(test_row_name, &walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
