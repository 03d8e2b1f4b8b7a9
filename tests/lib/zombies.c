// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Control groups that are in use, thousands at once: a process in each that has ended and is not
 * waited for. Its place in the control groups stays until it is, which costs a few KiB and no time
 * of a processor.
 *
 * A line of the standard input per process: a folder of cgroup2 (needs Linux 5.7); "ready" when an
 * empty line has come. At the end of the input all are waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "zombies: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Returns once the child has ended. */
static int wait_for_end(pid_t pid)
{
	siginfo_t info;

	if (pid < 0)
		return fail("fork");
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
		return fail("waitid");
	return info.si_code != CLD_EXITED || info.si_status != 0;
}

/* Born there: to move it would take the lock that all forks need, and a grace period of RCU. */
static int make_member(const char *folder)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid;

	if (fd < 0)
		return fail(folder);
	args.cgroup = (uint64_t)fd;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(0);
	close(fd);
	return wait_for_end(pid);
}

int main(void)
{
	char line[4096];
	int err = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (!err && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			err = make_member(line);
		else
			puts("ready");
	}
	while (wait(NULL) > 0)
		;
	return err;
}
