// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ini.h>

#include "common/base/cleanup.h"
#include "common/model/config/config.h"

/* Mistakes as "line|section|key|message;" */
static char mistakes[16384];

static void collect(void *ctx, unsigned line, const char *section, const char *key,
		    const char *message)
{
	char entry[1024];

	assert_ptr_equal(ctx, mistakes);
	assert_null(strchr(message, '\n'));
	snprintf(entry, sizeof(entry), "%u|%.300s|%.300s|%.300s;", line, section, key, message);
	assert_true(strlen(mistakes) + strlen(entry) < sizeof(mistakes));
	strcat(mistakes, entry);
}

static struct dcm_config config;

static int parse_bytes(const char *text, size_t size)
{
	/* an exact copy, so that a sanitizer sees a read behind the end */
	_cleanup_free_ char *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, text, size);
	mistakes[0] = '\0';
	memset(&config, 0x5a, sizeof(config));
	return dcm_config_parse(copy, size, collect, mistakes, &config);
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void assert_parses(const char *text)
{
	if (parse(text))
		fail_msg("%s: %s", text, mistakes);
	assert_string_equal(mistakes, "");
}

static void assert_mistake(const char *text, const char *expected)
{
	static const struct dcm_config untouched;
	int err = parse(text);

	if (err != -EINVAL || strcmp(mistakes, expected))
		fail_msg("%s: %d %s, expected %s", text, err, mistakes, expected);
	/* nothing was written */
	assert_memory_not_equal(&config, &untouched, sizeof(config));
	assert_int_equal(((unsigned char *)&config)[0], 0x5a);
	/* nobody has to listen */
	assert_int_equal(dcm_config_parse(text, strlen(text), NULL, NULL, &config), -EINVAL);
}

static void test_defaults(void **state)
{
	assert_parses("");
	assert_true(config.sampling.budget_percent == 0.5);
	assert_true(config.sampling.bpf);
	assert_true(config.sampling.interval[DCM_SOURCE_DENTRY_STATE] == 1);
	assert_true(config.sampling.interval[DCM_SOURCE_MEMORY] == 10);
	assert_true(config.sampling.interval[DCM_SOURCE_SUPERBLOCKS] == 10);
	assert_true(config.sampling.interval[DCM_SOURCE_HASH] == 60);
	assert_true(config.sampling.interval[DCM_SOURCE_LOOKUPS] == 10);
	assert_true(config.sampling.interval[DCM_SOURCE_NAMESPACES] == 10);
	assert_true(config.sampling.interval[DCM_SOURCE_SYSCTLS] == 30);
	assert_true(config.sampling.interval[DCM_SOURCE_SNMPD] == 10);
	assert_int_equal(config.sampling.lookups, 3);
	assert_string_equal(config.sampling.lookup[0], "/proc/sys/net/ipv6");
	assert_string_equal(config.sampling.lookup[1], "/proc/sys/net/core");
	assert_string_equal(config.sampling.lookup[2], "/proc/sys/net/ipv4");
	assert_int_equal(config.sampling.chain_directories, 1);
	assert_string_equal(config.sampling.chain_directory[0], "/proc/sys/net");
	assert_string_equal(config.sampling.socket, "/run/dcachemon/snapshot.sock");
	assert_string_equal(config.sampling.socket_group, "");
	assert_string_equal(config.sampling.root, "");
	assert_string_equal(config.snmp.agentx_socket, "/var/agentx/master");
	assert_string_equal(config.snmp.root_oid, DCM_ROOT_OID);
	assert_int_equal(config.snmp.ping_interval, 15);
	assert_true(config.snmp.notifications);
	assert_string_equal(config.snmp.user, "");
}

/* The printed defaults name every key, and parse to the defaults in every part. */
static void test_printed_defaults(void **state)
{
	static struct dcm_config defaults;
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(dcm_config_print_defaults(out), 0);
	fclose(out);
	for (unsigned i = 0; i < DCM_SOURCE_COUNT; i++) {
		char key[64];

		snprintf(key, sizeof(key), "\n%s_interval = ", dcm_source_name(i));
		assert_non_null(strstr(text, key));
	}
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++) {
		char section[64];

		if (!dcm_alarm_has_rule(i))
			continue;
		snprintf(section, sizeof(section), "\n[alarm %s]\n", dcm_alarm_type_name(i));
		assert_non_null(strstr(text, section));
	}
	assert_parses(text);
	dcm_config_defaults(&defaults);
	assert_memory_equal(&config.sampling, &defaults.sampling, sizeof(defaults.sampling));
	assert_memory_equal(&config.snmp, &defaults.snmp, sizeof(defaults.snmp));
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++)
		assert_memory_equal(&config.alarms.types[i].rule, &defaults.alarms.types[i].rule,
				    sizeof(struct dcm_alarm_rule));
}

