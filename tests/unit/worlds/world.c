// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Making a whole world. */
#include "tests/unit/worlds/world.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel/walk/bpf/walk_shared.h"
#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"

#define WORLD_CROWD (2 * DCM_SB_PROBES)

struct world world;

/* ---- memory of objects ---- */

void world_grow(void *array, int count, int *room, size_t size)
{
	void *grown;

	if (count < *room)
		return;
	*room = *room ? 2 * *room : 256;
	memcpy(&grown, array, sizeof(grown));
	grown = realloc(grown, (size_t)*room * size);
	if (!grown)
		abort();
	memcpy(array, &grown, sizeof(grown));
}

__u64 world_pool_take(struct world_pool *pool, __u64 size)
{
	__u64 address;

	if (!pool->free_count || !world_chance(80))
		return world_alloc(size, world_chance(90) ? 64 : 8);
	address = pool->free[--pool->free_count];
	if (world_chance(50))
		world_litter(address, size);
	return address;
}

void world_pool_give(struct world_pool *pool, __u64 address)
{
	if (pool->dying_count < WORLD_POOL)
		pool->dying[pool->dying_count++] = address;
}

static void end_grace_period(struct world_pool *pool, __u64 size)
{
	while (pool->dying_count) {
		__u64 address = pool->dying[--pool->dying_count];

		if (world_chance(50))
			world_litter(address, size);
		if (pool->free_count < WORLD_POOL)
			pool->free[pool->free_count++] = address;
	}
}

void world_end_grace_period(void)
{
	end_grace_period(&world.dentry_pool, WORLD_SIZE(struct dentry));
	end_grace_period(&world.superblock_pool, WORLD_SIZE(struct super_block));
	end_grace_period(&world.net_pool, WORLD_SIZE(struct net));
}

#define CROWD_REGION (1 << 20)

/* Memory for superblocks whose counts want one place in the walkers' table of them. */
static void crowd_superblocks(void)
{
	struct world_pool *pool = &world.superblock_pool;
	const __u64 size = WORLD_SIZE(struct super_block);

	while (pool->free_count < WORLD_CROWD) {
		__u64 region = world_alloc(CROWD_REGION, 64);

		for (__u64 at = region; at + size <= region + CROWD_REGION; at += 64)
			if (pool->free_count < WORLD_CROWD && !dcm_sb_slot(at))
				pool->free[pool->free_count++] = at;
	}
}

/* ---- the table ---- */

static void make_table(unsigned bits)
{
	__u64 buckets = 1ULL << bits;

	world.buckets = buckets;
	world.shift = 32 - bits;
	world.table = world_alloc(buckets * 8, world_chance(50) ? 4096 : 8);
	world.first = malloc(buckets * sizeof(*world.first));
	world.inserted = calloc(buckets, sizeof(*world.inserted));
	if (!world.first || !world.inserted)
		abort();
	for (__u64 i = 0; i < buckets; i++) {
		world.first[i] = WORLD_NONE;
		world_store(world.table + i * 8, world_chance(5), 8);
	}
}

/* ---- the trees ---- */

/* Some directories are far bigger than others. */
static int draw_directory(void)
{
	__u64 among = 1 + world_below((__u64)world.directories);

	return world.directory[world_below(among)];
}

/* The place of somebody who reads the directory: d_alloc_cursor() gives it the name "/". */
static void add_cursor(int parent)
{
	int dentry = world_add_dentry(world.dentry[parent].superblock, "/", true);

	world.dentry[dentry].cursor = true;
	world_add_child(parent, dentry);
}

static void add_entries(unsigned entries)
{
	for (unsigned i = 0; i < entries; i++) {
		int dentry = world_lookup(draw_directory());

		if (world_chance(15)) {
			world_set_negative(dentry, false);
			world_set_directory(dentry);
		}
		if (world_chance(3))
			world_unhash(dentry); /* removed, but open */
		if (world_chance(2))
			add_cursor(draw_directory());
	}
}

/* Directories in each other, deeper than the walkers go, or with a longer path than they take. */
static void add_depth(unsigned depth)
{
	char name[] = "a-name-that-makes-paths-longer-than-there-is-room-for-them";
	bool long_names = world_chance(50);
	int dentry = draw_directory();

	for (unsigned i = 0; i < depth; i++) {
		dentry = world_lookup(dentry);
		world_set_negative(dentry, false);
		name[0] = (char)('a' + i % 26);
		if (long_names)
			world_set_name(dentry, name, world.dentry[dentry].hash);
	}
	world_set_directory(dentry);
	world_lookup(dentry);
}

/* One name in one directory, again and again: what a chain of the field looks like. */
static void add_hot_chain(unsigned length)
{
	int parent = draw_directory(), superblock = world.dentry[parent].superblock;
	bool negative = world_chance(50);
	__u32 hash = (__u32)world_random();
	char name[WORLD_NAME_ROOM];

	world_draw_name(name);
	for (unsigned i = 0; i < length; i++) {
		int dentry = world_add_dentry(superblock, name, world_chance(5) != negative);

		world_set_name(dentry, name, hash);
		world_add_child(parent, dentry);
		world_hash(dentry);
	}
}

/* One that is being unmounted: without a root, but in the list. */
static void add_dying(void)
{
	world_end_superblock(world_mount());
}

void world_make(const struct world_plan *plan)
{
	world_memory_begin(plan->base, plan->big_endian);
	world_layout_draw();
	world.nodes = world_chance(80) ? 1 + world_below(4) : 1 + world_below(64);
	make_table(plan->bucket_bits);
	if (plan->crowded)
		crowd_superblocks();
	world_make_lists();
	for (unsigned i = 0; i < plan->superblocks; i++) {
		world_mount();
		if (world_chance(5))
			add_dying();
	}
	for (unsigned i = 0; i < plan->nets; i++)
		world_add_net();
	add_entries(plan->entries);
	for (unsigned i = 0; i < plan->hot_chains; i++)
		add_hot_chain(2 + (unsigned)world_below(plan->hot_length));
	if (world_chance(5))
		add_depth(100 + (unsigned)world_below(60));
	do {
		world.own_superblock = (int)world_below((__u64)world.superblocks);
	} while (world.superblock[world.own_superblock].root == WORLD_NONE);
	world.own_net = (int)world_below((__u64)world.nets);
	world_make_task();
}

void world_free(void)
{
	free(world.first);
	free(world.inserted);
	free(world.dentry);
	free(world.directory);
	free(world.superblock);
	free(world.net);
	world = (struct world){0};
	world_memory_free();
}
