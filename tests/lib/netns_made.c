// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes network namespaces that live for a moment, by unshare(2) and clone(2) in turn, and says
 * what the walk has counted: netns_made --FLAVOUR N MILLISECONDS SECONDS
 *
 * N namespaces, evenly over SECONDS, each for MILLISECONDS. Prints "unshared N", "seen M" for those
 * whose maker has the name of this process, whoever else makes some, "all M" and "listed M" for
 * those that were in the list before or after, "group" with the end of its control group, and
 * "passed over P" of the events that the kernel did not tell of.
 */
#include <inttypes.h>
#include <stdio.h>

#if DCM_WITH_BPF

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/lib/walk_flavour.h"

static char name[16], group[200];

static int complain(const char *what, int err)
{
	fprintf(stderr, "netns_made: %s: %s\n", what, strerror(err));
	return -err;
}

static void sleep_ns(uint64_t ns)
{
	struct timespec left = {(time_t)(ns / DCM_NSEC_PER_SEC), (long)(ns % DCM_NSEC_PER_SEC)};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* A child in a namespace of its own, which ends with it. */
static int spawn(bool by_clone, uint64_t life_ns)
{
	long pid = syscall(SYS_clone, (by_clone ? CLONE_NEWNET : 0) | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		return -errno;
	if (pid)
		return 0;
	if (!by_clone && unshare(CLONE_NEWNET))
		_exit(1);
	sleep_ns(life_ns);
	_exit(0);
}

/* Waits for the children that have ended, or for all. False when one could not do its work. */
static bool reap(int options)
{
	bool good = true;
	int status;

	while (waitpid(-1, &status, options) > 0)
		good &= status == 0;
	return good;
}

static size_t count_ours(struct dcm_walk *walk, uint64_t *all)
{
	static struct dcm_walk_maker maker[DCM_WALK_MAKERS];
	size_t ours = 0, count;
	uint64_t made;

	count = dcm_walk_namespace_makers(walk, maker, &made);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(maker[i].command, name)) {
			ours++;
			snprintf(group, sizeof(group), "%s", maker[i].group);
		}
	*all += made;
	return ours;
}

static int churn(struct dcm_walk *walk, unsigned n, uint64_t life_ns, uint64_t span_ns)
{
	uint64_t begin = dcm_now_ns(), all = 0;
	size_t ours = 0;
	bool good = true;
	int err = 0;

	(void)count_ours(walk, &all); /* of others, before */
	all = 0;
	for (unsigned i = 0; i < n && !err && good; i++) {
		uint64_t due = begin + span_ns * i / n, now = dcm_now_ns();

		if (now < due)
			sleep_ns(due - now);
		err = spawn(i % 2, life_ns);
		good = reap(WNOHANG);
		if (i % 50 == 49)
			ours += count_ours(walk, &all);
	}
	good &= reap(0);
	if (err || !good)
		return complain("no namespace", err ? -err : EPERM);
	ours += count_ours(walk, &all);
	printf("unshared %u\nseen %zu\nall %" PRIu64 "\ngroup %s\n", n, ours, all, group);
	return 0;
}

int main(int argc, char **argv)
{
	struct dcm_walk_namespaces before, after;
	enum dcm_walk_flavour flavour;
	struct dcm_reason reason = {""};
	struct dcm_walk *walk;
	int err;

	if (argc != 5)
		return 2;
	snprintf(name, sizeof(name), "made-%u", (unsigned)getpid() % 100000000);
	prctl(PR_SET_NAME, name);
	flavour = walk_flavour_named(argv[1] + strspn(argv[1], "-"));
	if (dcm_walk_open("", flavour, &reason, &walk)) {
		puts(reason.text);
		return 77;
	}
	err = dcm_walk_watch_namespaces(walk, &reason);
	if (!err)
		err = dcm_walk_namespaces(walk, &reason, &before);
	if (err)
		fprintf(stderr, "netns_made: %s\n", reason.text);
	else
		err = churn(walk, (unsigned)atoi(argv[2]),
			    (uint64_t)(atof(argv[3]) * DCM_NSEC_PER_MSEC),
			    (uint64_t)(atof(argv[4]) * DCM_NSEC_PER_SEC));
	if (!err && !dcm_walk_namespaces(walk, &reason, &after))
		printf("listed %" PRIu64 "\npassed over %" PRIu64 "\n",
		       after.listed - before.listed, after.passed_over);
	dcm_walk_close(walk);
	return err ? 1 : 0;
}

#else

int main(void)
{
	puts("built without BPF");
	return 77;
}

#endif
