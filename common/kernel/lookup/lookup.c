// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/lookup/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/lookup/lookup_internal.h"

#define STACK_SIZE (128u << 10)
/* A path is looked up so often, and not once more when that much time was spent on it. */
#define LOOKUPS	 5
#define SPENT_NS (2 * DCM_NSEC_PER_MSEC)
/* No interruption lasts so long. */
#define CERTAIN_NS   (100 * DCM_NSEC_PER_MSEC)
#define JOIN_SECONDS 1

struct probe {
	char *path;
	bool has_result, held;
	uint64_t held_until_ns;
	struct dcm_lookup_result result;
};

/*
 * Belongs to the caller and the worker together: whoever lets go last frees it, so that a worker
 * that comes back from the kernel after destroy still finds it. The mutex is never held during a
 * lookup.
 */
struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t wake, ended_cond;
	unsigned owners;
	bool stop, ended, requested;
	struct dcm_lookup_state state;
	struct dcm_lookup_calls calls;
	size_t count;
	struct probe *probes;
};

struct dcm_lookup {
	pthread_t thread;
	struct shared *shared;
};

/* ---- shared state ---- */

static void shared_free(struct shared *shared)
{
	for (size_t i = 0; i < shared->count; i++)
		free(shared->probes[i].path);
	free(shared->probes);
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

static void shared_init_locks(struct shared *shared)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&shared->mutex, NULL);
	pthread_cond_init(&shared->wake, NULL);
	/* Monotonic, so that a set clock cannot stretch the wait in destroy. */
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&shared->ended_cond, &attr);
	pthread_condattr_destroy(&attr);
}

static int shared_create(const char *const *paths, size_t count,
			 const struct dcm_lookup_calls *calls, struct shared **ret)
{
	struct shared *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return -ENOMEM;
	shared_init_locks(shared);
	shared->calls = *calls;
	shared->owners = 1;
	shared->probes = calloc(count ? count : 1, sizeof(*shared->probes));
	for (size_t i = 0; shared->probes && i < count; i++) {
		shared->probes[i].path = strdup(paths[i]);
		if (!shared->probes[i].path)
			break;
		shared->count++;
	}
	if (shared->count < count || !shared->probes) {
		shared_free(shared);
		return -ENOMEM;
	}
	*ret = shared;
	return 0;
}

/* ---- worker ---- */

static int look_up(const char *path, void *ctx)
{
	struct statx stx;

	(void)ctx;
	/* Neither a symbolic link's target nor an automount nor a file server is asked. */
	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_TYPE, &stx) == 0)
		return 0;
	return -errno;
}

static uint64_t monotonic_ns(void *ctx)
{
	(void)ctx;
	return dcm_now_ns();
}

/*
 * The shortest of a few lookups, because an interrupt or another process may come between. A long
 * one costs enough once; but one below 100 ms that is more than twice the last one, @before_ns (0:
 * none), was perhaps only interrupted, and counts when a second lookup confirms it.
 */
static struct dcm_lookup_result measure(const struct dcm_lookup_calls *calls, const char *path,
					uint64_t before_ns)
{
	struct dcm_lookup_result result = {.has_time = true, .time_ns = UINT64_MAX};
	uint64_t spent = 0;

	for (int i = 0; i < LOOKUPS; i++) {
		uint64_t begin = calls->now_ns(calls->ctx), took;

		result.error = calls->look_up(path, calls->ctx);
		result.measured_ns = calls->now_ns(calls->ctx);
		if (result.error)
			break;
		took = result.measured_ns - begin;
		spent += took;
		if (took < result.time_ns)
			result.time_ns = took;
		if (spent >= SPENT_NS && (i > 0 || took / 2 <= before_ns || took >= CERTAIN_NS))
			break;
	}
	return result;
}

static void describe_error(struct dcm_lookup_result *result)
{
	char text[64];

	result->has_time = false;
	result->time_ns = 0;
	snprintf(result->error_text, sizeof(result->error_text), "%s%s",
		 strerror_r(-result->error, text, sizeof(text)),
		 result->error == -ENOENT ? "; tried again after ten minutes" : "");
}

/* Called with the mutex held, which is released for the lookup itself. */
static void run_probe(struct shared *shared, struct probe *probe)
{
	uint64_t before_ns = probe->has_result ? probe->result.time_ns : 0;
	struct dcm_lookup_result result;

	if (probe->held && shared->calls.now_ns(shared->calls.ctx) < probe->held_until_ns)
		return;
	pthread_mutex_unlock(&shared->mutex);
	result = measure(&shared->calls, probe->path, before_ns);
	if (result.error)
		describe_error(&result);
	pthread_mutex_lock(&shared->mutex);
	probe->result = result;
	probe->has_result = true;
	probe->held = result.error == -ENOENT;
	probe->held_until_ns = result.measured_ns + DCM_LOOKUP_MISSING_HOLD_NS;
}

