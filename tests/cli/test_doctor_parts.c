// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/commands/doctor.h"
#include "cli/commands/snmpd_conf.h"
#include "cli/lib/run_program.h"

/* ---- programs ---- */

static void test_programs(void **state)
{
	static const struct {
		const char *argv[4];
		int timeout_ms, status;
		const char *out;
	} cases[] = {
		{{"echo", "a b"}, 5000, 0, "a b\n"},
		{{"sh", "-c", "echo x; echo y >&2; exit 3"}, 5000, 3, "x\ny\n"},
		{{"sh", "-c", "kill -9 $$"}, 5000, 128 + 9, ""},
		{{"no-such-program-anywhere"}, 5000, -ENOENT, ""},
		{{"sh", "-c", "echo 0123456789abcdef0123456789"}, 5000, 0, "0123456789abcde"},
		{{"cat"}, 5000, 0, ""}, /* its input is empty */
		{{"sh", "-c", "echo early; exec sleep 30"}, 200, -ETIMEDOUT, "early\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[16] = "";
		int got = program_run(cases[i].argv, cases[i].timeout_ms, out, sizeof(out));

		if (got != cases[i].status || strcmp(out, cases[i].out))
			print_message("case %zu: %d \"%s\"\n", i, got, out);
		assert_int_equal(got, cases[i].status);
		assert_string_equal(out, cases[i].out);
	}
}

/* ---- snmpd.conf ---- */

static void write_file(const char *root, const char *name, const char *text)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void collect(void *ctx, const char *name, const char *rest)
{
	char *text = ctx;
	size_t len = strlen(text);

	snprintf(text + len, 1000 - len, "%s=%s|", name, rest);
}

static void make_root(char *root)
{
	char path[300];

	strcpy(root, "/tmp/dcm-test-conf.XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/etc", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/etc/snmp", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/etc/snmp/snmpd.conf.d", root);
	mkdir(path, 0700);
}

static void remove_root(const char *root)
{
	const char *argv[] = {"rm", "-rf", root, NULL};
	char out[64];

	assert_int_equal(program_run(argv, 5000, out, sizeof(out)), 0);
}

static void test_snmpd_conf(void **state)
{
	char root[64], got[1000] = "";

	(void)state;
	make_root(root);
	assert_int_equal(snmpd_conf_read(root, collect, got), -ENOENT);
	write_file(root, "etc/snmp/snmpd.conf",
		   "# comment\n\n  master  agentx \t\n#trap2sink old\nalone\r\n"
		   "includeDir /etc/snmp/snmpd.conf.d\nincludefile extra.conf\n"
		   "includeFile /etc/snmp/missing.conf\nlast one");
	write_file(root, "etc/snmp/snmpd.conf.d/b.conf", "informsink host public\n");
	write_file(root, "etc/snmp/snmpd.conf.d/a.conf", "view all included .1\n");
	write_file(root, "etc/snmp/snmpd.conf.d/ignored.bak", "trap2sink no\n");
	/* Includes itself: ends. */
	write_file(root, "etc/snmp/extra.conf", "extra 1\nincludeFile extra.conf\n");
	assert_int_equal(snmpd_conf_read(root, collect, got), 0);
	assert_non_null(strstr(got, "master=agentx|alone=|view=all included .1|informsink=host "
				    "public|"));
	assert_null(strstr(got, "trap2sink"));
	assert_non_null(strstr(got, "|last=one|"));
	remove_root(root);
}

static void expect_module(struct doctor *doctor, enum doctor_level level, const char *text,
			  const char *fix)
{
	struct doctor_result result = {.level = DOCTOR_OK};

	doctor_check_module(doctor, &result);
	assert_int_equal(result.level, level);
	assert_non_null(strstr(result.text.text, text));
	assert_non_null(strstr(result.fix.text, fix));
}

static void test_module(void **state)
{
	char root[64], text[600];
	struct doctor doctor = {.root = root};

	(void)state;
	make_root(root);
	expect_module(&doctor, DOCTOR_OK, "does not load it", "");
	write_file(root, "etc/snmp/snmpd.conf",
		   "dcachemonSocket /before\ndlmod other dcachemon\ndlmod dcachemonx\n");
	expect_module(&doctor, DOCTOR_OK, "does not load it", "");
	write_file(root, "etc/snmp/snmpd.conf", "dlmod dcachemon /x.so\ndcachemonSocket /none/s\n");
	expect_module(&doctor, DOCTOR_WARN, "/none/s: No such file", "start dcachemon-snmp");
	snprintf(text, sizeof(text), "dlmod dcachemon\ndcachemonSocket %s/socket\n", root);
	write_file(root, "etc/snmp/snmpd.conf", text);
	write_file(root, "socket", "");
	/* mkdtemp(3): for its owner only. Without a user of its own snmpd is root. */
	if (getpwnam("Debian-snmp"))
		expect_module(&doctor, DOCTOR_WARN, "keeps its user out",
			      "usermod -aG dcachemon Debian-snmp");
	else
		expect_module(&doctor, DOCTOR_OK, "may open", "");
	remove_root(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_snmpd_conf),
		cmocka_unit_test(test_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
