// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every rule with its default levels against planted snapshots. */
#include <ctype.h>
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

/* Nothing that a shell or a trap handler would interpret. */
static void assert_safe(const char *text)
{
	for (; *text; text++)
		assert_true(isalnum((unsigned char)*text) || strchr(" ,.:/-_", *text));
}

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

static void assert_raised(struct scene *s, const char *text)
{
	assert_int_equal(scene_run(s, 32), 1);
	assert_string_equal(scene_last(s)->text, text);
	assert_safe(text);
}

/* An estimate carries its interval, the hint and, when it is near, the end of a reference count. */
static void directory_notes(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_directory *d;

	scene_only(s, DCM_ALARM_DIRECTORY_CHILDREN);
	scene_start(s);
	d = scene_directory(s, "/srv/cache", 12000000, 30000);
	DCM_SET(d, hint, scene_str(s, "temporary names; $(use) O_TMPFILE"));
	assert_raised(s, "directory /srv/cache has 12000000 cached children, at or above 10000000, "
			 "between 11970000 and 12030000: temporary names_ __use_ O_TMPFILE");
	d->children = 1100000000;
	d->children_error = 0;
	d->hint = 0;
	assert_raised(s, "directory /srv/cache has 1100000000 cached children, at or above "
			 "100000000, its reference count overflows at 2147483648");
	d->children = 100;
	assert_int_equal(scene_run(s, 122), 1);
	assert_string_equal(scene_last(s)->text,
			    "directory /srv/cache has 100 cached children, below 8000000");
}

