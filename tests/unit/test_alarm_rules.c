// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every rule with its default levels against planted snapshots. */
#include <math.h>

#include "tests/unit/alarm_scene.h"

#include "common/base/cleanup.h"

static uint64_t value_bits(double value)
{
	return (uint64_t)value;
}

/* ---- planting ---- */

static void plant_chain(struct scene *s, double value)
{
	s->chain_count = 0;
	scene_chain(s, 77, "/proc/sys/net", "ipv6", value_bits(value));
}

static void plant_lookup(struct scene *s, double value)
{
	s->lookup_count = 0;
	scene_lookup(s, "/proc/sys/net/ipv6", value);
}

static void plant_unused(struct scene *s, double value)
{
	s->superblock_count = 0;
	scene_superblock(s, 1, "/", 1000);
	scene_superblock(s, 7, "/var/lib/docker/overlay2", value_bits(value));
}

static void plant_shrink(struct scene *s, double value)
{
	struct dcm_snap_superblock *sb;

	s->superblock_count = 0;
	sb = scene_superblock(s, 7, "/var/lib/docker/overlay2", 1000);
	DCM_SET(sb, shrink_seconds, value);
}

static void plant_negative(struct scene *s, double value)
{
	DCM_SET(&s->totals, negative, value);
}

static void plant_dentries(struct scene *s, double value)
{
	DCM_SET(&s->totals, dentries, value);
}

static void plant_slab(struct scene *s, double value)
{
	DCM_SET(&s->memory, total_bytes, 256ULL << 30);
	DCM_SET(&s->totals, slab_bytes, value * (256ULL << 30) + 1);
}

static void plant_stall(struct scene *s, double value)
{
	/* direct reclaim goes on */
	DCM_SET(&s->memory, pgscan_direct, s->now.monotonic_ns / DCM_NSEC_PER_SEC);
	DCM_SET(&s->memory, psi_some_avg10, value);
}

static void plant_risk(struct scene *s, double value)
{
	DCM_SET(&s->totals, unused, 60000000);
	DCM_SET(&s->memory, low_watermark_bytes, 1000000000);
	DCM_SET(&s->memory, free_bytes, 1000000000 / (value ? value : 1e-3));
}

static void plant_snmpd(struct scene *s, double value)
{
	DCM_SET(&s->snmpd, wedge_ratio, value);
}

static void plant_source(struct scene *s, double value)
{
	scene_source(s, DCM_SOURCE_SNMPD, value >= 1 ? DCM_STATE_FAILED : DCM_STATE_OK);
}

static void plant_coverage(struct scene *s, double value)
{
	DCM_SET(&s->hash, age_seconds, value);
}

static void plant_rules(struct scene *s, double value)
{
	DCM_SET(&s->reclaim, rules_age_seconds, value);
}

/* Behind others, whose order changes. */
static void plant_directory(struct scene *s, double value)
{
	static unsigned turn;

	s->directory_count = 0;
	scene_directory(s, turn++ % 2 ? "/a" : "/b", 1000, 0);
	scene_directory(s, "/srv/cache", value_bits(value), 0);
}

static void plant_watch(struct scene *s, double value)
{
	plant_directory(s, value / 100e-9);
}

static void plant_table(struct scene *s, double longest, double load)
{
	dcm_str blue = s->table_count ? s->tables[0].namespace : scene_str(s, "/run/netns/blue");

	s->table_count = 0;
	scene_table(s, DCM_TABLE_DEVICE_NAMES, 1, blue, value_bits(longest), load);
	scene_table(s, DCM_TABLE_CSS_SETS, 0, 0, 3, 0.5);
}

static void plant_table_chain(struct scene *s, double value)
{
	plant_table(s, value, 1);
}

static void plant_table_load(struct scene *s, double value)
{
	plant_table(s, 9, value);
}

struct plan {
	enum dcm_alarm_type type;
	void (*plant)(struct scene *s, double value);
	double calm, warning, critical; /* critical 0: has none */
	const char *resource;
	enum dcm_section section;
	uint32_t index;
	const char *text; /* of the warning */
};

