// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_check.h"
#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"
#include "tests/unit/worlds/world_run.h"

/* ---- superblocks ---- */

/* Ids are unique and have the number. */
static int number_of(const struct dcm_walk_superblock *row)
{
	int n;

	WORLD_CHECK(sscanf(row->id, "id%d-", &n) == 1 && n >= 0 && n < world.superblocks, "%s",
		    row->id);
	WORLD_CHECK(!strcmp(row->id, world.superblock[n].id), "%s", row->id);
	return n;
}

static void check_row(const struct dcm_walk_superblock *row, const struct world_superblock *sb)
{
	WORLD_CHECK(row->magic == sb->magic && row->bdi_id == sb->bdi_id, "%s", sb->id);
	WORLD_CHECK(row->dev_major == sb->dev >> 20 && row->dev_minor == (sb->dev & 0xfffff), "%s",
		    sb->id);
	WORLD_CHECK(!strcmp(row->fstype, sb->fstype) && !strcmp(row->subtype, sb->subtype), "%s",
		    sb->id);
	WORLD_CHECK(row->unused == sb->unused, "%s: %llu of %llu", sb->id,
		    (unsigned long long)row->unused, sb->unused);
	WORLD_CHECK(row->oldest_mount == sb->oldest_mount && row->newest_mount == sb->newest_mount,
		    "%s: %llu %llu", sb->id, (unsigned long long)row->oldest_mount,
		    (unsigned long long)row->newest_mount);
	WORLD_CHECK(row->address == world_walkers.handle_of(sb->address), "%s", sb->id);
	if (sb->root != WORLD_NONE)
		WORLD_CHECK(row->root_dentry ==
				    world_walkers.handle_of(world.dentry[sb->root].address),
			    "%s", sb->id);
}

/* What was there all the time is listed, once; what was being unmounted before is not. */
static void check_rows(const struct dcm_walk_superblock *rows, size_t count, __u64 since)
{
	__u8 *times = calloc((size_t)world.superblocks, 1);

	for (size_t i = 0; times && i < count; i++) {
		int n = number_of(&rows[i]);

		times[n]++;
		check_row(&rows[i], &world.superblock[n]);
	}
	for (int n = 0; times && n < world.superblocks; n++) {
		const struct world_superblock *sb = &world.superblock[n];
		bool stayed = sb->alive && sb->root != WORLD_NONE && sb->listed_at <= since;

		WORLD_CHECK(times[n] <= 1 && (times[n] || !stayed), "%s: %u times", sb->id,
			    times[n]);
		if (world_pace == WORLD_STILL)
			WORLD_CHECK(times[n] == stayed, "%s", sb->id);
	}
	free(times);
}

/* The same in each walk, and each another. */
static void check_fingerprints(const struct dcm_walk_superblock *rows, size_t count)
{
	__u64 *before = calloc(count + 1, sizeof(*before));
	struct dcm_reason reason = {""};
	size_t again;

	for (size_t i = 0; before && i < count; i++)
		before[i] = rows[i].fingerprint;
	WORLD_CHECK(!dcm_walk_superblocks(&world_run.walk, &reason, &rows, &again), "%s",
		    reason.text);
	WORLD_CHECK(again == count, "%zu", again);
	for (size_t i = 0; before && i < count; i++) {
		WORLD_CHECK(rows[i].fingerprint == before[i], "%s", rows[i].id);
		WORLD_CHECK(!i || before[i] != before[i - 1], "%s", rows[i].id);
	}
	free(before);
}

void world_check_superblocks(void)
{
	const struct dcm_walk_superblock *rows;
	struct dcm_reason reason = {""};
	__u64 since = world.changes;
	size_t count;
	int err;

	world_run_count();
	err = dcm_walk_superblocks(&world_run.walk, &reason, &rows, &count);
	if (world_pace == WORLD_BROKEN)
		return;
	WORLD_CHECK(!err || (err == -EAGAIN && world_pace != WORLD_STILL), "%s", reason.text);
	if (err || world_pace == WORLD_WITHIN)
		return;
	check_rows(rows, count, since);
	if (world_pace == WORLD_STILL)
		check_fingerprints(rows, count);
}

/* ---- network namespaces ---- */

static __u64 count_nets(__u64 since)
{
	__u64 count = 0;

	for (int i = 0; i < world.nets; i++)
		count += world.net[i].alive && world.net[i].set_up &&
			 world.net[i].listed_at <= since;
	return count;
}

static int walk_nets(struct dcm_walk_namespaces *ret)
{
	struct dcm_reason reason = {""};
	int err;

	world_run_count();
	err = dcm_walk_namespaces(&world_run.walk, &reason, ret);
	if (world_pace == WORLD_STILL)
		WORLD_CHECK(!err, "%s", reason.text);
	return err;
}

void world_check_namespaces(void)
{
	struct dcm_walk_namespaces before, now;
	__u64 since = world.changes, then = count_nets(since), made = (__u64)world.nets, fresh = 0;
	int err = walk_nets(&before);

	made = (__u64)world.nets - made;
	if (!err && world_pace == WORLD_BETWEEN)
		WORLD_CHECK(before.count >= count_nets(since) && before.count <= then + made,
			    "%llu", (unsigned long long)before.count);
	if (world_pace != WORLD_STILL)
		return;
	WORLD_CHECK(before.count == then, "%llu of %llu", (unsigned long long)before.count, then);
	for (int i = 0; i < 5; i++) {
		int net = (int)world_below((__u64)world.nets), added = world_add_net();

		fresh += world.net[added].set_up;
		if (net != world.own_net && world.net[net].alive &&
		    world.net[net].listed_at <= since)
			world_remove_net(net);
	}
	walk_nets(&now);
	WORLD_CHECK(now.count == count_nets(~0ULL), "%llu", (unsigned long long)now.count);
	WORLD_CHECK(now.listed == fresh, "%llu of %llu", (unsigned long long)now.listed, fresh);
}

/* ---- who makes them ---- */

static void allocate(__u64 size)
{
	bool call_site = world_layout.features & WORLD_CALL_SITE;
	__u64 arguments[5] = {1, 2, call_site ? 3 : size, call_site ? size : 8, 0};

	world_walkers.program[DCM_PROG_MADE]((struct bpf_raw_tracepoint_args *)arguments);
}

void world_check_makers(void)
{
	static struct dcm_walk_maker makers[DCM_WALK_MAKERS];
	__u64 size = world_layout.kernel.size[DCM_TYPE_linux_mib];
	uint64_t made;
	size_t count;

	for (int i = 0; i < 3; i++) {
		allocate(size);
		allocate(size + 8);
		allocate(0);
	}
	count = dcm_walk_namespace_makers(&world_run.walk, makers, &made);
	WORLD_CHECK(count == 3 && made == 3, "%zu", count);
	for (size_t i = 0; i < count; i++)
		WORLD_CHECK(!strcmp(makers[i].command, "maker") &&
				    !strcmp(makers[i].parent, "its-parent"),
			    "%s %s", makers[i].command, makers[i].parent);
}
