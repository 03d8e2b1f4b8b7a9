// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interfaces and their sysctl files, for the agent's interface tables: sampled every 3 s, as snmpd
 * does, but only while somebody asks. A worker thread does so: the collector never waits for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "collector_private.h"
#include "kernel/if_publish.h"
#include "kernel/if_worker.h"

#define ROUND_NS (3 * DCM_NSEC_PER_SEC)
/* Opening files of a long hash chain costs milliseconds each: the links change meanwhile. */
#define PENDING_NS (50 * DCM_NSEC_PER_MSEC)
/* The end of a round wakes whoever watches dcm_collector_fd(); others look so often. */
#define LOOK_NS	 (100 * DCM_NSEC_PER_MSEC)
#define STUCK_NS (10 * DCM_NSEC_PER_SEC)
#define MAX_ROWS 65536

struct source {
	struct dcm_if_worker *worker;
	struct dcm_if_views *views; /* of the last round; NULL: none since somebody asked */
	uint64_t wanted_until_ns;
	uint64_t started_ns; /* of the last round */
	bool busy;
	bool again; /* wanted by somebody for whom the round under way came too early */
};

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));
	struct dcm_if_sampler_options options;
	int err;

	if (!source)
		return dcm_reason_set(reason, -ENOMEM, "out of memory");
	dcm_if_sampler_defaults(&options);
	options.root = collector->config.sampling.root;
	options.directory = NULL; /* the own namespace only */
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
	dcm_if_views_destroy(source->views);
	free(source);
}

static void forget_views(struct source *source)
{
	dcm_if_views_destroy(source->views);
	source->views = NULL;
}

/* ---- rounds ---- */

static int start(struct source *source, struct dcm_run *run)
{
	const struct dcm_if_job job = {.now_ns = run->now_ns,
				       .own_until_ns = source->wanted_until_ns};
	int err = dcm_if_worker_start(source->worker, &job);

	if (err)
		return dcm_reason_set(&run->reason, err, "interface worker: %s", strerror(-err));
	source->busy = true;
	source->again = false;
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
static bool has_news(const struct dcm_if_views *before, const struct dcm_if_views *fresh)
{
	for (size_t i = 0; i < fresh->count; i++)
		if (!dcm_if_views_find(before, fresh->views[i].netns->index))
			return true;
	return false;
}

/* Why the round failed for a namespace; NULL: for none. */
static const char *round_error(const struct dcm_if_views *views)
{
	for (size_t i = 0; i < views->count; i++)
		if (views->views[i].error[0])
			return views->views[i].error;
	return NULL;
}

static int finish(struct dcm_collector *collector, struct source *source,
		  struct dcm_if_views *fresh, struct dcm_run *run)
{
	const char *error = round_error(fresh);

	/* Whoever asked first waits for these rows: they go out at once. */
	if (has_news(source->views, fresh)) {
		collector->changed = true;
		collector->publish_due_ns = 0;
	}
	forget_views(source);
	source->views = fresh;
	run->extra_cost_ns = fresh->cpu_ns;
	run->next_ns = source->again	? run->now_ns
		       : fresh->pending ? run->now_ns + PENDING_NS
					: source->started_ns + ROUND_NS;
	if (run->next_ns < run->now_ns)
		run->next_ns = run->now_ns;
	if (fresh->pending)
		return DCM_RUN_MORE;
	if (error)
		dcm_reason_set(&run->reason, 0, "%s", error);
	return DCM_RUN_DONE;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	struct dcm_if_views *fresh;
	int err;

	if (source->busy) {
		err = dcm_if_worker_take(source->worker, &fresh);
		if (err == -EAGAIN)
			return wait_more(source, run);
		source->busy = false;
		return err ? dcm_reason_set(&run->reason, err, "interfaces: %s", strerror(-err))
			   : finish(collector, source, fresh, run);
	}
	if (run->now_ns < source->wanted_until_ns)
		return start(source, run);
	forget_views(source);
	dcm_reason_set(&run->reason, 0, "nobody asks for the interface tables");
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;

	if (source->views)
		dcm_if_publish(source->views, builder, collector->now_clock(), MAX_ROWS);
}

const struct dcm_source_ops dcm_source_sysctls = {
	.source = DCM_SOURCE_SYSCTLS,
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
};

/* ---- from outside ---- */

/* The source when it can run. */
static struct source *running(const struct dcm_collector *collector)
{
	const struct dcm_source_slot *slot = &collector->slot[DCM_SOURCE_SYSCTLS];

	if (!slot->ops || slot->status == DCM_STATE_OFF || slot->status == DCM_STATE_UNSUPPORTED)
		return NULL;
	return slot->state;
}

void dcm_collector_want_interfaces(struct dcm_collector *collector, uint64_t now_ns,
				   uint64_t until_ns)
{
	struct source *source = running(collector);

	if (!source)
		return;
	if (now_ns >= source->wanted_until_ns) {
		source->again = source->busy;
		collector->slot[DCM_SOURCE_SYSCTLS].due_ns = now_ns; /* asleep until now */
	}
	if (until_ns > source->wanted_until_ns)
		source->wanted_until_ns = until_ns;
}

int dcm_collector_fd(const struct dcm_collector *collector)
{
	const struct dcm_source_slot *slot = &collector->slot[DCM_SOURCE_SYSCTLS];
	const struct source *source = slot->ops ? slot->state : NULL;

	return source ? dcm_if_worker_fd(source->worker) : -1;
}

void dcm_interfaces_wake(struct dcm_collector *collector, uint64_t now_ns)
{
	struct source *source = running(collector);
	int fd = dcm_collector_fd(collector);
	eventfd_t count;

	if (fd >= 0 && !eventfd_read(fd, &count) && source && source->busy)
		collector->slot[DCM_SOURCE_SYSCTLS].due_ns = now_ns;
}