static const struct plan plans[] = {
	{DCM_ALARM_CHAIN_LENGTH, plant_chain, 301, 1500, 5001, "/proc/sys/net/ipv6", DCM_SEC_CHAINS,
	 1, "hash chain of /proc/sys/net/ipv6 has 1500 entries, at or above 1000"},
	{DCM_ALARM_LOOKUP_LATENCY, plant_lookup, 2.2e-6, 138e-6, 541e-6, "/proc/sys/net/ipv6",
	 DCM_SEC_LOOKUPS, 1, "lookup of /proc/sys/net/ipv6 takes 138 microseconds, at or above 50"},
	{DCM_ALARM_SUPERBLOCK_UNUSED, plant_unused, 300000, 12e6, 200e6, "/var/lib/docker/overlay2",
	 DCM_SEC_SUPERBLOCKS, 7,
	 "superblock /var/lib/docker/overlay2 holds 12000000 unused entries, "
	 "at or above 10000000"},
	{DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS, plant_shrink, 0.13, 6, 40, "/var/lib/docker/overlay2",
	 DCM_SEC_SUPERBLOCKS, 7,
	 "unmount or shrink of /var/lib/docker/overlay2 would take 6 seconds, at or above 5"},
	{DCM_ALARM_NEGATIVE_COUNT, plant_negative, 2.3e6, 30e6, 200e6, "host", DCM_SEC_TOTALS, 0,
	 "negative entries of the host are 30000000, at or above 20000000"},
	{DCM_ALARM_DENTRIES_TOTAL, plant_dentries, 5e6, 60e6, 200e6, "host", DCM_SEC_TOTALS, 0,
	 "entries of the host are 60000000, at or above 50000000"},
	{DCM_ALARM_SLAB_SHARE, plant_slab, 0.02, 0.234, 0.4, "host", DCM_SEC_TOTALS, 0,
	 "dentry slab of the host takes 23.4 percent of memory, at or above 15"},
	{DCM_ALARM_RECLAIM_STALL, plant_stall, 1, 12.5, 60, "host", DCM_SEC_MEMORY, 0,
	 "memory reclaim of the host stalls tasks 12.5 percent of the time, at or above 10"},
	{DCM_ALARM_RECLAIM_RISK, plant_risk, 0.1, 0.625, 1.25, "host", DCM_SEC_MEMORY, 0,
	 "low watermark of the host is 62.5 percent of free memory beside many unused entries, "
	 "at or above 50"},
	{DCM_ALARM_SNMPD_WEDGE, plant_snmpd, 0.05, 0.4, 1.04, "snmpd", DCM_SEC_SNMPD, 0,
	 "interface reload of snmpd takes 40 percent of its interval, at or above 30"},
	{DCM_ALARM_SOURCE_FAILED, plant_source, 0, 1, 0, "snmpd", DCM_SEC_SOURCES, 8,
	 "source snmpd has failed or is stuck"},
	{DCM_ALARM_COVERAGE_STALE, plant_coverage, 70, 1000, 4000, "hash", DCM_SEC_HASH, 0,
	 "last complete pass of hash ended 1000 seconds ago, at or above 900"},
	{DCM_ALARM_DIRECTORY_CHILDREN, plant_directory, 3e6, 12e6, 200e6, "/srv/cache",
	 DCM_SEC_DIRECTORIES, 2,
	 "directory /srv/cache has 12000000 cached children, at or above 10000000"},
	{DCM_ALARM_DIRECTORY_WATCH_SECONDS, plant_watch, 0.1, 2, 20, "/srv/cache",
	 DCM_SEC_DIRECTORIES, 2,
	 "adding a watch to directory /srv/cache would hold its lock for 2 seconds, at or above 1, "
	 "between 1.4 and 2.6"},
	{DCM_ALARM_RECLAIM_RULES, plant_rules, 70, 1000, 4000, "reclaim --rules", DCM_SEC_RECLAIM,
	 0, "last good run of reclaim --rules was 1000 seconds ago, at or above 900"},
	{DCM_ALARM_TABLE_CHAIN, plant_table_chain, 20, 800, 6000, "device_names of /run/netns/blue",
	 DCM_SEC_TABLES, 101,
	 "hash table device_names of /run/netns/blue has a chain of 800 entries, at or above 500"},
	{DCM_ALARM_TABLE_LOAD, plant_table_load, 2, 20, 120, "device_names of /run/netns/blue",
	 DCM_SEC_TABLES, 101,
	 "hash table device_names of /run/netns/blue has 20 entries per bucket, at or above 16"},
};

