// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/command_line.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/model/config/config_values.h"
#include "common/parse/number.h"
#include "snmp-subagent/agent/agent_process.h"

static const char usage[] =
	"Usage: dcachemon-snmp [-f] [-c FILE] [-x SOCKET] [-d] [--no-seccomp]\n"
	"AgentX subagent that watches the dentry cache.\n"
	"\n"
	"  -f         stay in the foreground, log to standard error\n"
	"  -c FILE    configuration (default " DCM_SYSCONFDIR "/dcachemon/dcachemon.conf)\n"
	"  -x SOCKET  AgentX socket of the master agent: an absolute path\n"
	"  -d         log debugging messages\n"
	"  --no-seccomp  do not filter system calls, for debugging\n"
	"  -h         print this help\n"
	"  -V         print the version\n";

static int usage_error(void)
{
	fprintf(stderr, "Try \"dcachemon-snmp -h\".\n");
	return 2;
}

static bool parse_fd(const char *text, int *ret)
{
	uint64_t fd;

	if (dcm_number_up_to(text, INT_MAX, &fd))
		return false;
	*ret = (int)fd;
	return true;
}

/* By the rule of the configuration file. */
static bool take_socket(const char *value, struct dcm_command_line *options)
{
	struct dcm_reason reason;

	options->agentx_socket = value;
	if (!dcm_config_value_check_agentx(value, &reason))
		return true;
	fprintf(stderr, "dcachemon-snmp: -x %s\n", reason.text);
	return false;
}

/* False: not understood; getopt, or the option itself, has said why. */
static bool take(int option, const char *value, struct dcm_command_line *options)
{
	switch (option) {
	case 'f':
		options->foreground = true;
		return true;
	case 'c':
		options->config_path = value;
		return true;
	case 'x':
		return take_socket(value, options);
	case 'd':
		options->level = DCM_LOG_DEBUG;
		return true;
	case DCM_AGENT_SNAPSHOT_FD:
		options->agent = true;
		return parse_fd(value, &options->snapshot_fd);
	case DCM_AGENT_CONFIG_FD:
		return parse_fd(value, &options->config_fd);
	case DCM_AGENT_NO_SECCOMP:
		options->no_seccomp = true;
		return true;
	case DCM_AGENT_SYSLOG:
		options->to_syslog = true;
		return true;
	default:
		return false;
	}
}

bool dcm_command_line_parse(int argc, char **argv, struct dcm_command_line *ret, int *ret_status)
{
	static const struct option longs[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{DCM_AGENT_SNAPSHOT_OPTION, required_argument, NULL, DCM_AGENT_SNAPSHOT_FD},
		{DCM_AGENT_CONFIG_OPTION, required_argument, NULL, DCM_AGENT_CONFIG_FD},
		{DCM_AGENT_SYSLOG_OPTION, no_argument, NULL, DCM_AGENT_SYSLOG},
		{DCM_AGENT_NO_SECCOMP_OPTION, no_argument, NULL, DCM_AGENT_NO_SECCOMP},
		{NULL, 0, NULL, 0},
	};
	int option;

	*ret = (struct dcm_command_line){
		.level = DCM_LOG_NOTICE, .snapshot_fd = -1, .config_fd = -1};
	while ((option = getopt_long(argc, argv, "fc:x:dhV", longs, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			fputs(option == 'h' ? usage : "dcachemon-snmp " DCM_VERSION "\n", stdout);
			*ret_status = 0;
			return true;
		}
		if (!take(option, optarg, ret)) {
			*ret_status = usage_error();
			return true;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "dcachemon-snmp: unexpected argument \"%s\"\n", argv[optind]);
		*ret_status = usage_error();
		return true;
	}
	return false;
}
