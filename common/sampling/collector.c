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

#define MIN_RETRY_NS	DCM_NSEC_PER_SEC
#define MAX_RETRY_NS	(300 * DCM_NSEC_PER_SEC)
#define MAX_BACKOFF	8 /* doublings */
#define AGAIN_NS	DCM_NSEC_PER_SEC
#define MAX_AGAIN	5
#define PUBLISH_NS	(900 * DCM_NSEC_PER_MSEC)
#define PUBLISH_LATE_NS DCM_NSEC_PER_SEC
#define PUBLISH_SHARE	0.25 /* of the budget */
#define MOUNTS_SHARE	0.5
#define MAX_SAMPLE_WAIT (10 * DCM_NSEC_PER_MSEC)

static const struct dcm_source_ops *const source_ops[DCM_SOURCE_COUNT] = {
	[DCM_SOURCE_DENTRY_STATE] = &dcm_source_dentry_state,
	[DCM_SOURCE_MEMORY] = &dcm_source_memory,
	[DCM_SOURCE_SUPERBLOCKS] = &dcm_source_superblocks,
	[DCM_SOURCE_HASH] = &dcm_source_hash,
	[DCM_SOURCE_LOOKUPS] = &dcm_source_lookups,
	[DCM_SOURCE_NAMESPACES] = &dcm_source_namespaces,
	[DCM_SOURCE_SYSCTLS] = &dcm_source_sysctls,
	[DCM_SOURCE_SNMPD] = &dcm_source_snmpd,
	[DCM_SOURCE_RECLAIM] = &dcm_source_reclaim,
};

