// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/interfaces/if_worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define JOIN_SECONDS 1

/*
 * Belongs to the caller and the thread together: whoever lets go last frees it. The mutex is never
 * held during a round; sampler, contexts and job are the thread's alone while @busy.
 */
struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t wake, ended_cond;
	unsigned owners;
	bool stop, ended;
	bool requested, busy; /* a job waits; a round was started and not taken */
	bool done;	      /* its result is there */
	int event_fd;
	struct dcm_if_sampler *sampler;
	struct dcm_if_contexts contexts;
	struct dcm_if_job job;
	struct dcm_if_round *result;
	int result_err;
};

struct dcm_if_worker {
	pthread_t thread;
	bool running;
	struct shared *shared;
};

/* ---- shared state ---- */

static void shared_free(struct shared *shared)
{
	dcm_if_sampler_destroy(shared->sampler);
	dcm_if_round_destroy(shared->result);
	if (shared->event_fd >= 0)
		close(shared->event_fd);
	pthread_cond_destroy(&shared->ended_cond);
	pthread_cond_destroy(&shared->wake);
	pthread_mutex_destroy(&shared->mutex);
	free(shared);
}

/* Called with the mutex held; releases it. */
static void shared_let_go(struct shared *shared)
{
	bool last = --shared->owners == 0;

	pthread_mutex_unlock(&shared->mutex);
	if (last)
		shared_free(shared);
}

static struct shared *shared_create(void)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	pthread_condattr_t attr;

	if (!shared)
		return NULL;
	shared->owners = 1;
	shared->event_fd = -1;
	pthread_mutex_init(&shared->mutex, NULL);
	pthread_cond_init(&shared->wake, NULL);
	/* Monotonic, so that a set clock cannot stretch the wait in destroy. */
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&shared->ended_cond, &attr);
	pthread_condattr_destroy(&attr);
	return shared;
}

/* ---- the thread ---- */

static uint64_t round_cpu_ns(const struct dcm_if_sampler *sampler)
{
	return dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) + dcm_if_sampler_other_cpu_ns(sampler);
}

static void want(struct shared *shared, const struct dcm_if_job *job)
{
	/* The own namespace is always listed, and others that are gone are wanted in vain. */
	if (job->own_until_ns)
		dcm_if_sampler_want(shared->sampler, "", job->own_until_ns);
	for (size_t i = 0; i < shared->contexts.count; i++)
		if (job->until_ns[i])
			dcm_if_contexts_want(&shared->contexts, i, shared->sampler,
					     job->until_ns[i]);
}

static int run_round(struct shared *shared, const struct dcm_if_job *job, struct dcm_if_round **ret)
{
	struct dcm_if_sampler *sampler = shared->sampler;
	uint64_t begin_ns = round_cpu_ns(sampler);
	struct dcm_if_round *views;
	bool pending;
	int err = dcm_if_contexts_configure(&shared->contexts, &job->contexts, sampler);

	if (err)
		return err;
	dcm_if_contexts_look(&shared->contexts, sampler, job->now_ns, job->realtime_ns);
	want(shared, job);
	dcm_if_sampler_run(sampler, job->now_ns, &pending);
	dcm_if_contexts_sampled(&shared->contexts, sampler, job->now_ns);
	err = dcm_if_round_copy(sampler, job->now_ns, &views);
	if (err)
		return err;
	views->contexts = shared->contexts;
	views->pending = pending;
	views->cpu_ns = round_cpu_ns(sampler) - begin_ns;
	*ret = views;
	return 0;
}

static void *thread_main(void *arg)
{
	struct shared *shared = arg;

	pthread_mutex_lock(&shared->mutex);
	while (!shared->stop) {
		struct dcm_if_round *result = NULL;
		int err;

		if (!shared->requested) {
			pthread_cond_wait(&shared->wake, &shared->mutex);
			continue;
		}
		shared->requested = false;
		pthread_mutex_unlock(&shared->mutex);
		err = run_round(shared, &shared->job, &result);
		pthread_mutex_lock(&shared->mutex);
		shared->result = result;
		shared->result_err = err;
		shared->done = true;
		eventfd_write(shared->event_fd, 1);
	}
	shared->ended = true;
	pthread_cond_signal(&shared->ended_cond);
	shared_let_go(shared);
	return NULL;
}

/* All signals stay with the threads of the caller. */
static int start_thread(struct dcm_if_worker *worker)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	worker->shared->owners++;
	err = pthread_create(&worker->thread, NULL, thread_main, worker->shared);
	if (err)
		worker->shared->owners--;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	worker->running = !err;
	return -err;
}

/* ---- caller ---- */

int dcm_if_worker_create(const struct dcm_if_sampler_options *options, struct dcm_reason *reason,
			 struct dcm_if_worker **ret)
{
	struct dcm_if_worker *worker = calloc(1, sizeof(*worker));
	int err = -ENOMEM;

	if (worker)
		worker->shared = shared_create();
	if (!worker || !worker->shared) {
		free(worker);
		return dcm_reason_no_memory(reason);
	}
	worker->shared->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->shared->event_fd < 0)
		err = dcm_reason_set(reason, -errno, "eventfd: %m");
	else
		err = dcm_if_sampler_create(options, reason, &worker->shared->sampler);
	if (err) {
		dcm_if_worker_destroy(worker);
		return err;
	}
	*ret = worker;
	return 0;
}

/* Waits until the thread is past its last round; false when it takes too long. Mutex held. */
static bool wait_ended(struct shared *shared)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += JOIN_SECONDS;
	while (!shared->ended)
		if (pthread_cond_timedwait(&shared->ended_cond, &shared->mutex, &until) != 0)
			break;
	return shared->ended;
}

void dcm_if_worker_destroy(struct dcm_if_worker *worker)
{
	bool ended = false;

	if (!worker)
		return;
	pthread_mutex_lock(&worker->shared->mutex);
	worker->shared->stop = true;
	pthread_cond_signal(&worker->shared->wake);
	if (worker->running)
		ended = wait_ended(worker->shared);
	shared_let_go(worker->shared);
	if (ended)
		pthread_join(worker->thread, NULL);
	else if (worker->running)
		pthread_detach(worker->thread);
	free(worker);
}

int dcm_if_worker_fd(const struct dcm_if_worker *worker)
{
	return worker->shared->event_fd;
}

int dcm_if_worker_start(struct dcm_if_worker *worker, const struct dcm_if_job *job)
{
	struct shared *shared = worker->shared;
	int err = 0;

	pthread_mutex_lock(&shared->mutex);
	if (shared->busy)
		err = -EBUSY;
	else if (!worker->running)
		err = start_thread(worker);
	if (!err) {
		shared->busy = shared->requested = true;
		shared->job = *job;
		pthread_cond_signal(&shared->wake);
	}
	pthread_mutex_unlock(&shared->mutex);
	return err;
}

int dcm_if_worker_take(struct dcm_if_worker *worker, struct dcm_if_round **ret)
{
	struct shared *shared = worker->shared;
	int err = -EAGAIN;

	pthread_mutex_lock(&shared->mutex);
	if (shared->done) {
		err = shared->result_err;
		if (!err)
			*ret = dcm_take_ptr(shared->result);
		shared->result = NULL;
		shared->busy = shared->done = false;
	}
	pthread_mutex_unlock(&shared->mutex);
	return err;
}
