/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Entry points of the walkers. raw_tp programs run through BPF_PROG_TEST_RUN execute in one RCU
 * read-side critical section (net/bpf/test_run.c, bpf_prog_test_run_raw_tp): what a run reaches
 * stays allocated until it ends, nothing does between runs. They are attached nowhere, but for the
 * last one, which counts network namespaces as they are made.
 */
#include "common/kernel/walk/bpf/walk_run.h"

#include "common/kernel/walk/bpf/handles.h"
#include "common/kernel/walk/bpf/list_steps.h"

/* What is made up natively has no other hash tables. */
#if defined(__bpf__) && !DCM_BOUNDED
#define HAS_TABLES 1
#endif

#if DCM_FAST || HAS_TABLES
#include "common/kernel/walk/bpf/fetch_steps.h"
#endif

#include "common/kernel/walk/bpf/table_steps.h"

#include "common/kernel/walk/bpf/chain_steps.h"

#include "common/kernel/walk/bpf/directory_steps.h"

#include "common/kernel/walk/bpf/children_steps.h"

#include "common/kernel/walk/bpf/commands.h"

#include "common/kernel/walk/bpf/netns_made.h"

#if HAS_TABLES
#include "common/kernel/walk/bpf/tables_types.h"

#include "common/kernel/walk/bpf/tables_find.h"

#include "common/kernel/walk/bpf/tables_steps.h"
#endif

RUN(setup, set_up)
RUN(pairs, command_pairs)
RUN(prove, command_prove)
RUN(superblocks, command_superblocks)
RUN(netns, command_netns)
RUN(pass, command_pass)
RUN(chain, command_chain)
RUN(directory, command_directory)
RUN(children, command_children)
#if HAS_TABLES
RUN(tables, command_tables)
#endif

#ifdef __bpf__
/* That of cgroup2; where the memory controller has a hierarchy of its own (cgroup v1), that one. */
static __always_inline struct cgroup *group_of(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup *group = BPF_CORE_READ(set, dfl_cgrp), *memory;
	struct cgroup_subsys_state *css = NULL;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return group;
	bpf_probe_read_kernel(&css, sizeof(css),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) *
					      sizeof(css));
	memory = BPF_CORE_READ(css, cgroup);
	return BPF_CORE_READ(memory, root) == BPF_CORE_READ(group, root) ? group : memory;
}

static __always_inline struct kernfs_node *node_above(struct kernfs_node *node)
{
	struct kernfs_node___rcu *rcu = (void *)node;

	if (bpf_core_field_exists(struct kernfs_node___rcu, __parent))
		return BPF_CORE_READ(rcu, __parent);
	return BPF_CORE_READ(node, parent);
}

/* What cannot be read is "". */
static __always_inline void describe_group(struct task_struct *task, struct dcm_bpf_maker *maker)
{
	struct kernfs_node *node = BPF_CORE_READ(group_of(task), kn);

	bpf_probe_read_kernel_str(maker->group, sizeof(maker->group), BPF_CORE_READ(node, name));
	bpf_probe_read_kernel_str(maker->group_above, sizeof(maker->group_above),
				  BPF_CORE_READ(node_above(node), name));
}
#else /* control groups are not among what is made up natively */
static __always_inline void describe_group(struct task_struct *task __attribute__((unused)),
					   struct dcm_bpf_maker *maker __attribute__((unused)))
{
}
#endif

static __always_inline void describe_maker(struct dcm_bpf_maker *maker)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	bpf_get_current_comm(maker->command, sizeof(maker->command));
	BPF_CORE_READ_STR_INTO(&maker->parent, task, real_parent, comm);
	describe_group(task, maker);
}

SEC("raw_tp/percpu_alloc_percpu")
DCM_GLOBAL int made(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_bpf_out *out;
	__u32 zero = 0;
	__u64 n;

	if (!is_netns_made(ctx))
		return 0;
	out = bpf_map_lookup_elem(&output, &zero);
	if (!out)
		return 0;
#if DCM_BOUNDED
	/* Before 5.12 (5ca419f2864a) nothing fetches as it adds: two at once may get one place. */
	n = out->made.count;
	__sync_fetch_and_add(&out->made.count, 1);
#else
	n = __sync_fetch_and_add(&out->made.count, 1);
#endif
	describe_maker(&out->made.recent[n & (DCM_MAKERS - 1)]);
	return 0;
}
