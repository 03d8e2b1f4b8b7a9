// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose program "snmpd status" runs for a version: below a simulated root, as root or not. */
#include <errno.h>
#include <limits.h>
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

#include "cli/commands/snmpd.h"

#define PID 7

static char root[64];

static const char *below_root(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

/* A program that leaves a trace and prints @text. */
static void write_program(const char *name, const char *text)
{
	FILE *file = fopen(below_root(name), "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n[ \"$*\" = -v ] || exit 1\n: >%s/ran\nprintf '%s'\n", root, text);
	fclose(file);
	assert_int_equal(chmod(below_root(name), 0755), 0);
}

static void run_as_process(const char *target)
{
	unlink(below_root("proc/7/exe"));
	assert_int_equal(symlink(target, below_root("proc/7/exe")), 0);
}

static int set_up(void **state)
{
	const char *folder = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%.40s/dcm-version.XXXXXX", folder ? folder : "/tmp");
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(below_root("usr"), 0755), 0);
	assert_int_equal(mkdir(below_root("usr/sbin"), 0755), 0);
	assert_int_equal(mkdir(below_root("proc"), 0755), 0);
	assert_int_equal(mkdir(below_root("proc/7"), 0755), 0);
	write_program("usr/sbin/snmpd", "\\nNET-SNMP version:  5.9.3\\nWeb: x\\n");
	run_as_process("../../usr/sbin/snmpd");
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = {"ran", "other", "usr/sbin/snmpd", "proc/7/exe"};
	static const char *const folders[] = {"usr/sbin", "usr", "proc/7", "proc", ""};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(below_root(files[i]));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		rmdir(below_root(folders[i]));
	return 0;
}

/* What comes out, and that nothing was run where it is refused. */
static void expect(int want, const char *version)
{
	char got[64] = "";
	struct dcm_reason reason = {""};

	assert_int_equal(snmpd_version(root, PID, &reason, got, sizeof(got)), want);
	assert_string_equal(got, version);
	assert_int_equal(!want, !*reason.text);
	if (want != -EPROTO)
		assert_int_equal(!want, !access(below_root("ran"), F_OK));
}

static void test_same_file(void **state)
{
	if (geteuid() != 0)
		expect(-EPERM, ""); /* this file belongs to us, not to root */
	else
		expect(0, "5.9.3");
}

static void test_other_file(void **state)
{
	write_program("other", "NET-SNMP version: 1\\n");
	run_as_process("../../other");
	expect(-ESTALE, "");
}

static void test_open_to_others(void **state)
{
	assert_int_equal(chmod(below_root("usr/sbin/snmpd"), 0775), 0);
	expect(-EPERM, "");
	assert_int_equal(chmod(below_root("usr/sbin/snmpd"), 0757), 0);
	expect(-EPERM, "");
}

static void test_other_owner(void **state)
{
	if (geteuid() != 0 || chown(below_root("usr/sbin/snmpd"), 1, 0) < 0)
		skip();
	expect(-EPERM, "");
}

static void test_missing(void **state)
{
	unlink(below_root("proc/7/exe"));
	expect(-ENOENT, "");
	write_program("other", "NET-SNMP version: 1\\n");
	run_as_process("../../other");
	unlink(below_root("usr/sbin/snmpd"));
	expect(-ENOENT, "");
}

static void test_no_version(void **state)
{
	if (geteuid() != 0)
		skip();
	write_program("usr/sbin/snmpd", "NET-SNMP version:  \\n");
	expect(-EPROTO, "");
	write_program("usr/sbin/snmpd", "something else");
	expect(-EPROTO, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_open_to_others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_owner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_version, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
