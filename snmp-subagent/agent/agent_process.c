// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/agent_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <unistd.h>

#include "snmp-subagent/agent/agent.h"

static void to_syslog(void *ctx __attribute__((unused)), enum dcm_log_level level, const char *line)
{
	syslog(dcm_log_priority(level), "%s", line);
}

void dcm_agent_process_log_to_syslog(void)
{
	openlog("dcachemon-snmp", LOG_PID, LOG_DAEMON);
	dcm_log_set_sink(to_syslog, NULL);
}

/* The sampler's configuration, so that a file changed meanwhile cannot make the two differ. */
static bool read_config(int fd, struct dcm_config *ret)
{
	ssize_t n = pread(fd, ret, sizeof(*ret), 0);

	close(fd);
	return n == (ssize_t)sizeof(*ret);
}

int dcm_agent_process_agent(const struct dcm_command_line *options)
{
	static struct dcm_config config;
	struct dcm_agent_options agent = {.snapshot_fd = options->snapshot_fd,
					  .config = &config,
					  .config_path = options->config_path,
					  .agentx_socket = options->agentx_socket,
					  .no_seccomp = options->no_seccomp};

	/* exec of /proc/self/exe left "exe" there. */
	prctl(PR_SET_NAME, "dcachemon-agent");
	dcm_log_set_name("dcachemon-snmp[agent]");
	dcm_log_set_level(options->level);
	if (options->to_syslog)
		dcm_agent_process_log_to_syslog();
	if (!read_config(options->config_fd, &config)) {
		dcm_log(DCM_LOG_ERROR, "the agent process is started by the sampler only");
		return 2;
	}
	fcntl(options->snapshot_fd, F_SETFD, FD_CLOEXEC);
	return dcm_agent_main(&agent);
}
