/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all programs of a walk have in common: their maps, and how a run begins and ends. */
#ifndef DCM_BPF_WALK_RUN_H
#define DCM_BPF_WALK_RUN_H

#include "common/kernel/walk/bpf/kernel_types.h"

#ifdef __bpf__
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#endif /* natively: whoever includes this has put something in their place */

#include "common/kernel/walk/bpf/walk_shared.h"

/* What BPF needs to be global; natively, in the product, nothing is. */
#ifndef DCM_GLOBAL
#define DCM_GLOBAL
char LICENSE[] SEC("license") = "Dual BSD/GPL";
#endif

/* Of the kernel side alone: .bss is not mapped, and its descriptor is closed after loading. */
DCM_GLOBAL struct dcm_bpf_area area;
DCM_GLOBAL struct dcm_bpf_private priv;

/* User space maps it, to read. */
DCM_GLOBAL struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dcm_bpf_out);
} output SEC(".maps");

#ifndef READ_NAME
/* The name of @dentry, which is at @pointer. */
#define READ_NAME(to, size, dentry, pointer) bpf_probe_read_kernel_str(to, size, pointer)
#endif

#include "common/kernel/walk/bpf/walk_load.h"
#include "common/kernel/walk/bpf/walk_loop.h"

static __always_inline struct dcm_bpf_out *find_output(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&output, &zero);
}

static __always_inline bool time_is_over(void)
{
	return bpf_ktime_get_ns() - area.started_ns > area.max_ns;
}

static __always_inline struct dcm_bpf_out *begin_run(struct bpf_raw_tracepoint_args *ctx,
						     struct dcm_bpf_command *ret)
{
	ret->op = ctx->args[0];
	ret->a = ctx->args[1];
	ret->b = ctx->args[2];
	ret->max_ns = ctx->args[3];
	area.started_ns = bpf_ktime_get_ns();
	area.max_ns = ret->max_ns < DCM_LONGEST_NS ? ret->max_ns : DCM_LONGEST_NS;
	area.most_steps = area.max_ns * DCM_PAGE_STEPS / DCM_SLICE_NS;
	return find_output();
}

#define RUN(name, body)                                                   \
	SEC("raw_tp/dcm_" #name)                                          \
	DCM_GLOBAL int name(struct bpf_raw_tracepoint_args *ctx)          \
	{                                                                 \
		struct dcm_bpf_command command;                           \
		struct dcm_bpf_out *out = begin_run(ctx, &command);       \
                                                                          \
		if (!out)                                                 \
			return 0;                                         \
		body(&command, out);                                      \
		out->two_pointers = bpf_core_type_size(struct list_head); \
		out->run_ns = bpf_ktime_get_ns() - area.started_ns;       \
		return 0;                                                 \
	}

#endif