static void test_print_to_full_device(void **state)
{
	_cleanup_fclose_ FILE *full = fopen("/dev/full", "w");

	if (!full)
		skip();
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(dcm_config_print_defaults(full), -EIO);
}

static void test_every_key(void **state)
{
	assert_parses("# comment\n; another\n\n"
		      "[sampling]\n"
		      "budget_percent = 100\n"
		      "bpf=no\n"
		      "dentry_state_interval = 0.1\n"
		      "memory_interval: 0\n"
		      "superblocks_interval = 1e1\n"
		      "hash_interval = 86400\n"
		      "  lookups_interval = 2.5   ; comment\n"
		      "\tnamespaces_interval = 3\r\n"
		      "sysctls_interval = 4\n"
		      "snmpd_interval = 5\n"
		      "lookup = /proc/sys/net/ipv6\n"
		      "lookup = /srv/with space\n"
		      "socket =\n"
		      "socket_group = monitor-1\n"
		      "[snmp] # comment\n"
		      "agentx_socket = unix:/tmp/master\n"
		      "root_oid = 1.3.6.1.4.1.4294967295.1\n"
		      "ping_interval = 3600\n"
		      "user = snmp\n"
		      "notifications = no\n"
		      "[alarm chain_length]\n"
		      "warning = 123\n"
		      "[alarm superblock_unused /var/lib/docker/overlay2]\n"
		      "warning = 456");
	assert_true(config.sampling.budget_percent == 100);
	assert_false(config.sampling.bpf);
	assert_true(config.sampling.interval[DCM_SOURCE_DENTRY_STATE] == 0.1);
	assert_true(config.sampling.interval[DCM_SOURCE_MEMORY] == 0);
	assert_true(config.sampling.interval[DCM_SOURCE_SUPERBLOCKS] == 10);
	assert_true(config.sampling.interval[DCM_SOURCE_HASH] == 86400);
	assert_true(config.sampling.interval[DCM_SOURCE_LOOKUPS] == 2.5);
	assert_true(config.sampling.interval[DCM_SOURCE_NAMESPACES] == 3);
	assert_true(config.sampling.interval[DCM_SOURCE_SYSCTLS] == 4);
	assert_true(config.sampling.interval[DCM_SOURCE_SNMPD] == 5);
	assert_int_equal(config.sampling.lookups, 2);
	assert_string_equal(config.sampling.lookup[1], "/srv/with space");
	assert_string_equal(config.sampling.socket, "");
	assert_string_equal(config.sampling.socket_group, "monitor-1");
	assert_string_equal(config.snmp.agentx_socket, "unix:/tmp/master");
	assert_string_equal(config.snmp.root_oid, "1.3.6.1.4.1.4294967295.1");
	assert_int_equal(config.snmp.ping_interval, 3600);
	assert_string_equal(config.snmp.user, "snmp");
	assert_false(config.snmp.notifications);
	assert_true(config.alarms.types[DCM_ALARM_CHAIN_LENGTH].rule.warning == 123);
	assert_int_equal(config.alarms.override_count, 1);
	assert_string_equal(config.alarms.overrides[0].target, "/var/lib/docker/overlay2");
}

