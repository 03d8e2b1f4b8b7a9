/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_COMMAND_LINE_H
#define DCM_SNMP_COMMAND_LINE_H

#include <stdbool.h>

#include "common/base/log.h"

/* Pointers point into argv. */
struct dcm_command_line {
	bool foreground;
	const char *config_path;   /* NULL: the default path, when that file exists */
	const char *agentx_socket; /* NULL: as configured */
	enum dcm_log_level level;
	bool no_seccomp;

	/* Of the agent process only, which the sampler starts (agent_process.h). */
	bool agent, to_syslog;
	int snapshot_fd, config_fd;
};

/* False: continue. True: the process ends with *@ret_status (after -h, -V or a usage error, which
 * this prints). */
bool dcm_command_line_parse(int argc, char **argv, struct dcm_command_line *ret, int *ret_status);

#endif
