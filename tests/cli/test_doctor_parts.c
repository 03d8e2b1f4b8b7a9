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
#include "cli/lib/run_program.h"
#include "common/kernel/snmpd/snmpd_conf.h"

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

static struct dcm_snmpd_conf read_conf(const char *root)
{
	struct dcm_snmpd_conf conf;

	dcm_snmpd_conf_read(root, 0, &conf);
	return conf;
}

/* As snmpd does: tests/snmp/test_snmpd_conf.sh asks one. */
static void test_snmpd_conf(void **state)
{
	struct dcm_snmpd_conf conf;
	char root[64], path[300];

	make_root(root);
	conf = read_conf(root);
	assert_int_equal(conf.files, 0);
	assert_int_equal(conf.unreadable, 0);
	write_file(root, "etc/snmp/snmpd.conf",
		   "includeDir /etc/snmp/snmpd.conf.d\nincludefile extra.conf\n"
		   "includeFile /etc/snmp/missing.conf\nIncludeFile capital.conf\nmaster agentx");
	write_file(root, "etc/snmp/snmpd.conf.d/b.conf", "informsink host public\n");
	write_file(root, "etc/snmp/snmpd.conf.d/ignored.bak", "trap2sink no\n");
	write_file(root, "etc/snmp/snmpd.conf.d/.hidden.conf", "trap2sink no\n");
	write_file(root, "etc/snmp/capital.conf", "trap2sink no\n");
	/* Includes itself: ends. */
	write_file(root, "etc/snmp/extra.conf",
		   "agentXSocket /first\nincludeFile extra.conf\nincludeFile extra.conf\n");
	write_file(root, "etc/snmp/snmpd.local.conf", "[snmp]\ntrap2sink no\n");
	write_file(root, "etc/snmp/snmp.conf", "[snmpd] agentXSocket /of-snmp\ntrap2sink no\n");
	conf = read_conf(root);
	assert_true(conf.settings.master);
	assert_int_equal(conf.settings.sinks, 1);
	assert_string_equal(conf.settings.agentx_socket, "/first");
	assert_string_equal(conf.main, "/etc/snmp/snmpd.conf");
	assert_int_equal(conf.files, 256);
	/* What cannot be read, and would not end. */
	write_file(root, "etc/snmp/extra.conf", "agentXSocket /second\n");
	snprintf(path, sizeof(path), "%s/etc/snmp/snmpd.conf.d/pipe.conf", root);
	assert_int_equal(mkfifo(path, 0600), 0);
	conf = read_conf(root);
	assert_int_equal(conf.unreadable, -EINVAL);
	assert_string_equal(conf.unread, "/etc/snmp/snmpd.conf.d/pipe.conf");
	assert_string_equal(conf.settings.agentx_socket, "/of-snmp"); /* snmp.conf is read last */
	assert_int_equal(conf.files, 4);			      /* without snmp.conf */
	remove_root(root);
}

static void expect_module(struct doctor *doctor, enum doctor_level level, const char *text,
			  const char *fix)
{
	struct doctor_result result = {.level = DOCTOR_OK};

	free(doctor->snmpd_conf);
	doctor->snmpd_conf = NULL;
	doctor_check_module(doctor, &result);
	assert_int_equal(result.level, level);
	assert_non_null(strstr(result.text.text, text));
	assert_non_null(strstr(result.fix, fix));
}

static void test_module(void **state)
{
	char root[64], text[600];
	struct doctor doctor = {.root = root, .config.if_mib.mute_address = "udp:127.0.0.1:1"};

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
	free(doctor.snmpd_conf);
	remove_root(root);
}

