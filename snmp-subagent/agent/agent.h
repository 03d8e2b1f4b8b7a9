/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent process of dcachemon-snmp: answers AgentX requests (RFC 2741) from the last snapshot.
 * Everything that libnetsnmp may block or break lives here, apart from the sampler.
 */
#ifndef DCM_SNMP_AGENT_H
#define DCM_SNMP_AGENT_H

#include "common/model/config/config.h"

#define DCM_AGENT_STOP_SECONDS 3

struct dcm_agent_options {
	int snapshot_fd; /* connected snapshot socket (snapshot_memfd.h), owned by the agent */
	struct dcm_config *config; /* a reload changes it */
	const char *config_path;   /* read again on SIGHUP; NULL: no file, built-in defaults */
	const char *agentx_socket; /* overrides the configuration; NULL: not given */
	bool no_seccomp;
};

/*
 * Runs until SIGTERM, SIGINT or the sampler's end of the socket closes; then ends the AgentX
 * session. SIGHUP reads the configuration again, SIGUSR1 logs statistics. Gives up every
 * capability. Ends within DCM_AGENT_STOP_SECONDS of SIGTERM even while libnetsnmp waits for a
 * silent master. Call once per process, before any thread exists. Returns the exit status of the
 * process: 0 ended on request or with the sampler, 1 could not start (logged).
 */
int dcm_agent_main(const struct dcm_agent_options *options);

#endif
