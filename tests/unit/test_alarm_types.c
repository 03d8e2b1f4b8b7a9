// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Each record of an alarm type is complete, and what it refers to exists. */
#include "tests/unit/alarm_scene.h"

#include <ctype.h>

#include "common/model/alarms/alarm_types.h"
#include "common/model/metrics/metrics.h"

#define FOR_EACH_TYPE(type) for (unsigned type = 1; type < DCM_ALARM_TYPE_END; type++)
#define FOR_EACH_RULE(type) FOR_EACH_TYPE(type) if (dcm_alarm_has_rule(type))

static void assert_words(const char *text)
{
	assert_non_null(text);
	assert_true(*text != ' ' && (!*text || text[strlen(text) - 1] != ' '));
	assert_null(strstr(text, "  "));
	assert_null(strchr(text, '\n'));
}

/* A part of a sentence in the default file and in alerts: printable ASCII, no full stop. */
static void assert_phrase(const char *text)
{
	assert_words(text);
	assert_true(*text != '\0');
	assert_true(text[strlen(text) - 1] != '.');
	for (const char *c = text; *c; c++)
		assert_true(isprint((unsigned char)*c));
}

static void names(void **state)
{
	FOR_EACH_TYPE(i)
	{
		const struct dcm_alarm_type_record *r = dcm_alarm_type_record(i);

		assert_true(strlen(r->name) == strspn(r->name, "abcdefghijklmnopqrstuvwxyz_"));
		assert_true(*r->name != '\0');
		assert_words(r->unit);
		assert_string_equal(dcm_alarm_type_name(i), r->name);
		for (unsigned k = 1; k < i; k++)
			assert_string_not_equal(dcm_alarm_type_name(k), r->name);
		assert_int_equal(dcm_alarm_type_find(r->name, strlen(r->name)),
				 dcm_alarm_has_rule(i) ? i : DCM_ALARM_TYPE_END);
	}
	assert_null(dcm_alarm_type_record(0));
	assert_null(dcm_alarm_type_record(DCM_ALARM_TYPE_END));
	assert_null(dcm_alarm_type_record((enum dcm_alarm_type) - 1));
	assert_null(dcm_alarm_type_name(0));
	assert_false(dcm_alarm_has_rule(0) || dcm_alarm_has_rule(DCM_ALARM_TYPE_END));
	assert_int_equal(dcm_alarm_type_find("growth", 5), DCM_ALARM_TYPE_END);
	assert_int_equal(dcm_alarm_type_find("growths", 6), DCM_ALARM_GROWTH);
	assert_int_equal(dcm_alarm_type_find("", 0), DCM_ALARM_TYPE_END);
}

static void words(void **state)
{
	FOR_EACH_RULE(i)
	{
		const struct dcm_alarm_type_record *r = dcm_alarm_type_record(i);

		print_message("%s\n", r->name);
		assert_true(*r->unit != '\0');
		assert_phrase(r->value);
		if (r->why)
			assert_phrase(r->why);
		if (r->notes)
			assert_words(r->notes);
		assert_phrase(r->before);
		assert_phrase(r->gone);
		if (r->between) {
			assert_phrase(r->between);
			assert_words(r->after);
			assert_null(r->raised);
			assert_null(r->cleared);
		} else {
			assert_phrase(r->raised);
			assert_phrase(r->cleared);
			assert_null(r->after);
		}
	}
}

static void defaults(void **state)
{
	FOR_EACH_RULE(i)
	{
		const struct dcm_alarm_type_record *r = dcm_alarm_type_record(i);

		assert_true(r->rule.enabled && r->rule.has_warning && r->rule.warning > 0);
		assert_true(!r->rule.has_critical || r->rule.critical > r->rule.warning);
		assert_true(r->rule.clear_ratio >= 0.1 && r->rule.clear_ratio < 1);
		assert_true(r->rule.raise_after >= 0 && r->rule.clear_after >= 0);
		assert_int_equal(r->rule.extra != 0, r->extra_key != NULL);
	}
}

static const struct dcm_metric *metric_of(const struct dcm_alarm_metric *place)
{
	const struct dcm_table *table = dcm_table_find(place->section);

	assert_non_null(table);
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->metrics[i].name, place->name))
			return &table->metrics[i];
	fail_msg("%s.%s is no metric", table->name, place->name);
	return NULL;
}

/* collectd's notification carries the identifier of the metric, Nagios polls the scalar. */
static void metrics(void **state)
{
	FOR_EACH_TYPE(i)
	{
		const struct dcm_alarm_type_record *r = dcm_alarm_type_record(i);
		const struct dcm_metric *metric = metric_of(&r->metric);

		assert_non_null(metric->collectd_type);
		assert_non_null(metric->collectd_type_instance);
		if (!r->scalar.name)
			continue;
		metric = metric_of(&r->scalar);
		assert_false(dcm_table_find(r->scalar.section)->array);
		assert_non_null(metric->mib_name);
		assert_string_equal(metric->unit, r->unit);
	}
}

/* A host on which every counter and figure is there. */
static struct scene *full_scene(void)
{
	struct scene *s = scene_create();
	struct dcm_snap_superblock *sb = scene_superblock(s, 1, "/mnt", 11000000);

	DCM_SET(sb, shrink_seconds, 6);
	DCM_SET(&s->totals, dentries, 20000000);
	DCM_SET(&s->totals, unused, 11000000);
	DCM_SET(&s->totals, negative, 1000);
	DCM_SET(&s->totals, slab_bytes, 4ULL << 30);
	DCM_SET(&s->memory, total_bytes, 64ULL << 30);
	DCM_SET(&s->memory, free_bytes, 8ULL << 30);
	DCM_SET(&s->memory, low_watermark_bytes, 1ULL << 30);
	DCM_SET(&s->memory, pgscan_direct, 5);
	DCM_SET(&s->memory, psi_some_avg10, 20.0);
	DCM_SET(&s->namespaces, created, 300);
	DCM_SET(&s->snmpd, wedge_ratio, 0.1);
	DCM_SET(&s->reclaim, rules_age_seconds, 60);
	scene_chain(s, 7, "/proc/sys/net", "ipv6", 2000);
	scene_lookup(s, "/proc/sys/net", 0.1);
	scene_directory(s, "/srv/cache", 1000, 0);
	scene_table(s, DCM_TABLE_INODES, 0, 0, 4, 0.3);
	return s;
}

/* What is called a rate has no value in one look; everything else has one. */
static void rates(void **state)
{
	struct scene *s = full_scene();
	struct dcm_alarm_input input;

	scene_input(s, &input);
	FOR_EACH_RULE(i)
	{
		double value = -1;
		bool has = dcm_alarm_worst_value(&input, &s->config, i, &value);

		if (has == dcm_alarm_type_record(i)->rate)
			fail_msg("%s: one look gives %s", dcm_alarm_type_name(i),
				 has ? "a value" : "none");
	}
	scene_destroy(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),   cmocka_unit_test(words), cmocka_unit_test(defaults),
		cmocka_unit_test(metrics), cmocka_unit_test(rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
