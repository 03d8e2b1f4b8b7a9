// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "snmp-subagent/command_line.h"
#include "snmp-subagent/sampler/supervisor.h"

#define MS 1000000ULL

static void test_pauses(void **state)
{
	static const uint64_t expected[] = {200, 400, 800, 1600, 3200, 5000, 5000};
	uint64_t pause = 0;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		pause = dcm_supervisor_next_pause(pause, 10 * MS);
		assert_int_equal(pause, expected[i] * MS);
	}
	/* One that lived long starts over. */
	assert_int_equal(dcm_supervisor_next_pause(pause, DCM_RESTART_WELL_NS), 200 * MS);
}

static const struct {
	const char *name;
	const char *argv[8];
	bool ends;
	int status;
} lines[] = {
	{"nothing", {"x"}, false, 0},
	{"all", {"x", "-f", "-c", "a", "-x", "/b", "-d"}, false, 0},
	{"socket with its transport", {"x", "-x", "UNIX:/b"}, false, 0},
	{"AgentX over TCP", {"x", "-x", "tcp:127.0.0.1:705"}, true, 2},
	{"AgentX over TCP, in other letters", {"x", "-x", "TCP6:[::1]:705"}, true, 2},
	{"AgentX at a host", {"x", "-x", "localhost:705"}, true, 2},
	{"relative socket", {"x", "-x", "b"}, true, 2},
	{"help", {"x", "-h"}, true, 0},
	{"long help", {"x", "--help"}, true, 0},
	{"version", {"x", "-V"}, true, 0},
	{"unknown option", {"x", "-Z"}, true, 2},
	{"missing value", {"x", "-c"}, true, 2},
	{"operand", {"x", "-f", "y"}, true, 2},
	{"descriptor is no number", {"x", "--agent-snapshot-fd=x"}, true, 2},
	{"negative descriptor", {"x", "--agent-snapshot-fd=-1"}, true, 2},
	{"descriptor too large", {"x", "--agent-config-fd=99999999999"}, true, 2},
};

static void test_options(void **state)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct dcm_command_line options;
		int argc = 0, status = 0;
		bool ends;

		while (argc < 8 && lines[i].argv[argc])
			argc++;
		optind = 0;
		ends = dcm_command_line_parse(argc, (char **)(uintptr_t)lines[i].argv, &options,
					      &status);
		if (ends != lines[i].ends || (ends && status != lines[i].status))
			fail_msg("%s: ends %d with %d", lines[i].name, ends, status);
		if (i != 1)
			continue;
		assert_true(options.foreground && !options.agent);
		assert_string_equal(options.config_path, "a");
		assert_string_equal(options.agentx_socket, "/b");
		assert_int_equal(options.level, DCM_LOG_DEBUG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_options),
	};

	/* What the options print is no TAP. */
	fflush(stdout);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
