// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Configurations that do not come from a file, and what differs between two of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/config/config.h"
#include "common/model/config/config_keys.h"
#include "common/model/config/config_values.h"

static struct dcm_config config, other;

static int setup(void **state)
{
	dcm_config_defaults(&config);
	dcm_config_defaults(&other);
	return 0;
}

static void assert_set(const char *section, const char *key, const char *value)
{
	struct dcm_reason reason = {""};

	if (dcm_config_set(&config, section, key, value, &reason))
		fail_msg("[%s] %s = %s: %s", section, key, value, reason.text);
}

/* Refused with that reason, and nothing has changed. */
static void assert_refused(const char *section, const char *key, const char *value,
			   const char *expected)
{
	struct dcm_reason reason = {""};

	other = config;
	assert_int_equal(dcm_config_set(&config, section, key, value, &reason), -EINVAL);
	assert_string_equal(reason.text, expected);
	assert_memory_equal(&config, &other, sizeof(config));
	assert_int_equal(dcm_config_set(&config, section, key, value, NULL), -EINVAL);
}

static void good_keys(void **state)
{
	assert_set("sampling", "budget_percent", "2.5");
	assert_set("sampling", "bpf", "0");
	assert_set("sampling", "lookup", "/a");
	assert_set("sampling", "lookup", "/b");
	assert_set("if_mib", "takeover", "Auto");
	assert_set("alarm growth", "within", "60");
	assert_set("alarm superblock_unused /srv/my data", "warning", "5");
	assert_true(config.sampling.budget_percent == 2.5);
	assert_false(config.sampling.bpf);
	assert_int_equal(config.sampling.lookups, 2); /* the defaults are replaced */
	assert_string_equal(config.sampling.lookup[1], "/b");
	assert_int_equal(config.if_mib.takeover, DCM_TAKEOVER_AUTO);
	assert_true(config.alarms.types[DCM_ALARM_GROWTH].rule.extra == 60);
	assert_string_equal(config.alarms.overrides[0].target, "/srv/my data");
	assert_int_equal(dcm_config_check(&config, NULL, NULL), 0);
}

static void bad_keys(void **state)
{
	assert_refused("nonsense", "a", "1", "unknown section");
	assert_refused("", "a", "1", "unknown section");
	assert_refused("alarm nonsense", "warning", "1", "no alarm type of this name");
	assert_refused("sampling", "a", "1", "unknown key");
	assert_refused("sampling", "", "1", "unknown key");
	assert_refused("sampling", "budget_percent", "101", "must be between 0 and 100");
	assert_refused("sampling", "lookup", "/a\n[sampling]", "contains a control character");
	assert_refused("alarm growth\n", "within", "60", "contains a control character");
	assert_refused("if_mib", "takeover", "maybe", "must be off, on or auto");
	assert_set("snmp", "user", "a");
	assert_refused("snmp", "user", "b", "is given twice");
	assert_set("alarm growth", "within", "60");
	assert_refused("alarm growth", "within", "70", "is given twice");
}

/* Whatever the file takes is taken here, with the same result. */
static void same_as_the_file(void **state)
{
	static const char *const lines[][3] = {
		{"sampling", "budget_percent", "1e1"},
		{"sampling", "hash_interval", "0"},
		{"sampling", "socket", ""},
		{"snmp", "root_oid", "1.3.6.1"},
		{"snmp", "ping_interval", "3600"},
		{"notify", "grace", "0"},
		{"reclaim", "max_unused", "overlay 5000"},
		{"reclaim", "alarm", "growth"},
		{"if_mib", "context", "blue pid:1"},
		{"if_mib", "mute_seconds", "60"},
	};
	char text[1024] = "";

	for (size_t i = 0; i < DCM_ARRAY_SIZE(lines); i++) {
		assert_set(lines[i][0], lines[i][1], lines[i][2]);
		sprintf(text + strlen(text), "[%s]\n%s = %s\n", lines[i][0], lines[i][1],
			lines[i][2]);
	}
	assert_int_equal(dcm_config_parse(text, strlen(text), NULL, NULL, &other), 0);
	assert_memory_equal(&config, &other, sizeof(config));
}

static char mistakes[2048];

static void collect(void *ctx, unsigned line, const char *section, const char *key,
		    const char *message)
{
	char entry[512];

	assert_int_equal(line, 0);
	snprintf(entry, sizeof(entry), "%.200s|%.50s|%.200s;", section, key, message);
	strcat(mistakes, entry);
	if (ctx)
		assert_int_equal(dcm_alarm_config_unset(ctx, section, key), 0);
}

/* What the section sets is blamed, and may be taken back until nothing is wrong. */
static void levels_in_the_wrong_order(void **state)
{
	mistakes[0] = '\0';
	assert_set("alarm chain_length", "warning", "9000");
	assert_set("alarm slab_share", "critical", "0.1");
	assert_set("alarm growth", "warning", "50000");
	assert_set("alarm growth", "critical", "20");
	assert_set("alarm superblock_unused /a", "warning", "6e7");
	assert_set("alarm superblock_unused /b", "raise_after", "1");
	assert_int_equal(dcm_config_check(&config, NULL, NULL), -EINVAL);
	assert_int_equal(dcm_config_check(&config, collect, &config.alarms), -EINVAL);
	assert_string_equal(mistakes,
			    "alarm chain_length|warning|critical 5000 is below warning 9000;"
			    "alarm slab_share|critical|critical 0.1 is below warning 0.15;"
			    "alarm growth|critical|critical 20 is below warning 50000;"
			    "alarm superblock_unused /a|warning|"
			    "critical 50000000 is below warning 60000000;");
	mistakes[0] = '\0';
	assert_int_equal(dcm_config_check(&config, collect, &config.alarms), -EINVAL);
	assert_string_equal(mistakes, "alarm growth|warning|critical 10000 is below warning "
				      "50000;");
	assert_int_equal(dcm_config_check(&config, collect, NULL), 0);
	assert_memory_equal(config.alarms.types, other.alarms.types, sizeof(other.alarms.types));
}

