// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/lookup/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/lookup/lookup_internal.h"
#include "common/kernel/worker/worker.h"

#define STACK_SIZE (128u << 10)
/* Number of lookups of a path, unless that much time was spent before. */
#define LOOKUPS	 5
#define SPENT_NS (2 * DCM_NSEC_PER_MSEC)
/* No interruption lasts this long. */
#define CERTAIN_NS  (100 * DCM_NSEC_PER_MSEC)
#define PATIENCE_MS 1000

struct probe {
	char *path;
	bool has_result, held;
	uint64_t held_until_ns;
	struct dcm_lookup_result result;
};

/* Shared with the thread. The mutex guards results and @busy_index, and is never held during a
 * lookup; the rest is the thread's during a round. */
struct rounds {
	struct dcm_lookup_calls calls;
	size_t count;
	struct probe *probes;
	uint64_t cost_ns, finished_ns; /* of the last round */
	pthread_mutex_t mutex;
	size_t busy_index;
};

struct dcm_lookup {
	struct dcm_worker *worker;
	struct rounds *rounds;
	struct dcm_lookup_state state;
};

static void rounds_free(void *ctx)
{
	struct rounds *rounds = ctx;

	for (size_t i = 0; i < rounds->count; i++)
		free(rounds->probes[i].path);
	free(rounds->probes);
	pthread_mutex_destroy(&rounds->mutex);
	free(rounds);
}

static int rounds_create(const char *const *paths, size_t count,
			 const struct dcm_lookup_calls *calls, struct rounds **ret)
{
	struct rounds *rounds = calloc(1, sizeof(*rounds));

	if (!rounds)
		return -ENOMEM;
	pthread_mutex_init(&rounds->mutex, NULL);
	rounds->calls = *calls;
	rounds->probes = calloc(count ? count : 1, sizeof(*rounds->probes));
	for (size_t i = 0; rounds->probes && i < count; i++) {
		rounds->probes[i].path = strdup(paths[i]);
		if (!rounds->probes[i].path)
			break;
		rounds->count++;
	}
	if (rounds->count < count || !rounds->probes) {
		rounds_free(rounds);
		return -ENOMEM;
	}
	*ret = rounds;
	return 0;
}

/* ---- the thread ---- */

static int look_up(const char *path, void *ctx __attribute__((unused)))
{
	struct statx stx;

	/* Neither a symbolic link's target nor an automount nor a file server is asked. */
	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_TYPE, &stx) == 0)
		return 0;
	return -errno;
}

static uint64_t monotonic_ns(void *ctx __attribute__((unused)))
{
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

static void run_probe(struct rounds *rounds, struct probe *probe)
{
	uint64_t before_ns = probe->has_result ? probe->result.time_ns : 0;
	struct dcm_lookup_result result;

	if (probe->held && rounds->calls.now_ns(rounds->calls.ctx) < probe->held_until_ns)
		return;
	result = measure(&rounds->calls, probe->path, before_ns);
	if (result.error)
		describe_error(&result);
	pthread_mutex_lock(&rounds->mutex);
	probe->result = result;
	probe->has_result = true;
	pthread_mutex_unlock(&rounds->mutex);
	probe->held = result.error == -ENOENT;
	probe->held_until_ns = result.measured_ns + DCM_LOOKUP_MISSING_HOLD_NS;
}

static void set_busy_index(struct rounds *rounds, size_t index)
{
	pthread_mutex_lock(&rounds->mutex);
	rounds->busy_index = index;
	pthread_mutex_unlock(&rounds->mutex);
}

static int run_round(const struct dcm_worker *worker, void *ctx)
{
	struct rounds *rounds = ctx;
	uint64_t cpu_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);

	for (size_t i = 0; i < rounds->count && !dcm_worker_stopping(worker); i++) {
		set_busy_index(rounds, i);
		run_probe(rounds, &rounds->probes[i]);
	}
	rounds->cost_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	rounds->finished_ns = rounds->calls.now_ns(rounds->calls.ctx);
	return 0;
}

/* ---- caller ---- */

int dcm_lookup_create_with(const char *const *paths, size_t count,
			   const struct dcm_lookup_calls *calls, struct dcm_lookup **ret)
{
	static const struct dcm_worker_job job = {
		.run = run_round, .release = rounds_free, .stack_size = STACK_SIZE};
	_cleanup_free_ struct dcm_lookup *lookup = NULL;
	int err;

	for (size_t i = 0; i < count; i++)
		if (paths[i][0] != '/')
			return -EINVAL;
	lookup = calloc(1, sizeof(*lookup));
	if (!lookup)
		return -ENOMEM;
	err = rounds_create(paths, count, calls, &lookup->rounds);
	if (err)
		return err;
	err = dcm_worker_create(&job, lookup->rounds, &lookup->worker);
	if (err) {
		rounds_free(lookup->rounds);
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

void dcm_lookup_destroy(struct dcm_lookup *lookup)
{
	if (!lookup)
		return;
	dcm_worker_destroy(lookup->worker, PATIENCE_MS);
	free(lookup);
}

static void take_round(struct dcm_lookup *lookup)
{
	if (dcm_worker_take(lookup->worker) == -EAGAIN)
		return;
	lookup->state.busy = false;
	lookup->state.rounds++;
	lookup->state.cost_ns = lookup->rounds->cost_ns;
	lookup->state.finished_ns = lookup->rounds->finished_ns;
}

int dcm_lookup_request(struct dcm_lookup *lookup)
{
	struct rounds *rounds = lookup->rounds;
	int err;

	take_round(lookup);
	if (lookup->state.busy)
		return -EBUSY;
	set_busy_index(rounds, 0);
	lookup->state.busy_since_ns = rounds->calls.now_ns(rounds->calls.ctx);
	err = dcm_worker_start(lookup->worker);
	lookup->state.busy = !err;
	return err;
}

void dcm_lookup_poll(struct dcm_lookup *lookup, struct dcm_lookup_state *ret)
{
	take_round(lookup);
	pthread_mutex_lock(&lookup->rounds->mutex);
	lookup->state.busy_index = lookup->rounds->busy_index;
	pthread_mutex_unlock(&lookup->rounds->mutex);
	*ret = lookup->state;
}

int dcm_lookup_result(struct dcm_lookup *lookup, size_t index, struct dcm_lookup_result *ret)
{
	struct rounds *rounds = lookup->rounds;
	int err = -ENODATA;

	if (index >= rounds->count)
		return -EINVAL;
	pthread_mutex_lock(&rounds->mutex);
	if (rounds->probes[index].has_result) {
		*ret = rounds->probes[index].result;
		err = 0;
	}
	pthread_mutex_unlock(&rounds->mutex);
	return err;
}
