// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/alarm_scene.h"

#include <errno.h>
#include <stdio.h>

#include "common/base/cleanup.h"

struct line {
	const char *section, *key, *value;
	const char *message; /* NULL: accepted */
};

static const struct line lines[] = {
	{"alarm chain_length", "warning", "1000", NULL},
	{"alarm chain_length", "critical", "5e3", NULL},
	{"alarm chain_length", "clear_ratio", "0.5", NULL},
	{"alarm chain_length", "raise_after", "0", NULL},
	{"alarm chain_length", "clear_after", "86400", NULL},
	{"alarm chain_length", "enabled", "No", NULL},
	{"alarm chain_length", "warning", "2000", "already set in line 1"},
	{"alarm growth", "within", "3600", NULL},
	{"alarm reclaim_risk", "min_unused", "1000", NULL},
	{"alarm  slab_share", "warning", "OFF", NULL},
	{"alarm superblock_unused /var/lib/with space", "warning", "1", NULL},
	{"alarm superblock_unused /var/lib/with space", "critical", "1", NULL},
	/* mistakes */
	{"alarm", "warning", "1", "no alarm type of this name"},
	{"alarm ", "warning", "1", "no alarm type of this name"},
	{"alarm chain", "warning", "1", "no alarm type of this name"},
	{"alarm chain_lengths", "warning", "1", "no alarm type of this name"},
	{"alarm test", "warning", "1", "no alarm type of this name"},
	{"alarm dentries_total /mnt", "warning", "1",
	 "is about the whole host and takes no target"},
	{"alarm dentries_total", "warnings", "1", "unknown key"},
	{"alarm dentries_total", "", "1", "unknown key"},
	{"alarm dentries_total", "within", "1", "unknown key"},
	{"alarm dentries_total", "warning", "", "must be a number"},
	{"alarm dentries_total", "warning", "many", "must be a number"},
	{"alarm dentries_total", "warning", "1000 entries", "must be a number"},
	{"alarm dentries_total", "warning", "0x10", "must be a number"},
	{"alarm dentries_total", "warning", "nan", "must be a number"},
	{"alarm dentries_total", "warning", "inf", "must be a number"},
	{"alarm dentries_total", "warning", "1e999", "must be between 1e-09 and 1e+18"},
	{"alarm dentries_total", "warning", "-5", "must be between 1e-09 and 1e+18"},
	{"alarm dentries_total", "warning", "0", "must be between 1e-09 and 1e+18"},
	{"alarm dentries_total", "clear_ratio", "1.01", "must be between 0.1 and 1"},
	{"alarm dentries_total", "clear_ratio", "0", "must be between 0.1 and 1"},
	{"alarm dentries_total", "raise_after", "-1", "must be between 0 and 86400"},
	{"alarm dentries_total", "clear_after", "86401", "must be between 0 and 86400"},
	{"alarm dentries_total", "enabled", "maybe", "must be yes or no"},
};

static void keys(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(lines); i++) {
		struct dcm_reason reason = {""};
		int err = dcm_alarm_config_set(&s->config, i + 1, lines[i].section, lines[i].key,
					       lines[i].value, &reason);

		assert_int_equal(err, lines[i].message ? -EINVAL : 0);
		if (lines[i].message)
			assert_string_equal(reason.text, lines[i].message);
	}
	/* the rejected lines left no trace */
	assert_true(s->config.types[DCM_ALARM_DENTRIES_TOTAL].set == 0);
	assert_true(s->config.types[DCM_ALARM_CHAIN_LENGTH].rule.warning == 1000);
	assert_true(s->config.types[DCM_ALARM_CHAIN_LENGTH].rule.critical == 5000);
	assert_false(s->config.types[DCM_ALARM_CHAIN_LENGTH].rule.enabled);
	assert_false(s->config.types[DCM_ALARM_SLAB_SHARE].rule.has_warning);
	assert_true(s->config.types[DCM_ALARM_GROWTH].rule.extra == 3600);
	assert_int_equal(s->config.override_count, 1);
	assert_string_equal(s->config.overrides[0].target, "/var/lib/with space");
}

struct report {
	char text[4][256];
	size_t count;
};

static void collect(void *ctx, unsigned line, const char *section, const char *key,
		    const char *message)
{
	struct report *r = ctx;

	assert_in_range(r->count, 0, 3);
	snprintf(r->text[r->count++], 256, "%u [%s] %s: %s", line, section, key, message);
}

