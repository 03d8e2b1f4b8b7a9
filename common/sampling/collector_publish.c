// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When a snapshot is due, and what goes into it. */
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/sampling/collector_private.h"

#define PUBLISH_NS	(900 * DCM_NSEC_PER_MSEC)
#define PUBLISH_LATE_NS DCM_NSEC_PER_SEC
#define PUBLISH_SHARE	0.25 /* of the budget */

/*
 * A snapshot follows the totals (the essential source), so that these are always fresh in it; other
 * news wait a second for them.
 */
uint64_t dcm_collector_publish_ns(const struct dcm_collector *c)
{
	if (!c->changed)
		return UINT64_MAX;
	return c->publish_due_ns + (c->fresh ? 0 : PUBLISH_LATE_NS);
}

void dcm_collector_publish_now(struct dcm_collector *collector)
{
	collector->changed = true;
	collector->publish_due_ns = 0;
}

bool dcm_collector_wants_publish(const struct dcm_collector *collector, uint64_t now_ns)
{
	return now_ns >= dcm_collector_publish_ns(collector);
}

static void add_source_row(struct dcm_collector *c, const struct dcm_source_slot *slot,
			   uint64_t now_ns)
{
	struct dcm_snap_source *row = dcm_snapshot_builder_add(c->builder, DCM_SEC_SOURCES);
	double percent;

	if (!row)
		return;
	DCM_SET(row, index, (uint32_t)slot->source + 1);
	DCM_SET(row, state, (uint32_t)slot->status);
	DCM_SET(row, name, dcm_snapshot_builder_text(c->builder, dcm_source_name(slot->source)));
	if (slot->reason.text[0])
		DCM_SET(row, reason, dcm_snapshot_builder_text(c->builder, slot->reason.text));
	if (slot->status != DCM_STATE_OFF)
		DCM_SET(row, interval_seconds,
			slot->runs ? dcm_seconds(slot->interval_ns)
				   : c->config.sampling.interval[slot->source]);
	if (slot->runs) {
		DCM_SET(row, age_seconds, dcm_seconds(now_ns - slot->done_ns));
		DCM_SET(row, cost_seconds, dcm_seconds(slot->cost_ns));
	}
	if (dcm_collector_cost_percent(c, slot->source, &percent))
		DCM_SET(row, cpu_percent, percent);
	DCM_SET_FROM(row, slot, runs, failures);
}

void dcm_collector_set_hook(struct dcm_collector *collector, dcm_collector_hook *hook, void *ctx)
{
	collector->hook = hook;
	collector->hook_ctx = ctx;
}

void dcm_collector_set_reload(struct dcm_collector *collector, const uint32_t *seconds)
{
	collector->has_reload = seconds;
	collector->reload_every = seconds ? *seconds : 0;
}

bool dcm_collector_reload_every(const struct dcm_collector *collector, uint32_t *ret_seconds)
{
	if (collector->has_reload)
		*ret_seconds = collector->reload_every;
	return collector->has_reload;
}

void dcm_collector_set_module_mib(struct dcm_collector *collector, const bool *served)
{
	collector->has_module = served;
	collector->module_mib = served && *served;
}

bool dcm_collector_module_mib(const struct dcm_collector *collector, bool *ret_served)
{
	if (collector->has_module)
		*ret_served = collector->module_mib;
	return collector->has_module;
}

/* Rows of a source: those of the snapshot before, if nothing is new. */
static void add_source_rows(struct dcm_collector *c, struct dcm_source_slot *slot)
{
	bool works = dcm_slot_works(slot) && slot->ops->publish, same;
	uint64_t news = works && slot->ops->news ? slot->ops->news(c, slot->state) : 0;

	same = works && slot->ops->news && slot->published && news == slot->news;
	slot->published = works;
	slot->news = news;
	if (works && !(same && dcm_snapshot_builder_again(c->builder, slot->ops->section)))
		slot->ops->publish(c, slot->state, c->builder);
}

static void add_rows(struct dcm_collector *c, uint32_t clients, uint64_t now_ns)
{
	for (enum dcm_source s = 0; s < DCM_SOURCE_COUNT; s++) {
		add_source_rows(c, &c->slot[s]);
		add_source_row(c, &c->slot[s], now_ns);
	}
	dcm_collector_cost_publish(c, clients, c->builder);
}

void dcm_collector_publish_cost(struct dcm_collector *c, uint64_t cost_ns)
{
	uint64_t pause;

	c->publish_cost_ns += cost_ns;
	pause = dcm_budget_earn_ns(&c->budget, c->publish_cost_ns, PUBLISH_SHARE);
	c->publish_due_ns = c->published_ns + DCM_MAX(pause, PUBLISH_NS);
}

int dcm_collector_publish(struct dcm_collector *c, uint32_t clients, struct dcm_snapshot **ret)
{
	int64_t realtime = (int64_t)dcm_clock_ns(CLOCK_REALTIME);
	uint64_t now = c->now_clock();
	int err;

	dcm_collector_account(c, DCM_COST_WAKING);
	c->published_ns = now;
	c->publish_cost_ns = 0;
	add_rows(c, clients, now);
	dcm_collector_account(c, DCM_COST_PUBLISHING);
	if (c->hook) {
		c->hook(c->hook_ctx, c->builder, now, realtime);
		dcm_collector_account(c, DCM_COST_ALARMS);
	}
	err = dcm_snapshot_builder_finish(c->builder, realtime, now, ret);
	c->changed = c->fresh = false;
	dcm_collector_account(c, DCM_COST_PUBLISHING);
	return err;
}
