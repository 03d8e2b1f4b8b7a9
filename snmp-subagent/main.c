// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/agent_process.h"
#include "snmp-subagent/command_line.h"
#include "snmp-subagent/sampler/sampler.h"

int main(int argc, char **argv)
{
	struct dcm_options options;
	int status;

	if (dcm_options_parse(argc, argv, &options, &status))
		return status;
	return options.agent ? dcm_role_agent(&options) : dcm_sampler_main(&options);
}
