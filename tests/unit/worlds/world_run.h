/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs the walkers' programs on the made-up kernel: dcm_walk_run() of this file takes the place of
 * the one that asks the kernel. All else of the walk is the product's own.
 */
#ifndef WORLD_RUN_H
#define WORLD_RUN_H

#include "common/kernel/walk/walk_internal.h"

enum { WORLD_AREA, WORLD_PRIVATE, WORLD_MAPS }; /* struct dcm_bpf_area, dcm_bpf_private */

struct bpf_raw_tracepoint_args;

/* The walkers of one flavour, compiled for this machine (world_walkers.h). */
struct world_walkers {
	const char *name;
	enum dcm_walk_flavour flavour;
	bool high_addresses; /* compiled for kernels in the upper half of the addresses: x86 */
	int (*program[DCM_PROG_COUNT])(struct bpf_raw_tracepoint_args *arguments);
	__u64 (*handle_of)(__u64 address);
	__u64 (*address_of)(__u64 handle);
	void *map[WORLD_MAPS]; /* their area and what else they keep */
	size_t map_size[WORLD_MAPS];
};

extern const struct world_walkers world_walkers;

struct world_run {
	struct dcm_bpf_out *out;
	struct dcm_walk walk;
	__u64 clock_ns;
	void (*between)(void); /* changes the world between two runs, or NULL */
	/* Sees what a run of a chain's walk has left, or NULL. */
	void (*after_chain)(const struct dcm_bpf_command *command);
	int fd;			  /* of the made-up task, that stands for any of this process */
	unsigned runs, most_runs; /* of one walk; after so many, a run fails with -EINTR */
	char fault[256];	  /* a bound that a run has exceeded; "": none */
};

extern struct world_run world_run;

/* A walk of the world as it is opened on a kernel; the table's place is told. */
void world_run_begin(void);
void world_run_end(void);

/* A new walk: counts runs from 0. */
void world_run_count(void);

#endif
