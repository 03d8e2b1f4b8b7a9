/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A walk whose secrets are known: for tools that need an address of the kernel, as root. What
 * dcm_walk_open() does, without forgetting.
 */
#ifndef DCM_TESTS_BARE_WALK_H
#define DCM_TESTS_BARE_WALK_H

#include "common/kernel/walk/walk_internal.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __noinline __attribute__((noinline, unused))
static struct dcm_bpf_private priv;
#include "common/kernel/walk/bpf/handles.h"

#define BARE_KEY 7

/* -errno with a reason. Released by dcm_walk_unload(). */
static inline int bare_walk_open(struct dcm_walk *walk, struct dcm_reason *reason)
{
	static char root[] = "";
	int err;

	*walk = (struct dcm_walk){.root = root, .slice_ns = DCM_SLICE_NS};
	for (int i = 0; i < DCM_PROG_COUNT; i++)
		walk->program[i] = -1;
	err = dcm_walk_load(walk, DCM_WALK_AUTO, reason);
	if (!err)
		err = dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_KEY, BARE_KEY, BARE_KEY, reason);
	if (!err)
		err = dcm_walk_find_table(walk, reason);
	schedule_keys(BARE_KEY, BARE_KEY);
	return err;
}

static inline uint64_t bare_walk_address(uint64_t handle)
{
	return address_of(handle);
}

#endif
