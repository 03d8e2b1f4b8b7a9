// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm.h"
#include "common/model/alarms/recorder.h"
#include "common/model/metrics/metrics.h"

#define FOR_EACH_METRIC(table, metric)                           \
	for (const struct dcm_metric *metric = (table)->metrics; \
	     metric < (table)->metrics + (table)->count; metric++)

static const struct dcm_table *table_named(const char *name)
{
	for (size_t i = 0; i < dcm_table_count; i++)
		if (!strcmp(dcm_tables[i].name, name))
			return &dcm_tables[i];
	fail_msg("no table %s", name);
	return NULL;
}

static const struct dcm_metric *metric_named(const char *table, const char *name)
{
	FOR_EACH_METRIC(table_named(table), metric)
	if (!strcmp(metric->name, name))
		return metric;
	fail_msg("no metric %s.%s", table, name);
	return NULL;
}

/* The JSON contract: keys that may never go away. */
static void test_json_contract(void **state)
{
	static const struct {
		const char *table, *parent;
		bool array;
		const char *keys[12];
	} cases[] = {
		{"totals", NULL, false, {"dentries", "unused", "negative", "slab_bytes"}},
		{"superblocks",
		 NULL,
		 true,
		 {"index", "fstype", "id", "device", "mountpoint", "unused", "hashed", "negative",
		  "shrink_seconds"}},
		{"hash",
		 NULL,
		 false,
		 {"buckets", "nonempty", "entries", "max_chain", "coverage", "pass_seconds"}},
		{"histogram", "hash", true, {"min_length", "max_length", "chains"}},
		{"chains", NULL, true, {"length", "fstype", "parent", "name", "same_name"}},
		{"directories",
		 NULL,
		 true,
		 {"path", "fstype", "children", "negative", "sample_names"}},
		{"lookups", NULL, true, {"path", "seconds"}},
		{"namespaces", NULL, false, {"network"}},
		{"snmpd",
		 NULL,
		 false,
		 {"interfaces", "reload_seconds", "wedge_ratio", "reload_every_seconds",
		  "module_mib"}},
		{"alarms", NULL, true, {"index", "severity", "type", "resource", "value"}},
		{"sources", NULL, true, {"name", "state", "reason", "age_seconds", "cost_seconds"}},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const struct dcm_table *table = table_named(cases[i].table);

		assert_int_equal(table->array, cases[i].array);
		if (cases[i].parent)
			assert_string_equal(table->json_parent, cases[i].parent);
		else
			assert_null(table->json_parent);
		for (size_t k = 0; cases[i].keys[k]; k++)
			assert_true(metric_named(cases[i].table, cases[i].keys[k])->json);
	}
}

static size_t size_of(enum dcm_type type)
{
	switch (type) {
	case DCM_T_U32:
	case DCM_T_BOOL:
	case DCM_T_STR:
		return 4;
	case DCM_T_STRINGS:
		return DCM_DIRECTORY_SAMPLES * sizeof(dcm_str);
	default:
		return 8;
	}
}

static void test_members(void **state)
{
	for (size_t i = 0; i < dcm_table_count; i++)
		FOR_EACH_METRIC(&dcm_tables[i], m)
		{
			size_t row = dcm_section_row_size(dcm_tables[i].section);

			assert_in_range(m->offset, 8, row - size_of(m->type));
			assert_true(DCM_BIT_OF(m->offset) < 64);
			assert_true(m->name && *m->name);
			assert_non_null(m->unit);
			/* a sentence, with the unit in it where there is one */
			assert_int_equal(m->help[strlen(m->help) - 1], '.');
			if (!strcmp(m->unit, "bytes") || !strcmp(m->unit, "seconds"))
				assert_non_null(strstr(m->help, m->unit));
			assert_true(m->snmp_scale >= 0);
			/* what is not the index is served */
			if (m->mib_name && m != dcm_tables[i].index)
				assert_int_not_equal(m->snmp_type, DCM_SNMP_NONE);
			if (!m->mib_name)
				assert_true(!m->column && !m->snmp_type && !m->column64);
			assert_int_equal(!m->column64, !m->mib_name64);
			/* the twin of a number carries the same unit; a text has none */
			if (m->column64 && m->snmp_type != DCM_SNMP_STRING)
				assert_true(m->snmp_scale == 0);
			if (m->snmp_type == DCM_SNMP_STRING && m->snmp_scale != 0)
				assert_true(m->column64 && m->type == DCM_T_DOUBLE);
			assert_int_equal(!m->collectd_type, !m->collectd_type_instance);
			if (m->collectd_type) /* dashboards show it */
				assert_non_null(dcm_tables[i].title);
		}
}