/* The level that was written last is blamed, in the section that holds for that resource. */
static void levels_in_the_wrong_order(void **state)
{
	static const struct line wrong[] = {
		{"alarm chain_length", "warning", "9000", NULL}, /* default critical is 5,000 */
		{"alarm slab_share", "critical", "0.1", NULL},	 /* default warning is 0.15 */
		{"alarm superblock_unused /a", "warning", "6e7", NULL},
		{"alarm superblock_unused /b", "warning", "6e7", NULL},
		{"alarm superblock_unused /b", "critical", "off", NULL},
	};
	struct scene *s = *state;
	struct dcm_reason reason;
	struct report r = {0};

	assert_int_equal(dcm_alarm_config_check(&s->config, collect, &r), 0);
	assert_int_equal(r.count, 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(wrong); i++)
		assert_int_equal(dcm_alarm_config_set(&s->config, i + 11, wrong[i].section,
						      wrong[i].key, wrong[i].value, &reason),
				 0);
	assert_int_equal(dcm_alarm_config_check(&s->config, collect, &r), -EINVAL);
	assert_int_equal(r.count, 3);
	assert_string_equal(r.text[0], "11 [alarm chain_length] warning: "
				       "critical 5000 is below warning 9000");
	assert_string_equal(r.text[1], "12 [alarm slab_share] critical: "
				       "critical 0.1 is below warning 0.15");
	assert_string_equal(r.text[2], "13 [alarm superblock_unused /a] warning: "
				       "critical 50000000 is below warning 60000000");
}

/* A target takes what it doesn't say from its type, whatever the order in the file. */
static void target_inherits(void **state)
{
	const char *const names[] = {"/a", "0:43", NULL}, *const others[] = {"/b", NULL};
	struct scene *s = *state;
	struct dcm_alarm_rule rule;
	struct dcm_reason reason;

	dcm_alarm_config_set(&s->config, 1, "alarm superblock_unused 0:43", "critical", "7e7",
			     &reason);
	dcm_alarm_config_set(&s->config, 2, "alarm superblock_unused", "warning", "3e7", &reason);
	dcm_alarm_config_resolve(&s->config, DCM_ALARM_SUPERBLOCK_UNUSED, names, &rule);
	assert_true(rule.warning == 3e7 && rule.critical == 7e7 && rule.clear_after == 120);
	dcm_alarm_config_resolve(&s->config, DCM_ALARM_SUPERBLOCK_UNUSED, others, &rule);
	assert_true(rule.warning == 3e7 && rule.critical == 5e7);
	/* of that type only */
	dcm_alarm_config_resolve(&s->config, DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS, names, &rule);
	assert_true(rule.critical == 20);
}

static void too_many_or_too_long_targets(void **state)
{
	char section[DCM_ALARM_TARGET_SIZE + 64];
	struct scene *s = *state;
	struct dcm_reason reason;

	for (unsigned i = 0; i < DCM_ALARM_MAX_OVERRIDES + 1; i++) {
		snprintf(section, sizeof(section), "alarm superblock_unused /%u", i);
		assert_int_equal(
			dcm_alarm_config_set(&s->config, i, section, "warning", "1", &reason),
			i < DCM_ALARM_MAX_OVERRIDES ? 0 : -EINVAL);
	}
	assert_string_equal(reason.text, "more than 64 targets");
	memset(section, 'x', sizeof(section) - 1);
	section[sizeof(section) - 1] = '\0';
	memcpy(section, "alarm chain_length ", 19);
	assert_int_equal(dcm_alarm_config_set(&s->config, 1, section, "warning", "1", &reason),
			 -EINVAL);
	assert_string_equal(reason.text, "target is too long");
}

/* The printed defaults are the defaults. */
static void printed_defaults(void **state)
{
	struct dcm_alarm_config *parsed = malloc(sizeof(*parsed));
	struct dcm_alarm_config *defaults = malloc(sizeof(*defaults));
	char section[256] = "", line[256];
	FILE *file = tmpfile();
	unsigned keys_seen = 0, n = 0;
	struct dcm_reason reason;

	assert_non_null(file);
	assert_int_equal(dcm_alarm_config_print_defaults(file), 0);
	rewind(file);
	dcm_alarm_config_defaults(defaults);
	memset(parsed, 0, sizeof(*parsed));
	while (fgets(line, sizeof(line), file)) {
		char *eq = strstr(line, " = ");

		n++;
		line[strcspn(line, "\n")] = '\0';
		assert_true(strlen(line) < 100);
		if (*line == '[') {
			snprintf(section, sizeof(section), "%.*s", (int)strlen(line) - 2, line + 1);
		} else if (eq && *line != '#') {
			*eq = '\0';
			assert_int_equal(
				dcm_alarm_config_set(parsed, n, section, line, eq + 3, &reason), 0);
			keys_seen++;
		}
	}
	assert_int_equal(keys_seen, (DCM_ALARM_TYPE_END - 2) * 6 + 2);
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++) {
		const struct dcm_alarm_rule *a = &parsed->types[i].rule;
		const struct dcm_alarm_rule *b = &defaults->types[i].rule;

		assert_int_equal(a->enabled, b->enabled);
		assert_int_equal(a->has_warning, b->has_warning);
		assert_int_equal(a->has_critical, b->has_critical);
		assert_true(a->warning == b->warning && a->critical == b->critical);
		assert_true(a->clear_ratio == b->clear_ratio);
		assert_true(a->raise_after == b->raise_after && a->clear_after == b->clear_after);
		assert_true(a->extra == b->extra);
	}
	fclose(file);
	free(parsed);
	free(defaults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(levels_in_the_wrong_order, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(target_inherits, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(too_many_or_too_long_targets, scene_setup,
						scene_teardown),
		cmocka_unit_test(printed_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
