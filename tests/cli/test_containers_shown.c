// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The container of a row is named wherever the row is shown: a list of what can have one, held
 * against each way to show it. Alarms: unit/test_alarm_resources; collectd: collectd/test_feed;
 * "show --explain": cli/test_explain; "who": cli/test_who_containers.
 */
#include <json-c/json.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands/show_tables.h"
#include "cli/events/events_state.h"
#include "cli/top/top_tables.h"
#include "common/base/cleanup.h"
#include "common/model/metrics/metrics.h"

#define ID	"3f2a9c01b77e"
#define MEMBERS 6 /* of struct dcm_snap_container */

/* Every kind of row that can have a container, and the name that the one of this test has. */
static const struct shown {
	enum dcm_section section;
	size_t offset; /* of the container in the row */
	const char *name;
	enum top_table top; /* TOP_TABLES: no table there */
} shown[] = {
	{DCM_SEC_SUPERBLOCKS, offsetof(struct dcm_snap_superblock, container), "of-superblock",
	 TOP_SUPERBLOCKS},
	{DCM_SEC_CHAINS, offsetof(struct dcm_snap_chain, container), "of-chain", TOP_CHAINS},
	{DCM_SEC_DIRECTORIES, offsetof(struct dcm_snap_directory, container), "of-directory",
	 TOP_DIRECTORIES},
	{DCM_SEC_NAMESPACES, offsetof(struct dcm_snap_namespaces, container), "of-namespaces",
	 TOP_TABLES},
};

static void contain(struct dcm_snapshot_builder *b, const struct shown *what, void *row)
{
	struct dcm_snap_container *container = (void *)((char *)row + what->offset);
	uint64_t *has = row;

	container->runtime = dcm_snapshot_builder_text(b, "docker");
	container->id = dcm_snapshot_builder_text(b, ID);
	container->name = dcm_snapshot_builder_text(b, what->name);
	container->image = dcm_snapshot_builder_text(b, "pause:3.9");
	container->pod = dcm_snapshot_builder_text(b, "pod");
	container->namespace = dcm_snapshot_builder_text(b, "shop");
	*has |= ((1ULL << MEMBERS) - 1) << DCM_BIT_OF(what->offset);
}

static struct dcm_snapshot *host(void)
{
	struct dcm_snapshot *snapshot;
	struct dcm_snapshot_builder *b;
	struct dcm_snap_namespaces *n;
	struct dcm_snap_superblock *s;
	struct dcm_snap_directory *d;
	struct dcm_snap_chain *c;

	assert_int_equal(dcm_snapshot_builder_create(&b), 0);
	s = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
	DCM_SET(s, index, 1);
	contain(b, &shown[0], s);
	c = dcm_snapshot_builder_add(b, DCM_SEC_CHAINS);
	DCM_SET(c, rank, 1);
	contain(b, &shown[1], c);
	d = dcm_snapshot_builder_add(b, DCM_SEC_DIRECTORIES);
	DCM_SET(d, rank, 1);
	contain(b, &shown[2], d);
	n = dcm_snapshot_builder_add(b, DCM_SEC_NAMESPACES);
	DCM_SET(n, network, 7);
	DCM_SET(n, created_per_second, 2.5);
	DCM_SET(n, ended_per_second, 0.5);
	contain(b, &shown[3], n);
	assert_int_equal(dcm_snapshot_builder_finish(b, 1700000000123456789, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(b);
	return snapshot;
}

static size_t count_members(const struct dcm_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (!metric->object || strcmp(metric->object, "container") != 0)
			continue;
		assert_true(metric->json);
		assert_non_null(metric->mib_name);
		count++;
	}
	return count;
}

/* The list is whole, and each of its rows has all members in JSON and in the MIB. */
static void test_list(void **state)
{
	size_t contained = 0;

	for (size_t i = 0; i < dcm_table_count; i++)
		contained += count_members(&dcm_tables[i]) > 0;
	assert_int_equal(contained, DCM_ARRAY_SIZE(shown));
	for (size_t i = 0; i < DCM_ARRAY_SIZE(shown); i++)
		assert_int_equal(count_members(dcm_table_find(shown[i].section)), MEMBERS);
}

static void test_show(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = host();
	const struct print_limits limits = {.superblocks = SIZE_MAX, .chains = SIZE_MAX};
	_cleanup_free_ char *printed = NULL;
	char text[128];
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	assert_int_equal(print_snapshot(snapshot, &limits, out), 0);
	fclose(out);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(shown); i++) {
		snprintf(text, sizeof(text), "shop/pod/%s (docker " ID ")", shown[i].name);
		if (!strstr(printed, text))
			fail_msg("\"%s\" is missing in:\n%s", text, printed);
	}
}

static json_object *row_of(json_object *document, const struct dcm_table *table)
{
	json_object *rows = json_object_object_get(document, table->name);

	return table->array ? json_object_array_get_idx(rows, 0) : rows;
}

static void test_json(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = host();
	_cleanup_free_ char *printed = NULL;
	json_object *document, *container;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	assert_int_equal(json_snapshot(snapshot, out), 0);
	fclose(out);
	document = json_tokener_parse(printed);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(shown); i++) {
		container = json_object_object_get(
			row_of(document, dcm_table_find(shown[i].section)), "container");
		assert_int_equal(json_object_object_length(container), MEMBERS);
		assert_string_equal(
			json_object_get_string(json_object_object_get(container, "name")),
			shown[i].name);
	}
	json_object_put(document);
}

/* "top" has it in the last column, which takes the room that is left. */
static void test_top(void **state)
{
	struct top_model *model;
	char text[TOP_CELL_SIZE];

	assert_int_equal(top_model_create(&model), 0);
	assert_int_equal(top_model_add(model, host()), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(shown); i++) {
		const struct top_columns *columns;
		size_t count;

		if (shown[i].top == TOP_TABLES)
			continue;
		columns = top_table_columns(shown[i].top);
		top_cell(model, &columns->columns[columns->count - 1],
			 top_model_rows(model, shown[i].top, &count), text, sizeof(text));
		assert_int_equal(count, 1);
		assert_non_null(strstr(text, shown[i].name));
	}
	top_model_destroy(model);
}

static bool has_container(const struct state_table *table)
{
	for (size_t i = 0; i < STATE_COLUMNS && table->columns[i].heading; i++)
		if (table->columns[i].key && !strcmp(table->columns[i].key, "container_name"))
			return true;
	return false;
}

/* A recording's tables; what has one row is shown with all its members. */
static void test_events(void **state)
{
	for (size_t i = 0; i < state_table_count; i++) {
		bool wanted = count_members(state_table_of(&state_tables[i])) > 0;

		assert_int_equal(has_container(&state_tables[i]), wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),   cmocka_unit_test(test_show),
		cmocka_unit_test(test_json),   cmocka_unit_test(test_top),
		cmocka_unit_test(test_events),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
