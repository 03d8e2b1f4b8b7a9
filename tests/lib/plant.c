// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Plants a known number of dentries and holds them until its standard input ends or a signal comes.
 *
 *   plant negative DIR N [PREFIX [SUFFIX [SECONDS]]]
 *                                   looks up N missing names in DIR, evenly over SECONDS or as fast
 *                                   as it goes, and exits
 *   plant spread DIR D N            makes D directories in DIR, looks up N missing names in each,
 *                                   and exits
 *
 *   plant netns N                   N network namespaces, each with net/ipv6/conf/all/disable_ipv6
 *                                   and net/core/somaxconn opened once inside
 *
 *   plant creator N                 N namespaces created and dropped one after another
 *
 * Prints "ready" when all is planted.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

#define PACES_PER_SECOND 100

static int fail(const char *what)
{
	fprintf(stderr, "plant: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Sleeps until it is the turn of name @i of @n, which are to take @seconds. */
static void pace(uint64_t start, long i, long n, double seconds)
{
	uint64_t ns = start + (uint64_t)(seconds * DCM_NSEC_PER_SEC * (double)i / (double)n);
	struct timespec when = {(time_t)(ns / DCM_NSEC_PER_SEC), (long)(ns % DCM_NSEC_PER_SEC)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

static int plant_negative(const char *dir, long n, const char *prefix, const char *suffix,
			  double seconds)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long per_pace = seconds > 0 ? 1 + (long)((double)n / seconds / PACES_PER_SECOND) : n + 1;
	uint64_t start = dcm_now_ns();
	char name[300];
	struct stat st;
	long i;

	if (fd < 0)
		return fail(dir);
	for (i = 0; i < n; i++) {
		if (i % per_pace == per_pace - 1)
			pace(start, i, n, seconds);
		snprintf(name, sizeof(name), "%.200s%ld%.50s", prefix, i, suffix);
		if (fstatat(fd, name, &st, 0) == 0 || errno != ENOENT)
			return fail(name);
	}
	close(fd);
	return 0;
}

static int plant_spread(const char *dir, long directories, long n)
{
	char path[4096];
	long i;

	for (i = 0; i < directories; i++) {
		snprintf(path, sizeof(path), "%.4000s/d%ld", dir, i);
		if (mkdir(path, 0755))
			return fail(path);
		if (plant_negative(path, n, "missing-", "", 0))
			return 1;
	}
	return 0;
}

/* Opening is what makes the dentries; the descriptors are not needed to keep them. */
static void touch(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
}

static int enter_new(void)
{
	if (unshare(CLONE_NEWNET))
		return -1;
	touch("/proc/sys/net/ipv6/conf/all/disable_ipv6");
	touch("/proc/sys/net/core/somaxconn");
	return 0;
}

static void wait_for_end(void)
{
	char buf[64];

	puts("ready");
	fflush(stdout);
	while (read(0, buf, sizeof(buf)) > 0)
		;
}

/* Each namespace is held by a descriptor of it: no process needed. */
static int plant_netns(long n)
{
	struct rlimit limit = {(rlim_t)n + 64, (rlim_t)n + 64};
	long i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return fail("RLIMIT_NOFILE");
	for (i = 0; i < n; i++) {
		if (enter_new())
			return fail("unshare");
		if (open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) < 0)
			return fail("/proc/thread-self/ns/net");
	}
	wait_for_end();
	return 0;
}

static int churn_netns(long n)
{
	long i;

	for (i = 0; i < n; i++)
		if (enter_new())
			return fail("unshare");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && !strcmp(argv[1], "negative"))
		return plant_negative(argv[2], atol(argv[3]), argc > 4 ? argv[4] : "missing-",
				      argc > 5 ? argv[5] : "", argc > 6 ? atof(argv[6]) : 0);
	if (argc == 5 && !strcmp(argv[1], "spread"))
		return plant_spread(argv[2], atol(argv[3]), atol(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "netns"))
		return plant_netns(atol(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "creator"))
		return churn_netns(atol(argv[2]));
	fputs("usage: plant negative DIR N [PREFIX [SUFFIX [SECONDS]]] | spread DIR D N | netns N "
	      "|\n"
	      "       creator N\n",
	      stderr);
	return 2;
}