static void assert_distinct(const struct dcm_metric *a, const struct dcm_metric *b)
{
	assert_string_not_equal(a->name, b->name);
	assert_int_not_equal(a->offset, b->offset);
	if (a->column && b->column)
		assert_int_not_equal(a->column, b->column);
	if (a->column64 && b->column)
		assert_int_not_equal(a->column64, b->column);
	if (a->column && b->column64)
		assert_int_not_equal(a->column, b->column64);
	if (a->column64 && b->column64)
		assert_int_not_equal(a->column64, b->column64);
	if (a->collectd_type && b->collectd_type)
		assert_true(strcmp(a->collectd_type, b->collectd_type) ||
			    strcmp(a->collectd_type_instance, b->collectd_type_instance));
}

/* What goes into a flight recording lies in a single row, is a number and fits. */
static void test_recorded(void **state)
{
	enum dcm_section section;
	size_t count = 0;

	for (; dcm_metric_recorded(count, &section); count++) {
		const struct dcm_metric *m = dcm_metric_recorded(count, &section);

		assert_false(dcm_table_find(section)->array);
		assert_true(m->type == DCM_T_U64 || m->type == DCM_T_I64 ||
			    m->type == DCM_T_DOUBLE);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(dcm_metric_recorded(i, &section)->recorded,
						m->recorded);
	}
	assert_in_range(count, 1, DCM_RECORDER_VALUES);
}

static void test_unique_in_table(void **state)
{
	for (size_t i = 0; i < dcm_table_count; i++)
		FOR_EACH_METRIC(&dcm_tables[i], a)
	FOR_EACH_METRIC(&dcm_tables[i], b)
	if (a != b)
		assert_distinct(a, b);
}

static void test_unique_tables(void **state)
{
	for (size_t i = 0; i < dcm_table_count; i++) {
		const struct dcm_table *a = &dcm_tables[i];

		assert_ptr_equal(dcm_table_find(a->section), a);
		assert_int_not_equal(a->arc, DCM_TABLE_CHANGES_ARC);
		assert_int_equal(!a->change_arc, !a->change_mib_name);
		assert_int_equal(a->array, a->index != NULL);
		assert_int_equal(a->array, a->mib_entry_name != NULL);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(a->name, dcm_tables[k].name);
			assert_string_not_equal(a->mib_name, dcm_tables[k].mib_name);
			assert_int_not_equal(a->arc, dcm_tables[k].arc);
			if (a->change_arc)
				assert_int_not_equal(a->change_arc, dcm_tables[k].change_arc);
		}
		if (a->array) {
			assert_in_range(a->index - a->metrics, 0, a->count - 1);
			assert_int_equal(a->index->column, 1);
			assert_int_equal(a->index->snmp_type, DCM_SNMP_NONE);
		}
	}
	assert_null(dcm_table_find(DCM_SEC_STRINGS));
	assert_null(dcm_table_find(DCM_SEC_COUNT));
}

/* Every section is exported but the strings and the interfaces, which are IF-MIB's and IP-MIB's. */
static void test_complete(void **state)
{
	assert_int_equal(dcm_table_count, DCM_SEC_COUNT - 3);
	for (unsigned i = DCM_SEC_STRINGS + 1; i < DCM_SEC_COUNT; i++)
		if (i == DCM_SEC_IF_NETNS || i == DCM_SEC_INTERFACES)
			assert_null(dcm_table_find(i));
		else
			assert_non_null(dcm_table_find(i));
}

static void test_alarm_varbinds(void **state)
{
	static const char *const order[DCM_ALARM_VARBINDS] = {
		"sequence",  "severity", "type", "resource_section", "resource", "value",
		"threshold", "text",	 "time",
	};
	const struct dcm_table *table = table_named("alarms");

	for (size_t i = 0; i < DCM_ALARM_VARBINDS; i++) {
		assert_string_equal(table->metrics[i + 1].name, order[i]);
		assert_int_equal(table->metrics[i + 1].column, i + 2);
	}
}

static void test_presence(void **state)
{
	struct dcm_snap_totals row = {0};

	DCM_SET(&row, unused, 5);
	assert_true(dcm_metric_present(metric_named("totals", "unused"), &row));
	assert_false(dcm_metric_present(metric_named("totals", "dentries"), &row));
	assert_false(dcm_metric_present(metric_named("totals", "slab_bytes"), &row));
}

