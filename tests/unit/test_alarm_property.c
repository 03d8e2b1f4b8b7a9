// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random series of values, gaps and clock jumps. The oracle keeps the whole series and judges each
 * transition by looking back over it.
 */
#include <math.h>

#include "tests/unit/alarm_scene.h"

#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define WARNING	 100
#define CRITICAL 500
#define STEPS	 600

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

struct step {
	double elapsed; /* sum of all forward time, seconds */
	double value;
	bool known;
};

struct series {
	struct step step[STEPS];
	size_t count;
	enum dcm_severity severity; /* after the newest step */
	uint32_t index;
	struct dcm_alarm_rule rule;
};

static double level(const struct series *h, enum dcm_severity severity)
{
	return severity == DCM_SEVERITY_CRITICAL ? h->rule.critical : h->rule.warning;
}

static bool holds(const struct series *h, const struct step *step, enum dcm_severity severity,
		  bool above)
{
	return above ? step->value >= level(h, severity)
		     : step->value < level(h, severity) * h->rule.clear_ratio;
}

/*
 * For how many seconds the value was seen on that side without a break: time next to a step without
 * a value doesn't count, nor does more than a minute between two steps. Negative: it isn't there.
 */
static double stood(const struct series *h, enum dcm_severity severity, bool above)
{
	double sum = 0;
	bool any = false;

	for (size_t i = h->count; i-- > 0;) {
		const struct step *step = &h->step[i];

		if (!step->known)
			continue;
		if (!holds(h, step, severity, above))
			break;
		any = true;
		if (i && step[-1].known && holds(h, &step[-1], severity, above))
			sum += fmin(step->elapsed - step[-1].elapsed, 60);
	}
	return any ? sum : -1;
}

/* No transition without its hold time. */
static void check_transition(const struct series *h, enum dcm_severity from, enum dcm_severity to)
{
	assert_int_not_equal(from, to);
	if (to > from)
		assert_true(stood(h, to, true) >= h->rule.raise_after);
	else if (to == DCM_SEVERITY_CLEARED)
		assert_true(stood(h, DCM_SEVERITY_WARNING, false) >= h->rule.clear_after);
	else
		assert_true(stood(h, DCM_SEVERITY_CRITICAL, false) >= h->rule.clear_after);
}

/* No value that stood for long enough without its transition. */
static void check_state(const struct series *h)
{
	if (!h->step[h->count - 1].known)
		return;
	if (stood(h, DCM_SEVERITY_CRITICAL, true) >= h->rule.raise_after)
		assert_int_equal(h->severity, DCM_SEVERITY_CRITICAL);
	if (stood(h, DCM_SEVERITY_WARNING, true) >= h->rule.raise_after)
		assert_true(h->severity >= DCM_SEVERITY_WARNING);
	if (stood(h, DCM_SEVERITY_WARNING, false) >= h->rule.clear_after)
		assert_int_equal(h->severity, DCM_SEVERITY_CLEARED);
	if (stood(h, DCM_SEVERITY_CRITICAL, false) >= h->rule.clear_after)
		assert_true(h->severity <= DCM_SEVERITY_WARNING);
}

static void take(struct scene *s, struct series *h, size_t transitions)
{
	uint64_t sequence = dcm_alarm_engine_sequence(s->engine);
	const struct dcm_alarm_transition *t;

	assert_in_range(transitions, 0, 1);
	if (!transitions)
		return;
	t = dcm_alarm_engine_transition(s->engine, sequence);
	/* a clear never without a raise, one index from the raise to the clear, never reused */
	if (h->severity == DCM_SEVERITY_CLEARED) {
		assert_int_not_equal(t->severity, DCM_SEVERITY_CLEARED);
		assert_int_equal(t->index, h->index + 1);
	} else {
		assert_int_equal(t->index, h->index);
	}
	assert_int_equal(t->time_ns, s->now.realtime_ns);
	check_transition(h, h->severity, t->severity);
	h->severity = t->severity;
	h->index = t->index;
}

/* A value that lingers, creeps, or dances round a level. */
static double next_value(double value)
{
	static const double marks[] = {0,   50,	 79,  80,  81,	99,  100,
				       101, 399, 400, 499, 500, 501, 900};

	switch (rnd(8)) {
	case 0:
		return marks[rnd(DCM_ARRAY_SIZE(marks))];
	case 1:
		return value + rnd(41) - 20;
	default:
		return value;
	}
}