static uint64_t thread_cpu_ns(void)
{
	return dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- shared by the sources ---- */

int dcm_collector_walk(struct dcm_collector *collector, struct dcm_reason *reason,
		       struct dcm_walk **ret)
{
	if (!collector->config.sampling.bpf)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "switched off: \"bpf = no\" in the configuration");
	if (!collector->walk_tried) {
		collector->walk_tried = true;
		collector->walk_err = dcm_walk_open(collector->config.sampling.root, DCM_WALK_AUTO,
						    &collector->walk_reason, &collector->walk);
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

/* The same for what a wake-up costs beside its work. */
static void charge_wake(struct dcm_collector *c)
{
	uint64_t before = c->charged_ns, cpu = dcm_collector_charge(c);

	if (cpu > before)
		c->self.wake_ns += cpu - before;
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

void dcm_mounts_refresh(struct dcm_collector *collector, uint64_t now_ns, bool force)
{
	struct dcm_mounts *mounts = &collector->mounts;
	struct dcm_reason reason;
	uint64_t before, cost;
	bool changed = false;

	if (!force && mounts->read &&
	    (now_ns < mounts->due_ns ||
	     dcm_budget_ready_ns(&collector->budget, now_ns, 0) > now_ns))
		return;
	before = dcm_collector_charge(collector);
	/* On failure the old table stays; mount points are then missing or old. */
	if (dcm_mount_points_refresh(mounts->table, &reason, &changed) == 0)
		mounts->read = true;
	cost = dcm_collector_charge(collector) - before;
	mounts->due_ns = now_ns + dcm_budget_earn_ns(&collector->budget, cost, MOUNTS_SHARE);
}

/* ---- slots ---- */

static void set_state(struct dcm_source_slot *slot, enum dcm_source_state status,
		      const struct dcm_reason *reason)
{
	slot->status = status;
	slot->reason = *reason;
}

static void switch_off(struct dcm_source_slot *slot, const char *why)
{
	dcm_reason_set(&slot->reason, 0, "%s", why);
	slot->status = DCM_STATE_OFF;
	slot->due_ns = UINT64_MAX;
}

/* Brings a slot in line with the configuration: off, or to be run at @now_ns. */
static void configure_slot(struct dcm_collector *c, enum dcm_source source, uint64_t now_ns)
{
	struct dcm_source_slot *slot = &c->slot[source];
	bool dormant = slot->status == 0 || slot->status == DCM_STATE_OFF ||
		       slot->status == DCM_STATE_UNSUPPORTED;

	if (!slot->ops) {
		if (slot->status != DCM_STATE_UNSUPPORTED)
			switch_off(slot, "left out of this build");
		return;
	}
	if (dcm_collector_interval_ns(c, source) == 0) {
		switch_off(slot, "switched off in the configuration");
		return;
	}
	if (source == DCM_SOURCE_RECLAIM && !c->config.state.folder[0]) {
		switch_off(slot, "[state] folder is empty: nothing is remembered");
		return;
	}
	if (dormant) {
		slot->status = DCM_STATE_STARTING;
		slot->told = DCM_STATE_STARTING;
		slot->reason.text[0] = '\0';
		slot->failures_in_row = 0;
	}
	slot->due_ns = now_ns;
}

static void open_slot(struct dcm_collector *c, enum dcm_source source)
{
	struct dcm_source_slot *slot = &c->slot[source];
	struct dcm_reason reason = {""};
	int err = 0;

	slot->ops = source_ops[source];
	configure_slot(c, source, 0);
	if (slot->ops && slot->ops->create)
		err = slot->ops->create(c, &slot->state, &reason);
	if (err) {
		set_state(slot, DCM_STATE_UNSUPPORTED, &reason);
		slot->ops = NULL;
		slot->due_ns = UINT64_MAX;
	}
}

static uint64_t retry_ns(const struct dcm_source_slot *slot, uint64_t interval_ns)
{
	unsigned doublings = slot->failures_in_row - 1;
	uint64_t wait = DCM_MAX(interval_ns, MIN_RETRY_NS);
	uint64_t most = DCM_MAX(interval_ns, MAX_RETRY_NS);

	wait <<= DCM_MIN(doublings, (unsigned)MAX_BACKOFF);
	return DCM_MIN(wait, most);
}

static void note_done(struct dcm_collector *c, struct dcm_source_slot *slot,
		      const struct dcm_run *run)
{
	uint64_t interval = dcm_collector_interval_ns(c, slot->ops->source);

	if (run->interval_ns > interval)
		interval = run->interval_ns;
	slot->interval_ns = interval;
	set_state(slot, DCM_STATE_OK, &run->reason);
	slot->cost_ns = slot->spent_ns;
	slot->spent_ns = 0;
	slot->done_ns = run->now_ns;
	slot->runs++;
	slot->failures_in_row = 0;
	slot->again_in_row = 0;
	slot->due_ns = run->next_ns ? run->next_ns : run->now_ns + interval;
	c->changed = true;
	c->fresh = c->fresh || slot->ops->source == DCM_SOURCE_DENTRY_STATE;
}

static void note_failure(struct dcm_collector *c, struct dcm_source_slot *slot,
			 const struct dcm_run *run, int err)
{
	set_state(slot, err == -EOPNOTSUPP ? DCM_STATE_UNSUPPORTED : DCM_STATE_FAILED,
		  &run->reason);
	slot->spent_ns = 0;
	slot->failures++;
	slot->failures_in_row++;
	slot->due_ns = UINT64_MAX;
	if (err != -EOPNOTSUPP)
		slot->due_ns = run->now_ns +
			       retry_ns(slot, dcm_collector_interval_ns(c, slot->ops->source));
	c->changed = true;
}

/* -EAGAIN: what was to be read moved under the reader. Only when it goes on is that a failure. */
static bool try_again(struct dcm_source_slot *slot, struct dcm_run *run, int result)
{
	if (result != -EAGAIN || ++slot->again_in_row >= MAX_AGAIN)
		return false;
	run->next_ns = run->now_ns + AGAIN_NS;
	return true;
}

/* One call of a source; returns what it returned. */
static int run_slot(struct dcm_collector *c, struct dcm_source_slot *slot, struct dcm_run *run)
{
	uint64_t before;
	int result;

	charge_wake(c);
	before = c->charged_ns;
	result = slot->ops->run(c, slot->state, run);

	slot->spent_ns += dcm_collector_charge(c) - before + run->extra_cost_ns;
	dcm_budget_charge(&c->budget, run->extra_cost_ns);
	c->self.other_ns += run->extra_cost_ns;
	if (try_again(slot, run, result))
		result = DCM_RUN_MORE;
	if (result == DCM_RUN_DONE) {
		note_done(c, slot, run);
	} else if (result < 0) {
		note_failure(c, slot, run, result);
	} else {
		slot->due_ns = run->next_ns;
		if (run->stuck && slot->status != DCM_STATE_STUCK) {
			set_state(slot, DCM_STATE_STUCK, &run->reason);
			c->changed = true;
		}
	}
	return result;
}

/* ---- the collector ---- */

static int create_parts(struct dcm_collector *c)
{
	int err;

	err = dcm_mount_points_create(c->config.sampling.root, &c->mounts.table);
	if (!err)
		err = dcm_superblock_index_create(&c->superblocks);
	if (!err)
		err = dcm_snapshot_builder_create(&c->builder);
	return err;
}

/* What must work: without the totals there is nothing to watch. */
static int check_dentry_state(struct dcm_collector *c, struct dcm_reason *reason)
{
	struct dcm_source_slot *slot = &c->slot[DCM_SOURCE_DENTRY_STATE];
	struct dcm_run run = {.now_ns = c->now_clock()};
	int err;

	if (slot->status == DCM_STATE_OFF)
		return 0;
	err = slot->ops ? run_slot(c, slot, &run) : -ENOMEM;
	if (err < 0)
		*reason = slot->reason;
	return err < 0 ? err : 0;
}

int dcm_collector_create(const struct dcm_config *config, struct dcm_reason *reason,
			 struct dcm_collector **ret)
{
	struct dcm_collector *c = calloc(1, sizeof(*c));
	struct dcm_reason ignored;
	struct dcm_walk *walk;
	int err;

	if (!c)
		return dcm_reason_no_memory(reason);
	c->config = *config;
	c->cpu_clock = thread_cpu_ns;
	c->now_clock = dcm_now_ns;
	err = create_parts(c);
	if (err) {
		dcm_collector_destroy(c);
		return dcm_reason_no_memory(reason);
	}
	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT; s++)
		open_slot(c, s);
	err = check_dentry_state(c, reason);
	if (err) {
		dcm_collector_destroy(c);
		return err;
	}
	/* Early, while the process still has the capabilities for it. */
	dcm_collector_walk(c, &ignored, &walk);
	/* Starting up is not part of the running cost. */
	c->charged_ns = c->cpu_clock();
	dcm_budget_init(&c->budget, config->sampling.budget_percent, c->now_clock());
	*ret = c;
	return 0;
}

void dcm_collector_destroy(struct dcm_collector *collector)
{
	if (!collector)
		return;
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		struct dcm_source_slot *slot = &collector->slot[i];

		if (slot->ops && slot->ops->destroy && slot->state)
			slot->ops->destroy(slot->state);
	}
	dcm_walk_close(collector->walk);
	dcm_snapshot_builder_destroy(collector->builder);
	dcm_superblock_index_destroy(collector->superblocks);
	dcm_mount_points_destroy(collector->mounts.table);
	free(collector);
}

int dcm_collector_reconfigure(struct dcm_collector *c, const struct dcm_config *config)
{
	uint64_t now = c->now_clock();
	char root[DCM_PATH_SIZE];
	int err = 0;

	/* Files stay open: another root takes a new collector. */
	memcpy(root, c->config.sampling.root, sizeof(root));
	c->config = *config;
	memcpy(c->config.sampling.root, root, sizeof(root));
	dcm_budget_set(&c->budget, config->sampling.budget_percent, now);
	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT; s++) {
		const struct dcm_source_ops *ops = c->slot[s].ops;

		configure_slot(c, s, now);
		if (ops && ops->reconfigure) {
			int one = ops->reconfigure(c, c->slot[s].state);

			if (one)
				err = one;
		}
	}
	c->changed = true;
	return err;
}

