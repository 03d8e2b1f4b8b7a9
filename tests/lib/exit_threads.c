// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Processes of many threads that end, one after the other, each with its entries below /proc in the
 * dentry cache, as where a monitoring tool reads them: the kernel takes those away with the
 * threads.
 *
 *   exit_threads THREADS SIDE_BY_SIDE SECONDS
 *
 * Prints "ready" when it begins, then how many processes have ended.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define STACK (64 * 1024)

static void look_at_oneself(void)
{
	static const char *const files[] = {"stat", "status", "comm", "wchan", "cgroup", "limits"};
	char path[64];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "/proc/self/task/%ld/%s", syscall(SYS_gettid),
			 files[i]);
		(void)!access(path, F_OK);
	}
}

static void *wait_for_the_end(void *arg)
{
	look_at_oneself();
	pthread_barrier_wait(arg);
	pause();
	return NULL;
}

/* Ends with all its threads alive. */
static void be_a_process(unsigned int threads)
{
	pthread_barrier_t all_looked_up;
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_barrier_init(&all_looked_up, NULL, threads + 1);
	for (unsigned int i = 0; i < threads; i++)
		if (pthread_create(&thread, &attributes, wait_for_the_end, &all_looked_up))
			_exit(1);
	pthread_barrier_wait(&all_looked_up);
	_exit(0);
}

static pid_t start(unsigned int threads)
{
	pid_t pid = fork();

	if (pid == 0)
		be_a_process(threads);
	return pid;
}

int main(int argc, char **argv)
{
	unsigned int threads, beside, running = 0, ended = 0;
	uint64_t until;
	int status, failed = 0;

	if (argc != 4) {
		fprintf(stderr, "usage: exit_threads THREADS SIDE_BY_SIDE SECONDS\n");
		return 2;
	}
	threads = (unsigned int)atoi(argv[1]);
	beside = (unsigned int)atoi(argv[2]);
	until = dcm_now_ns() + (uint64_t)(atof(argv[3]) * 1e9);
	puts("ready");
	fflush(stdout);
	while (running || dcm_now_ns() < until) {
		while (running < beside && !failed && dcm_now_ns() < until)
			running += start(threads) > 0;
		if (running && wait(&status) > 0) {
			running--;
			ended++;
			failed |= status;
		}
		if (failed)
			until = 0;
	}
	printf("%u\n", ended);
	return failed ? 1 : 0;
}