static void test_integers(void **state)
{
	static const struct {
		uint64_t in;
		double scale;
		uint64_t out;
	} cases[] = {
		{0, 0, 0},
		{1, 1, 1},
		{UINT64_MAX, 0, UINT64_MAX},
		{UINT64_MAX - 1, 1, UINT64_MAX - 1},
		{(1ULL << 53) + 1, 0, (1ULL << 53) + 1},
		{(1ULL << 63) + 1024, 1.0 / 1024, (1ULL << 53) + 1},
		{511, 1.0 / 1024, 0},
		{512, 1.0 / 1024, 1},
		{1535, 1.0 / 1024, 1},
		{1536, 1.0 / 1024, 2},
		{UINT64_MAX, 1000, UINT64_MAX},
		{499, 1e-3, 0},
		{500, 1e-3, 1},
	};
	const struct dcm_metric *m = metric_named("totals", "slab_bytes");

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_snap_totals row = {.slab_bytes = cases[i].in};

		assert_true(dcm_metric_u64(m, &row, cases[i].scale) == cases[i].out);
	}
}

static void test_signed(void **state)
{
	const struct dcm_metric *m = metric_named("totals", "dentries");
	struct dcm_snap_totals row = {.dentries = -7};

	assert_true(dcm_metric_number(m, &row) == -7);
	assert_true(dcm_metric_u64(m, &row, 1) == 0);
	assert_true(dcm_metric_u64(m, &row, 1000) == 0);
	row.dentries = INT64_MIN;
	assert_true(dcm_metric_u64(m, &row, 1) == 0);
	row.dentries = INT64_MAX;
	assert_true(dcm_metric_u64(m, &row, 1) == INT64_MAX);
}

static void test_doubles(void **state)
{
	static const struct {
		double in, scale;
		uint64_t out;
	} cases[] = {
		{0.0, 1e6, 0},	{0.0000014, 1e6, 1},	  {0.0000016, 1e6, 2},
		{0.5, 1, 1},	{0.499999, 0, 0},	  {1.0, 1e4, 10000},
		{-1.0, 1e6, 0}, {-INFINITY, 1, 0},	  {INFINITY, 1, UINT64_MAX},
		{NAN, 1, 0},	{1e300, 1e6, UINT64_MAX}, {4294.967296, 1e6, 4294967296},
	};
	const struct dcm_metric *m = metric_named("lookups", "seconds");

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_snap_lookup row = {.seconds = cases[i].in};

		assert_true(dcm_metric_u64(m, &row, cases[i].scale) == cases[i].out);
	}
}

static void test_other_numbers(void **state)
{
	struct dcm_snap_alarm alarm = {.time_ns = 1500000000, .test = 1, .type = 3};
	struct dcm_snap_hash hash = {.max_chain = 1ULL << 40};

	assert_true(dcm_metric_number(metric_named("alarms", "time"), &alarm) == 1.5);
	assert_true(dcm_metric_number(metric_named("alarms", "test"), &alarm) == 1);
	assert_true(dcm_metric_number(metric_named("alarms", "type"), &alarm) == 3);
	assert_true(dcm_metric_u64(metric_named("alarms", "test"), &alarm, 1) == 1);
	assert_true(dcm_metric_number(metric_named("hash", "max_chain"), &hash) == 1099511627776.0);
}

static void test_symbols(void **state)
{
	assert_string_equal(metric_named("sources", "state")->symbol(DCM_STATE_STUCK), "stuck");
	assert_string_equal(metric_named("alarms", "severity")->symbol(DCM_SEVERITY_CRITICAL),
			    "critical");
	assert_string_equal(metric_named("alarms", "type")->symbol(DCM_ALARM_CHAIN_LENGTH),
			    "chain_length");
	assert_null(metric_named("alarms", "type")->symbol(UINT32_MAX));
}

/* ---- text ---- */

static void assert_text(const struct dcm_snapshot *snapshot, const char *table, const char *name,
			size_t row, const char *expected)
{
	char out[300];
	size_t len = dcm_metric_text(DCM_TEXT_DISPLAY, snapshot, metric_named(table, name),
				     dcm_snapshot_row(snapshot, table_named(table)->section, row),
				     out, sizeof(out));

	assert_string_equal(out, expected);
	assert_int_equal(len, strlen(expected));
}

