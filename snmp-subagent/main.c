// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/inherited.h"
#include "snmp-subagent/agent/agent_process.h"
#include "snmp-subagent/command_line.h"
#include "snmp-subagent/sampler/sampler.h"

int main(int argc, char **argv)
{
	struct dcm_command_line options;
	int status, kept[2];

	dcm_inherited_complete();
	if (dcm_command_line_parse(argc, argv, &options, &status))
		return status;
	kept[0] = options.snapshot_fd;
	kept[1] = options.config_fd;
	dcm_inherited_close(kept, options.agent ? 2 : 0);
	return options.agent ? dcm_agent_process_agent(&options) : dcm_sampler_main(&options);
}