/* Plants @value for @seconds; returns the number of transitions. */
static size_t keep(struct scene *s, const struct plan *plan, double value, double seconds)
{
	size_t transitions = 0;

	for (unsigned i = 0; i < seconds; i++) {
		plan->plant(s, value);
		s->strings_size =
			s->strings_size > SCENE_STRINGS / 2 ? SCENE_STRINGS / 4 : s->strings_size;
		transitions += scene_run(s, 1);
	}
	return transitions;
}

static void expect(struct scene *s, const struct plan *plan, enum dcm_severity severity,
		   uint32_t index)
{
	const struct dcm_alarm_transition *t = scene_last(s);

	assert_int_equal(t->type, plan->type);
	assert_int_equal(t->severity, severity);
	assert_int_equal(t->index, index);
	assert_string_equal(t->resource, plan->resource);
	assert_int_equal(t->section, plan->section);
	assert_int_equal(t->resource_index, plan->index);
	assert_int_equal(t->time_ns, s->now.realtime_ns);
	assert_false(t->test);
	assert_safe(t->text);
	assert_safe(t->resource);
}

static void each_rule_raises_and_clears(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(plans); i++) {
		const struct plan *plan = &plans[i];
		struct scene *s = scene_create();
		const struct dcm_alarm_rule *rule = &s->config.types[plan->type].rule;

		print_message("%s\n", dcm_alarm_type_name(plan->type));
		scene_only(s, plan->type);
		scene_start(s);
		assert_int_equal(keep(s, plan, plan->calm, 400), 0);
		/* the first sample above starts the hold */
		assert_int_equal(keep(s, plan, plan->warning, rule->raise_after), 0);
		assert_int_equal(keep(s, plan, plan->warning, 1), 1);
		expect(s, plan, DCM_SEVERITY_WARNING, 1);
		assert_string_equal(scene_last(s)->text, plan->text);
		assert_int_equal(keep(s, plan, plan->warning, 300), 0);
		if (plan->critical) {
			assert_int_equal(keep(s, plan, plan->critical, rule->raise_after + 1), 1);
			expect(s, plan, DCM_SEVERITY_CRITICAL, 1);
		}
		assert_int_equal(keep(s, plan, plan->calm, rule->clear_after), 0);
		assert_int_equal(keep(s, plan, plan->calm, 1), 1);
		expect(s, plan, DCM_SEVERITY_CLEARED, 1);
		assert_int_equal(keep(s, plan, plan->calm, 1000), 0);
		/* the next occurrence is another alarm */
		assert_int_equal(keep(s, plan, plan->warning, rule->raise_after + 1), 1);
		expect(s, plan, DCM_SEVERITY_WARNING, 2);
		scene_destroy(s);
	}
}

