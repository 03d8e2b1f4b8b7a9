// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/collector.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/sampling/collector_private.h"
#include "common/sampling/sources/source_interfaces.h"
#include "common/sampling/walk_choice.h"

#define MAX_SAMPLE_WAIT (10 * DCM_NSEC_PER_MSEC)

static uint64_t thread_cpu_ns(void)
{
	return dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- services for the sources ---- */

const struct dcm_config *dcm_collector_config(const struct dcm_collector *collector)
{
	return &collector->config;
}

uint64_t dcm_collector_now_ns(const struct dcm_collector *collector)
{
	return collector->now_clock();
}

struct dcm_walk *dcm_collector_open_walk(const struct dcm_collector *collector)
{
	return collector->walk;
}

struct dcm_superblock_index *dcm_collector_superblocks(const struct dcm_collector *collector)
{
	return collector->superblocks;
}

struct dcm_roster *dcm_collector_roster(const struct dcm_collector *collector)
{
	return dcm_superblock_index_roster(collector->superblocks);
}

void *dcm_collector_state(const struct dcm_collector *collector, enum dcm_source source)
{
	const struct dcm_source_slot *slot = &collector->slot[source];

	return dcm_slot_works(slot) ? slot->state : NULL;
}

bool dcm_collector_has_failed(const struct dcm_collector *collector, enum dcm_source source)
{
	return collector->slot[source].status == DCM_STATE_FAILED;
}

uint64_t dcm_collector_news(const struct dcm_collector *collector, enum dcm_source source)
{
	const struct dcm_source_slot *slot = &collector->slot[source];

	return slot->runs + slot->failures + collector->configured;
}

struct dcm_budget *dcm_collector_budget(struct dcm_collector *collector)
{
	return &collector->budget;
}

int dcm_collector_walk(struct dcm_collector *collector, struct dcm_reason *reason,
		       struct dcm_walk **ret)
{
	enum dcm_walk_flavour wanted;

	if (!dcm_walk_choose(&collector->config.sampling, &wanted))
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "switched off: \"bpf = no\" in the configuration");
	if (!collector->walk_tried) {
		collector->walk_tried = true;
		collector->walk_err = dcm_walk_open(collector->config.sampling.root, wanted,
						    &collector->walk_reason, &collector->walk);
		if (collector->walk)
			dcm_walk_set_slice(collector->walk,
					   collector->config.sampling.max_slice_us);
		/* Loading takes megabytes for a moment: give them back. */
		malloc_trim(0);
	}
	if (!collector->walk) {
		*reason = collector->walk_reason;
		return -EOPNOTSUPP;
	}
	*ret = collector->walk;
	return 0;
}

uint64_t dcm_collector_charge(struct dcm_collector *collector)
{
	uint64_t cpu = collector->cpu_clock();

	/* Less: the caller moved to another thread. */
	if (cpu > collector->charged_ns)
		dcm_budget_charge(&collector->budget, cpu - collector->charged_ns);
	collector->charged_ns = cpu;
	return cpu;
}

void dcm_collector_account(struct dcm_collector *c, enum dcm_cost_account account)
{
	uint64_t before = c->charged_ns, cpu = dcm_collector_charge(c), cost;

	cost = cpu > before ? cpu - before : 0;
	c->self.now.account[account] += cost;
	if (account == DCM_COST_WAKING)
		c->self.wake_ns += cost;
	else
		dcm_collector_publish_cost(c, cost);
}

void dcm_collector_account_start(struct dcm_collector *c)
{
	uint64_t cpu = c->cpu_clock();

	if (cpu > c->charged_ns)
		c->self.now.account[DCM_COST_WAKING] += cpu - c->charged_ns;
	c->charged_ns = cpu;
}

uint64_t dcm_collector_ride_ns(const struct dcm_collector *collector, uint64_t now_ns,
			       uint64_t due_ns)
{
	uint64_t tick = collector->slot[DCM_SOURCE_DENTRY_STATE].due_ns;
	uint64_t interval = dcm_collector_interval_ns(collector, DCM_SOURCE_DENTRY_STATE);

	if (due_ns <= now_ns || tick == UINT64_MAX || !interval || due_ns == UINT64_MAX)
		return due_ns;
	if (tick < due_ns)
		tick += (due_ns - tick + interval - 1) / interval * interval;
	return tick - due_ns <= DCM_NSEC_PER_SEC ? tick : due_ns;
}

uint64_t dcm_collector_interval_ns(const struct dcm_collector *collector, enum dcm_source source)
{
	double seconds = collector->config.sampling.interval[source];

	return seconds > 0 ? (uint64_t)(seconds * (double)DCM_NSEC_PER_SEC) : 0;
}

