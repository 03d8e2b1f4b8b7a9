// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What "dcachemon who" costs a program that does nothing but stat() missing names: pairs of rounds
 * with and without it, in turns, and the median of the pairs' ratios. Work is counted per second
 * of the storm's own CPU time, so that other load on the machine falls out.
 *
 *   who_overhead DCACHEMON [PAIRS]
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"

#define ROUND_NS    (1500 * DCM_NSEC_PER_MSEC)
#define WARM_UP_NS  (700 * DCM_NSEC_PER_MSEC) /* until its programs are loaded and running */
#define NAMES	    64
#define MAX_PAIRS   51
#define TARGET_PERC 3.0

static pid_t start_who(const char *program)
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execl(program, program, "who", "--json", "--seconds", "60", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static bool stop_who(pid_t pid)
{
	int status;

	kill(pid, SIGINT);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Calls per second of own CPU time during @ns of wall time. */
static double storm(uint64_t ns)
{
	uint64_t begin = dcm_now_ns(), cpu = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID), calls = 0;
	char name[NAMES][64];
	struct stat st;

	for (int i = 0; i < NAMES; i++)
		snprintf(name[i], sizeof(name[i]), "/tmp/.dcachemon-bench-missing-%d", i);
	while (dcm_now_ns() - begin < ns)
		for (int i = 0; i < NAMES; i++, calls++)
			(void)!stat(name[i], &st);
	return (double)calls * 1e9 / (double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu);
}

static double storm_beside(const char *program)
{
	pid_t pid = start_who(program);
	double rate;

	storm(WARM_UP_NS);
	rate = storm(ROUND_NS);
	if (!stop_who(pid)) {
		fprintf(stderr, "who_overhead: %s who failed\n", program);
		exit(1);
	}
	return rate;
}

static double storm_alone(void)
{
	storm(WARM_UP_NS);
	return storm(ROUND_NS);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double overhead[MAX_PAIRS], rate = 0;
	int pairs = argc > 2 ? atoi(argv[2]) : 9, i;

	if (argc < 2 || pairs < 1 || pairs > MAX_PAIRS) {
		fputs("usage: who_overhead DCACHEMON [PAIRS]\n", stderr);
		return 2;
	}
	for (i = 0; i < pairs; i++) {
		double alone = i % 2 ? storm_alone() : 0, beside = storm_beside(argv[1]);

		alone = i % 2 ? alone : storm_alone();
		overhead[i] = 100 * (alone / beside - 1);
		rate += alone / pairs;
	}
	qsort(overhead, (size_t)pairs, sizeof(*overhead), compare);
	printf("stat() of missing names: %.0f ns each; overhead of \"dcachemon who\": median %.2f "
	       "%% "
	       "of %d pairs (%.2f to %.2f %%), target %.1f %%\n",
	       1e9 / rate, overhead[pairs / 2], pairs, overhead[0], overhead[pairs - 1],
	       TARGET_PERC);
	return 0;
}
