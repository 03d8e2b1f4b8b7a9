// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>

#include "common/kernel/netns/netns_count.h"
#include "common/sampling/source.h"

/* Of the budget. */
#define SHARE 0.2

static int create(struct dcm_collector *collector __attribute__((unused)), void **ret_state,
		  struct dcm_reason *reason)
{
	*ret_state = calloc(1, sizeof(struct dcm_snap_namespaces));
	return *ret_state ? 0 : dcm_reason_no_memory(reason);
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

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	uint64_t before = dcm_collector_charge(collector);
	struct dcm_walk_namespaces namespaces;
	struct dcm_snap_namespaces *row = state;
	struct dcm_walk *walk;
	int err;

	err = dcm_collector_walk(collector, &run->reason, &walk);
	if (!err)
		err = dcm_walk_namespaces(walk, &run->reason, &namespaces);
	if (err == -EOPNOTSUPP) {
		err = count_processes(collector, row, run);
	} else if (!err) {
		DCM_SET(row, network, namespaces.count);
		DCM_SET(row, created, namespaces.created);
	}
	if (err)
		return err;
	dcm_collector_stretch(collector, DCM_SOURCE_NAMESPACES,
			      dcm_collector_charge(collector) - before, SHARE, run);
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector __attribute__((unused)), void *state,
		    struct dcm_snapshot_builder *builder)
{
	dcm_snapshot_builder_copy(builder, DCM_SEC_NAMESPACES, state);
}

/* Other users' links in /proc/PID/ns take PTRACE_MODE_READ (ptrace(2)). */
static uint64_t capabilities(const struct dcm_collector *collector,
			     const void *state __attribute__((unused)))
{
	return dcm_collector_open_walk(collector) ? 0 : 1ULL << CAP_SYS_PTRACE;
}

const struct dcm_source_ops dcm_source_namespaces = {
	.create = create,
	.destroy = free,
	.run = run,
	.publish = publish,
	.capabilities = capabilities,
};