/* Called with the mutex held. */
static void run_round(struct shared *shared)
{
	uint64_t cpu_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);

	for (size_t i = 0; i < shared->count && !shared->stop; i++) {
		shared->state.busy_index = i;
		run_probe(shared, &shared->probes[i]);
	}
	shared->state.cost_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	shared->state.finished_ns = shared->calls.now_ns(shared->calls.ctx);
	shared->state.rounds++;
}

static void *worker(void *arg)
{
	struct shared *shared = arg;

	pthread_mutex_lock(&shared->mutex);
	while (!shared->stop) {
		if (!shared->requested) {
			pthread_cond_wait(&shared->wake, &shared->mutex);
			continue;
		}
		shared->requested = false;
		run_round(shared);
		shared->state.busy = false;
	}
	shared->ended = true;
	pthread_cond_signal(&shared->ended_cond);
	shared_let_go(shared);
	return NULL;
}

static int start_worker(struct dcm_lookup *lookup)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	/* The thread inherits the mask: signals stay with the threads that expect them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	lookup->shared->owners++;
	err = pthread_create(&lookup->thread, &attr, worker, lookup->shared);
	if (err)
		lookup->shared->owners--;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

/* ---- caller ---- */

int dcm_lookup_create_with(const char *const *paths, size_t count,
			   const struct dcm_lookup_calls *calls, struct dcm_lookup **ret)
{
	_cleanup_free_ struct dcm_lookup *lookup = NULL;
	int err;

	for (size_t i = 0; i < count; i++)
		if (paths[i][0] != '/')
			return -EINVAL;
	lookup = calloc(1, sizeof(*lookup));
	if (!lookup)
		return -ENOMEM;
	err = shared_create(paths, count, calls, &lookup->shared);
	if (err)
		return err;
	err = start_worker(lookup);
	if (err) {
		shared_free(lookup->shared);
		return err;
	}
	*ret = dcm_take_ptr(lookup);
	return 0;
}

int dcm_lookup_create(const char *const *paths, size_t count, struct dcm_lookup **ret)
{
	static const struct dcm_lookup_calls calls = {look_up, monotonic_ns, NULL};

	return dcm_lookup_create_with(paths, count, &calls, ret);
}

/* Waits until the worker is past its last lookup; false when it takes too long. Mutex held. */
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

void dcm_lookup_destroy(struct dcm_lookup *lookup)
{
	bool ended;

	if (!lookup)
		return;
	pthread_mutex_lock(&lookup->shared->mutex);
	lookup->shared->stop = true;
	pthread_cond_signal(&lookup->shared->wake);
	ended = wait_ended(lookup->shared);
	shared_let_go(lookup->shared);
	if (ended)
		pthread_join(lookup->thread, NULL);
	else
		pthread_detach(lookup->thread);
	free(lookup);
}

int dcm_lookup_request(struct dcm_lookup *lookup)
{
	struct shared *shared = lookup->shared;
	int err = -EBUSY;

	pthread_mutex_lock(&shared->mutex);
	if (!shared->state.busy) {
		err = 0;
		shared->requested = shared->state.busy = true;
		shared->state.busy_since_ns = shared->calls.now_ns(shared->calls.ctx);
		shared->state.busy_index = 0;
		pthread_cond_signal(&shared->wake);
	}
	pthread_mutex_unlock(&shared->mutex);
	return err;
}

void dcm_lookup_poll(struct dcm_lookup *lookup, struct dcm_lookup_state *ret)
{
	pthread_mutex_lock(&lookup->shared->mutex);
	*ret = lookup->shared->state;
	pthread_mutex_unlock(&lookup->shared->mutex);
}

int dcm_lookup_result(struct dcm_lookup *lookup, size_t index, struct dcm_lookup_result *ret)
{
	struct shared *shared = lookup->shared;
	int err = -ENODATA;

	if (index >= shared->count)
		return -EINVAL;
	pthread_mutex_lock(&shared->mutex);
	if (shared->probes[index].has_result) {
		*ret = shared->probes[index].result;
		err = 0;
	}
	pthread_mutex_unlock(&shared->mutex);
	return err;
}
