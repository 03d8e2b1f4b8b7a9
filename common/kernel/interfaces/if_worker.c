// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/interfaces/if_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/worker/worker.h"

#define PATIENCE_MS 1000

/* What the thread works with; the caller's between a round that was taken and the next. */
struct rounds {
	struct dcm_if_sampler *sampler;
	struct dcm_if_contexts contexts;
	struct dcm_if_job job;
	struct dcm_if_round *result;
};

struct dcm_if_worker {
	struct dcm_worker *worker;
	struct rounds *rounds;
};

/* ---- the thread ---- */

static uint64_t round_cpu_ns(const struct dcm_if_sampler *sampler)
{
	return dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) + dcm_if_sampler_other_cpu_ns(sampler);
}

static void want(struct rounds *rounds)
{
	const struct dcm_if_job *job = &rounds->job;

	/* The own namespace is always listed, and others that are gone are wanted in vain. */
	if (job->own_until_ns)
		dcm_if_sampler_want(rounds->sampler, "", job->own_until_ns);
	for (size_t i = 0; i < rounds->contexts.count; i++)
		if (job->until_ns[i])
			dcm_if_contexts_want(&rounds->contexts, i, rounds->sampler,
					     job->until_ns[i]);
}

static int run_round(const struct dcm_worker *worker __attribute__((unused)), void *ctx)
{
	struct rounds *rounds = ctx;
	const struct dcm_if_job *job = &rounds->job;
	struct dcm_if_sampler *sampler = rounds->sampler;
	uint64_t begin_ns = round_cpu_ns(sampler);
	struct dcm_if_round *views;
	bool pending;
	int err = dcm_if_contexts_configure(&rounds->contexts, &job->contexts, sampler);

	if (err)
		return err;
	dcm_if_contexts_look(&rounds->contexts, sampler, job->now_ns, job->realtime_ns);
	want(rounds);
	dcm_if_sampler_run(sampler, job->now_ns, &pending);
	dcm_if_contexts_sampled(&rounds->contexts, sampler, job->now_ns);
	err = dcm_if_round_copy(sampler, job->now_ns, &views);
	if (err)
		return err;
	views->contexts = rounds->contexts;
	views->pending = pending;
	views->cpu_ns = round_cpu_ns(sampler) - begin_ns;
	rounds->result = views;
	return 0;
}

static void release(void *ctx)
{
	struct rounds *rounds = ctx;

	dcm_if_sampler_destroy(rounds->sampler);
	dcm_if_round_destroy(rounds->result);
	free(rounds);
}

/* ---- caller ---- */

int dcm_if_worker_create(const struct dcm_if_sampler_options *options, struct dcm_reason *reason,
			 struct dcm_if_worker **ret)
{
	static const struct dcm_worker_job job = {.run = run_round, .release = release};
	_cleanup_free_ struct dcm_if_worker *worker = calloc(1, sizeof(*worker));
	struct rounds *rounds = calloc(1, sizeof(*rounds));
	int err;

	if (!worker || !rounds) {
		free(rounds);
		return dcm_reason_no_memory(reason);
	}
	err = dcm_if_sampler_create(options, reason, &rounds->sampler);
	if (!err) {
		err = dcm_worker_create(&job, rounds, &worker->worker);
		if (err)
			dcm_reason_set(reason, err, "worker: %s", strerror(-err));
	}
	if (err) {
		release(rounds);
		return err;
	}
	worker->rounds = rounds;
	*ret = dcm_take_ptr(worker);
	return 0;
}

void dcm_if_worker_destroy(struct dcm_if_worker *worker)
{
	if (!worker)
		return;
	dcm_worker_destroy(worker->worker, PATIENCE_MS);
	free(worker);
}

int dcm_if_worker_fd(const struct dcm_if_worker *worker)
{
	return dcm_worker_fd(worker->worker);
}

int dcm_if_worker_start(struct dcm_if_worker *worker, const struct dcm_if_job *job)
{
	/* The job must be there before the thread looks for it. */
	if (dcm_worker_busy(worker->worker))
		return -EBUSY;
	worker->rounds->job = *job;
	return dcm_worker_start(worker->worker);
}

int dcm_if_worker_take(struct dcm_if_worker *worker, struct dcm_if_round **ret)
{
	int err = dcm_worker_take(worker->worker);

	if (!err)
		*ret = dcm_take_ptr(worker->rounds->result);
	return err;
}
