// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/worlds/world_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_memory.h"

struct world_run world_run;

/* Loads of a run beyond its time, at most: what is under way then. An element of a list has its
 * NUMA nodes and mounts, a dentry its ancestors. */
static const __u64 beyond[DCM_PROG_COUNT] = {
	[DCM_PROG_SETUP] = 0,
	[DCM_PROG_SUPERBLOCKS] = DCM_NUMA_NODES + 300,
	[DCM_PROG_NETNS] = 60,
	[DCM_PROG_PAIRS] = 16 * 1024 * 5 + 100,
	[DCM_PROG_PROVE] = 3 * DCM_PROVE_BUCKETS,
	[DCM_PROG_CHAIN] = 64 * 8 + 16 * 3 + 512 + 32 * 5 + DCM_LEVEL_ROOM + 3 * 128 + 20,
	[DCM_PROG_DIRECTORY] = 512 * 6 + 3 * 128 + 20,
	[DCM_PROG_CHILDREN] = 64 * 5 + 20,
	[DCM_PROG_MADE] = 8,
};

/* Blocks in an order that the seed decides. */
ssize_t getrandom(void *to, size_t size, unsigned flags)
{
	unsigned char *bytes = to;

	(void)flags;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)world_random();
	return (ssize_t)size;
}

/* A page is at most as many nodes more than most_steps as it has buckets, each read a few times;
 * superblocks are looked up for as many parents. */
static __u64 beyond_page(const struct dcm_bpf_command *command)
{
	__u64 most_steps = command->max_ns * DCM_PAGE_STEPS / DCM_SLICE_NS;

	return command->op == DCM_OP_GO_ON || command->op == DCM_OP_JOIN
		       ? 8 * (most_steps + 2 * command->a + DCM_FAMILIES)
		       : 0;
}

static void note_fault(const char *program, __u64 loads, __u64 limit)
{
	snprintf(world_run.fault, sizeof(world_run.fault),
		 "a run of %s took %llu loads, limit %llu", program, (unsigned long long)loads,
		 (unsigned long long)limit);
}

static void run(enum dcm_walk_program program, struct dcm_bpf_command *command)
{
	struct world_memory *m = &world_memory;
	__u64 limit = command->max_ns / m->ns_per_load + 2 + beyond[program];

	if (program == DCM_PROG_PASS)
		limit += beyond_page(command);
	m->loads = 0;
	world_walkers.program[program]((struct bpf_raw_tracepoint_args *)command);
	if (m->loads > limit)
		note_fault(dcm_walk_program_name(program), m->loads, limit);
	world_run.clock_ns += m->loads * m->ns_per_load;
	m->loads = 0;
	m->event_at = ~0ULL;
}

int dcm_walk_run(struct dcm_walk *walk, enum dcm_walk_program program, enum dcm_bpf_op op,
		 uint64_t a, uint64_t b, struct dcm_reason *reason)
{
	struct dcm_bpf_command command = {op, a, b, walk->slice_ns};

	if (world_run.most_runs && ++world_run.runs > world_run.most_runs)
		return dcm_reason_set(reason, -EINTR, "enough");
	if (world_run.between)
		world_run.between();
	world_end_grace_period();
	if (program == DCM_PROG_PAIRS) {
		world_run.fd = (world_run.fd + 1) % WORLD_FDS;
		command.a = (__u64)world_run.fd;
	} else if (program == DCM_PROG_CHILDREN) {
		command.a = (__u64)world_run.fd;
	}
	run(program, &command);
	if (world_run.after_chain && program == DCM_PROG_CHAIN)
		world_run.after_chain(&command);
	return 0;
}

void world_run_count(void)
{
	world_run.runs = 0;
}

static void set_up(enum dcm_bpf_op op, __u64 a, __u64 b)
{
	if (dcm_walk_run(&world_run.walk, DCM_PROG_SETUP, op, a, b, NULL))
		abort();
}

static const struct dcm_walk_ops ops = {.find_table = dcm_walk_solve_table};

void world_run_begin(void)
{
	struct dcm_walk *walk = &world_run.walk;

	world_run = (struct world_run){.out = world_run.out};
	if (!world_run.out)
		world_run.out = malloc(sizeof(*world_run.out));
	if (!world_run.out)
		abort();
	memset(world_run.out, 0, sizeof(*world_run.out));
	for (size_t i = 0; i < WORLD_MAPS; i++)
		memset(world_walkers.map[i], 0, world_walkers.map_size[i]);
	walk->ops = &ops;
	walk->out = world_run.out;
	walk->flavour = world_walkers.flavour;
	walk->root = strdup("");
	walk->visit.fd = walk->made_fd = -1;
	walk->sketch_every = 1;
	walk->has_nodes = true;
	walk->slice_ns = DCM_SLICE_NS;
	walk->table_known = true;
	walk->table = (struct dcm_walk_table){.buckets = world.buckets, .shift = world.shift};
	world_memory.ns_per_load = 5;
	set_up(DCM_OP_KEY, world_random(), world_random());
	set_up(DCM_OP_NODES, world.nodes, 0);
	set_up(DCM_OP_TABLE, world.table, world.shift);
}

void world_run_end(void)
{
	struct dcm_walk *walk = &world_run.walk;

	dcm_walk_children_end(walk);
	dcm_walk_pass_deinit(walk);
	free(walk->superblocks);
	free(walk->cookies_now.cookies);
	free(walk->cookies_before.cookies);
	free(walk->root);
	free(world_run.out);
	world_run.out = NULL;
}
