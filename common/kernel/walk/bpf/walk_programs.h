/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Entry points of the walkers. raw_tp programs run through BPF_PROG_TEST_RUN execute in one RCU
 * read-side critical section (net/bpf/test_run.c, bpf_prog_test_run_raw_tp): what a run reaches
 * stays allocated until it ends, nothing does between runs. They are attached nowhere.
 */
#include "common/kernel/walk/bpf/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "common/kernel/walk/bpf/walk_shared.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The only variable of .bss, so that it starts at offset 0 of the map. */
struct dcm_bpf_area area;

#include "common/kernel/walk/bpf/walk_load.h"

static __always_inline bool time_is_over(void)
{
	return bpf_ktime_get_ns() - area.started_ns > area.max_ns;
}

#include "common/kernel/walk/bpf/list_steps.h"

#include "common/kernel/walk/bpf/table_steps.h"

#include "common/kernel/walk/bpf/chain_steps.h"

#include "common/kernel/walk/bpf/directory_steps.h"

#define RUN(name, body)                                                   \
	SEC("raw_tp/dcm_" #name)                                          \
	int name(void *ctx)                                               \
	{                                                                 \
		area.started_ns = bpf_ktime_get_ns();                     \
		area.two_pointers = bpf_core_type_size(struct list_head); \
		body();                                                   \
		area.run_ns = bpf_ktime_get_ns() - area.started_ns;       \
		return 0;                                                 \
	}

RUN(superblocks, walk_superblocks)
RUN(netns, walk_netns)
RUN(pairs, gather_pairs)
RUN(prove, prove_table)
RUN(pass, pass_run)
RUN(chain, chain_run)
RUN(directory, describe_directory)