static void test_texts(void **state)
{
	static const struct {
		double in;
		const char *out;
	} numbers[] = {
		{0, "0"},	   {1000, "1000"},    {0.004951, "0.004951"},
		{0.25, "0.25"},	   {-1.5, "-1.5"},    {1e9, "1000000000"},
		{1e300, "1e+300"}, {INFINITY, "inf"}, {0.0000001, "0"},
	};
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_snapshot_builder *b = NULL;
	struct dcm_snap_superblock *sb;
	struct dcm_snap_directory *dir;
	struct dcm_snap_totals *totals;
	struct dcm_snap_source *source;
	struct dcm_snap_alarm *alarm;
	char long_name[256];

	memset(long_name, 'x', 255);
	long_name[255] = '\0';
	assert_int_equal(dcm_snapshot_builder_create(&b), 0);
	totals = dcm_snapshot_builder_add(b, DCM_SEC_TOTALS);
	DCM_SET(totals, dentries, -5);
	DCM_SET(totals, slab_bytes, UINT64_MAX);
	sb = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
	DCM_SET(sb, index, 1);
	DCM_SET(sb, dev_major, 259);
	DCM_SET(sb, dev_minor, 1048575);
	DCM_SET(sb, mountpoint, dcm_snapshot_builder_str(b, "/a\nb", 4));
	for (uint32_t i = 1; i <= 2; i++) {
		dir = dcm_snapshot_builder_add(b, DCM_SEC_DIRECTORIES);
		DCM_SET(dir, rank, i);
		dir->sample_names[0] = dcm_snapshot_builder_str(b, "one", 3);
		dir->sample_names[1] =
			dcm_snapshot_builder_str(b, i == 1 ? "t\two" : long_name, 255);
	}
	source = dcm_snapshot_builder_add(b, DCM_SEC_SOURCES);
	DCM_SET(source, index, 1);
	DCM_SET(source, state, DCM_STATE_FAILED);
	for (uint32_t i = 0; i < DCM_ARRAY_SIZE(numbers); i++) {
		alarm = dcm_snapshot_builder_add(b, DCM_SEC_ALARMS);
		DCM_SET(alarm, index, i + 1);
		DCM_SET(alarm, value, numbers[i].in);
		DCM_SET(alarm, type, i ? DCM_ALARM_TYPE_END : DCM_ALARM_TEST);
		DCM_SET(alarm, test, i);
		DCM_SET(alarm, time_ns, 1700000000999999999);
	}
	assert_int_equal(dcm_snapshot_builder_finish(b, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(b);

	assert_text(snapshot, "totals", "dentries", 0, "-5");
	assert_text(snapshot, "totals", "slab_bytes", 0, "18446744073709551615");
	assert_text(snapshot, "superblocks", "index", 0, "1");
	assert_text(snapshot, "superblocks", "device", 0, "259:1048575");
	assert_text(snapshot, "superblocks", "mountpoint", 0, "/a\\x0ab");
	assert_text(snapshot, "superblocks", "fstype", 0, "");
	assert_text(snapshot, "directories", "sample_names", 0, "one t\\x09wo");
	long_name[250] = '~'; /* "one " and 251 more */
	long_name[251] = '\0';
	memmove(long_name + 4, long_name, 252);
	memcpy(long_name, "one ", 4);
	assert_text(snapshot, "directories", "sample_names", 1, long_name);
	assert_text(snapshot, "sources", "state", 0, "failed");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(numbers); i++)
		assert_text(snapshot, "alarms", "value", i, numbers[i].out);
	assert_text(snapshot, "alarms", "type", 0, "test");
	assert_text(snapshot, "alarms", "type", 1, "21"); /* no name: the number */
	assert_text(snapshot, "alarms", "test", 0, "false");
	assert_text(snapshot, "alarms", "test", 1, "true");
	assert_text(snapshot, "alarms", "time", 0, "1700000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_contract),  cmocka_unit_test(test_members),
		cmocka_unit_test(test_recorded),       cmocka_unit_test(test_unique_in_table),
		cmocka_unit_test(test_unique_tables),  cmocka_unit_test(test_complete),
		cmocka_unit_test(test_alarm_varbinds), cmocka_unit_test(test_presence),
		cmocka_unit_test(test_integers),       cmocka_unit_test(test_signed),
		cmocka_unit_test(test_doubles),	       cmocka_unit_test(test_other_numbers),
		cmocka_unit_test(test_symbols),	       cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
