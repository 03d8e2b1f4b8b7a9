/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent process is this program once more, in a fresh address space: the sampler starts it with
 * options of its own that name two inherited descriptors.
 */
#ifndef DCM_SNMP_AGENT_PROCESS_H
#define DCM_SNMP_AGENT_PROCESS_H

#include "snmp-subagent/command_line.h"

#define DCM_ROLE_SNAPSHOT_OPTION   "agent-snapshot-fd" /* connected snapshot socket */
#define DCM_ROLE_CONFIG_OPTION	   "agent-config-fd"   /* the sampler's struct dcm_config */
#define DCM_ROLE_SYSLOG_OPTION	   "agent-syslog"
#define DCM_ROLE_NO_SECCOMP_OPTION "no-seccomp" /* of both processes */

/* getopt values beyond any character. */
enum { DCM_ROLE_SNAPSHOT_FD = 256, DCM_ROLE_CONFIG_FD, DCM_ROLE_SYSLOG, DCM_ROLE_NO_SECCOMP };

/* The agent's main(). */
int dcm_role_agent(const struct dcm_options *options);

/* Sends log lines to syslog from now on. */
void dcm_role_log_to_syslog(void);

#endif
