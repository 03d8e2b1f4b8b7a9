// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads that wait for each other in a filesystem, and know for how long each of their calls took.
 *
 *   contend DIRECTORY THREADS SECONDS
 *              all create, rename and remove names of their own in it
 *   contend --series DIRECTORY THREADS SECONDS
 *              the same, spread over the processors; prints every 20 ms the time, calls and
 *              processor time so far, in nanoseconds
 *   contend --look DIRECTORY THREADS SECONDS
 *              each looks missing names up in a directory of its own
 *   contend --pipe DIRECTORY THREADS SECONDS
 *              all write to one pipe and read from it, which they take turns for
 *   contend --plant DIRECTORY FILES
 *              empty files, and nothing else
 *   contend --ustat DEVICE
 *              ustat(2) of MAJOR:MINOR over and over until that is gone
 *   contend --sync
 *              sync(2) over and over until its standard input ends
 *   contend --stat PATH
 *              stat(2) in the same way
 *
 * Prints "ready" when it begins, then in one line: calls, the seconds that all of them took, those
 * of the longest. The last three also print the most that a call took without what its thread
 * waited for a processor.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define MAX_THREADS 64
#define SERIES_NS   (20 * DCM_NSEC_PER_MSEC)

struct calls {
	unsigned long count;
	uint64_t total_ns, longest_ns;
};

struct storm {
	void *(*work)(void *); /* of each thread */
	int threads;
	double seconds;
	bool own;    /* each thread has a directory of its own */
	bool series; /* prints how far it is */
};

struct thread {
	pthread_t id;
	int dir, number;
	int pipe[2];
	uint64_t until;
	struct calls calls;
};

static void count(struct calls *calls, uint64_t begin)
{
	uint64_t ns = dcm_now_ns() - begin;

	__atomic_store_n(&calls->count, calls->count + 1,
			 __ATOMIC_RELAXED); /* for print_series() */
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
	char name[32], other[32];

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
	}
	return NULL;
}

/* An entry each, which goes to the superblock's list of unused ones. */
static void *look_up(void *arg)
{
	struct thread *thread = arg;
	char missing[32];

	while (dcm_now_ns() < thread->until) {
		uint64_t begin;

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

static void *write_and_read(void *arg)
{
	struct thread *thread = arg;
	char byte = 0;

	while (dcm_now_ns() < thread->until) {
		uint64_t begin = dcm_now_ns();

		(void)!write(thread->pipe[1], &byte, 1);
		count(&thread->calls, begin);
		begin = dcm_now_ns();
		(void)!read(thread->pipe[0], &byte, 1);
		count(&thread->calls, begin);
	}
	return NULL;
}

/* On the processor of its turn, of those that this process may use. */
static void pin(pthread_t thread, int number)
{
	cpu_set_t all, one;
	int turn;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	turn = number % CPU_COUNT(&all);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || turn-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(thread, sizeof(one), &one);
		return;
	}
}

static void print_series(const struct thread *thread, int threads)
{
	for (uint64_t now = dcm_now_ns(); now < thread[0].until; now = dcm_now_ns()) {
		const struct timespec ts = dcm_timespec_until(now + SERIES_NS);
		unsigned long calls = 0;

		for (int i = 0; i < threads; i++)
			calls += __atomic_load_n(&thread[i].calls.count, __ATOMIC_RELAXED);
		printf("%lu %lu %lu\n", (unsigned long)now, calls,
		       (unsigned long)dcm_clock_ns(CLOCK_PROCESS_CPUTIME_ID));
		fflush(stdout);
		nanosleep(&ts, NULL);
	}
}

/* All in @dir, or with one pipe. */
static bool start_threads(const struct storm *storm, int dir, struct thread *thread)
{
	uint64_t until = dcm_now_ns() + (uint64_t)(storm->seconds * 1e9);
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK))
		return false;
	for (int i = 0; i < storm->threads; i++) {
		thread[i] = (struct thread){.dir = storm->own ? own_directory(dir, i) : dir,
					    .number = i,
					    .pipe = {pipe[0], pipe[1]},
					    .until = until};
		if ((storm->own && thread[i].dir < 0) ||
		    pthread_create(&thread[i].id, NULL, storm->work, &thread[i]))
			return false;
		if (storm->series)
			pin(thread[i].id, i);
	}
	return true;
}

