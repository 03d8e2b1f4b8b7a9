// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is told of alarms when transitions are missed, samplers change and resources have names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collectd-plugin/notices.h"
#include "common/base/cleanup.h"
#include "tests/collectd/scene.h"

struct told {
	struct dcm_notice notices[16];
	size_t count;
};

static void tell(void *ctx, const struct dcm_notice *notice)
{
	struct told *told = ctx;

	assert_true(told->count < 16);
	told->notices[told->count++] = *notice;
}

struct row {
	uint32_t type, index, severity;
	uint64_t sequence;
	uint32_t section, resource_index;
	const char *resource;
};

static void add_row(struct dcm_snapshot_builder *builder, enum dcm_section section,
		    const struct row *from)
{
	struct dcm_snap_alarm *row = dcm_snapshot_builder_add(builder, section);

	DCM_SET(row, index, from->index);
	DCM_SET(row, type, from->type);
	DCM_SET(row, sequence, from->sequence);
	DCM_SET(row, severity, from->severity);
	DCM_SET(row, resource_section, from->section);
	DCM_SET(row, resource_index, from->resource_index);
	DCM_SET(row, resource, dcm_snapshot_builder_text(builder, from->resource));
	DCM_SET(row, value, 2);
	DCM_SET(row, threshold, 1);
	DCM_SET(row, text, dcm_snapshot_builder_text(builder, "text"));
}

/* Shows a snapshot of @active alarms and @events (rows with type 0 end them). */
static void show(struct dcm_notices *notices, const struct row *active, const struct row *events,
		 struct told *told)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_snapshot_builder *builder;
	struct dcm_values values = {NULL};
	struct dcm_plugin_options *options;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	synthetic_fill(builder, 3);
	for (; active->type; active++)
		add_row(builder, DCM_SEC_ALARMS, active);
	for (; events->type; events++)
		add_row(builder, DCM_SEC_EVENTS, events);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	assert_int_equal(dcm_plugin_options_create(&options), 0);
	assert_int_equal(dcm_values_from_snapshot(snapshot, options, &values), 0);
	told->count = 0;
	dcm_notices_update(notices, snapshot, &values, tell, told);
	dcm_values_deinit(&values);
	dcm_plugin_options_destroy(options);
	dcm_snapshot_builder_destroy(builder);
}

#define NONE ((const struct row[]){{0}})
#define CHAIN(severity, sequence)                                                 \
	{                                                                         \
		DCM_ALARM_CHAIN_LENGTH, 1, severity, sequence, DCM_SEC_CHAINS, 2, \
			"/proc/sys/net/ipv6"                                      \
	}
#define ONE(...) ((const struct row[]){__VA_ARGS__, {0}})

/* The defaults, as far as a label depends on them. */
static const struct dcm_plugin_options plain;

static int setup(void **state)
{
	return dcm_notices_create(&plain, (struct dcm_notices **)state);
}

static int teardown(void **state)
{
	dcm_notices_destroy(*state);
	return 0;
}

static void expect(const struct told *told, size_t i, enum dcm_severity severity,
		   const char *instance)
{
	assert_true(told->count > i);
	assert_int_equal(told->notices[i].severity, severity);
	assert_string_equal(told->notices[i].instance, instance);
}

/* An alarm that is active at the first look is told, its history is not. */
static void test_first_look(void **state)
{
	const struct row events[] = {CHAIN(2, 1), CHAIN(1, 2), CHAIN(3, 3), {0}};
	struct told told;

	show(*state, ONE(CHAIN(3, 3)), events, &told);
	assert_int_equal(told.count, 1);
	expect(&told, 0, DCM_SEVERITY_CRITICAL, "chain-2");
	show(*state, ONE(CHAIN(3, 3)), events, &told);
	assert_int_equal(told.count, 0);
}

/* Several transitions between two looks are all told, in their order. */
static void test_between_looks(void **state)
{
	const struct row events[] = {CHAIN(2, 1), CHAIN(3, 2), CHAIN(1, 3), {0}};
	struct told told;

	show(*state, NONE, NONE, &told);
	show(*state, NONE, events, &told);
	assert_int_equal(told.count, 3);
	expect(&told, 0, DCM_SEVERITY_WARNING, "chain-2");
	expect(&told, 1, DCM_SEVERITY_CRITICAL, "chain-2");
	expect(&told, 2, DCM_SEVERITY_CLEARED, "chain-2");
}

/* The clear of a raise that was never told is not told either. */
static void test_clear_alone(void **state)
{
	struct told told;

	show(*state, NONE, NONE, &told);
	show(*state, NONE, ONE(CHAIN(1, 2)), &told);
	assert_int_equal(told.count, 0);
}

