// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/snmpd/snmpd_settings.h"

static const struct {
	const char *line, *type, *word, *rest; /* NULL: says nothing */
} lines[] = {
	{"master agentx", "", "master", "agentx"},
	{"  master\tagentx \r", "", "master", "agentx"},
	{"", NULL, NULL, NULL},
	{"   ", NULL, NULL, NULL},
	{"# master agentx", NULL, NULL, NULL},
	{"  #master agentx", NULL, NULL, NULL},
	{"alone", NULL, NULL, NULL},
	{"alone # comment", NULL, NULL, NULL},
	{"trapsink host # not a comment", "", "trapsink", "host # not a comment"},
	{"\"quoted word\" rest", "", "quoted word", "rest"},
	{"a\\ b rest", "", "a b", "rest"},
	{"[snmp]", "snmp", "", ""},
	{"[snmpd] master agentx", "snmpd", "master", "agentx"},
	{"[snmpd] # comment", "snmpd", "", "# comment"},
	{"[snmpd master agentx", "", "[snmpd", "master agentx"},
	{"[] x", "", "[]", "x"},
};

static void test_lines(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(lines); i++) {
		struct dcm_snmpd_line got;
		char line[128];
		bool says;

		snprintf(line, sizeof(line), "%s", lines[i].line);
		says = dcm_snmpd_line_parse(line, &got);
		if (says != (lines[i].word != NULL))
			fail_msg("\"%s\": %d", lines[i].line, says);
		if (!says)
			continue;
		assert_string_equal(got.type, lines[i].type);
		assert_string_equal(got.word, lines[i].word);
		assert_string_equal(got.rest, lines[i].rest);
	}
}

static void test_long_line(void **state)
{
	char line[400];
	struct dcm_snmpd_line got;

	memset(line, '[', sizeof(line));
	line[198] = ']';
	line[199] = ' ';
	line[399] = '\0';
	assert_true(dcm_snmpd_line_parse(line, &got)); /* cut, so that it has no "]" */
	assert_int_equal(strlen(got.word), sizeof(got.word) - 1);
}

static void take(struct dcm_snmpd_settings *settings, const char *text)
{
	char copy[1000], *rest = copy, *line;

	*settings = (struct dcm_snmpd_settings){.sinks = 0};
	snprintf(copy, sizeof(copy), "%s", text);
	while ((line = strsep(&rest, "\n"))) {
		struct dcm_snmpd_line parsed;

		if (dcm_snmpd_line_parse(line, &parsed))
			dcm_snmpd_settings_take(settings, parsed.word, parsed.rest);
	}
}

/* agentx_parse_master(): "agentx", "all", "yes", "on" by their letters, else a number. */
static void test_master(void **state)
{
	static const struct {
		const char *text;
		bool master;
	} cases[] = {
		{"", false},
		{"master agentx", true},
		{"MASTER agentx", true},
		{"master all", true},
		{"master yes", true},
		{"master on", true},
		{"master 1", true},
		{"master 0", false},
		{"master off", false},
		{"master Agentx", false},
		{"master agentx\nmaster no", false},
		{"master no\nmaster agentx", true},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_snmpd_settings settings;

		take(&settings, cases[i].text);
		if (settings.master != cases[i].master)
			fail_msg("%s", cases[i].text);
	}
}

static void test_agentx_socket(void **state)
{
	static const struct {
		const char *text, *path; /* NULL: no local one */
	} cases[] = {
		{"", "/var/agentx/master"},
		{"agentXSocket /run/a", "/run/a"},
		{"agentxsocket unix:/run/a", "/run/a"},
		{"agentXSocket /run/a\nagentXSocket /run/b", "/run/b"},
		{"agentXSocket tcp:localhost:705,UNIX:/run/a,/run/b", "/run/a"},
		{"agentXSocket /run/a,/run/wanted", "/run/wanted"},
		{"agentXSocket tcp:localhost:705", NULL},
		{"agentXSocket unix:relative", NULL},
	};
	struct dcm_snmpd_settings settings;
	char room[64];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const char *got;

		take(&settings, cases[i].text);
		got = dcm_snmpd_settings_agentx(&settings, "/run/wanted", room, sizeof(room));
		if (!got != !cases[i].path || (got && strcmp(got, cases[i].path)))
			fail_msg("%s: %s", cases[i].text, got);
	}
}

static void test_rest(void **state)
{
	struct dcm_snmpd_settings settings;

	take(&settings,
	     "agentXPerms 0660 0755 root agentx\n"
	     "agentaddress udp:161\nagentAddress tcp:161\n"
	     "dcachemonSocket /before\ndcachemonMIB on\ndlmod other dcachemon\ndlmod dcachemonx\n"
	     "trapsess -v2c -c secret host1\nInformSink host2 secret\ntrap2sink host3\n");
	assert_true(settings.perms);
	assert_int_equal(settings.socket_mode, 0660);
	assert_int_equal(settings.folder_mode, 0755);
	assert_string_equal(settings.group, "agentx");
	assert_string_equal(settings.addresses, "udp:161,tcp:161");
	assert_false(settings.module);
	assert_string_equal(settings.module_socket, "");
	assert_false(settings.module_mib);
	assert_int_equal(settings.sinks, 3);
	assert_string_equal(settings.sink, "trapsess");
	assert_string_equal(settings.sink_host, ""); /* secrets are before it */
	take(&settings, "dlmod dcachemon /x.so\ndcachemonSocket /s\nagentXPerms 0777\n"
			"trapsink host4:162 secret\nDcachemonMib off\ndcachemonMIB 1.3.6.1\n");
	assert_true(settings.module);
	assert_string_equal(settings.module_socket, "/s");
	assert_true(settings.module_mib);
	assert_int_equal(settings.folder_mode, 0);
	assert_string_equal(settings.group, "");
	assert_string_equal(settings.sink_host, "host4:162");
	take(&settings, "dlmod dcachemon\ndcachemonMIB on\ndcachemonMIB off\n");
	assert_false(settings.module_mib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_master), cmocka_unit_test(test_agentx_socket),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
