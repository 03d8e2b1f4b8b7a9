/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walkers' programs as they are compiled for this machine: a load is a read of a core file. No
 * RCU read section keeps what they read, so they check each node (bpf/unguarded_steps.h). What they
 * keep between runs is of this process: one walk at a time.
 */
#ifndef DCM_KERNEL_WALK_UNGUARDED_H
#define DCM_KERNEL_WALK_UNGUARDED_H

#include "common/kernel/kcore/kcore_cache.h"
#include "common/kernel/kcore/kcore_names.h"
#include "common/kernel/kcore/kcore_window.h"
#include "common/kernel/walk/walk_internal.h"

struct dcm_walk_layout;

struct dcm_unguarded {
	const struct dcm_walk_layout *layout;
	struct dcm_kcore_cache *cache;
	struct dcm_kcore_window *window; /* of what a pass reads in advance */
	struct dcm_bpf_out *out;
	enum dcm_name_hash name_hash;
	uint64_t first_superblock, first_namespace; /* that circles are walked from */
};

/* Forgets all walks. */
void dcm_unguarded_reset(void);

/* Runs a program for @command; memory is read afresh. */
void dcm_unguarded_run(const struct dcm_unguarded *memory, enum dcm_walk_program program,
		       struct dcm_bpf_command *command);

#endif
