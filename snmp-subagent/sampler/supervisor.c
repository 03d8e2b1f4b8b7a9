// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/sampler/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/minmax.h"
#include "common/kernel/files/fd_io.h"
#include "snmp-subagent/agent/agent_process.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define MAX_ARGS 16

void dcm_supervisor_init(struct dcm_supervisor *supervise)
{
	*supervise = (struct dcm_supervisor){.pid = 0};
}

uint64_t dcm_supervisor_next_pause(uint64_t pause_ns, uint64_t lived_ns)
{
	if (pause_ns == 0 || lived_ns >= DCM_RESTART_WELL_NS)
		return DCM_RESTART_FIRST_NS;
	return DCM_MIN(pause_ns * 2, DCM_RESTART_LAST_NS);
}

static void plan_restart(struct dcm_supervisor *supervise, uint64_t now_ns, uint64_t lived_ns)
{
	supervise->pid = 0;
	supervise->pause_ns = dcm_supervisor_next_pause(supervise->pause_ns, lived_ns);
	supervise->due_ns = now_ns + supervise->pause_ns;
}

static int copy_config(const struct dcm_config *config, int *ret_fd)
{
	_cleanup_close_ int fd = memfd_create("dcachemon-config", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	int err;

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("dcachemon-config", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = dcm_fd_write_all(fd, config, sizeof(*config));
	if (err)
		return err;
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

struct command {
	char snapshot_fd[48], config_fd[48];
	const char *argv[MAX_ARGS];
};

static void make_command(const struct dcm_command_line *options, int snapshot_fd, int config_fd,
			 struct command *ret)
{
	size_t n = 0;

	snprintf(ret->snapshot_fd, sizeof(ret->snapshot_fd), "--" DCM_AGENT_SNAPSHOT_OPTION "=%d",
		 snapshot_fd);
	snprintf(ret->config_fd, sizeof(ret->config_fd), "--" DCM_AGENT_CONFIG_OPTION "=%d",
		 config_fd);
	ret->argv[n++] = "dcachemon-snmp";
	ret->argv[n++] = ret->snapshot_fd;
	ret->argv[n++] = ret->config_fd;
	if (!options->foreground)
		ret->argv[n++] = "--" DCM_AGENT_SYSLOG_OPTION;
	if (options->no_seccomp)
		ret->argv[n++] = "--" DCM_AGENT_NO_SECCOMP_OPTION;
	if (options->level == DCM_LOG_DEBUG)
		ret->argv[n++] = "-d";
	if (options->config_path) {
		ret->argv[n++] = "-c";
		ret->argv[n++] = options->config_path;
	}
	if (options->agentx_socket) {
		ret->argv[n++] = "-x";
		ret->argv[n++] = options->agentx_socket;
	}
	ret->argv[n] = NULL;
}

/* Between fork and exec of a process with threads: system calls only. The agent is this very
 * program, also after an upgrade has replaced the file: it reads our struct dcm_config. */
static void become_agent(const struct command *command, int snapshot_fd, int config_fd,
			 pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	fcntl(snapshot_fd, F_SETFD, 0);
	fcntl(config_fd, F_SETFD, 0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv("/proc/self/exe", (char *const *)(uintptr_t)command->argv);
	_exit(127);
}

static int spawn(const struct dcm_command_line *options, const struct dcm_config *config,
		 pid_t *ret_pid, int *ret_fd)
{
	_cleanup_close_ int ours = -1, theirs = -1, config_fd = -1;
	pid_t parent = getpid(), pid;
	struct command command;
	int pair[2], err;

	err = copy_config(config, &config_fd);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	ours = pair[0];
	theirs = pair[1];
	make_command(options, theirs, config_fd, &command);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become_agent(&command, theirs, config_fd, parent);
	*ret_pid = pid;
	*ret_fd = dcm_take_fd(ours);
	return 0;
}

int dcm_supervisor_start(struct dcm_supervisor *supervise, const struct dcm_command_line *options,
			 const struct dcm_config *config, uint64_t now_ns, int *ret_fd)
{
	int err = spawn(options, config, &supervise->pid, ret_fd);

	if (err) {
		dcm_complain(&supervise->failing, DCM_LOG_ERROR,
			     "cannot start the agent process: %s; trying again", strerror(-err));
		plan_restart(supervise, now_ns, 0);
		return err;
	}
	dcm_settle(&supervise->failing, NULL);
	supervise->started_ns = now_ns;
	dcm_log(DCM_LOG_DEBUG, "agent process %d started", (int)supervise->pid);
	return 0;
}

static void log_status(int status)
{
	if (WIFSIGNALED(status))
		dcm_log(DCM_LOG_WARNING,
			"the agent process was ended by signal %d (%s): starting it again",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 127)
		dcm_log(DCM_LOG_ERROR, "the agent process cannot be executed: trying again");
	else
		dcm_log(DCM_LOG_WARNING,
			"the agent process ended with status %d: starting it again",
			WEXITSTATUS(status));
}

void dcm_supervisor_reap(struct dcm_supervisor *supervise, uint64_t now_ns)
{
	uint64_t lived = now_ns - supervise->started_ns;
	int status;

	if (supervise->pid == 0 || waitpid(supervise->pid, &status, WNOHANG) != supervise->pid)
		return;
	if (lived >= DCM_RESTART_WELL_NS)
		dcm_settle(&supervise->ended, NULL);
	if (dcm_complaint_open(&supervise->ended, status + 1))
		log_status(status);
	plan_restart(supervise, now_ns, lived);
}

void dcm_supervisor_signal(const struct dcm_supervisor *supervise, int signal)
{
	if (supervise->pid > 0)
		kill(supervise->pid, signal);
}

/* SIGCHLD is blocked: it ends the wait. Any other signal that does is looked at again. */
static bool wait_gone(pid_t pid, uint64_t deadline_ns)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		struct timespec left = dcm_timespec_until(deadline_ns);

		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
		if (!left.tv_sec && !left.tv_nsec)
			return false;
		sigtimedwait(&set, NULL, &left);
	}
}

void dcm_supervisor_stop(struct dcm_supervisor *supervise, unsigned grace_ms)
{
	uint64_t deadline = dcm_now_ns() + grace_ms * DCM_NSEC_PER_MSEC;

	if (supervise->pid <= 0)
		return;
	dcm_supervisor_signal(supervise, SIGTERM);
	if (!wait_gone(supervise->pid, deadline)) {
		dcm_log(DCM_LOG_WARNING, "the agent process does not end: killed");
		dcm_supervisor_signal(supervise, SIGKILL);
		waitpid(supervise->pid, NULL, 0);
	}
	supervise->pid = 0;
}
