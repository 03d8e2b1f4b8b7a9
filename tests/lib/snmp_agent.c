// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The agent process alone, for tests with fake_sampler: snmp_agent FD AGENTX_SOCKET [CONFIG]. Logs
 * everything to stderr.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "snmp-subagent/agent/agent.h"
#include "snmp-subagent/agent_config.h"

int main(int argc, char **argv)
{
	struct dcm_agent_options options = {0};
	struct dcm_config config;

	if (argc < 3) {
		fprintf(stderr, "usage: snmp_agent FD AGENTX_SOCKET [CONFIG]\n");
		return 2;
	}
	dcm_log_set_name("agent");
	dcm_log_set_level(DCM_LOG_DEBUG);
	dcm_config_defaults(&config);
	if (argc > 3) {
		options.config_path = argv[3];
		if (dcm_agent_config_read(argv[3], &config) < 0)
			return 2;
	}
	options.snapshot_fd = atoi(argv[1]);
	options.agentx_socket = argv[2];
	options.config = &config;
	return dcm_agent_main(&options);
}
