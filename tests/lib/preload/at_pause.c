// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs the shell command AT_PAUSE in place of a program's first pause, so that something happens
 * between two of its steps. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *pause, struct timespec *left)
{
	static int ran;
	const char *command = getenv("AT_PAUSE");

	if (!command || ran++)
		return syscall(SYS_clock_nanosleep, clock, flags, pause, left) ? errno : 0;
	unsetenv("LD_PRELOAD"); /* not of the command */
	return system(command) ? EINTR : 0;
}
