// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interfaces and their sysctl files, for the agent's interface tables: sampled every 3 s, as snmpd
 * does, but only while somebody asks. A worker thread does so: the collector never waits for it.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/interfaces/if_snapshot.h"
#include "common/kernel/interfaces/if_worker.h"
#include "common/sampling/sources/source_interfaces.h"

#define ROUND_NS (3 * DCM_NSEC_PER_SEC)
/* Opening files of a long hash chain costs milliseconds each: the links change meanwhile. */
#define PENDING_NS (50 * DCM_NSEC_PER_MSEC)
/* The end of a round wakes callers that poll dcm_collector_fd(); others check at this interval. */
#define LOOK_NS	 (100 * DCM_NSEC_PER_MSEC)
#define STUCK_NS (10 * DCM_NSEC_PER_SEC)
#define MAX_ROWS 65536

struct source {
	struct dcm_if_worker *worker;
	struct dcm_if_round *views; /* of the last round; NULL: none since somebody asked */
	struct dcm_contexts_config contexts;
	uint64_t own_until_ns; /* until when it is wanted; in the past: by nobody */
	uint64_t until_ns[DCM_MAX_CONTEXTS];
	uint64_t started_ns; /* of the last round; 0: none yet */
	bool busy;
	bool asked;   /* a waiting reader asked after the last round began */
	bool awaited; /* the round under way is for such a one */
};

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));
	struct dcm_if_sampler_options options;
	int err;

	if (!source)
		return dcm_reason_no_memory(reason);
	dcm_if_sampler_defaults(&options);
	options.root = dcm_collector_config(collector)->sampling.root;
	options.max_namespaces = 1 + DCM_MAX_CONTEXTS;
	source->contexts = dcm_collector_config(collector)->if_mib.contexts;
	err = dcm_if_worker_create(&options, reason, &source->worker);
	if (err) {
		free(source);
		return err;
	}
	*ret_state = source;
	return 0;
}

static void destroy(void *state)
{
	struct source *source = state;

	dcm_if_worker_destroy(source->worker);
	dcm_if_round_destroy(source->views);
	free(source);
}

static void forget_views(struct source *source)
{
	dcm_if_round_destroy(source->views);
	source->views = NULL;
}

/* ---- rounds ---- */

static bool wanted(const struct source *source, uint64_t now_ns)
{
	bool any = source->own_until_ns > now_ns;

	for (size_t i = 0; i < source->contexts.count; i++)
		any = any || source->until_ns[i] > now_ns;
	return any;
}

static int start(struct source *source, struct dcm_run *run)
{
	struct dcm_if_job job = {.now_ns = run->now_ns,
				 .realtime_ns = (int64_t)dcm_clock_ns(CLOCK_REALTIME),
				 .contexts = source->contexts};
	int err;

	if (source->own_until_ns > run->now_ns)
		job.own_until_ns = source->own_until_ns;
	for (size_t i = 0; i < source->contexts.count; i++)
		if (source->until_ns[i] > run->now_ns)
			job.until_ns[i] = source->until_ns[i];
	err = dcm_if_worker_start(source->worker, &job);

	if (err)
		return dcm_reason_set(&run->reason, err, "interface worker: %s", strerror(-err));
	source->busy = true;
	source->awaited = source->asked;
	source->asked = false;
	source->started_ns = run->now_ns;
	run->next_ns = run->now_ns + LOOK_NS;
	return DCM_RUN_MORE;
}

static int wait_more(const struct source *source, struct dcm_run *run)
{
	uint64_t waited = run->now_ns - source->started_ns;

	if (waited > STUCK_NS) {
		run->stuck = true;
		dcm_reason_set(&run->reason, 0, "the kernel has not listed interfaces for %.0f s",
			       dcm_seconds(waited));
	}
	run->next_ns = run->now_ns + LOOK_NS;
	return DCM_RUN_MORE;
}

/* Whether @fresh has rows of a namespace that @before has not. */
static bool has_news(const struct dcm_if_round *before, const struct dcm_if_round *fresh)
{
	for (size_t i = 0; i < fresh->count; i++)
		if (!dcm_if_round_find(before, fresh->views[i].netns->index))
			return true;
	return false;
}

/* Why the round failed for a namespace; NULL: for none. */
static const char *round_error(const struct dcm_if_round *views)
{
	for (size_t i = 0; i < views->count; i++)
		if (views->views[i].error[0])
			return views->views[i].error;
	return NULL;
}

/* When the next round is due: at once, in a round's time, or, to see whether the namespaces of the
 * contexts are still there, after the configured interval. */
static uint64_t next_round_ns(const struct dcm_collector *collector, const struct source *source,
			      uint64_t now_ns)
{
	uint64_t next = source->started_ns + ROUND_NS;

	if (source->asked || !source->started_ns)
		return now_ns;
	if (!wanted(source, now_ns))
		next = source->started_ns +
		       dcm_collector_interval_ns(collector, DCM_SOURCE_SYSCTLS);
	return DCM_MAX(next, now_ns);
}

static void say_nobody_asks(struct dcm_run *run)
{
	dcm_reason_set(&run->reason, 0, "nobody asks for the interface tables");
}