static void test_contexts(void **state)
{
	static const char *const bad[] = {
		"blue",
		"blue ",
		"blue relative/path",
		"blue /run/netns/",
		"blue /run/netns/..",
		"blue pid:",
		"blue pid:0",
		"blue pid:4194305",
		"blue pid:1x",
		"blue selfish",
		"-n /run/netns/x",
		"bl$ue self",
		"white\xc3\xa4 self",
		"abcdefghijklmnopqrstuvwxyz1234567 self",
	};
	char text[6000] = "[if_mib]\n";

	assert_parses("[if_mib]\ncontext = blue /run/netns/blue\ncontext = p.1  pid:4194304\n"
		      "context = abcdefghijklmnopqrstuvwxyz123456 self\n");
	assert_int_equal(config.if_mib.contexts.count, 3);
	assert_string_equal(config.if_mib.contexts.list[0].name, "blue");
	assert_string_equal(config.if_mib.contexts.list[0].netns, "/run/netns/blue");
	assert_string_equal(config.if_mib.contexts.list[1].netns, "pid:4194304");
	assert_int_equal(dcm_contexts_config_needs(&config.if_mib.contexts),
			 DCM_CONTEXT_SETNS | DCM_CONTEXT_PTRACE);
	assert_parses("[if_mib]\ncontext = own self\n");
	assert_int_equal(dcm_contexts_config_needs(&config.if_mib.contexts), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++) {
		char line[128];

		snprintf(line, sizeof(line), "[if_mib]\ncontext = %s\n", bad[i]);
		assert_int_equal(parse_bytes(line, strlen(line)), -EINVAL);
	}
	assert_mistake("[if_mib]\ncontext = a self\ncontext = a pid:1",
		       "3|if_mib|context|name is given twice;");
	for (size_t i = 0; i < DCM_MAX_CONTEXTS; i++)
		sprintf(text + strlen(text), "context = n%zu self\n", i);
	assert_parses(text);
	assert_int_equal(config.if_mib.contexts.count, DCM_MAX_CONTEXTS);
	strcat(text, "context = more self");
	assert_mistake(text, "66|if_mib|context|more than 64 contexts;");
}

static void test_lines(void **state)
{
	static const char target[] =
		"/a/path/that/is/longer/than/the/fifty/bytes/which/inih/keeps/of/it";
	char text[256];

	assert_parses("\n\n\n");
	assert_parses("[snmp]");
	assert_parses("\xef\xbb\xbf[snmp]\nuser = a\n");
	assert_parses("[snmp]\n[sampling]\n[snmp]\nuser = a\n");
	snprintf(text, sizeof(text), "[alarm superblock_unused %s]\nwarning = 1\n", target);
	assert_parses(text);
	assert_string_equal(config.alarms.overrides[0].target, target);
	assert_mistake("[snmp]\nuser\n", "2|snmp||line must be \"key = value\";");
	assert_mistake("[snmp]\nuser", "2|snmp||line must be \"key = value\";");
	assert_mistake("user = a", "1||user|key before the first section;");
	assert_mistake("[snmp\nuser = a", "1|||section must be [NAME];");
	assert_mistake("[snmp] user = a", "1|snmp||section must be [NAME];");
	assert_mistake("[]", "1|||unknown section;");
	assert_mistake("[SNMP]", "1|SNMP||unknown section;");
	/* once per section, not once per key */
	assert_mistake("[nonsense]\na = 1\nb = 2\nc", "1|nonsense||unknown section;"
						      "4|nonsense||line must be \"key = value\";");
	assert_mistake("[snmp]\nuser = a\x1b[31m", "2|snmp||line contains a control character;");
	assert_mistake("[snmp]\n= a", "2|snmp||unknown key;");
	assert_mistake("[snmp]\nUser = a", "2|snmp|User|unknown key;");
	/* an indented line is no continuation */
	assert_mistake("[snmp]\nuser = a\n  b", "3|snmp||line must be \"key = value\";");
	assert_mistake("[snmp]\nuser = a\n  b = c", "3|snmp|b|unknown key;");
}

static void test_nul(void **state)
{
	static const char text[] = "[snmp]\nuser = a\0b\nping_interval = 1\n";

	assert_int_equal(parse_bytes(text, sizeof(text) - 1), -EINVAL);
	assert_string_equal(mistakes, "2|snmp||line contains a NUL byte;");
	assert_int_equal(parse_bytes("\0", 1), -EINVAL);
	assert_string_equal(mistakes, "1|||line contains a NUL byte;");
}

