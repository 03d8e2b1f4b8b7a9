// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/worker/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/thread.h"

/*
 * The caller and the thread share it: the last one to release it frees it. The mutex is never
 * held during a run.
 */
struct dcm_worker {
	struct dcm_worker_job job;
	void *ctx;
	int event_fd;
	pthread_t thread;
	bool running; /* there is a thread; the caller's */
	pthread_mutex_t mutex;
	pthread_cond_t wake, ended_cond;
	unsigned owners;
	atomic_bool stop;
	bool ended;
	bool busy;	      /* started and not taken; the caller's */
	bool requested, done; /* not begun yet; the result is there */
	int result;
};

static void worker_free(struct dcm_worker *worker)
{
	worker->job.release(worker->ctx);
	close(worker->event_fd);
	pthread_cond_destroy(&worker->ended_cond);
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->mutex);
	free(worker);
}

/* Called with the mutex held; releases it. */
static void let_go(struct dcm_worker *worker)
{
	bool last = --worker->owners == 0;

	pthread_mutex_unlock(&worker->mutex);
	if (last)
		worker_free(worker);
}

static void *thread_main(void *arg)
{
	struct dcm_worker *worker = arg;

	pthread_mutex_lock(&worker->mutex);
	while (!worker->stop) {
		int result;

		if (!worker->requested) {
			pthread_cond_wait(&worker->wake, &worker->mutex);
			continue;
		}
		worker->requested = false;
		pthread_mutex_unlock(&worker->mutex);
		result = worker->job.run(worker, worker->ctx);
		pthread_mutex_lock(&worker->mutex);
		worker->result = result;
		worker->done = true;
		eventfd_write(worker->event_fd, 1);
	}
	worker->ended = true;
	pthread_cond_signal(&worker->ended_cond);
	let_go(worker);
	return NULL;
}

/* ---- caller ---- */

int dcm_worker_create(const struct dcm_worker_job *job, void *ctx, struct dcm_worker **ret)
{
	struct dcm_worker *worker = calloc(1, sizeof(*worker));
	pthread_condattr_t attr;
	int err;

	if (!worker)
		return -ENOMEM;
	worker->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->event_fd < 0) {
		err = -errno;
		free(worker);
		return err;
	}
	worker->job = *job;
	worker->ctx = ctx;
	worker->owners = 1;
	pthread_mutex_init(&worker->mutex, NULL);
	pthread_cond_init(&worker->wake, NULL);
	/* Monotonic, so that a set clock cannot stretch the wait in destroy. */
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->ended_cond, &attr);
	pthread_condattr_destroy(&attr);
	*ret = worker;
	return 0;
}

/* Waits until the thread is past its last run; false when it takes too long. Mutex held. */
static bool wait_ended(struct dcm_worker *worker, unsigned patience_ms)
{
	const struct timespec until = dcm_timespec(dcm_now_ns() + patience_ms * DCM_NSEC_PER_MSEC);

	while (!worker->ended)
		if (pthread_cond_timedwait(&worker->ended_cond, &worker->mutex, &until) != 0)
			break;
	return worker->ended;
}

void dcm_worker_destroy(struct dcm_worker *worker, unsigned patience_ms)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->mutex);
	worker->stop = true;
	pthread_cond_signal(&worker->wake);
	if (worker->running && wait_ended(worker, patience_ms)) {
		pthread_mutex_unlock(&worker->mutex);
		pthread_join(worker->thread, NULL);
		pthread_mutex_lock(&worker->mutex);
	} else if (worker->running) {
		pthread_detach(worker->thread);
	}
	let_go(worker);
}

int dcm_worker_fd(const struct dcm_worker *worker)
{
	return worker->event_fd;
}

bool dcm_worker_busy(const struct dcm_worker *worker)
{
	return worker->busy;
}

static int start_thread(struct dcm_worker *worker)
{
	int err = dcm_thread_start(thread_main, worker, worker->job.stack_size, &worker->thread);

	worker->running = !err;
	if (!err)
		worker->owners++;
	return err;
}

int dcm_worker_start(struct dcm_worker *worker)
{
	int err = 0;

	pthread_mutex_lock(&worker->mutex);
	if (worker->busy)
		err = -EBUSY;
	else if (!worker->running)
		err = start_thread(worker);
	if (!err) {
		worker->busy = worker->requested = true;
		pthread_cond_signal(&worker->wake);
	}
	pthread_mutex_unlock(&worker->mutex);
	return err;
}

int dcm_worker_take(struct dcm_worker *worker)
{
	int result = -EAGAIN;

	pthread_mutex_lock(&worker->mutex);
	if (worker->done) {
		result = worker->result;
		worker->busy = worker->done = false;
	}
	pthread_mutex_unlock(&worker->mutex);
	return result;
}

bool dcm_worker_stopping(const struct dcm_worker *worker)
{
	return worker->stop;
}
