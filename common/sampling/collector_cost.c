// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the sampler itself costs, up to the last charge. */
#include <string.h>

#include "common/base/units.h"
#include "common/kernel/files/process_rss.h"
#include "common/sampling/collector_private.h"

#define POINT_NS (5 * DCM_NSEC_PER_SEC)
#define RSS_NS	 (5 * DCM_NSEC_PER_SEC)

static struct dcm_cost_point point_now(const struct dcm_collector *collector, uint64_t now_ns)
{
	struct dcm_cost_point point = collector->self.now;

	point.at_ns = now_ns;
	point.cpu_ns = collector->charged_ns + collector->self.other_ns;
	return point;
}

void dcm_collector_cost_update(struct dcm_collector *collector, uint64_t now_ns)
{
	struct dcm_collector_cost *self = &collector->self;

	if (self->points > 0 && now_ns < self->ring[self->points - 1].at_ns + POINT_NS)
		return;
	if (self->points == DCM_CPU_SAMPLES) {
		memmove(&self->ring[0], &self->ring[1],
			(DCM_CPU_SAMPLES - 1) * sizeof(self->ring[0]));
		self->points--;
	}
	self->ring[self->points++] = point_now(collector, now_ns);
}

/* Time since the oldest point; 0: there is none. */
static double span_ns(const struct dcm_collector *collector, uint64_t now_ns)
{
	const struct dcm_collector_cost *self = &collector->self;

	return self->points && now_ns > self->ring[0].at_ns ? (double)(now_ns - self->ring[0].at_ns)
							    : 0;
}

bool dcm_collector_cost_percent(const struct dcm_collector *collector, size_t account, double *ret)
{
	const struct dcm_collector_cost *self = &collector->self;
	double span = span_ns(collector, collector->now_clock());

	if (span <= 0)
		return false;
	*ret = 100.0 * (double)(self->now.account[account] - self->ring[0].account[account]) / span;
	return true;
}

static void publish_shares(const struct dcm_collector *collector, uint64_t now_ns,
			   struct dcm_snap_self *row)
{
	const struct dcm_cost_point point = point_now(collector, now_ns);
	const struct dcm_cost_point *first = &collector->self.ring[0];
	double span = span_ns(collector, now_ns), percent;

	if (span <= 0 || point.cpu_ns < first->cpu_ns)
		return;
	DCM_SET(row, cpu_percent, 100.0 * (double)(point.cpu_ns - first->cpu_ns) / span);
	DCM_SET(row, wakeups_per_second,
		(double)(point.wakes - first->wakes) / span * (double)DCM_NSEC_PER_SEC);
	if (dcm_collector_cost_percent(collector, DCM_COST_PUBLISHING, &percent))
		DCM_SET(row, publish_cpu_percent, percent);
	if (dcm_collector_cost_percent(collector, DCM_COST_ALARMS, &percent))
		DCM_SET(row, alarms_cpu_percent, percent);
	if (dcm_collector_cost_percent(collector, DCM_COST_WAKING, &percent))
		DCM_SET(row, wakeups_cpu_percent, percent);
}

/* Memory changes slowly and is read from a file: not for each snapshot. */
static uint64_t rss_bytes(struct dcm_collector_cost *self, uint64_t now_ns)
{
	if (now_ns >= self->rss_due_ns && dcm_process_rss(&self->rss_bytes) == 0)
		self->rss_due_ns = now_ns + RSS_NS;
	return self->rss_bytes;
}

void dcm_collector_cost_publish(struct dcm_collector *collector, uint32_t clients,
				struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_self *row = dcm_snapshot_builder_add(builder, DCM_SEC_SELF);
	uint64_t now = collector->now_clock(), rss = rss_bytes(&collector->self, now);

	if (!row)
		return;
	DCM_SET(row, cpu_seconds, dcm_seconds(point_now(collector, now).cpu_ns));
	publish_shares(collector, now, row);
	if (collector->config.sampling.budget_percent > 0)
		DCM_SET(row, budget_percent, collector->config.sampling.budget_percent);
	if (collector->walk)
		DCM_SET(row, longest_slice_seconds,
			dcm_seconds(dcm_walk_longest_run_ns(collector->walk)));
	DCM_SET_IF(row, rss_bytes, rss, rss);
	DCM_SET(row, version, dcm_snapshot_builder_text(builder, DCM_VERSION));
	DCM_SET(row, clients, clients);
}
