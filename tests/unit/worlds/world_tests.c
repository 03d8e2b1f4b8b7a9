// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The walkers on kernels that are made up, each from a number (its seed): other offsets, another
 * size, another byte order, other trees. A failure names the seed; SEED=N WORLDS=1 repeats it.
 */
#include "tests/unit/worlds/world_tests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/rounds.h"
#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_change.h"
#include "tests/unit/worlds/world_check.h"
#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"
#include "tests/unit/worlds/world_run.h"

enum world_pace world_pace;

void world_fail(const char *file, int line, const char *what, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_error("%s:%d: %s walkers, world %llu (pace %d, %llu buckets, %s endian): %s: %s\n",
		    file, line, world_walkers.name, world.seed, (int)world_pace, world.buckets,
		    world_memory.big_endian ? "big" : "little", what, text);
	fail();
	abort();
}

void world_check_bounds(void)
{
	WORLD_CHECK(!world_run.fault[0], "%s", world_run.fault);
}

/* ---- what a world is like ---- */

/* 0 to @most, small ones more often. */
static unsigned draw_size(unsigned most)
{
	return (unsigned)(world_below(most + 1) * world_below(1000) / 1000 * world_below(1000) /
			  1000);
}

/* In the upper half of the addresses where the walkers rely on it, and elsewhere sometimes. */
static __u64 draw_base(void)
{
	bool high = world_walkers.high_addresses || world_chance(30);

	return (high ? 0xffff888000000000ULL : 0x300000000ULL) + world_below(1 << 20) * 4096;
}

static void draw_plan(struct world_plan *ret)
{
	bool big = world_below(50) == 0;

	*ret = (struct world_plan){0};
	ret->big_endian = !world_walkers.high_addresses && world_chance(50);
	ret->base = draw_base();
	ret->bucket_bits = big ? 13 + (unsigned)world_below(4) : 4 + (unsigned)world_below(9);
	ret->entries = draw_size(big ? 30000 : 3000);
	ret->superblocks = 1 + draw_size(big ? 700 : 40);
	ret->nets = 1 + draw_size(big ? 5000 : 60);
	ret->hot_chains = (unsigned)world_below(3);
	ret->hot_length = big ? 3000 : 300;
}

/* Runs of very different lengths, down to a page or a node. */
static void draw_slice(void)
{
	unsigned us = world_chance(40) ? 600 : 1 + (unsigned)world_below(50);

	world_run.walk.slice_ns = us * 1000ULL;
	world_memory.ns_per_load = 5 + world_below(20);
}

/* Of another plan than the seed's if there is one, but for what memory is like. */
static void begin_world(__u64 seed, const struct world_plan *other, enum world_pace pace)
{
	struct world_plan plan, drawn;

	world_free();
	world.seed = seed;
	world_seed(seed);
	draw_plan(&drawn);
	plan = other ? *other : drawn;
	plan.base = drawn.base;
	plan.big_endian = drawn.big_endian;
	world_make(&plan);
	world_run_begin();
	draw_slice();
	dcm_walk_set_sketch(&world_run.walk, world_chance(80) ? 1 : (unsigned)world_below(9));
	world_pace = pace;
	world_run.most_runs = 100000;
}

static void end_world(void)
{
	world_check_bounds();
	world_run_end();
	world_free();
}

static __u64 draw_bucket(void)
{
	int dentry = (int)world_below((__u64)world.dentries);

	return world_bucket(&world.dentry[dentry]);
}

static void check_all(void)
{
	if (world_chance(10))
		world_check_discovery();
	world_check_superblocks();
	world_check_namespaces();
	world_check_pass();
	world_check_parents();
	for (int i = 0; i < 4; i++)
		world_check_chain(draw_bucket());
	world_check_children();
}

static void check_worlds(unsigned usual, void (*check)(__u64 seed))
{
	const char *count = getenv("WORLDS"), *first = getenv("SEED");
	__u64 from = first ? strtoull(first, NULL, 10) : 1;
	__u64 worlds = count ? strtoull(count, NULL, 10) : DCM_ROUNDS(usual);

	for (__u64 i = 0; i < worlds; i++)
		check(from + i);
}

/* ---- the tests ---- */

/* Its longest chain twice: the second time what is known of it shortens the walk. */
static void check_still(__u64 seed)
{
	struct dcm_walk_pass pass;

	begin_world(seed, NULL, WORLD_STILL);
	check_all();
	dcm_walk_pass_result(&world_run.walk, &pass);
	for (size_t i = 0; i < 2 && pass.top_count; i++)
		world_check_chain(pass.top[0].bucket);
	world_check_makers();
	end_world();
}

static void change_between(void)
{
	unsigned changes = world_chance(30) ? (unsigned)world_below(8) : 0;

	if (world_chance(20))
		world_change_behind(world_run.out->chain.state.length);
	if (world_chance(10))
		world_change_at_cursor();
	while (changes--) {
		if (world_chance(50))
			world_end_grace_period();
		world_change();
	}
	world_part_anchors();
}