/*
 * When the next snapshot is due. It follows the totals, so that these are always fresh in it; other
 * news wait a second for them.
 */
static uint64_t publish_ns(const struct dcm_collector *c)
{
	if (!c->changed)
		return UINT64_MAX;
	return c->publish_due_ns + (c->fresh ? 0 : PUBLISH_LATE_NS);
}

void dcm_collector_run(struct dcm_collector *c, uint64_t now_ns, uint64_t *ret_next_ns)
{
	uint64_t next = UINT64_MAX;

	charge_wake(c);
	if (c->self.slept) {
		dcm_budget_woke(&c->budget, c->self.wake_ns);
		c->self.wake_ns = 0;
	}
	dcm_interfaces_wake(c, now_ns);
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		struct dcm_source_slot *slot = &c->slot[i];
		struct dcm_run run = {.now_ns = now_ns};

		if (slot->due_ns <= now_ns)
			run_slot(c, slot, &run);
		if (slot->due_ns < next)
			next = slot->due_ns;
	}
	dcm_collector_cost_update(c, now_ns);
	/* When it is due already, the caller learns so from wants_publish(). */
	if (publish_ns(c) > now_ns && publish_ns(c) < next)
		next = publish_ns(c);
	c->self.slept = next > now_ns;
	*ret_next_ns = next;
}

/* Runs one source to the end of a sample. */
static int sample_slot(struct dcm_collector *c, struct dcm_source_slot *slot,
		       dcm_collector_progress *progress, void *ctx)
{
	for (;;) {
		struct dcm_run run = {.now_ns = c->now_clock(), .complete = true};
		int result = run_slot(c, slot, &run);
		uint64_t now;

		if (result != DCM_RUN_MORE || run.stuck)
			return 0;
		if (progress && !progress(ctx, dcm_source_name(slot->ops->source), run.fraction))
			return -ECANCELED;
		now = c->now_clock();
		if (run.next_ns > now) {
			struct timespec ts =
				dcm_timespec(DCM_MIN(run.next_ns - now, MAX_SAMPLE_WAIT));

			nanosleep(&ts, NULL);
		}
	}
}