/* What the module has told, and what snmpd's configuration wants of it. */
static void test_module_says(void **state)
{
	enum { NO_DAEMON, SILENT, WITHOUT, WITH };
	static const struct {
		int told;
		bool wanted;
		enum doctor_level level;
		const char *text;
	} cases[] = {
		{NO_DAEMON, false, DOCTOR_OK, "may open /s"},
		{NO_DAEMON, true, DOCTOR_OK, "may open /s"},
		{SILENT, false, DOCTOR_OK, "has not told the daemon yet what it serves"},
		{SILENT, true, DOCTOR_WARN, "it has not told the daemon so: not connected yet"},
		{WITHOUT, false, DOCTOR_OK, "leaves DCACHEMON-MIB to the agent"},
		{WITHOUT, true, DOCTOR_WARN, "it does not serve DCACHEMON-MIB"},
		{WITH, false, DOCTOR_OK, "may open /s; it serves DCACHEMON-MIB"},
		{WITH, true, DOCTOR_OK, "may open /s; it serves DCACHEMON-MIB"},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct doctor_result result = {.level = DOCTOR_OK};
		struct dcm_snap_snmpd row = {.has = 0};

		DCM_SET_IF(&row, module_mib, cases[i].told >= WITHOUT, cases[i].told == WITH);
		doctor_say_module("/s", cases[i].wanted, cases[i].told == NO_DAEMON ? NULL : &row,
				  &result);
		assert_int_equal(result.level, cases[i].level);
		assert_non_null(strstr(result.text.text, cases[i].text));
		assert_int_equal(*result.fix != 0, cases[i].level == DOCTOR_WARN);
	}
}

/* ---- settings of the kernel ---- */

/* Those that are there, of one kernel after the other; a later one adds its own. */
static void test_sysctls(void **state)
{
	static const struct {
		const char *name, *value; /* a file that appears */
		enum doctor_level level;
		const char *text, *fix;
	} steps[] = {
		{"fs/dentry-state", "1\t2\t45\t0\t3\t0\n", DOCTOR_WARN,
		 "/proc/sys has no setting of the dentry cache", ""},
		{"vm/vfs_cache_pressure", "100\n", DOCTOR_OK, "vm.vfs_cache_pressure=100", ""},
		{"fs/dentry-negative", "0\n", DOCTOR_OK,
		 "vm.vfs_cache_pressure=100, "
		 "fs.dentry-negative=0 (1: removed files leave no entry)",
		 ""},
		{"vm/vfs_cache_pressure_denom", "1000\n", DOCTOR_OK,
		 "vm.vfs_cache_pressure=100, vm.vfs_cache_pressure_denom=1000, "
		 "fs.dentry-negative=0 (1: removed files leave no entry)",
		 ""},
		{"fs/dentry-of-tomorrow", "7\n", DOCTOR_OK,
		 "vm.vfs_cache_pressure=100, vm.vfs_cache_pressure_denom=1000, "
		 "fs.dentry-negative=0 (1: removed files leave no entry), fs.dentry-of-tomorrow=7",
		 ""},
		{"vm/vfs_cache_pressure", "0\n", DOCTOR_WARN,
		 "no entry is freed when memory is short: vm.vfs_cache_pressure=0, "
		 "vm.vfs_cache_pressure_denom=1000, "
		 "fs.dentry-negative=0 (1: removed files leave no entry), fs.dentry-of-tomorrow=7",
		 "sudo sysctl vm.vfs_cache_pressure=100"},
	};
	char root[64], path[300], out[64];
	const char *make[] = {"mkdir", "-p", path, NULL};
	struct doctor doctor = {.root = root};

	make_root(root);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/proc/sys/%s", root, i ? "vm" : "fs");
		assert_int_equal(program_run(make, 5000, out, sizeof(out)), 0);
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(steps); i++) {
		struct doctor_result result = {.level = DOCTOR_FAIL};

		snprintf(path, sizeof(path), "proc/sys/%s", steps[i].name);
		write_file(root, path, steps[i].value);
		doctor_check_sysctls(&doctor, &result);
		assert_string_equal(result.text.text, steps[i].text);
		assert_string_equal(result.fix, steps[i].fix);
		assert_int_equal(result.level, steps[i].level);
	}
	remove_root(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs), cmocka_unit_test(test_snmpd_conf),
		cmocka_unit_test(test_module),	 cmocka_unit_test(test_module_says),
		cmocka_unit_test(test_sysctls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
