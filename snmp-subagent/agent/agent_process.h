/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent process is this program once more, in a fresh address space: the sampler starts it with
 * options of its own that name two inherited descriptors.
 */
#ifndef DCM_SNMP_AGENT_PROCESS_H
#define DCM_SNMP_AGENT_PROCESS_H

#include "snmp-subagent/command_line.h"

#define DCM_AGENT_SNAPSHOT_OPTION   "agent-snapshot-fd" /* connected snapshot socket */
#define DCM_AGENT_CONFIG_OPTION	    "agent-config-fd"	/* the sampler's struct dcm_config */
#define DCM_AGENT_SYSLOG_OPTION	    "agent-syslog"
#define DCM_AGENT_NO_SECCOMP_OPTION "no-seccomp" /* of both processes */

/* getopt values beyond any character. */
enum { DCM_AGENT_SNAPSHOT_FD = 256, DCM_AGENT_CONFIG_FD, DCM_AGENT_SYSLOG, DCM_AGENT_NO_SECCOMP };

/* The agent's main(). */
int dcm_agent_process_agent(const struct dcm_command_line *options);

/* Sends log lines to syslog from now on. */
void dcm_agent_process_log_to_syslog(void);

#endif
