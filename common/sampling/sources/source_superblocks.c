// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/kernel/files/cpu_load.h"
#include "common/sampling/containers_rows.h"
#include "common/sampling/hash_rows.h"
#include "common/sampling/source.h"

/* Of the budget: tens of thousands of superblocks would take all of it every ten seconds. */
#define SHARE 0.4

struct source {
	struct dcm_cpu_load *load;
	struct dcm_forecast_cpus cpus;
	uint64_t sampled_ns; /* the last time */
};

static void destroy(void *state)
{
	struct source *source = state;

	dcm_cpu_load_destroy(source->load);
	free(source);
}

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source || dcm_cpu_load_create(dcm_collector_config(collector)->sampling.root,
					   &source->load) < 0) {
		free(source);
		return dcm_reason_no_memory(reason);
	}
	*ret_state = source;
	return 0;
}

/* While one grows as fast as the alarm warns of, a sample follows after a second, or when the
 * budget allows it. */
static void follow_growth(const struct dcm_collector *collector, const struct source *source,
			  uint64_t least_ns, struct dcm_run *run)
{
	const struct dcm_alarm_rule *rule =
		&dcm_collector_config(collector)->alarms.types[DCM_ALARM_GROWTH].rule;
	uint64_t grown = dcm_superblock_index_grown(dcm_collector_superblocks(collector));
	double level = rule->has_warning ? rule->warning : rule->critical;
	uint64_t pause = DCM_MAX(least_ns, DCM_NSEC_PER_SEC);

	if (run->complete || !(rule->has_warning || rule->has_critical) ||
	    (double)grown < level * dcm_seconds(run->now_ns - source->sampled_ns))
		return;
	if (pause < dcm_collector_interval_ns(collector, DCM_SOURCE_SUPERBLOCKS))
		run->next_ns = run->now_ns + pause;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	uint64_t before = dcm_collector_charge(collector), cost;
	const struct dcm_walk_superblock *sample;
	struct dcm_walk *walk;
	size_t count;
	int err;

	err = dcm_collector_walk(collector, &run->reason, &walk);
	if (!err)
		err = dcm_walk_superblocks(walk, &run->reason, &sample, &count);
	if (err)
		return err;
	/* A mount has its superblock first: names find the mount points of all in the sample. */
	cost = dcm_collector_charge(collector) - before;
	dcm_host_mounts_refresh(collector, run->now_ns, run->complete);
	before = dcm_collector_charge(collector);
	err = dcm_superblock_index_update(dcm_collector_superblocks(collector), sample, count,
					  run->now_ns);
	if (err)
		return dcm_reason_no_memory(&run->reason);
	dcm_cpu_load_read(source->load, &source->cpus);
	cost += dcm_collector_charge(collector) - before;
	dcm_collector_stretch(collector, DCM_SOURCE_SUPERBLOCKS, cost, SHARE, run);
	follow_growth(collector, source,
		      dcm_budget_earn_ns(dcm_collector_budget(collector), cost, SHARE), run);
	source->sampled_ns = run->now_ns;
	return DCM_RUN_DONE;
}

static void publish_forecast(const struct dcm_forecast *forecast, const char *fstype,
			     uint64_t unused, struct dcm_snap_superblock *row)
{
	struct dcm_forecast_shrink shrink;

	dcm_forecast_shrink(forecast, fstype, unused, &shrink);
	DCM_SET(row, shrink_seconds, shrink.clock.likely);
	DCM_SET(row, shrink_low_seconds, shrink.clock.low);
	DCM_SET(row, shrink_high_seconds, shrink.clock.high);
}

/* Where the host has it not mounted, at least one who has. */
static void publish_place(const struct dcm_collector *collector,
			  const struct dcm_superblock *superblock, struct dcm_snap_superblock *row,
			  struct dcm_snapshot_builder *builder)
{
	struct dcm_container_place place;