/* A sampler that was restarted counts from 1 and knows nothing: what it lacks is over. */
static void test_restarted_sampler(void **state)
{
	struct told told;

	show(*state, NONE, ONE(CHAIN(1, 7)), &told);
	show(*state, ONE(CHAIN(2, 8)), ONE(CHAIN(2, 8)), &told);
	expect(&told, 0, DCM_SEVERITY_WARNING, "chain-2");
	show(*state, ONE(CHAIN(2, 1)), ONE(CHAIN(2, 1)), &told);
	assert_int_equal(told.count, 0); /* the same alarm, found again */
	show(*state, NONE, NONE, &told);
	assert_int_equal(told.count, 1);
	expect(&told, 0, DCM_SEVERITY_CLEARED, "chain-2");
	assert_string_equal(told.notices[0].text, "chain_length /proc/sys/net/ipv6 is over");
}

/* Every type has a value to go by. */
static void test_identifiers(void **state)
{
	static const struct {
		struct row row;
		const char *identifier;
	} cases[] = {
		{{1, 1, 2, 1, DCM_SEC_CHAINS, 1, "c"}, "chain-1/objects-length"},
		{{2, 1, 2, 1, DCM_SEC_LOOKUPS, 9, "l"}, "lookups/latency-lookup"},
		{{3, 1, 2, 1, DCM_SEC_SUPERBLOCKS, 6, "s"},
		 "superblock-tmpfs-mnt_2/objects-unused"},
		{{4, 1, 2, 1, DCM_SEC_SUPERBLOCKS, 3, "s"},
		 "superblock-tmpfs-mnt_1/duration-shrink"},
		{{5, 1, 2, 1, DCM_SEC_TOTALS, 0, "host"}, "totals/objects-negative"},
		{{6, 1, 2, 1, DCM_SEC_TOTALS, 0, "host"}, "totals/objects-dentries"},
		{{7, 1, 2, 1, DCM_SEC_TOTALS, 0, "host"}, "totals/memory-dentry_slab"},
		{{8, 1, 2, 1, DCM_SEC_TOTALS, 0, "host"}, "totals/objects-dentries"},
		{{8, 1, 2, 1, DCM_SEC_SUPERBLOCKS, 3, "s"},
		 "superblock-tmpfs-mnt_1/objects-unused"},
		{{9, 1, 2, 1, DCM_SEC_NAMESPACES, 0, "host"},
		 "namespaces/total_operations-created"},
		{{10, 1, 2, 1, DCM_SEC_MEMORY, 0, "host"}, "memory/percent-psi_some"},
		{{11, 1, 2, 1, DCM_SEC_MEMORY, 0, "host"}, "memory/memory-free"},
		{{12, 1, 2, 1, DCM_SEC_SNMPD, 0, "host"}, "snmpd/gauge-wedge_ratio"},
		{{13, 1, 2, 1, DCM_SEC_SOURCES, 4, "hash"},
		 "source-hash/total_operations-failures"},
		{{14, 1, 2, 1, DCM_SEC_HASH, 0, "host"}, "hash/duration-pass_age"},
		{{15, 1, 2, 1, DCM_SEC_TOTALS, 0, "test"}, "agent/percent-cpu"},
	};
	char identifier[256];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_notices *notices;
		struct told told;

		assert_int_equal(dcm_notices_create(&plain, &notices), 0);
		show(notices, ONE(cases[i].row), NONE, &told);
		assert_int_equal(told.count, 1);
		snprintf(identifier, sizeof(identifier), "%s/%s-%s", told.notices[0].instance,
			 told.notices[0].type, told.notices[0].type_instance);
		assert_string_equal(identifier, cases[i].identifier);
		dcm_notices_destroy(notices);
	}
}

/* More of them than fit: all are told, and all clear. */
static void test_many(void **state)
{
	struct row rows[11] = {{0}};
	struct told told;
	char names[10][16];

	for (uint32_t i = 0; i < 10; i++) {
		snprintf(names[i], sizeof(names[i]), "chain %u", i);
		rows[i] = (struct row)CHAIN(2, i + 1);
		rows[i].index = i + 1;
		rows[i].resource = names[i];
	}
	show(*state, rows, NONE, &told);
	assert_int_equal(told.count, 10);
	show(*state, NONE, NONE, &told);
	assert_int_equal(told.count, 10);
	for (size_t i = 0; i < 10; i++)
		expect(&told, i, DCM_SEVERITY_CLEARED, "chain-2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_first_look),	      TEST(test_between_looks), TEST(test_clear_alone),
		TEST(test_restarted_sampler), TEST(test_identifiers),	TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
