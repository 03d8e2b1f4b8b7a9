// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/snmpd/snmpd_arguments.h"

#define ARGUMENTS_MAX 10

/* Command lines as they were given, and as net-snmp leaves them: "|" is a NUL of its own making. */
static const struct {
	const char *argv[ARGUMENTS_MAX];
	const char *modules;
	const char *options; /* letter=value, each with a blank behind it */
	const char *guessed; /* modules without the stack; NULL: the same */
} cases[] = {
	{{"snmpd"}, "", "", NULL},
	{{"snmpd", "-LOw", "-u", "Debian-snmp", "-g", "Debian-snmp", "-I",
	  "-smux|mteTrigger|mteTriggerConf", "-f"},
	 "-smux,mteTrigger,mteTriggerConf",
	 "L=Ow u=Debian-snmp g=Debian-snmp I=-smux,mteTrigger,mteTriggerConf f= ",
	 NULL},
	{{"snmpd", "-I", "-smux", "-I", "-ifTable|ifXTable", "-f"},
	 "-smux -ifTable,ifXTable",
	 "I=-smux I=-ifTable,ifXTable f= ",
	 NULL},
	{{"snmpd", "-I-smux|ifTable", "udp:161"},
	 "-smux,ifTable",
	 "I=-smux,ifTable 0=udp:161 ",
	 NULL},
	{{"snmpd", "-fCI", "ifTable|system_mib", "1161"},
	 "ifTable,system_mib",
	 "f= C= I=ifTable,system_mib 0=1161 ",
	 NULL},
	/* A host name looks like a module where the stack cannot be read. */
	{{"snmpd", "-I", "-smux|ifTable", "localhost"},
	 "-smux,ifTable",
	 "I=-smux,ifTable 0=localhost ",
	 "-smux,ifTable,localhost"},
	{{"snmpd", "-c", "-I", "-x", "/run/x", "-Dall", "-D", "-V", "--", "-I"},
	 "",
	 "c=-I x=/run/x D=all D= V= 0=-I ",
	 NULL},
	{{"snmpd", "--master=agentx", "-p/run/pid", "-S", "2", "-"},
	 "",
	 "-=master=agentx p=/run/pid S=2 0=- ",
	 NULL},
	{{"snmpd", "-c"}, "", "c= ", NULL},
};

static void fill(const char *const argv[], struct dcm_snmpd_arguments *ret)
{
	*ret = (struct dcm_snmpd_arguments){.exact = true};
	for (; argv[ret->count]; ret->count++) {
		ret->start[ret->count] = ret->size;
		strcpy(ret->text + ret->size, argv[ret->count]);
		ret->size += strlen(argv[ret->count]) + 1;
		if (ret->count + 1 == ARGUMENTS_MAX) {
			ret->count++;
			break;
		}
	}
	for (size_t i = 0; i < ret->size; i++)
		if (ret->text[i] == '|')
			ret->text[i] = '\0';
}

static void list(const struct dcm_snmpd_arguments *arguments, char *ret, size_t size)
{
	struct dcm_snmpd_cursor cursor = {0};
	struct dcm_snmpd_option option;
	size_t len = 0;

	*ret = '\0';
	while (dcm_snmpd_arguments_next(arguments, &cursor, &option)) {
		len += (size_t)snprintf(ret + len, size - len,
					"%c=", option.letter ? option.letter : '0');
		for (size_t i = 0; i < option.size && len + 2 < size; i++)
			ret[len++] = option.value[i] ? option.value[i] : ',';
		ret[len++] = ' ';
		ret[len] = '\0';
	}
}

static void test_options(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_snmpd_arguments arguments;
		char options[512], modules[512];

		fill(cases[i].argv, &arguments);
		list(&arguments, options, sizeof(options));
		assert_string_equal(options, cases[i].options);
		dcm_snmpd_arguments_modules(&arguments, modules, sizeof(modules));
		assert_string_equal(modules, cases[i].modules);
		dcm_snmpd_arguments_guess(&arguments);
		assert_false(arguments.exact);
		dcm_snmpd_arguments_modules(&arguments, modules, sizeof(modules));
		assert_string_equal(modules,
				    cases[i].guessed ? cases[i].guessed : cases[i].modules);
	}
}

static void test_cut(void **state)
{
	static const char *const argv[ARGUMENTS_MAX] = {"snmpd", "-I", "-smux|mteTrigger|ifTable"};
	struct dcm_snmpd_arguments arguments;
	char modules[10];

	fill(argv, &arguments);
	dcm_snmpd_arguments_modules(&arguments, modules, sizeof(modules));
	assert_string_equal(modules, "-smux,...");
}

/* This very process: what its stack says, and what /proc/PID/cmdline says. */
static void test_stack(void **state)
{
	struct dcm_snmpd_arguments exact, guessed;

	assert_int_equal(dcm_snmpd_arguments_read("", getpid(), &exact), 0);
	assert_true(exact.exact);
	guessed = exact;
	dcm_snmpd_arguments_guess(&guessed);
	assert_int_equal(exact.count, guessed.count);
	assert_memory_equal(exact.start, guessed.start, exact.count * sizeof(exact.start[0]));
	assert_int_equal(dcm_snmpd_arguments_read("/nowhere", getpid(), &exact), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