	if (!dcm_containers_superblock(collector, superblock, &place))
		return;
	if (place.container)
		row->has |= dcm_containers_put(place.container, builder, &row->container)
			    << DCM_BIT_OF(offsetof(struct dcm_snap_superblock, container));
	if (!place.pid || row->mounts)
		return;
	DCM_SET(row, process_pid, (uint32_t)place.pid);
	DCM_SET(row, process_command, dcm_snapshot_builder_text(builder, place.command));
}

static void publish_one(struct dcm_collector *collector, const struct dcm_forecast *forecast,
			const struct dcm_superblock *superblock,
			struct dcm_snapshot_builder *builder)
{
	const struct dcm_walk_superblock *walk = &superblock->walk;
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);
	struct dcm_mount_device device;
	struct dcm_interval about[2];
	uint64_t hashed, negative;
	char fstype[DCM_FSTYPE_SIZE];
	int err;

	if (!row)
		return;
	dcm_superblock_fstype(walk, fstype);
	DCM_SET(row, index, superblock->index);
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, superblock->name));
	DCM_SET_FROM(row, walk, dev_major, dev_minor);
	DCM_SET_IF(row, unused, walk->has_unused, walk->unused);
	DCM_SET_FROM(row, walk, fingerprint, oldest_mount, newest_mount);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, fstype));
	DCM_SET(row, id, dcm_snapshot_builder_str(builder, walk->id, sizeof(walk->id)));
	if (walk->has_unused)
		publish_forecast(forecast, fstype, walk->unused, row);
	err = dcm_host_mounts_find(collector, walk->dev_major, walk->dev_minor, &device);
	if (!err) {
		dcm_str where = dcm_snapshot_builder_text(builder, device.mountpoint);

		DCM_SET(row, mounts, device.mounts);
		DCM_SET_IF(row, mountpoint, !device.part, where);
		DCM_SET_IF(row, part_mountpoint, device.part, where);
	} else if (err == -ENOENT) {
		DCM_SET(row, mounts, 0);
	}
	publish_place(collector, superblock, row, builder);
	if (dcm_hash_superblock_count(collector, superblock, &hashed, &negative)) {
		DCM_SET(row, hashed, hashed);
		DCM_SET(row, negative, negative);
	} else if (dcm_hash_superblock_estimate(collector, superblock, &about[0], &about[1])) {
		DCM_SET_ESTIMATE(row, hashed_estimate, dcm_snap_estimate_of(&about[0]));
		DCM_SET_ESTIMATE(row, negative_estimate, dcm_snap_estimate_of(&about[1]));
	}
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	size_t count = dcm_superblock_index_count(dcm_collector_superblocks(collector));
	const struct source *source = state;
	struct dcm_forecast forecast;

	dcm_host_forecast(collector, &forecast);
	forecast.cpus = source->cpus;
	for (size_t i = 0; i < count; i++)
		publish_one(collector, &forecast,
			    dcm_superblock_index_at(dcm_collector_superblocks(collector), i),
			    builder);
}

/* Rows have something of other sources, too. */
static uint64_t news(const struct dcm_collector *collector,
		     const void *state __attribute__((unused)))
{
	const uint64_t parts[] = {
		dcm_collector_news(collector, DCM_SOURCE_SUPERBLOCKS),
		dcm_collector_news(collector, DCM_SOURCE_CONTAINERS),
		dcm_collector_news(collector, DCM_SOURCE_RECLAIM),
		dcm_collector_news(collector, DCM_SOURCE_HASH),
		dcm_hash_superblock_news(collector),
	};

	return dcm_hash64(DCM_HASH64_START, parts, sizeof(parts));
}

const struct dcm_source_ops dcm_source_superblocks = {
	/* Twice: the counts of a pass belong to the superblocks that were there before it. */
	.stages = DCM_BEFORE_PASS | DCM_AFTER_PASS,
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
	.news = news,
	.section = DCM_SEC_SUPERBLOCKS,
};