/* Of 32 directories that all have more, the list says nothing about another one. */
static void directory_off_the_list(void **state)
{
	struct scene *s = *state;
	char path[16];

	scene_only(s, DCM_ALARM_DIRECTORY_CHILDREN);
	scene_start(s);
	scene_directory(s, "/first", 12000000, 0);
	assert_int_equal(scene_run(s, 32), 1);
	s->directory_count = 0;
	for (int i = 0; i < 32; i++) {
		snprintf(path, sizeof(path), "/%d", i);
		scene_directory(s, path, 9000000, 0);
	}
	assert_int_equal(scene_run(s, 200), 0);
	s->directories[31].children = 100;
	assert_int_equal(scene_run(s, 122), 1);
	assert_string_equal(scene_last(s)->text,
			    "directory /first is no longer among the largest directories");
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

/* A namespace holds what has left the host's table of mounts: no name any more, the same rule. */
static void rule_follows_the_superblock(void **state)
{
	struct scene *s = scene_create();
	struct dcm_snap_superblock *held, *fresh;
	struct dcm_reason reason;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	dcm_alarm_config_set(&s->config, 1, "alarm superblock_unused /m", "warning", "1000",
			     &reason);
	dcm_alarm_config_set(&s->config, 2, "alarm superblock_unused /m", "critical", "10000",
			     &reason);
	scene_start(s);
	held = scene_superblock(s, 7, "/m", 20000);
	scene_superblock(s, 8, "/calm", 20000);
	assert_int_equal(scene_run(s, 31), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	held->mountpoint = 0;
	assert_int_equal(scene_run(s, 1000), 0);
	/* another one takes the name: the rule holds for both */
	fresh = scene_superblock(s, 9, "/m", 1500);
	assert_int_equal(scene_run(s, 31), 1);
	assert_int_equal(scene_last(s)->resource_index, 9);
	fresh->unused = held->unused = 10;
	assert_int_equal(scene_run(s, 1000), 2);
	assert_string_equal(scene_last(s)->text,
			    "superblock /m holds 10 unused entries, below 800");
	/* seen calm under its name, grown without one */
	held->unused = 1000;
	assert_int_equal(scene_run(s, 31), 1);
	assert_string_equal(scene_last(s)->resource, "overlay 0:47");
	scene_destroy(s);
}

static void set_rule(struct scene *s, const char *section, const char *key, const char *value)
{
	struct dcm_reason reason;

	assert_int_equal(dcm_alarm_config_set(&s->config, 1, section, key, value, &reason), 0);
}

static void contain(struct scene *s, struct dcm_snap_superblock *sb, const char *name)
{
	DCM_SET(sb, container.runtime, scene_str(s, "docker"));
	DCM_SET(sb, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(sb, container.name, scene_str(s, name));
}

/* Whose it is stands in the text; the resource stays what it is, for a name may change. */
static void container_notes(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_directory *d;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_start(s);
	contain(s, scene_superblock(s, 7, "/d/merged", 20000000), "web-1;$(id)");
	assert_raised(s, "superblock /d/merged holds 20000000 unused entries, at or above "
			 "10000000, container web-1___id_, docker 3f2a9c01b77e");
	assert_string_equal(scene_last(s)->resource, "/d/merged");
	scene_only(s, DCM_ALARM_DIRECTORY_CHILDREN);
	scene_start(s);
	d = scene_directory(s, "/d/merged/cache", 12000000, 0);
	DCM_SET(d, container.runtime, scene_str(s, "containerd"));
	DCM_SET(d, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(d, container.pod, scene_str(s, "cart"));
	DCM_SET(d, container.namespace, scene_str(s, "shop"));
	assert_raised(s, "directory /d/merged/cache has 12000000 cached children, at or above "
			 "10000000, container shop/cart, containerd 3f2a9c01b77e");
}

/* Targets that are patterns, or names of containers; a name itself comes before patterns. */
static void patterns(void **state)
{
	static const struct {
		const char *mountpoint, *container;
		uint64_t unused; /* raises a warning; one less does not */
	} cases[] = {
		{"/var/lib/docker/overlay2/0a1b/merged", NULL, 1000},
		{"/var/lib/docker/overlay2/0a1b/x/merged", NULL, 10000000},
		{"/var/lib/docker/overlay2/special/merged", NULL, 2000},
		{"", "web-1", 3000},
		{"", "web-special", 4000},
		{"", "db-1", 10000000},
		{"/var/lib/docker/overlay2/0a1c/merged", "web-1", 1000},
	};
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	set_rule(s, "alarm superblock_unused /var/lib/docker/overlay2/*/merged", "warning", "1000");
	set_rule(s, "alarm superblock_unused /var/lib/docker/overlay2/special/merged", "warning",
		 "2000");
	set_rule(s, "alarm superblock_unused container:web-*", "warning", "3000");
	set_rule(s, "alarm superblock_unused container:web-special", "warning", "4000");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_snap_superblock *sb;

		scene_start(s);
		s->superblock_count = 0;
		sb = scene_superblock(s, (uint32_t)i + 1, cases[i].mountpoint, cases[i].unused - 1);
		if (cases[i].container)
			contain(s, sb, cases[i].container);
		assert_int_equal(scene_run(s, 100), 0);
		sb->unused = cases[i].unused;
		assert_int_equal(scene_run(s, 32), 1);
		assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	}
}

/* What fell from critical, but not as far or as long as a warning asks to end, is no longer "at or
 * above" anything. */
static void falls_below_both(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_LOOKUP_LATENCY);
	set_rule(s, "alarm lookup_latency", "warning", "50e-6");
	set_rule(s, "alarm lookup_latency", "critical", "500e-6");
	set_rule(s, "alarm lookup_latency", "clear_ratio", "0.8");
	set_rule(s, "alarm lookup_latency", "clear_after", "60");
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

/* Only the longest 32 chains are listed: one that fell off a list of long ones is unknown. */
static void chain_off_the_list_holds(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	scene_chain(s, 500, "/proc/sys/net", "core", 1200);
	assert_int_equal(scene_run(s, 11), 1);
	s->chain_count = 0;
	for (unsigned i = 0; i < 32; i++)
		scene_chain(s, 1000 + i, "/x", "y", 900);
	assert_int_equal(scene_run(s, 500), 0);
	s->chains[31].length = 3;
	assert_int_equal(scene_run(s, 61), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
	assert_string_equal(scene_last(s)->text, "hash chain of /proc/sys/net/core is no longer "
						 "among the longest chains");
}

/* The rank of a chain moves, its alarm doesn't; the row pointer follows. */
static void chain_keeps_its_alarm(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	scene_chain(s, 1, "/proc/sys/net", "ipv6", 1300);
	scene_chain(s, 2, "/proc/sys/net", "core", 1200);
	assert_int_equal(scene_run(s, 11), 2);
	s->chain_count = 0;
	scene_chain(s, 2, "/proc/sys/net", "core", 6000);
	scene_chain(s, 1, "/proc/sys/net", "ipv6", 1100);
	assert_int_equal(scene_run(s, 11), 1);
	assert_string_equal(scene_last(s)->resource, "/proc/sys/net/core");
	assert_int_equal(scene_last(s)->resource_index, 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	assert_int_equal(scene_last(s)->index, 2);
}

static void growth_of_host_and_superblock(void **state)
{
	struct scene *s = *state;
	uint64_t used = 1000000;

	scene_only(s, DCM_ALARM_GROWTH);
	scene_start(s);
	scene_superblock(s, 9, "/data", 0);
	for (unsigned i = 0; i < 900; i++) {
		used += 2000;
		/* every tenth reading is wild, and drop_caches strikes once */
		s->superblocks[0].unused = i % 10 == 3 ? 400000 : used;
		DCM_SET(&s->totals, dentries, used);
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 2);
	assert_string_equal(dcm_alarm_engine_transition(s->engine, 1)->resource, "host");
	assert_string_equal(scene_last(s)->resource, "/data");
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	assert_true(scene_last(s)->value > 1900 && scene_last(s)->value < 2100);
	assert_non_null(strstr(scene_last(s)->text, ", critical level in "));
	assert_safe(scene_last(s)->text);
	/* level again: clears after the window has forgotten and the hold is over */
	assert_int_equal(scene_run(s, 1800), 2);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
}

/* 200,000 a second: who wants to know at once, does within 15 s, and a spike is none. */
static void growth_in_seconds(void **state)
{
	struct scene *s = *state;
	uint64_t used = 16000000;
	unsigned i;

	scene_only(s, DCM_ALARM_GROWTH);
	s->config.types[DCM_ALARM_GROWTH].rule.raise_after = 0;
	scene_start(s);
	for (i = 0; i < 600; i++) {
		DCM_SET(&s->totals, dentries, used + (i == 300) * 5000000);
		assert_int_equal(scene_run(s, 1), 0);
	}
	for (i = 0; i < 15 && !dcm_alarm_engine_sequence(s->engine); i++) {
		used += 200000;
		DCM_SET(&s->totals, dentries, used);
		scene_run(s, 1);
	}
	assert_in_range(i, 4, 12);
	assert_string_equal(scene_last(s)->resource, "host");
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	assert_non_null(strstr(scene_last(s)->text, ", critical level in "));
}

/* By default it has to last for five minutes. */
static void growth_of_a_minute_is_calm(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_GROWTH);
	scene_start(s);
	for (unsigned i = 0; i < 900; i++) {
		DCM_SET(&s->totals, dentries, 1000000 + (i < 60 ? i : 60) * 200000);
		assert_int_equal(scene_run(s, 1), 0);
	}
}

/* Fast growth far below the level is somebody's build. */
static void growth_without_end_in_sight_is_calm(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_GROWTH);
	s->config.types[DCM_ALARM_GROWTH].rule.extra = 3600;
	scene_start(s);
	for (unsigned i = 0; i < 2000; i++) {
		DCM_SET(&s->totals, dentries, 1000000 + i * 1500);
		assert_int_equal(scene_run(s, 1), 0);
	}
}

static void churn_is_a_rate(void **state)
{
	struct scene *s = *state;
	uint64_t created = 50000; /* what was there before does not count */

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	for (unsigned i = 0; i < 300; i++) {
		DCM_SET(&s->namespaces, created, created);
		assert_int_equal(scene_run(s, 1), 0);
	}
	for (unsigned i = 0; i < 300; i++) {
		DCM_SET(&s->namespaces, created, created += 10);
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	/* the sampler's count starts afresh: no rate of minus thousands, nor a huge one */
	DCM_SET(&s->namespaces, created, 3);
	assert_int_equal(scene_run(s, 29), 0);
	assert_int_equal(scene_run(s, 600), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
}

/* Names of programs are data from strangers, and come last, so that the level is never cut off. */
static void churn_names_the_makers(void **state)
{
	struct scene *s = *state;
	uint64_t created = 0;

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	DCM_SET(&s->namespaces, makers, scene_str(s, "runc:$(id) of shim, ip of bash"));
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 1);
	assert_string_equal(scene_last(s)->text,
			    "network namespaces of the host are created at 20 per second, at or "
			    "above 5, most by runc:__id_ of shim, ip of bash");
	assert_safe(scene_last(s)->text);
}

/* A chain in a container's own directory; the host's /proc is nobody's. */
static void chain_names_the_container(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_chain *chain;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	chain = scene_chain(s, 7, "/var/lib/x/merged/cache", "entry", 1500);
	DCM_SET(chain, container.runtime, scene_str(s, "docker"));
	DCM_SET(chain, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(chain, container.name, scene_str(s, "web-1"));
	assert_int_equal(scene_run(s, 60), 1);
	assert_string_equal(
		scene_last(s)->text,
		"hash chain of /var/lib/x/merged/cache/entry has 1500 entries, at or above "
		"1000, container web-1, docker 3f2a9c01b77e");
}

/* The last container that got one is named, too. */
static void churn_names_a_container(void **state)
{
	struct scene *s = *state;
	uint64_t created = 0;

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	DCM_SET(&s->namespaces, makers, scene_str(s, "runc:[1:CHILD] of runc for docker"));
	DCM_SET(&s->namespaces, container.runtime, scene_str(s, "docker"));
	DCM_SET(&s->namespaces, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(&s->namespaces, container.name, scene_str(s, "web-1"));
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_string_equal(scene_last(s)->text,
			    "network namespaces of the host are created at 20 per second, at or "
			    "above 5, most by runc for docker, last for web-1, "
			    "docker 3f2a9c01b77e");
	DCM_SET(&s->namespaces, containers, scene_str(s, "web-1, web-$(id) and 6 more"));
	for (unsigned i = 0; i < 400; i++)
		scene_run(s, 1);
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_non_null(strstr(scene_last(s)->text,
			       "most by runc for docker, last for web-1, web-__id_ and 6 more"));
}

/* containerd makes the namespace before there is a container, so only pods that wait are known. */
static void churn_names_waiting_pods(void **state)
{
	struct scene *s = *state;
	uint64_t created = 0;

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	DCM_SET(&s->namespaces, makers, scene_str(s, "containerd of systemd"));
	DCM_SET(&s->namespaces, container.runtime, scene_str(s, "containerd"));
	DCM_SET(&s->namespaces, waiting_pods, 8);
	DCM_SET(&s->namespaces, waiting_pod_names,
		scene_str(s, "shop/cart-1, shop/cart$(id) and 6 more"));
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_string_equal(scene_last(s)->text,
			    "network namespaces of the host are created at 20 per second, at or "
			    "above 5, most by containerd of systemd; no container yet in "
			    "shop/cart-1, shop/cart__id_ and 6 more");
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
		cmocka_unit_test(rule_follows_the_superblock),
		cmocka_unit_test(each_rule_raises_and_clears),
		cmocka_unit_test(missing_source_holds),
		cmocka_unit_test_setup_teardown(absent_values_hold, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(directory_notes, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(container_notes, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(patterns, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(falls_below_both, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(directory_off_the_list, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(unmounted_superblock_clears, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(chain_off_the_list_holds, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(chain_keeps_its_alarm, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(growth_of_host_and_superblock, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(growth_in_seconds, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(growth_of_a_minute_is_calm, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(growth_without_end_in_sight_is_calm, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_is_a_rate, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(chain_names_the_container, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_names_a_container, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_names_waiting_pods, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_names_the_makers, scene_setup,
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
