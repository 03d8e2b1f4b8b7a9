// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the sampler itself costs. */
#include <string.h>

#include "common/base/units.h"
#include "common/kernel/files/process_rss.h"
#include "common/sampling/collector_private.h"

#define POINT_NS (5 * DCM_NSEC_PER_SEC)

static uint64_t cpu_ns(const struct dcm_collector *collector)
{
	return collector->cpu_clock() + collector->self.other_ns;
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
	self->ring[self->points].at_ns = now_ns;
	self->ring[self->points].cpu_ns = cpu_ns(collector);
	self->points++;
}

void dcm_collector_cost_publish(struct dcm_collector *collector, uint32_t clients,
				struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_self *row = dcm_snapshot_builder_add(builder, DCM_SEC_SELF);
	const struct dcm_collector_cost *self = &collector->self;
	uint64_t now = collector->now_clock(), cpu = cpu_ns(collector), rss;

	if (!row)
		return;
	DCM_SET(row, cpu_seconds, dcm_seconds(cpu));
	if (self->points > 0 && now > self->ring[0].at_ns && cpu >= self->ring[0].cpu_ns)
		DCM_SET(row, cpu_percent,
			100.0 * (double)(cpu - self->ring[0].cpu_ns) /
				(double)(now - self->ring[0].at_ns));
	if (collector->config.sampling.budget_percent > 0)
		DCM_SET(row, budget_percent, collector->config.sampling.budget_percent);
	if (collector->walk)
		DCM_SET(row, longest_slice_seconds,
			dcm_seconds(dcm_walk_longest_run_ns(collector->walk)));
	if (dcm_process_rss(&rss) == 0)
		DCM_SET(row, rss_bytes, rss);
	DCM_SET(row, version, dcm_add_str(builder, DCM_VERSION));
	DCM_SET(row, clients, clients);
}