static int run_threads(const struct storm *storm, const char *directory)
{
	struct thread thread[MAX_THREADS];
	struct calls all = {0};
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || storm->threads < 1 || storm->threads > MAX_THREADS)
		return 2;
	puts("ready");
	fflush(stdout);
	if (!start_threads(storm, dir, thread))
		return 2;
	if (storm->series)
		print_series(thread, storm->threads);
	for (int i = 0; i < storm->threads; i++) {
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

/* How long this thread was ready and had no processor (Documentation/scheduler/sched-stats.rst). 0:
 * the kernel does not say. */
static uint64_t delay_ns(void)
{
	static int fd = -1;
	unsigned long delay = 0;
	char line[96] = "";

	if (fd < 0)
		fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	if (pread(fd, line, sizeof(line) - 1, 0) < 0 || sscanf(line, "%*u %lu", &delay) != 1)
		return 0;
	return delay;
}

/* @call over and over, until it or standard input ends, if @is_told. */
static int repeat(long (*call)(const void *arg), const void *arg, bool is_told)
{
	struct pollfd told = {.fd = STDIN_FILENO, .events = POLLIN};
	struct calls calls = {0};
	uint64_t undelayed = 0;
	long err = 0;

	puts("ready");
	fflush(stdout);
	while (!err && (!is_told || poll(&told, 1, 0) == 0)) {
		uint64_t delayed = delay_ns(), begin = dcm_now_ns(), ns;

		err = call(arg);
		count(&calls, begin);
		ns = dcm_now_ns() - begin;
		delayed = delay_ns() - delayed;
		if (ns > delayed && ns - delayed > undelayed)
			undelayed = ns - delayed;
	}
	print(&calls);
	printf("%.6f\n", (double)undelayed / 1e9);
	return 0;
}

#ifdef SYS_ustat
static long call_ustat(const void *arg)
{
	const unsigned int *device = arg; /* as old_decode_dev() takes small ones */
	char buf[64];

	return syscall(SYS_ustat, *device, buf);
}
#endif

/* Of the kernel alone: the C library has it no longer. A superblock's s_umount is taken for it. */
static int ask(const char *device)
{
#ifdef SYS_ustat
	unsigned int major, minor;

	if (sscanf(device, "%u:%u", &major, &minor) != 2)
		return 2;
	minor |= major << 8;
	return repeat(call_ustat, &minor, false);
#else
	fprintf(stderr, "no ustat(2) here for %s\n", device);
	return 77;
#endif
}

static long call_sync(const void *arg __attribute__((unused)))
{
	sync();
	return 0;
}

static long call_stat(const void *path)
{
	struct stat st;

	return stat(path, &st);
}

/* How it is called, and what each thread does. */
static const struct way {
	const char *option;
	void *(*work)(void *);
	bool own, series;
} ways[] = {
	{"", contend, false, false},
	{"--series", contend, false, true},
	{"--look", look_up, true, false},
	{"--pipe", write_and_read, false, false},
};

static int run_way(const struct way *way, char **argv)
{
	const struct storm storm = {
		.work = way->work,
		.threads = atoi(argv[1]),
		.seconds = atof(argv[2]),
		.own = way->own,
		.series = way->series,
	};

	return run_threads(&storm, argv[0]);
}

int main(int argc, char **argv)
{
	const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
	int from = *option ? 2 : 1;

	if (argc == 4 && strcmp(option, "--plant") == 0)
		return plant(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(option, "--ustat") == 0)
		return ask(argv[2]);
	if (argc == 2 && strcmp(option, "--sync") == 0)
		return repeat(call_sync, NULL, true);
	if (argc == 3 && strcmp(option, "--stat") == 0)
		return repeat(call_stat, argv[2], true);
	for (size_t i = 0; argc == from + 3 && i < DCM_ARRAY_SIZE(ways); i++)
		if (strcmp(option, ways[i].option) == 0)
			return run_way(&ways[i], argv + from);
	fprintf(stderr, "usage: contend [--series|--look|--pipe] DIRECTORY THREADS SECONDS | "
			"--plant DIRECTORY FILES | --ustat DEVICE | --sync | --stat PATH\n");
	return 2;
}