/* A failed source neither raises nor clears, and does not let hold times run on. */
static void missing_source_holds(void **state)
{
	static const enum dcm_source sources[DCM_ALARM_TYPE_END] = {
		[DCM_ALARM_CHAIN_LENGTH] = DCM_SOURCE_HASH,
		[DCM_ALARM_LOOKUP_LATENCY] = DCM_SOURCE_LOOKUPS,
		[DCM_ALARM_SUPERBLOCK_UNUSED] = DCM_SOURCE_SUPERBLOCKS,
		[DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS] = DCM_SOURCE_SUPERBLOCKS,
		[DCM_ALARM_SLAB_SHARE] = DCM_SOURCE_MEMORY,
		[DCM_ALARM_RECLAIM_STALL] = DCM_SOURCE_MEMORY,
		[DCM_ALARM_RECLAIM_RISK] = DCM_SOURCE_MEMORY,
		[DCM_ALARM_SNMPD_WEDGE] = DCM_SOURCE_SNMPD,
		[DCM_ALARM_COVERAGE_STALE] = DCM_SOURCE_HASH,
		[DCM_ALARM_DIRECTORY_CHILDREN] = DCM_SOURCE_HASH,
		[DCM_ALARM_DIRECTORY_WATCH_SECONDS] = DCM_SOURCE_HASH,
		[DCM_ALARM_RECLAIM_RULES] = DCM_SOURCE_RECLAIM,
		[DCM_ALARM_TABLE_CHAIN] = DCM_SOURCE_TABLES,
		[DCM_ALARM_TABLE_LOAD] = DCM_SOURCE_TABLES,
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(plans); i++) {
		const struct plan *plan = &plans[i];
		enum dcm_source source = sources[plan->type];
		struct scene *s = scene_create();
		const struct dcm_alarm_rule *rule = &s->config.types[plan->type].rule;

		if (plan->type == DCM_ALARM_SOURCE_FAILED) {
			scene_destroy(s);
			continue;
		}
		scene_only(s, plan->type);
		scene_start(s);
		keep(s, plan, plan->calm, 2);
		keep(s, plan, plan->warning, rule->raise_after / 2);
		scene_source(s, source, DCM_STATE_FAILED);
		assert_int_equal(keep(s, plan, plan->warning, 2000), 0);
		scene_source(s, source, DCM_STATE_OK);
		if (rule->raise_after)
			assert_int_equal(keep(s, plan, plan->warning, rule->raise_after / 2), 0);
		assert_int_equal(keep(s, plan, plan->warning, rule->raise_after ? 2 : 1), 1);
		expect(s, plan, DCM_SEVERITY_WARNING, 1);
		scene_source(s, source, DCM_STATE_STUCK);
		assert_int_equal(keep(s, plan, plan->calm, 2000), 0);
		scene_source(s, source, DCM_STATE_STARTING);
		if (plan->type != DCM_ALARM_COVERAGE_STALE)
			assert_int_equal(keep(s, plan, plan->calm, 2000), 0);
		scene_source(s, source, DCM_STATE_OK);
		keep(s, plan, plan->calm, rule->clear_after + 1);
		expect(s, plan, DCM_SEVERITY_CLEARED, 1);
		scene_destroy(s);
	}
}

/* Rows without their values, and values that are no numbers, say nothing. */
static void absent_values_hold(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_LOOKUP_LATENCY);
	scene_start(s);
	scene_lookup(s, "/a", 100);
	assert_int_equal(scene_run(s, 40), 1);
	s->lookups[0].has &= ~DCM_HAS(&s->lookups[0], seconds);
	s->lookups[0].seconds = 0;
	assert_int_equal(scene_run(s, 1000), 0);
	DCM_SET(&s->lookups[0], seconds, (double)NAN);
	assert_int_equal(scene_run(s, 1000), 0);
	DCM_SET(&s->lookups[0], seconds, (double)INFINITY);
	assert_int_equal(scene_run(s, 1000), 0);
	DCM_SET(&s->lookups[0], seconds, 1e-6);
	assert_int_equal(scene_run(s, 61), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
}

