// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"

static int spawn(const char *const argv[], int output, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int err = -posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = -posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = -posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!err)
		err = -posix_spawn_file_actions_adddup2(&actions, output, 2);
	if (!err)
		err = -posix_spawnp(ret_pid, argv[0], &actions, NULL,
				    (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* Until the end of the output; what does not fit is read and dropped. */
static int collect(int fd, int timeout_ms, char *out, size_t size)
{
	uint64_t deadline = dcm_now_ns() + (uint64_t)timeout_ms * DCM_NSEC_PER_MSEC;
	size_t len = 0;

	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		uint64_t now = dcm_now_ns();
		char part[512];
		ssize_t n;

		out[len] = '\0';
		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(&poll_fd, 1, (int)((deadline - now) / DCM_NSEC_PER_MSEC) + 1) <= 0)
			continue;
		n = read(fd, part, sizeof(part));
		if (n <= 0)
			return 0;
		for (ssize_t i = 0; i < n && len + 1 < size; i++)
			out[len++] = part[i];
	}
}

int program_start(const char *const argv[], pid_t *ret_pid, int *ret_fd)
{
	_cleanup_close_ int ours = -1;
	int pipe_fds[2], err;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	ours = pipe_fds[0];
	err = spawn(argv, pipe_fds[1], ret_pid);
	close(pipe_fds[1]);
	if (!err)
		*ret_fd = dcm_take_fd(ours);
	return err;
}

int program_run(const char *const argv[], int timeout_ms, char *out, size_t size)
{
	_cleanup_close_ int ours = -1;
	int status, err;
	pid_t pid;

	err = program_start(argv, &pid, &ours);
	if (err)
		return err;
	err = collect(ours, timeout_ms, out, size);
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (err)
		return err;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