static int finish(struct dcm_collector *collector, struct source *source,
		  struct dcm_if_round *fresh, struct dcm_run *run)
{
	const char *error = round_error(fresh);

	/* The first reader waits for these rows: they are published at once. */
	if (source->awaited || has_news(source->views, fresh))
		dcm_collector_publish_now(collector);
	forget_views(source);
	source->views = fresh;
	run->extra_cost_ns = fresh->cpu_ns;
	run->next_ns = next_round_ns(collector, source, run->now_ns);
	if (fresh->pending && !source->asked)
		run->next_ns = run->now_ns + PENDING_NS;
	if (fresh->pending)
		return DCM_RUN_MORE;
	if (error)
		dcm_reason_set(&run->reason, 0, "%s", error);
	else if (!wanted(source, run->now_ns))
		say_nobody_asks(run);
	return DCM_RUN_DONE;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	struct dcm_if_round *fresh;
	bool contexts;
	int err;

	if (source->busy) {
		err = dcm_if_worker_take(source->worker, &fresh);
		if (err == -EAGAIN)
			return wait_more(source, run);
		source->busy = false;
		return err ? dcm_reason_set(&run->reason, err, "interfaces: %s", strerror(-err))
			   : finish(collector, source, fresh, run);
	}
	contexts = source->contexts.count || (source->views && source->views->contexts.count);
	if (wanted(source, run->now_ns) ||
	    (contexts &&
	     (run->complete || next_round_ns(collector, source, run->now_ns) <= run->now_ns)))
		return start(source, run);
	if (!contexts)
		forget_views(source);
	else
		run->next_ns = next_round_ns(collector, source, run->now_ns);
	source->asked = false;
	say_nobody_asks(run);
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;

	if (!source->views)
		return;
	dcm_if_snapshot(source->views, builder, dcm_collector_now_ns(collector), MAX_ROWS);
	dcm_if_snapshot_contexts(&source->views->contexts, builder);
}

static size_t position_of(const struct dcm_contexts_config *config, const char *name)
{
	const struct dcm_context_config *found = dcm_contexts_config_find(config, name);

	return found ? (size_t)(found - config->list) : DCM_MAX_CONTEXTS;
}

/* Contexts of the same name are still wanted. */
static int reconfigure(struct dcm_collector *collector, void *state)
{
	const struct dcm_contexts_config *fresh = &dcm_collector_config(collector)->if_mib.contexts;
	uint64_t until_ns[DCM_MAX_CONTEXTS] = {0};
	struct source *source = state;

	for (size_t i = 0; i < fresh->count; i++) {
		size_t before = position_of(&source->contexts, fresh->list[i].name);

		if (before < DCM_MAX_CONTEXTS)
			until_ns[i] = source->until_ns[before];
	}
	memcpy(source->until_ns, until_ns, sizeof(until_ns));
	source->contexts = *fresh;
	source->asked = true; /* a round at once shows what is new */
	return 0;
}

/* setns(2) needs CAP_SYS_ADMIN; opening others' /proc/PID/ns/net, each time, CAP_SYS_PTRACE. */
static uint64_t capabilities(const struct dcm_collector *collector,
			     const void *state __attribute__((unused)))
{
	unsigned needs =
		dcm_contexts_config_needs(&dcm_collector_config(collector)->if_mib.contexts);

	return (needs & DCM_CONTEXT_SETNS ? 1ULL << CAP_SYS_ADMIN : 0) |
	       (needs & DCM_CONTEXT_PTRACE ? 1ULL << CAP_SYS_PTRACE : 0);
}

/* ---- requests ---- */

/* True when it was not wanted until now. */
static bool extend(uint64_t *at, uint64_t now_ns, uint64_t until_ns)
{
	bool fresh = *at <= now_ns;

	if (until_ns > *at)
		*at = until_ns;
	return fresh;
}

bool dcm_interfaces_want(void *state, uint64_t now_ns, uint64_t until_ns,
			 const struct dcm_interfaces_wanted *wanted)
{
	struct source *source = state;
	size_t known = source->views ? source->views->contexts.count : 0;
	bool fresh = wanted->own && extend(&source->own_until_ns, now_ns, until_ns);

	/* The client took the context numbers from a snapshot, which may predate a reload. */
	for (size_t i = 0; i < known; i++) {
		size_t at =
			position_of(&source->contexts, source->views->contexts.list[i].config.name);

		if (wanted->contexts >> i & 1 && at < DCM_MAX_CONTEXTS)
			fresh = extend(&source->until_ns[at], now_ns, until_ns) || fresh;
	}
	source->asked = source->asked || fresh;
	return fresh;
}

/* ---- the worker's word that a round has ended ---- */

static int worker_fd(const void *state)
{
	const struct source *source = state;

	return dcm_if_worker_fd(source->worker);
}

static bool wake(void *state)
{
	const struct source *source = state;
	eventfd_t count;

	return !eventfd_read(dcm_if_worker_fd(source->worker), &count) && source->busy;
}

const struct dcm_source_ops dcm_source_sysctls = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.reconfigure = reconfigure,
	.publish = publish,
	.capabilities = capabilities,
	.fd = worker_fd,
	.wake = wake,
};