void dcm_collector_stretch(const struct dcm_collector *collector, enum dcm_source source,
			   uint64_t cost_ns, double share, struct dcm_run *run)
{
	uint64_t least = dcm_budget_earn_ns(&collector->budget, cost_ns, share);

	if (run->complete || least <= dcm_collector_interval_ns(collector, source))
		return;
	run->interval_ns = least;
	if (!run->reason.text[0])
		dcm_reason_set(
			&run->reason, 0,
			"sampled every %.0f s only: a sample takes %.1f ms and the budget is %g %%",
			dcm_seconds(least), dcm_seconds(cost_ns) * 1e3,
			collector->config.sampling.budget_percent);
}

/* ---- the collector ---- */

static int create_parts(struct dcm_collector *c)
{
	int err;

	err = dcm_mount_points_create(c->config.sampling.root, &c->mounts.table);
	if (!err)
		err = dcm_superblock_index_create(&c->superblocks);
	if (!err)
		dcm_superblock_index_set_mounts(c->superblocks, dcm_host_mountpoint, c);
	if (!err)
		err = dcm_snapshot_builder_create(&c->builder);
	return err;
}

/* First sample of an essential source: without it there is nothing to watch. */
static int try_source(struct dcm_collector *c, struct dcm_source_slot *slot)
{
	struct dcm_run run = {.now_ns = c->now_clock()};
	int err;

	if (!dcm_slot_works(slot) || !slot->ops->essential)
		return 0;
	err = dcm_slot_run(c, slot, &run);
	return err < 0 ? err : 0;
}

/* -errno when an essential source cannot be opened or sampled. */
static int open_sources(struct dcm_collector *c, struct dcm_reason *reason)
{
	int err = 0;

	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT && !err; s++) {
		err = dcm_slot_open(c, s);
		if (err)
			*reason = c->slot[s].reason;
	}
	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT && !err; s++) {
		err = try_source(c, &c->slot[s]);
		if (err)
			*reason = c->slot[s].reason;
	}
	return err;
}

void dcm_collector_destroy(struct dcm_collector *collector)
{
	if (!collector)
		return;
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++)
		dcm_slot_close(&collector->slot[i]);
	dcm_walk_close(collector->walk);
	dcm_snapshot_builder_destroy(collector->builder);
	dcm_superblock_index_destroy(collector->superblocks);
	dcm_mount_points_destroy(collector->mounts.table);
	free(collector);
}

DCM_DEFINE_CLEANUP(struct dcm_collector, dcm_collector_destroy)

int dcm_collector_create(const struct dcm_config *config, struct dcm_reason *reason,
			 struct dcm_collector **ret)
{
	_cleanup_(dcm_collector_destroyp) struct dcm_collector *c = calloc(1, sizeof(*c));
	struct dcm_reason ignored;
	struct dcm_walk *walk;
	int err;

	if (!c)
		return dcm_reason_no_memory(reason);
	c->config = *config;
	c->cpu_clock = thread_cpu_ns;
	c->now_clock = dcm_now_ns;
	c->charged_ns = c->cpu_clock();
	if (create_parts(c))
		return dcm_reason_no_memory(reason);
	err = open_sources(c, reason);
	if (err)
		return err;
	/* Early, while the process still has the capabilities for it. */
	dcm_collector_walk(c, &ignored, &walk);
	/* Starting up is not part of the running cost. */
	c->charged_ns = c->cpu_clock();
	dcm_budget_init(&c->budget, config->sampling.budget_percent, c->now_clock());
	*ret = dcm_take_ptr(c);
	return 0;
}

int dcm_collector_reconfigure(struct dcm_collector *c, const struct dcm_config *config)
{
	uint64_t now = c->now_clock();
	char root[DCM_PATH_SIZE];
	int err = 0;

	/* Files stay open: another root takes a new collector. */
	memcpy(root, c->config.sampling.root, sizeof(root));
	c->config = *config;
	c->configured++;
	memcpy(c->config.sampling.root, root, sizeof(root));
	dcm_budget_set(&c->budget, config->sampling.budget_percent, now);
	if (c->walk)
		dcm_walk_set_slice(c->walk, config->sampling.max_slice_us);
	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT; s++) {
		struct dcm_source_slot *slot = &c->slot[s];

		dcm_slot_configure(c, slot, now);
		if (slot->ops && slot->ops->reconfigure) {
			int one = slot->ops->reconfigure(c, slot->state);

			if (one)
				err = one;
		}
	}
	c->changed = true;
	return err;
}

/* Sources whose workers have something to fetch are due. */
static void wake_sources(struct dcm_collector *c, uint64_t now_ns)
{
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		struct dcm_source_slot *slot = &c->slot[i];

		if (slot->ops && slot->ops->wake && slot->ops->wake(slot->state) &&
		    dcm_slot_works(slot))
			slot->due_ns = now_ns;
	}
}