/* Returns the seconds that the monotonic clock went forward. */
static double next_time(struct scene *s)
{
	double forward = 0.25 * (1 + rnd(6));

	s->now.realtime_ns += forward * DCM_NSEC_PER_SEC;
	if (!rnd(40)) /* NTP, an operator, a suspend: either way, up to years */
		s->now.realtime_ns += ((int64_t)rnd(200000000) - 100000000) * 1000000000LL;
	switch (rnd(60)) {
	case 0: /* stopped, or the host was: a long gap */
		forward = 61 + rnd(100000);
		break;
	case 1: { /* another boot's clock */
		uint64_t before = s->now.monotonic_ns;

		s->now.monotonic_ns = rnd(1000) * DCM_NSEC_PER_SEC;
		return s->now.monotonic_ns > before
			       ? (double)(s->now.monotonic_ns - before) / DCM_NSEC_PER_SEC
			       : 0;
	}
	case 2: /* twice in one moment */
		forward = 0;
		break;
	}
	s->now.monotonic_ns += forward * DCM_NSEC_PER_SEC;
	return forward;
}

static void one_series(struct scene *s)
{
	struct series h = {.severity = DCM_SEVERITY_CLEARED};
	double elapsed = 0, value = 0;

	h.rule = s->config.types[DCM_ALARM_CHAIN_LENGTH].rule;
	s->now.realtime_ns = 1700000000 * (int64_t)DCM_NSEC_PER_SEC;
	for (size_t i = 0; i < STEPS; i++) {
		bool known = rnd(20) != 0;
		size_t transitions;

		value = next_value(value);
		value = value < 0 ? 0 : value;
		elapsed += next_time(s);
		h.step[h.count++] = (struct step){elapsed, (uint64_t)value, known};
		scene_source(s, DCM_SOURCE_HASH, known ? DCM_STATE_OK : DCM_STATE_FAILED);
		s->chains[0].length = value;
		transitions = scene_evaluate(s);
		if (!known)
			assert_int_equal(transitions, 0);
		take(s, &h, transitions);
		check_state(&h);
	}
}

static void random_rule(struct dcm_alarm_rule *rule)
{
	static const double ratios[] = {0.5, 0.8, 1};

	*rule = (struct dcm_alarm_rule){.enabled = true,
					.has_warning = true,
					.warning = WARNING,
					.has_critical = true,
					.critical = CRITICAL,
					.clear_ratio = ratios[rnd(DCM_ARRAY_SIZE(ratios))],
					.raise_after = 0.5 * rnd(16) + (rnd(4) ? 0 : 70),
					.clear_after = 0.5 * rnd(16) + (rnd(4) ? 0 : 70)};
}

static void random_series(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_chain(s, 1, "/proc/sys/net", "core", 0);
	for (unsigned i = 0; i < 1000; i++) {
		seed = i + 1;
		random_rule(&s->config.types[DCM_ALARM_CHAIN_LENGTH].rule);
		scene_start(s);
		one_series(s);
	}
}

/* ---- many resources ---- */

struct seen {
	enum dcm_severity severity;
};

/* Every alarm alternates by itself whatever the others do, and the bound holds. */
static void crowd(void **state)
{
	struct scene *s = *state;
	static struct seen seen[100000];
	uint64_t read = 0;
	char path[32];

	seed = 42;
	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	s->config.types[DCM_ALARM_SUPERBLOCK_UNUSED].rule.raise_after = 3;
	s->config.types[DCM_ALARM_SUPERBLOCK_UNUSED].rule.clear_after = 5;
	scene_start(s);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/m%u", i);
		scene_superblock(s, i + 1, path, 0);
	}
	for (unsigned step = 0; step < 1500; step++) {
		unsigned active = 0;

		for (unsigned i = 0; i < 500; i++)
			if (!rnd(30))
				s->superblocks[i].unused = rnd(4) * 20000000ULL;
		scene_run(s, 1);
		for (read++; read <= dcm_alarm_engine_sequence(s->engine); read++) {
			const struct dcm_alarm_transition *t =
				dcm_alarm_engine_transition(s->engine, read);

			assert_non_null(t);
			assert_in_range(t->index, 1, DCM_ARRAY_SIZE(seen) - 1);
			if (!seen[t->index].severity)
				assert_int_not_equal(t->severity, DCM_SEVERITY_CLEARED);
			assert_int_not_equal(seen[t->index].severity, DCM_SEVERITY_CLEARED);
			assert_int_not_equal(seen[t->index].severity, t->severity);
			seen[t->index].severity = t->severity;
		}
		read--;
		for (unsigned i = 0; i < DCM_ARRAY_SIZE(seen); i++)
			active += seen[i].severity > DCM_SEVERITY_CLEARED;
		assert_in_range(active, 0, DCM_ALARM_MAX_ACTIVE + 1);
	}
	assert_true(read > 500);
}

