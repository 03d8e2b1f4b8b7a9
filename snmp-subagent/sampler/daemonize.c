// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/sampler/daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "snmp-subagent/sampler/systemd_notify.h"

static void detach(void)
{
	_cleanup_close_ int null = -1;

	/* The working directory stays: relative paths keep their meaning for a reload. */
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
}

int dcm_daemonize_enter(int *ret_ready_fd)
{
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (pid > 0) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(fds[0]);
	detach();
	*ret_ready_fd = fds[1];
	return 0;
}

void dcm_daemonize_ready(int ready_fd)
{
	char byte = 1;

	dcm_systemd_tell("READY=1");
	if (ready_fd < 0)
		return;
	if (write(ready_fd, &byte, 1) < 0)
		errno = 0;
	close(ready_fd);
}