/* As long as the walks of chains last, they are about the focus. */
static void check_changing(__u64 seed)
{
	begin_world(seed, NULL, WORLD_BETWEEN);
	world_run.walk.slice_ns = 1000;
	world_run.between = change_between;
	world_run.after_chain = world_note_anchors;
	world_focus = draw_bucket();
	check_all();
	for (int i = 0; i < 6; i++)
		world_check_chain(world_focus);
	end_world();
}

static void change_within(void)
{
	world_change();
	if (world_chance(30))
		world_change_behind(world_below(100));
	world_memory.event_at = world_memory.loads + 1 + world_below(200);
}

static void arm(void)
{
	change_between();
	world_memory.event = change_within;
	world_memory.event_at = world_below(200);
}

static void check_racing(__u64 seed)
{
	begin_world(seed, NULL, WORLD_WITHIN);
	world_run.between = arm;
	world_focus = draw_bucket();
	check_all();
	world_check_chain(world_focus);
	end_world();
}

static void check_broken(__u64 seed)
{
	begin_world(seed, NULL, WORLD_BROKEN);
	world_run.most_runs = 200;
	for (unsigned n = 1 + (unsigned)world_below(40); n; n--)
		world_break();
	check_all();
	end_world();
}

/* No room for the counts of some: their entries, also those in long chains, are told. */
static void test_crowded_superblocks(void **state)
{
	const struct world_plan plan = {.bucket_bits = 4,
					.entries = 300,
					.superblocks = 60,
					.nets = 1,
					.hot_chains = 20,
					.hot_length = 200,
					.crowded = true};
	struct dcm_walk_pass pass;

	(void)state;
	begin_world(1, &plan, WORLD_STILL);
	world_check_pass();
	dcm_walk_pass_result(&world_run.walk, &pass);
	WORLD_CHECK(pass.uncounted, "%zu superblocks", pass.superblock_count);
	end_world();
}

/* A chain whose last node is followed by its first: the walk of it ends all the same, and soon. */
static void test_endless_chain(void **state)
{
	const struct world_plan plan = {.bucket_bits = 4,
					.entries = 10,
					.superblocks = 1,
					.nets = 1,
					.hot_chains = 1,
					.hot_length = 100};
	struct dcm_walk_pass pass;

	(void)state;
	begin_world(1, &plan, WORLD_BROKEN);
	world_run.most_runs = 300;
	world_memory.ns_per_load = 10000;
	world_bend_chain(world_bucket(&world.dentry[world.dentries - 1]));
	world_check_pass();
	dcm_walk_pass_result(&world_run.walk, &pass);
	WORLD_CHECK(!world_run.walk.pass.active && pass.truncated == 1 && pass.top[0].truncated &&
			    pass.top[0].length <= 3 * 110,
		    "%llu, length %llu", (unsigned long long)pass.truncated,
		    (unsigned long long)pass.top[0].length);
	world_check_chain(pass.top[0].bucket);
	end_world();
}

/* The nodes behind which a walk goes on come back at the head of their chain: nothing is counted
 * twice, whatever the walk is for. */
static void test_returning_anchors(void **state)
{
	const struct world_plan plan = {.bucket_bits = 4,
					.entries = 10,
					.superblocks = 1,
					.nets = 1,
					.hot_chains = 1,
					.hot_length = 300};
	struct dcm_walk_pass pass;

	(void)state;
	begin_world(1, &plan, WORLD_BETWEEN);
	world_run.walk.slice_ns = 1000;
	world_run.between = world_return_anchors;
	world_run.after_chain = world_note_anchors;
	world_check_pass();
	dcm_walk_pass_result(&world_run.walk, &pass);
	world_check_chain(pass.top[0].bucket);
	end_world();
}

/* So many entries and directories in one run that every buffer is used up. */
static void test_big_world(void **state)
{
	const struct world_plan plan = {.bucket_bits = 12,
					.entries = 40000,
					.superblocks = 20,
					.nets = 1,
					.hot_chains = 1,
					.hot_length = 5000};

	(void)state;
	begin_world(1, &plan, WORLD_STILL);
	world_run.walk.slice_ns = DCM_LONGEST_NS;
	world_memory.ns_per_load = 1;
	check_all();
	end_world();
}

static void test_still_worlds(void **state)
{
	(void)state;
	check_worlds(1000, check_still);
}

static void test_changes_between_runs(void **state)
{
	(void)state;
	check_worlds(300, check_changing);
}

static void test_changes_within_runs(void **state)
{
	(void)state;
	check_worlds(150, check_racing);
}

static void test_broken_memory(void **state)
{
	(void)state;
	check_worlds(300, check_broken);
}

int world_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_still_worlds),
		cmocka_unit_test(test_changes_between_runs),
		cmocka_unit_test(test_changes_within_runs),
		cmocka_unit_test(test_broken_memory),
		cmocka_unit_test(test_big_world),
		cmocka_unit_test(test_crowded_superblocks),
		cmocka_unit_test(test_endless_chain),
		cmocka_unit_test(test_returning_anchors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
