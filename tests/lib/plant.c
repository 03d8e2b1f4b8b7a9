// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Plants a known number of dentries and holds them until its standard input ends or a signal comes.
 *
 *   plant negative DIR N [PREFIX]   looks up N missing names in DIR (and exits at once)
 *   plant netns N                   N network namespaces, each with net/ipv6/conf/all/disable_ipv6
 *                                   and net/core/somaxconn opened once inside
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

static int fail(const char *what)
{
	fprintf(stderr, "plant: %s: %s\n", what, strerror(errno));
	return 1;
}

static int plant_negative(const char *dir, long n, const char *prefix)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[300];
	struct stat st;
	long i;

	if (fd < 0)
		return fail(dir);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%.200s%ld", prefix, i);
		if (fstatat(fd, name, &st, 0) == 0 || errno != ENOENT)
			return fail(name);
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
		return plant_negative(argv[2], atol(argv[3]), argc > 4 ? argv[4] : "missing-");
	if (argc == 3 && !strcmp(argv[1], "netns"))
		return plant_netns(atol(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "creator"))
		return churn_netns(atol(argv[2]));
	fputs("usage: plant negative DIR N [PREFIX] | netns N | creator N\n", stderr);
	return 2;
}