/* Lines of every length round the limit, with and without a newline. */
static void test_long_lines(void **state)
{
	char text[1024], said[80];

	for (int len = 20; len < 600; len++) {
		int at = snprintf(text, sizeof(text), "[sampling]\nlookup = /");
		int err;

		while (at < 11 + len)
			text[at++] = 'x';
		text[at] = '\0';
		err = parse(text);
		if (len < ini_max_line - 1) {
			assert_int_equal(err, 0);
			assert_int_equal(strlen(config.sampling.lookup[0]), len - 9);
		} else {
			assert_int_equal(err, -EINVAL);
			snprintf(said, sizeof(said),
				 "2|sampling||line is too long: %d bytes, at most %d are read;",
				 len, ini_max_line - 2);
			assert_string_equal(mistakes, said);
		}
		/* the next line has the right number all the same */
		strcpy(text + at, "\nx = 1\n");
		assert_int_equal(parse(text), -EINVAL);
		assert_non_null(strstr(mistakes, "3|sampling|x|unknown key;"));
	}
}

static void test_numbers(void **state)
{
	static const char *const bad[] = {"",	   "x",	   "1x",   "nan",   "inf",    "-inf",
					  "0x10",  "1 2",  "1,5",  "--1",   "1e",     ".",
					  "100.1", "-0.1", "1e99", "1e999", "1e-400x"};
	static const char *const bad_intervals[] = {"0.09", "86400.1", "-1", "-0.5", "1e-9"};
	char text[64];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "[sampling]\nbudget_percent = %s\n", bad[i]);
		assert_int_equal(parse(text), -EINVAL);
		assert_int_equal(strncmp(mistakes, "2|sampling|budget_percent|must be ", 34), 0);
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad_intervals); i++) {
		snprintf(text, sizeof(text), "[sampling]\nhash_interval = %s\n", bad_intervals[i]);
		assert_mistake(text, "2|sampling|hash_interval|"
				     "must be 0 or between 0.1 and 86400;");
	}
	assert_mistake("[sampling]\nbudget_percent = 101",
		       "2|sampling|budget_percent|must be between 0 and 100;");
	assert_mistake("[snmp]\nping_interval = 0",
		       "2|snmp|ping_interval|must be a whole number between 1 and 3600;");
	assert_mistake("[snmp]\nping_interval = 3601",
		       "2|snmp|ping_interval|must be a whole number between 1 and 3600;");
	assert_mistake("[snmp]\nping_interval = 99999999999999999999999",
		       "2|snmp|ping_interval|must be a whole number between 1 and 3600;");
	assert_mistake("[snmp]\nping_interval = 1.5",
		       "2|snmp|ping_interval|must be a whole number between 1 and 3600;");
	assert_mistake("[sampling]\nbpf = maybe", "2|sampling|bpf|must be yes or no;");
}

static void test_texts(void **state)
{
	static const char *const bad_oids[] = {"",
					       "1",
					       "1.3",
					       "1.3.",
					       ".1.3.6",
					       "1..3",
					       "1.40.1",
					       "3.1.1",
					       "1.3.-6",
					       "1.3.x",
					       "1.3.06",
					       "1.3. 6",
					       "1.3.4294967296",
					       "1.3.99999999999999999999999"};
	char text[256];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad_oids); i++) {
		snprintf(text, sizeof(text), "[snmp]\nroot_oid = %s\n", bad_oids[i]);
		assert_int_equal(parse(text), -EINVAL);
		assert_int_equal(strncmp(mistakes, "2|snmp|root_oid|", 16), 0);
	}
	assert_parses("[snmp]\nroot_oid = 2.999.0\n");
	assert_mistake("[snmp]\nuser = -x", "2|snmp|user|is not the name of an account;");
	assert_mistake("[snmp]\nuser = a b", "2|snmp|user|is not the name of an account;");
	assert_mistake("[snmp]\nuser = a/b", "2|snmp|user|is not the name of an account;");
	assert_mistake(
		"[snmp]\nuser = 0123456789012345678901234567890123456789012345678901234567890123",
		"2|snmp|user|is too long;");
	assert_mistake("[snmp]\nagentx_socket =", "2|snmp|agentx_socket|must be an absolute path;");
	assert_mistake("[snmp]\nagentx_socket = unix:x",
		       "2|snmp|agentx_socket|must be an absolute path;");
	assert_mistake("[snmp]\nagentx_socket = tcp:localhost:705",
		       "2|snmp|agentx_socket|must be a local socket: nothing guards AgentX on a "
		       "network;");
	assert_mistake("[sampling]\nsocket = x", "2|sampling|socket|must be an absolute path;");
	snprintf(text, sizeof(text), "[sampling]\nsocket = /%0107d", 0);
	assert_mistake(text, "2|sampling|socket|is longer than the 107 bytes of a socket address;");
	snprintf(text, sizeof(text), "[sampling]\nsocket = /%0106d", 0);
	assert_parses(text);
}

