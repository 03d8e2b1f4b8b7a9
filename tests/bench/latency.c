// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How long others wait, one duration in nanoseconds per line:
 *
 *   latency sleep N           how much later than asked a sleep of 1 ms ends, N times
 *   latency fifo N            the same under SCHED_FIFO, on the CPUs that it may use
 *   latency stat DIR N        each of N lookups of names in DIR that are cached or not
 *   latency run N COMMAND..   starting COMMAND and waiting for its end; "@" in it is the number
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"

static void print(uint64_t from_ns, uint64_t to_ns)
{
	printf("%lld\n", (long long)(to_ns - from_ns));
}

static int measure_sleep(long n)
{
	for (long i = 0; i < n; i++) {
		uint64_t due = dcm_now_ns() + DCM_NSEC_PER_MSEC;
		struct timespec when = {.tv_sec = (time_t)(due / DCM_NSEC_PER_SEC),
					.tv_nsec = (long)(due % DCM_NSEC_PER_SEC)};

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
			;
		print(due, dcm_now_ns());
	}
	return 0;
}

/* What a task feels that nothing but the kernel itself may hold up. */
static int measure_fifo(long n)
{
	const struct sched_param param = {.sched_priority = 80};

	if (sched_setscheduler(0, SCHED_FIFO, &param) < 0) {
		fprintf(stderr, "latency: SCHED_FIFO: %s\n", strerror(errno));
		return 1;
	}
	return measure_sleep(n);
}

/* Every second name is one of a thousand, the others are asked once. */
static int measure_stat(const char *dir, long n)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	char name[64];

	if (fd < 0)
		return 1;
	for (long i = 0; i < n; i++) {
		uint64_t begin;

		snprintf(name, sizeof(name), "stat-%ld-%ld", i % 2 ? (long)getpid() : 0L,
			 i % 2 ? i : i / 2 % 1000);
		begin = dcm_now_ns();
		if (fstatat(fd, name, &st, 0) < 0 && errno != ENOENT)
			return 1;
		print(begin, dcm_now_ns());
	}
	close(fd);
	return 0;
}

static int measure_run(long n, char **argv)
{
	for (long i = 0; i < n; i++) {
		char number[64], *command[32];
		uint64_t begin = dcm_now_ns();
		int status, count = 0;
		pid_t pid;

		snprintf(number, sizeof(number), "dcm-lat-%d-%ld", (int)getpid(), i);
		for (; argv[count] && count < 31; count++)
			command[count] = strcmp(argv[count], "@") ? argv[count] : number;
		command[count] = NULL;
		if (posix_spawnp(&pid, command[0], NULL, NULL, command, environ) ||
		    waitpid(pid, &status, 0) != pid || status)
			return 1;
		print(begin, dcm_now_ns());
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "sleep"))
		return measure_sleep(atol(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "fifo"))
		return measure_fifo(atol(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "stat"))
		return measure_stat(argv[2], atol(argv[3]));
	if (argc > 3 && !strcmp(argv[1], "run"))
		return measure_run(atol(argv[2]), argv + 3);
	fputs("usage: latency sleep N | fifo N | stat DIR N | run N COMMAND...\n", stderr);
	return 2;
}