static void worst_are_kept(void **state)
{
	struct scene *s = *state;
	unsigned critical = 0, more = 0;
	char path[32];

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_start(s);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "/m%u", i);
		/* 40 critical ones spread over warnings */
		scene_superblock(s, i + 1, path, i % 7 == 3 && i < 280 ? 60000000 : 11000000 + i);
	}
	assert_int_equal(scene_run(s, 31), DCM_ALARM_MAX_ACTIVE);
	scene_run(s, 31);
	for (uint64_t i = 1; i <= dcm_alarm_engine_sequence(s->engine); i++) {
		const struct dcm_alarm_transition *t = dcm_alarm_engine_transition(s->engine, i);

		critical += t->severity == DCM_SEVERITY_CRITICAL;
		if (!strcmp(t->resource, "more")) {
			more++;
			assert_string_equal(t->text, "and 236 more resources at or above a level "
						     "of superblock_unused");
		}
	}
	assert_int_equal(critical, 40);
	assert_int_equal(more, 1);
	/* a newcomer that is critical ends the mildest warning */
	s->superblocks[299].unused = 70000000;
	scene_run(s, 62);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	assert_string_equal(scene_last(s)->resource, "/m299");
}

/* 10,000 superblocks, all rules: stays bounded; what it costs is printed, not judged. */
static void many_superblocks(void **state)
{
	struct scene *s = *state;
	char path[64];
	double best[2] = {1e9, 1e9};

	for (unsigned i = 0; i < SCENE_SUPERBLOCKS; i++) {
		struct dcm_snap_superblock *sb;

		snprintf(path, sizeof(path), "/var/lib/docker/overlay2/%06u/merged", i);
		sb = scene_superblock(s, i + 1, path, 150000 + i);
		DCM_SET(sb, shrink_seconds, 0.1);
	}
	for (unsigned crowded = 0; crowded < 2; crowded++) {
		scene_start(s);
		for (unsigned i = 0; i < 100; i++) {
			uint64_t start = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);

			scene_run(s, 1);
			double took = (double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start);

			best[crowded] = took < best[crowded] && i > 50 ? took : best[crowded];
		}
		for (unsigned i = 0; i < SCENE_SUPERBLOCKS; i++)
			s->superblocks[i].unused = 20000000 + (i * 7919) % 10007;
	}
	print_message("10,000 superblocks: calm %.0f us, all above a level %.0f us\n",
		      best[0] / 1000, best[1] / 1000);
}

/* ---- single promises ---- */

/* A value that dances round a level makes one raise and no flapping. */
static void no_flapping(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	scene_chain(s, 1, "/proc/sys/net", "core", 0);
	for (unsigned i = 0; i < 3600; i++) {
		s->chains[0].length = i < 60 ? 1001 : 810 + (i * 37) % 400;
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 1);
}

static void overrides_take_precedence(void **state)
{
	static const struct {
		const char *section, *key, *value;
	} lines[] = {
		{"alarm superblock_unused", "warning", "1000"},
		{"alarm superblock_unused", "critical", "off"},
		{"alarm superblock_unused", "raise_after", "0"},
		{"alarm superblock_unused /var/lib/docker", "warning", "5000"},
		{"alarm superblock_unused /quiet", "enabled", "no"},
		{"alarm superblock_unused 0:43", "warning", "10"},
	};
	struct scene *s = *state;
	struct dcm_reason reason;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(lines); i++)
		assert_int_equal(dcm_alarm_config_set(&s->config, i + 1, lines[i].section,
						      lines[i].key, lines[i].value, &reason),
				 0);
	scene_start(s);
	scene_superblock(s, 1, "/var/lib/docker", 2000);
	scene_superblock(s, 2, "/quiet", 1000000);
	scene_superblock(s, 3, "/by-device", 20); /* 0:43 */
	scene_superblock(s, 4, "/plain", 999);
	scene_superblock(s, 5, "/other", 1000);
	assert_int_equal(scene_run(s, 1), 2);
	/* the others follow when they reach their own level */
	s->superblocks[0].unused = 5000;
	assert_int_equal(scene_run(s, 1), 1);
	assert_string_equal(scene_last(s)->resource, "/var/lib/docker");
	assert_true(scene_last(s)->threshold == 5000);
}