static void test_repeated(void **state)
{
	char text[4096] = "[sampling]\n";

	assert_mistake("[snmp]\nuser = a\nuser = b", "3|snmp|user|is given twice;");
	assert_mistake("[snmp]\nuser = a\n[snmp]\nuser = a", "4|snmp|user|is given twice;");
	assert_mistake("[sampling]\nlookup = /a\nlookup = /a",
		       "3|sampling|lookup|path is given twice;");
	assert_mistake("[sampling]\nlookup = a\nlookup = /proc/sys/net/ipv6",
		       "2|sampling|lookup|must be an absolute path;");
	assert_mistake("[sampling]\nchain_directory = proc/sys/net",
		       "2|sampling|chain_directory|must be below /proc/sys;");
	assert_mistake("[sampling]\nchain_directory = /proc/sys/a\nchain_directory = /proc/sys/a",
		       "3|sampling|chain_directory|path is given twice;");
	assert_mistake("[sampling]\nlookup =", "2|sampling|lookup|must be an absolute path;");
	for (int i = 0; i < DCM_MAX_LOOKUPS; i++)
		sprintf(text + strlen(text), "lookup = /%d\n", i);
	assert_parses(text);
	assert_int_equal(config.sampling.lookups, DCM_MAX_LOOKUPS);
	strcat(text, "lookup = /more\n");
	assert_mistake(text, "34|sampling|lookup|more than 32 paths;");
}

/* All mistakes of a file in one go, those of other parts included. */
static void test_many_mistakes(void **state)
{
	assert_int_equal(parse("nothing = 1\n"
			       "[sampling]\n"
			       "budget_percent = 1000\n"
			       "hash_interval = soon\n"
			       "[what]\n"
			       "[alarm chain_length]\n"
			       "warning = 200\n"
			       "critical = 100\n"
			       "colour = red\n"
			       "[alarm nonsense]\n"
			       "warning = 1\n"
			       "[snmp]\n"
			       "root_oid = x\n"),
			 -EINVAL);
	assert_non_null(strstr(mistakes, "1||nothing|"));
	assert_non_null(strstr(mistakes, ";3|sampling|budget_percent|"));
	assert_non_null(strstr(mistakes, ";4|sampling|hash_interval|"));
	assert_non_null(strstr(mistakes, ";5|what||unknown section"));
	assert_non_null(strstr(mistakes, ";9|alarm chain_length|colour|"));
	assert_non_null(strstr(mistakes, ";10|alarm nonsense||no alarm type of this name"));
	assert_non_null(strstr(mistakes, ";13|snmp|root_oid|"));
	assert_non_null(strstr(mistakes, ";8|alarm chain_length|critical|"));
}

/* Any bytes: an answer, and a mistake whenever it is no. */
static void test_random_bytes(void **state)
{
	static const char base[] = "[sampling]\nbudget_percent = 1\nlookup = /a\n[snmp]\nuser = x\n"
				   "[alarm growth]\nwarning = 5\n";
	uint64_t random = 88172645463325252ULL;

	for (int round = 0; round < 20000; round++) {
		char text[sizeof(base)];
		int err;

		memcpy(text, base, sizeof(base));
		for (int n = round % 5; n >= 0; n--) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			text[(random >> 16) % (sizeof(base) - 1)] = (char)(random >> 8);
		}
		err = parse_bytes(text, (random >> 40) % sizeof(base));
		assert_int_equal(!err, !*mistakes);
	}
}

static void test_locale(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
	bool found = false;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(names) && !found; i++)
		found = setlocale(LC_ALL, names[i]);
	if (!found) {
		print_message("no locale with a decimal comma is installed\n");
		skip();
	}
	assert_parses("[sampling]\nbudget_percent = 0.25\n"
		      "[alarm chain_length]\nclear_ratio = 0.5\n");
	assert_true(config.sampling.budget_percent == 0.25);
	test_printed_defaults(state);
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_printed_defaults),
		cmocka_unit_test(test_print_to_full_device),
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_many_mistakes),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