void dcm_collector_run(struct dcm_collector *c, uint64_t now_ns, uint64_t *ret_next_ns)
{
	uint64_t next = UINT64_MAX, publish;

	if (!c->running)
		dcm_collector_account_start(c);
	c->running = true;
	wake_sources(c, now_ns);
	dcm_collector_account(c, DCM_COST_WAKING);
	if (c->self.slept) {
		dcm_budget_woke(&c->budget, c->self.wake_ns);
		c->self.wake_ns = 0;
		c->self.now.wakes++;
	}
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		struct dcm_source_slot *slot = &c->slot[i];
		struct dcm_run run = {.now_ns = now_ns};

		if (slot->due_ns <= now_ns)
			dcm_slot_run(c, slot, &run);
		if (slot->due_ns < next)
			next = slot->due_ns;
	}
	dcm_collector_cost_update(c, now_ns);
	/* When it is due already, the caller learns so from wants_publish(). It has no wake-up of
	 * its own when the totals are about to be sampled. */
	publish = dcm_collector_ride_ns(c, now_ns, dcm_collector_publish_ns(c));
	if (publish > now_ns && publish < next)
		next = publish;
	c->self.slept = next > now_ns;
	*ret_next_ns = next;
}

/* Runs one source to the end of a sample. */
static int sample_slot(struct dcm_collector *c, struct dcm_source_slot *slot,
		       dcm_collector_progress *progress, void *ctx)
{
	for (;;) {
		struct dcm_run run = {.now_ns = c->now_clock(), .complete = true};
		uint64_t now;
		int result;

		dcm_collector_account(c, DCM_COST_WAKING);
		result = dcm_slot_run(c, slot, &run);
		if (result != DCM_RUN_MORE || run.stuck)
			return 0;
		if (progress && !progress(ctx, dcm_source_name(slot->source), run.fraction))
			return -ECANCELED;
		now = c->now_clock();
		if (run.next_ns > now) {
			struct timespec ts =
				dcm_timespec(DCM_MIN(run.next_ns - now, MAX_SAMPLE_WAIT));

			nanosleep(&ts, NULL);
		}
	}
}

static int sample_stage(struct dcm_collector *c, enum dcm_sample_stage stage,
			dcm_collector_progress *progress, void *ctx)
{
	int err = 0;

	for (size_t i = 0; i < DCM_SOURCE_COUNT && !err; i++) {
		struct dcm_source_slot *slot = &c->slot[i];
		unsigned stages;

		if (!dcm_slot_works(slot))
			continue;
		stages = slot->ops->stages ? slot->ops->stages : DCM_AFTER_PASS;
		if (stages & stage)
			err = sample_slot(c, slot, progress, ctx);
	}
	return err;
}

int dcm_collector_sample(struct dcm_collector *c, dcm_collector_progress *progress, void *ctx)
{
	int err = sample_stage(c, DCM_BEFORE_PASS, progress, ctx);

	if (!err)
		err = sample_stage(c, DCM_PASS, progress, ctx);
	if (!err)
		err = sample_stage(c, DCM_AFTER_PASS, progress, ctx);
	return err;
}

bool dcm_collector_next_change(struct dcm_collector *c, struct dcm_collector_change *ret)
{
	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT; s++) {
		struct dcm_source_slot *slot = &c->slot[s];

		if (slot->told == slot->status)
			continue;
		*ret = (struct dcm_collector_change){.source = s,
						     .before = slot->told ? slot->told
									  : DCM_STATE_STARTING,
						     .after = slot->status,
						     .reason = slot->reason};
		slot->told = slot->status;
		return true;
	}
	return false;
}

uint64_t dcm_collector_capabilities(const struct dcm_collector *collector)
{
	uint64_t mask = collector->walk ? dcm_walk_capabilities(collector->walk) : 0;

	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		const struct dcm_source_slot *slot = &collector->slot[i];

		if (slot->ops && slot->ops->capabilities)
			mask |= slot->ops->capabilities(collector, slot->state);
	}
	return mask;
}

void dcm_collector_want_interfaces(struct dcm_collector *collector, uint64_t now_ns,
				   uint64_t until_ns, const struct dcm_interfaces_wanted *wanted)
{
	struct dcm_source_slot *slot = &collector->slot[DCM_SOURCE_SYSCTLS];

	if (dcm_slot_works(slot) && dcm_interfaces_want(slot->state, now_ns, until_ns, wanted))
		slot->due_ns = now_ns;
}

int dcm_collector_fd(const struct dcm_collector *collector)
{
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		const struct dcm_source_slot *slot = &collector->slot[i];

		if (slot->ops && slot->ops->fd)
			return slot->ops->fd(slot->state);
	}
	return -1;
}
