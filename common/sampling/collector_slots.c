// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A slot for each source: when it runs, how that ended, what is tried again. */
#include <errno.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/sampling/collector_private.h"

#define GRID_NS	     DCM_NSEC_PER_SEC
#define MIN_RETRY_NS DCM_NSEC_PER_SEC
#define MAX_RETRY_NS (300 * DCM_NSEC_PER_SEC)
#define MAX_BACKOFF  8 /* doublings */
#define AGAIN_NS     DCM_NSEC_PER_SEC
#define MAX_AGAIN    5

#define OPS(id, name, seconds, help) [DCM_SOURCE_##id] = &dcm_source_##name
static const struct dcm_source_ops *const source_ops[] = {DCM_SOURCES(OPS)};

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

void dcm_slot_configure(struct dcm_collector *c, struct dcm_source_slot *slot, uint64_t now_ns)
{
	bool dormant = slot->status == 0 || slot->status == DCM_STATE_OFF ||
		       slot->status == DCM_STATE_UNSUPPORTED;
	const char *why = NULL;

	if (!slot->ops)
		return;
	if (dcm_collector_interval_ns(c, slot->source) == 0)
		why = "switched off in the configuration";
	else if (slot->ops->off_reason)
		why = slot->ops->off_reason(&c->config);
	if (why) {
		switch_off(slot, why);
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

int dcm_slot_open(struct dcm_collector *c, enum dcm_source source)
{
	struct dcm_source_slot *slot = &c->slot[source];
	struct dcm_reason reason = {""};
	int err = 0;

	slot->source = source;
	slot->ops = source_ops[source];
	dcm_slot_configure(c, slot, 0);
	if (slot->ops->create)
		err = slot->ops->create(c, &slot->state, &reason);
	if (!err)
		return 0;
	if (!slot->ops->essential)
		err = 0;
	set_state(slot, DCM_STATE_UNSUPPORTED, &reason);
	slot->ops = NULL;
	slot->due_ns = UINT64_MAX;
	return err;
}

void dcm_slot_close(struct dcm_source_slot *slot)
{
	if (slot->ops && slot->ops->destroy && slot->state)
		slot->ops->destroy(slot->state);
}

bool dcm_slot_works(const struct dcm_source_slot *slot)
{
	return slot->ops && slot->status != DCM_STATE_OFF && slot->status != DCM_STATE_UNSUPPORTED;
}

static uint64_t retry_ns(const struct dcm_source_slot *slot, uint64_t interval_ns)
{
	unsigned doublings = slot->failures_in_row - 1;
	uint64_t wait = DCM_MAX(interval_ns, MIN_RETRY_NS);
	uint64_t most = DCM_MAX(interval_ns, MAX_RETRY_NS);

	wait <<= DCM_MIN(doublings, (unsigned)MAX_BACKOFF);
	return DCM_MIN(wait, most);
}

/*
 * Sources that are sampled each second or more seldom share wake-ups: their times are rounded down
 * to whole seconds, whenever each of them began. The first interval may be shorter for it.
 */
static uint64_t on_grid(uint64_t now_ns, uint64_t due_ns)
{
	if (due_ns == UINT64_MAX || due_ns < now_ns + DCM_NSEC_PER_SEC)
		return due_ns;
	return due_ns - due_ns % GRID_NS;
}

static void note_done(struct dcm_collector *c, struct dcm_source_slot *slot,
		      const struct dcm_run *run)
{
	uint64_t interval = dcm_collector_interval_ns(c, slot->source);

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
	slot->due_ns = on_grid(run->now_ns, run->next_ns ? run->next_ns : run->now_ns + interval);
	c->changed = true;
	c->fresh = c->fresh || slot->ops->essential;
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
		slot->due_ns =
			run->now_ns + retry_ns(slot, dcm_collector_interval_ns(c, slot->source));
	c->changed = true;
}

/* -EAGAIN: the data moved under the reader. Only if that persists is it a failure. */
static bool try_again(struct dcm_source_slot *slot, struct dcm_run *run, int result)
{
	if (result != -EAGAIN || ++slot->again_in_row >= MAX_AGAIN)
		return false;
	run->next_ns = run->now_ns + AGAIN_NS;
	return true;
}

int dcm_slot_run(struct dcm_collector *c, struct dcm_source_slot *slot, struct dcm_run *run)
{
	uint64_t before, cost;
	bool again;
	int result;

	before = c->charged_ns;
	result = slot->ops->run(c, slot->state, run);
	cost = dcm_collector_charge(c) - before + run->extra_cost_ns;
	slot->spent_ns += cost;
	c->self.now.account[slot->source] += cost;
	dcm_budget_charge(&c->budget, run->extra_cost_ns);
	c->self.other_ns += run->extra_cost_ns;
	again = try_again(slot, run, result);
	if (again)
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
		} else if (!again && slot->status == DCM_STATE_STARTING) {
			slot->reason = run->reason;
		}
	}
	return result;
}