int dcm_collector_sample(struct dcm_collector *c, dcm_collector_progress *progress, void *ctx)
{
	/* Superblocks once more after the pass: its counts belong to those that it found before. */
	static const enum dcm_source order[] = {
		DCM_SOURCE_DENTRY_STATE, DCM_SOURCE_SUPERBLOCKS, DCM_SOURCE_HASH,
		DCM_SOURCE_SUPERBLOCKS,	 DCM_SOURCE_MEMORY,	 DCM_SOURCE_LOOKUPS,
		DCM_SOURCE_NAMESPACES,	 DCM_SOURCE_SYSCTLS,	 DCM_SOURCE_SNMPD,
		DCM_SOURCE_RECLAIM,
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(order); i++) {
		struct dcm_source_slot *slot = &c->slot[order[i]];
		int err = 0;

		if (slot->ops && slot->status != DCM_STATE_OFF &&
		    slot->status != DCM_STATE_UNSUPPORTED)
			err = sample_slot(c, slot, progress, ctx);
		if (err)
			return err;
	}
	return 0;
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
	uint64_t mask = 0;

	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++) {
		const struct dcm_source_slot *slot = &collector->slot[i];

		if (slot->ops && slot->ops->capabilities)
			mask |= slot->ops->capabilities(collector, slot->state);
	}
	return mask;
}

/* ---- publishing ---- */

bool dcm_collector_wants_publish(const struct dcm_collector *collector, uint64_t now_ns)
{
	return now_ns >= publish_ns(collector);
}

static void add_source_row(struct dcm_collector *c, enum dcm_source source, uint64_t now_ns)
{
	const struct dcm_source_slot *slot = &c->slot[source];
	struct dcm_snap_source *row = dcm_snapshot_builder_add(c->builder, DCM_SEC_SOURCES);

	if (!row)
		return;
	DCM_SET(row, index, (uint32_t)source + 1);
	DCM_SET(row, state, (uint32_t)slot->status);
	DCM_SET(row, name, dcm_add_str(c->builder, dcm_source_name(source)));
	if (slot->reason.text[0])
		DCM_SET(row, reason, dcm_add_str(c->builder, slot->reason.text));
	if (slot->status != DCM_STATE_OFF)
		DCM_SET(row, interval_seconds,
			slot->runs ? dcm_seconds(slot->interval_ns)
				   : c->config.sampling.interval[source]);
	if (slot->runs) {
		DCM_SET(row, age_seconds, dcm_seconds(now_ns - slot->done_ns));
		DCM_SET(row, cost_seconds, dcm_seconds(slot->cost_ns));
	}
	DCM_SET(row, runs, slot->runs);
	DCM_SET(row, failures, slot->failures);
}

static bool has_rows(const struct dcm_source_slot *slot)
{
	return slot->ops && slot->ops->publish && slot->status != DCM_STATE_OFF &&
	       slot->status != DCM_STATE_UNSUPPORTED;
}

void dcm_collector_set_hook(struct dcm_collector *collector, dcm_collector_hook *hook, void *ctx)
{
	collector->hook = hook;
	collector->hook_ctx = ctx;
}

int dcm_collector_publish(struct dcm_collector *c, uint32_t clients, struct dcm_snapshot **ret)
{
	int64_t realtime = (int64_t)dcm_clock_ns(CLOCK_REALTIME);
	uint64_t now = c->now_clock();
	uint64_t before, cost, pause;
	int err;

	charge_wake(c);
	before = c->charged_ns;

	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT; s++) {
		if (has_rows(&c->slot[s]))
			c->slot[s].ops->publish(c, c->slot[s].state, c->builder);
		add_source_row(c, s, now);
	}
	dcm_collector_cost_publish(c, clients, c->builder);
	if (c->hook)
		c->hook(c->hook_ctx, c->builder, now, realtime);
	err = dcm_snapshot_builder_finish(c->builder, realtime, now, ret);
	c->changed = c->fresh = false;
	cost = dcm_collector_charge(c) - before;
	pause = dcm_budget_earn_ns(&c->budget, cost, PUBLISH_SHARE);
	c->publish_due_ns = now + DCM_MAX(pause, PUBLISH_NS);
	return err;
}