/* New rules: an alarm whose rule is switched off clears, one that is still above stays. */
static void rules_change(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	scene_chain(s, 1, "/proc/sys/net", "core", 6000);
	assert_int_equal(scene_run(s, 11), 1);
	dcm_alarm_engine_configure(s->engine, &s->config);
	assert_int_equal(scene_run(s, 100), 0);
	s->config.types[DCM_ALARM_CHAIN_LENGTH].rule.enabled = false;
	dcm_alarm_engine_configure(s->engine, &s->config);
	assert_int_equal(scene_run(s, 61), 1);
	assert_string_equal(scene_last(s)->text,
			    "hash chain of /proc/sys/net/core is no longer watched");
}

static void test_alarms_are_marked(void **state)
{
	struct scene *s = *state;

	scene_start(s);
	dcm_alarm_engine_test(s->engine, s->now);
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 2);
	for (uint64_t i = 1; i <= 2; i++) {
		const struct dcm_alarm_transition *t = dcm_alarm_engine_transition(s->engine, i);

		assert_int_equal(t->type, DCM_ALARM_TEST);
		assert_true(t->test);
		assert_int_equal(t->index, 1);
		assert_int_equal(t->severity, i == 1 ? DCM_SEVERITY_WARNING : DCM_SEVERITY_CLEARED);
	}
}

/* Rows of alarms, events and counts pass the snapshot's own validation. */
static void rows_of_a_snapshot(void **state)
{
	struct scene *s = *state;
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *snapshot;
	const struct dcm_snap_alarm_status *status;
	const struct dcm_snap_alarm_count *count;
	const struct dcm_snap_alarm *alarm, *event;
	struct dcm_reason reason;
	char path[32];

	scene_start(s);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "/m%u", i);
		scene_superblock(s, i + 1, path, 60000000);
	}
	scene_run(s, 100);
	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	dcm_alarm_engine_write(s->engine, builder);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	assert_int_equal(dcm_snapshot_validate(snapshot->header, snapshot->size, &reason), 0);
	assert_int_equal(dcm_snapshot_count(snapshot, DCM_SEC_ALARMS), DCM_ALARM_MAX_ACTIVE + 1);
	assert_int_equal(dcm_snapshot_count(snapshot, DCM_SEC_EVENTS), DCM_ALARM_MAX_ACTIVE + 1);
	alarm = dcm_snapshot_row(snapshot, DCM_SEC_ALARMS, 0);
	event = dcm_snapshot_row(snapshot, DCM_SEC_EVENTS, 0);
	assert_int_equal(alarm->index, event->index);
	assert_string_equal(dcm_snapshot_str(snapshot, alarm->resource),
			    dcm_snapshot_str(snapshot, event->resource));
	assert_int_equal(alarm->resource_section, DCM_SEC_SUPERBLOCKS);
	count = dcm_snapshot_row(snapshot, DCM_SEC_ALARM_COUNTS, DCM_ALARM_SUPERBLOCK_UNUSED - 1);
	assert_string_equal(dcm_snapshot_str(snapshot, count->name), "superblock_unused");
	assert_int_equal(count->criticals, DCM_ALARM_MAX_ACTIVE);
	assert_int_equal(count->active, DCM_ALARM_MAX_ACTIVE + 1);
	status = dcm_snapshot_row(snapshot, DCM_SEC_ALARM_STATUS, 0);
	assert_int_equal(status->active, DCM_ALARM_MAX_ACTIVE + 1);
	dcm_snapshot_destroy(snapshot);
	dcm_snapshot_builder_destroy(builder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_series, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(crowd, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(worst_are_kept, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(many_superblocks, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(no_flapping, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(overrides_take_precedence, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(rules_change, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_alarms_are_marked, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(rows_of_a_snapshot, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