static void unset(void **state)
{
	assert_set("alarm superblock_unused /a", "critical", "off");
	assert_int_equal(dcm_alarm_config_unset(&config.alarms, "alarm growth", "within"), -ENOENT);
	assert_int_equal(dcm_alarm_config_unset(&config.alarms, "alarm growth", "x"), -ENOENT);
	assert_int_equal(dcm_alarm_config_unset(&config.alarms, "alarm x", "within"), -EINVAL);
	assert_int_equal(
		dcm_alarm_config_unset(&config.alarms, "alarm superblock_unused /a", "critical"),
		0);
	assert_int_equal(config.alarms.overrides[0].section.set, 0);
	assert_set("alarm superblock_unused /a", "critical", "5e8");
}

/* ---- restarts ---- */

static const char *differ(enum dcm_config_holder holder, size_t expected)
{
	static char text[256];

	assert_int_equal(dcm_config_restart_only(&other, &config, holder, text, sizeof(text)),
			 expected);
	return text;
}

static void restart_only(void **state)
{
	char small[16];

	assert_string_equal(differ(DCM_CONFIG_BY_SAMPLER, 0), "");
	assert_string_equal(differ(DCM_CONFIG_BY_AGENT, 0), "");
	/* these need none */
	assert_set("sampling", "budget_percent", "7");
	assert_set("if_mib", "takeover", "on");
	assert_set("snmp", "root_oid", "1.3.6");
	assert_set("alarm growth", "within", "60");
	assert_string_equal(differ(DCM_CONFIG_BY_SAMPLER, 0), "");
	assert_set("state", "recorder", "no");
	assert_string_equal(differ(DCM_CONFIG_BY_SAMPLER, 1), "[state] recorder");
	assert_string_equal(differ(DCM_CONFIG_BY_AGENT, 0), "");
	assert_set("sampling", "socket_group", "a");
	assert_set("sampling", "socket", "");
	assert_set("snmp", "ping_interval", "16");
	assert_set("if_mib", "link_traps", "yes");
	assert_set("if_mib", "mute_seconds", "60");
	assert_string_equal(differ(DCM_CONFIG_BY_SAMPLER, 3),
			    "[sampling] socket, socket_group; [state] recorder");
	assert_string_equal(differ(DCM_CONFIG_BY_AGENT, 3),
			    "[snmp] ping_interval; [if_mib] mute_seconds, link_traps");
	assert_int_equal(
		dcm_config_restart_only(&other, &config, DCM_CONFIG_BY_NONE, small, sizeof(small)),
		0);
	assert_int_equal(
		dcm_config_restart_only(&other, &config, DCM_CONFIG_BY_AGENT, small, sizeof(small)),
		3);
	assert_true(strlen(small) < sizeof(small));
}

/* What an earlier, longer text left behind its NUL is no difference. */
static void rest_of_a_text(void **state)
{
	assert_set("snmp", "user", "monitoring");
	dcm_config_defaults(&other);
	strcpy(other.snmp.user, "a-longer-name");
	strcpy(other.snmp.user, "monitoring");
	assert_memory_not_equal(other.snmp.user, config.snmp.user, sizeof(other.snmp.user));
	assert_string_equal(differ(DCM_CONFIG_BY_AGENT, 0), "");
}

/* Only values that lie flat in the configuration can be compared. */
static void flagged_keys(void **state)
{
	for (size_t i = 0; i < dcm_config_key_count; i++) {
		const struct dcm_config_key *key = &dcm_config_keys[i];

		assert_null(strchr(key->help, '\n'));
		assert_null(strstr(key->help, "  "));
		assert_true(key->help[strlen(key->help) - 1] == '.');
		if (key->holder)
			assert_true(key->type != DCM_CONFIG_LOOKUP &&
				    key->type != DCM_CONFIG_CHAINS && key->type != DCM_CONFIG_CAP &&
				    key->type != DCM_CONFIG_ALARM &&
				    key->type != DCM_CONFIG_CONTEXT);
	}
}

static void choices(void **state)
{
	static const char *const one[] = {"only", NULL}, *const two[] = {"no", "yes", NULL};
	struct dcm_reason reason;
	unsigned ret = 7;

	assert_int_equal(dcm_config_value_choice("x", one, &reason, &ret), -EINVAL);
	assert_string_equal(reason.text, "must be only");
	assert_int_equal(dcm_config_value_choice("x", two, &reason, &ret), -EINVAL);
	assert_string_equal(reason.text, "must be no or yes");
	assert_int_equal(ret, 7);
	assert_int_equal(dcm_config_value_choice("YES", two, &reason, &ret), 0);
	assert_int_equal(ret, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good_keys, setup),
		cmocka_unit_test_setup(bad_keys, setup),
		cmocka_unit_test_setup(same_as_the_file, setup),
		cmocka_unit_test_setup(levels_in_the_wrong_order, setup),
		cmocka_unit_test_setup(unset, setup),
		cmocka_unit_test_setup(restart_only, setup),
		cmocka_unit_test_setup(rest_of_a_text, setup),
		cmocka_unit_test(flagged_keys),
		cmocka_unit_test(choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
