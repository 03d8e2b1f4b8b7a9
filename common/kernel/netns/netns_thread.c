/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/netns/netns_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/thread.h"
#include "common/kernel/netns/netns_open.h"

struct job {
	dcm_netns_fn *fn;
	void *ctx;
	int ns_fd;
	int result;
	int setns_error; /* @fn did not run */
};

struct dcm_netns_thread {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct job *job; /* set by the caller, cleared by the thread when done */
	bool running, lost, stop;
	int home_fd;
};

/* Returns false if the thread may not continue. */
static bool run_inside(int home_fd, struct job *job)
{
	if (job->ns_fd >= 0 && setns(job->ns_fd, CLONE_NEWNET)) {
		job->setns_error = errno;
		return true;
	}
	job->result = job->fn(job->ctx);
	return job->ns_fd < 0 || !setns(home_fd, CLONE_NEWNET);
}

static void *thread_main(void *arg)
{
	struct dcm_netns_thread *t = arg;
	bool home = true;

	pthread_mutex_lock(&t->mutex);
	while (home && !t->stop) {
		struct job *job = t->job;

		if (!job) {
			pthread_cond_wait(&t->wake, &t->mutex);
			continue;
		}
		pthread_mutex_unlock(&t->mutex);
		home = run_inside(t->home_fd, job);
		pthread_mutex_lock(&t->mutex);
		t->job = NULL;
		t->lost = !home;
		pthread_cond_broadcast(&t->wake);
	}
	pthread_mutex_unlock(&t->mutex);
	return NULL;
}

static int start(struct dcm_netns_thread *t)
{
	int err;

	if (t->running)
		return 0;
	t->lost = false;
	err = dcm_thread_start(thread_main, t, 0, &t->thread);
	t->running = !err;
	return err;
}

static void join(struct dcm_netns_thread *t)
{
	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = false;
}

int dcm_netns_thread_create(const char *root, struct dcm_reason *reason,
			    struct dcm_netns_thread **ret)
{
	struct dcm_netns_thread *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return dcm_reason_no_memory(reason);
	t->home_fd = -1;
	err = dcm_netns_open_own(root, reason, &t->home_fd);
	if (err && err != -ENOENT) {
		free(t);
		return err;
	}
	pthread_mutex_init(&t->mutex, NULL);
	pthread_cond_init(&t->wake, NULL);
	*ret = t;
	return 0;
}

void dcm_netns_thread_destroy(struct dcm_netns_thread *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->mutex);
	t->stop = true;
	pthread_cond_broadcast(&t->wake);
	pthread_mutex_unlock(&t->mutex);
	join(t);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->mutex);
	if (t->home_fd >= 0)
		close(t->home_fd);
	free(t);
}

int dcm_netns_thread_run(struct dcm_netns_thread *t, int ns_fd, dcm_netns_fn *fn, void *ctx,
			 struct dcm_reason *reason)
{
	struct job job = {.fn = fn, .ctx = ctx, .ns_fd = ns_fd};
	bool lost;
	int err;

	if (ns_fd >= 0 && t->home_fd < 0)
		return dcm_reason_set(reason, -EOPNOTSUPP, "this kernel has no network namespaces");
	err = start(t);
	if (err)
		return dcm_reason_set(reason, err, "cannot start a thread: %s", strerror(-err));
	pthread_mutex_lock(&t->mutex);
	t->job = &job;
	pthread_cond_broadcast(&t->wake);
	while (t->job)
		pthread_cond_wait(&t->wake, &t->mutex);
	lost = t->lost;
	pthread_mutex_unlock(&t->mutex);
	if (lost)
		join(t);
	if (job.setns_error)
		return dcm_reason_set(
			reason, -job.setns_error,
			"cannot enter the network namespace: %s (needs CAP_SYS_ADMIN)",
			strerror(job.setns_error));
	return job.result;
}