static void unmounted_superblock_clears(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_start(s);
	plant_unused(s, 20e6);
	assert_int_equal(scene_run(s, 31), 1);
	s->superblock_count = 1;
	assert_int_equal(scene_run(s, 120), 0);
	assert_int_equal(scene_run(s, 1), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
	assert_int_equal(scene_last(s)->index, 1);
	assert_int_equal(scene_last(s)->resource_index, 0);
	assert_string_equal(scene_last(s)->text,
			    "superblock /var/lib/docker/overlay2 is unmounted");
	/* an empty list is a list not yet made */
	plant_unused(s, 20e6);
	assert_int_equal(scene_run(s, 31), 1);
	s->superblock_count = 0;
	assert_int_equal(scene_run(s, 1000), 0);
}

/* What fell from critical, but not as far or as long as a warning asks to end, is no longer "at or
 * above" anything. */
static void falls_below_both(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_LOOKUP_LATENCY);
	scene_rule(s, "alarm lookup_latency", "warning", "50e-6");
	scene_rule(s, "alarm lookup_latency", "critical", "500e-6");
	scene_rule(s, "alarm lookup_latency", "clear_ratio", "0.8");
	scene_rule(s, "alarm lookup_latency", "clear_after", "60");
	scene_start(s);
	plant_lookup(s, 600e-6);
	assert_int_equal(scene_run(s, 100), 1);
	plant_lookup(s, 45e-6);
	assert_int_equal(scene_run(s, 62), 1);
	assert_string_equal(scene_last(s)->text, "lookup of /proc/sys/net/ipv6 takes 45 "
						 "microseconds, below 50 but not below 40");
	plant_lookup(s, 600e-6);
	assert_int_equal(scene_run(s, 100), 1);
	/* 30 s of one, 32 s of the other */
	plant_lookup(s, 100e-6);
	assert_int_equal(scene_run(s, 30), 0);
	plant_lookup(s, 10.3e-6);
	assert_int_equal(scene_run(s, 32), 1);
	assert_string_equal(scene_last(s)->text,
			    "lookup of /proc/sys/net/ipv6 takes 10.3 "
			    "microseconds, below 50 but not yet for 60 seconds");
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	assert_int_equal(scene_run(s, 62), 1);
	assert_string_equal(scene_last(s)->text,
			    "lookup of /proc/sys/net/ipv6 takes 10.3 microseconds, below 40");
}

/* Memory pressure without direct reclaim is not what this project is about. */
static void stall_needs_direct_reclaim(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_RECLAIM_STALL);
	scene_start(s);
	DCM_SET(&s->memory, pgscan_direct, 123456);
	DCM_SET(&s->memory, psi_some_avg10, 90.0);
	assert_int_equal(scene_run(s, 600), 0);
	s->memory.pgscan_direct++;
	assert_int_equal(scene_run(s, 25), 1);
}

static void risk_needs_unused_entries(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_RECLAIM_RISK);
	scene_start(s);
	plant_risk(s, 2);
	s->totals.unused = 40000000;
	assert_int_equal(scene_run(s, 600), 0);
	s->totals.unused = 50000000;
	assert_int_equal(scene_run(s, 61), 1);
}

/* A ratio of negatives alone never alarms, however high. */
static void ratio_of_negatives_is_no_alarm(void **state)
{
	struct scene *s = *state;

	scene_start(s);
	DCM_SET(&s->totals, dentries, 10000000);
	DCM_SET(&s->totals, unused, 9990000);
	DCM_SET(&s->totals, negative, 9980000);
	assert_int_equal(scene_run(s, 3000), 0);
}

/* A first pass that never ends is as stale as an old one. */
static void coverage_without_any_pass(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_COVERAGE_STALE);
	scene_start(s);
	s->hash.has = 0;
	scene_source(s, DCM_SOURCE_HASH, DCM_STATE_STARTING);
	assert_int_equal(scene_run(s, 900), 0);
	assert_int_equal(scene_run(s, 1), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
}

static void switched_off_source_clears(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_SNMPD_WEDGE);
	scene_start(s);
	plant_snmpd(s, 2);
	assert_int_equal(scene_run(s, 31), 1);
	scene_source(s, DCM_SOURCE_SNMPD, DCM_STATE_OFF);
	assert_int_equal(scene_run(s, 120), 0);
	assert_int_equal(scene_run(s, 1), 1);
	assert_string_equal(scene_last(s)->text, "interface reload of snmpd is no longer watched");
}

/* A name made to break lines, terminals, shells and trap handlers. */
static void hostile_names_are_safe(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_start(s);
	scene_superblock(s, 3, "/a\nb\x1b[2J$(reboot)`id`;>'\"\\\xff%n&|<*?!{}~#", 1e9);
	assert_int_equal(scene_run(s, 31), 1);
	assert_safe(scene_last(s)->resource);
	assert_safe(scene_last(s)->text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_raises_and_clears),
		cmocka_unit_test(missing_source_holds),
		cmocka_unit_test_setup_teardown(absent_values_hold, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(falls_below_both, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(unmounted_superblock_clears, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(stall_needs_direct_reclaim, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(risk_needs_unused_entries, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(ratio_of_negatives_is_no_alarm, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(coverage_without_any_pass, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(switched_off_source_clears, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(hostile_names_are_safe, scene_setup,
						scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
