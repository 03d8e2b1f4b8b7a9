// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdlib.h>

#include "common/kernel/netns/netns_count.h"
#include "common/model/containers/container_text.h"
#include "common/sampling/container_ring.h"
#include "common/sampling/containers_rows.h"
#include "common/sampling/maker_containers.h"
#include "common/sampling/namespace_counts.h"
#include "common/sampling/source.h"

/* Of the budget. */
#define SHARE 0.2

struct source {
	struct dcm_snap_namespaces row;
	struct dcm_namespace_counts counts;
	char makers[DCM_NAMESPACE_MAKERS_MAX];
	struct dcm_walk_maker recent[DCM_WALK_MAKERS];
	struct dcm_maker_container container; /* the latest */
	struct dcm_container_ring containers; /* and those before */
	bool tried;			      /* to count namespaces as they are made */
	struct dcm_reason unwatched;	      /* why that is not done */
};

/* Once, and where a program may still be loaded. */
static void watch(struct dcm_collector *collector, struct source *source)
{
	struct dcm_walk *walk;

	if (source->tried || !dcm_collector_interval_ns(collector, DCM_SOURCE_NAMESPACES))
		return;
	source->tried = true;
	if (!dcm_collector_walk(collector, &source->unwatched, &walk))
		(void)dcm_walk_watch_namespaces(walk, &source->unwatched);
}

static void destroy(void *state)
{
	struct source *source = state;

	dcm_maker_container_deinit(&source->container);
	dcm_container_ring_deinit(&source->containers);
	free(source);
}

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return dcm_reason_no_memory(reason);
	watch(collector, source);
	*ret_state = source;
	return 0;
}

static int count_processes(struct dcm_collector *collector, struct dcm_snap_namespaces *row,
			   struct dcm_run *run)
{
	struct dcm_netns_count count;
	int err = dcm_netns_count(dcm_collector_config(collector)->sampling.root, &count);

	if (err)
		return dcm_reason_set(&run->reason, err, "counting /proc/PID/ns/net failed");
	row->has = 0;
	DCM_SET(row, network, count.namespaces);
	dcm_reason_set(&run->reason, 0,
		       "counted through /proc/PID/ns/net: namespaces without a process are not "
		       "seen%s%s",
		       count.denied ? "; some processes may not be looked at" : "",
		       count.cut ? "; too many processes" : "");
	return DCM_RUN_DONE;
}

static void take_makers(struct dcm_collector *collector, struct source *source,
			struct dcm_walk *walk, uint64_t now_ns)
{
	struct dcm_namespace_counts *counts = &source->counts;
	struct dcm_container_key wanted[DCM_CONTAINER_RING];
	uint64_t made;
	size_t count = dcm_walk_namespace_makers(walk, source->recent, &made);

	dcm_namespace_counts_add_makers(counts, now_ns, source->recent, count, made);
	dcm_namespace_counts_makers(counts, source->makers);
	dcm_maker_container_take(&source->container, source->recent, count,
				 dcm_containers_latest(collector));
	dcm_container_ring_take(&source->containers, now_ns, source->recent, count,
				dcm_containers_latest(collector));
	if (!counts->makers)
		dcm_maker_container_deinit(&source->container);
	dcm_containers_want(collector, wanted,
			    dcm_container_ring_unnamed(&source->containers, wanted));
}

static void take(struct dcm_collector *collector, struct source *source, struct dcm_walk *walk,
		 const struct dcm_walk_namespaces *seen, struct dcm_run *run)
{
	struct dcm_namespace_counts *counts = &source->counts;

	dcm_namespace_counts_add(counts, run->now_ns, seen);
	take_makers(collector, source, walk, run->now_ns);
	source->row.has = 0;
	DCM_SET(&source->row, network, seen->count);
	dcm_namespace_counts_put(counts, &source->row);
	if (counts->unseen)
		dcm_reason_set(
			&run->reason, 0,
			"up to %" PRIu64 " more namespaces may have been created: the kernel "
			"passed over as many allocations, which came while it told of others",
			counts->unseen);
	else if (!counts->exact)
		dcm_reason_set(&run->reason, 0,
			       "namespaces that end before they are seen are not counted as "
			       "created%s%s",
			       *source->unwatched.text ? ": " : "", source->unwatched.text);
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	uint64_t before = dcm_collector_charge(collector);
	struct dcm_walk_namespaces namespaces;
	struct source *source = state;
	struct dcm_walk *walk;
	int err;

	watch(collector, source);
	err = dcm_collector_walk(collector, &run->reason, &walk);
	if (!err)
		err = dcm_walk_namespaces(walk, &run->reason, &namespaces);
	if (err == -EOPNOTSUPP)
		err = count_processes(collector, &source->row, run);
	else if (!err)
		take(collector, source, walk, &namespaces, run);
	if (err)
		return err;
	dcm_collector_stretch(collector, DCM_SOURCE_NAMESPACES,
			      dcm_collector_charge(collector) - before, SHARE, run);
	return DCM_RUN_DONE;
}

static void put_pods(const struct dcm_collector *collector, struct dcm_snapshot_builder *builder,
		     struct dcm_snap_namespaces *row)
{
	const struct dcm_waiting_pods *pods = dcm_containers_waiting_pods(collector);

	if (!pods)
		return;
	DCM_SET(row, waiting_pods, pods->count);
	if (pods->count)
		DCM_SET(row, waiting_pod_names, dcm_snapshot_builder_text(builder, pods->names));
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	struct source *source = state;
	struct dcm_snap_namespaces *row =
		dcm_snapshot_builder_copy(builder, DCM_SEC_NAMESPACES, &source->row);
	char containers[DCM_CONTAINER_TEXT_SIZE];

	if (row && *source->makers)
		DCM_SET(row, makers, dcm_snapshot_builder_text(builder, source->makers));
	if (row && dcm_container_ring_text(&source->containers, containers, sizeof(containers)))
		DCM_SET(row, containers, dcm_snapshot_builder_text(builder, containers));
	if (row && source->container.known)
		row->has |=
			dcm_containers_put(&source->container.container, builder, &row->container)
			<< DCM_BIT_OF(offsetof(struct dcm_snap_namespaces, container));
	if (row)
		put_pods(collector, builder, row);
}

/* Other users' links in /proc/PID/ns take PTRACE_MODE_READ (ptrace(2)). */
static uint64_t capabilities(const struct dcm_collector *collector,
			     const void *state __attribute__((unused)))
{
	return dcm_collector_open_walk(collector) ? 0 : 1ULL << CAP_SYS_PTRACE;
}

const struct dcm_source_ops dcm_source_namespaces = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
	.capabilities = capabilities,
};
