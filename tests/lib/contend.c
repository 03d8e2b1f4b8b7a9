// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads that wait for each other in a filesystem, and know for how long each of their calls took.
 *
 *   contend DIRECTORY THREADS SECONDS   all create, rename and remove names of their own in it
 *   contend --own DIRECTORY THREADS SECONDS   each in a directory of its own, and looks missing
 * names up contend --plant DIRECTORY FILES     empty files, and nothing else contend --ustat DEVICE
 * ustat(2) of MAJOR:MINOR over and over until that is gone
 *
 * Prints "ready" when it begins, then in one line: calls, the seconds that all of them took, those
 * of the longest.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/base/clock.h"

#define MAX_THREADS 64

struct calls {
	unsigned long count;
	uint64_t total_ns, longest_ns;
};

struct thread {
	pthread_t id;
	int dir, number;
	bool looks_up;
	uint64_t until;
	struct calls calls;
};

static void count(struct calls *calls, uint64_t begin)
{
	uint64_t ns = dcm_now_ns() - begin;

	calls->count++;
	calls->total_ns += ns;
	if (ns > calls->longest_ns)
		calls->longest_ns = ns;
}

static void print(const struct calls *calls)
{
	printf("%lu %.6f %.6f\n", calls->count, (double)calls->total_ns / 1e9,
	       (double)calls->longest_ns / 1e9);
}

static void *contend(void *arg)
{
	struct thread *thread = arg;
	char name[32], other[32], missing[32];

	snprintf(name, sizeof(name), "t%d", thread->number);
	snprintf(other, sizeof(other), "t%d.new", thread->number);
	while (dcm_now_ns() < thread->until) {
		uint64_t begin = dcm_now_ns();
		int fd = openat(thread->dir, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

		count(&thread->calls, begin);
		if (fd >= 0)
			close(fd);
		begin = dcm_now_ns();
		renameat(thread->dir, name, thread->dir, other);
		count(&thread->calls, begin);
		begin = dcm_now_ns();
		unlinkat(thread->dir, other, 0);
		count(&thread->calls, begin);
		if (!thread->looks_up)
			continue;
		snprintf(missing, sizeof(missing), "missing%lu", thread->calls.count);
		begin = dcm_now_ns();
		faccessat(thread->dir, missing, F_OK, 0);
		count(&thread->calls, begin);
	}
	return NULL;
}

/* The directory of a thread, made in @dir. */
static int own_directory(int dir, int number)
{
	char name[32];

	snprintf(name, sizeof(name), "own%d", number);
	if (mkdirat(dir, name, 0700))
		return -1;
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int run_threads(const char *directory, int threads, double seconds, bool own)
{
	struct thread thread[MAX_THREADS];
	struct calls all = {0};
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t until = dcm_now_ns() + (uint64_t)(seconds * 1e9);

	if (dir < 0 || threads < 1 || threads > MAX_THREADS)
		return 2;
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < threads; i++) {
		thread[i] = (struct thread){.dir = own ? own_directory(dir, i) : dir,
					    .number = i,
					    .looks_up = own,
					    .until = until};
		if (thread[i].dir < 0 || pthread_create(&thread[i].id, NULL, contend, &thread[i]))
			return 2;
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(thread[i].id, NULL);
		all.count += thread[i].calls.count;
		all.total_ns += thread[i].calls.total_ns;
		all.longest_ns =
			(uint64_t)fmax((double)all.longest_ns, (double)thread[i].calls.longest_ns);
	}
	close(dir);
	print(&all);
	return 0;
}

static int plant(const char *directory, unsigned long files)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	char name[32];

	for (unsigned long i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "f%lu", i);
		fd = openat(dir, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0)
			return 1;
		close(fd);
	}
	close(dir);
	return 0;
}

/* Of the kernel alone: the C library has it no longer. A superblock's s_umount is taken for it. */
static int ask(const char *device)
{
#ifdef SYS_ustat
	unsigned int major, minor;
	struct calls calls = {0};
	char buf[64];
	long err = 0;

	if (sscanf(device, "%u:%u", &major, &minor) != 2)
		return 2;
	puts("ready");
	fflush(stdout);
	for (uint64_t begin = dcm_now_ns(); !err; begin = dcm_now_ns()) {
		err = syscall(SYS_ustat, minor | major << 8,
			      buf); /* old_decode_dev() of small ones */
		count(&calls, begin);
	}
	print(&calls);
	return 0;
#else
	fprintf(stderr, "no ustat(2) here for %s\n", device);
	return 77;
#endif
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--plant") == 0)
		return plant(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "--ustat") == 0)
		return ask(argv[2]);
	if (argc == 5 && strcmp(argv[1], "--own") == 0)
		return run_threads(argv[2], atoi(argv[3]), atof(argv[4]), true);
	if (argc == 4)
		return run_threads(argv[1], atoi(argv[2]), atof(argv[3]), false);
	fprintf(stderr,
		"usage: contend [--own] DIRECTORY THREADS SECONDS | --plant DIRECTORY FILES | "
		"--ustat DEVICE\n");
	return 2;
}
