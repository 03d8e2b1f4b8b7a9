// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_check.h"
#include "tests/unit/worlds/world_memory.h"
#include "tests/unit/worlds/world_run.h"
#include "tests/unit/worlds/world_truth.h"

#define DEEP	  127  /* deeper paths may be cut: bpf/chain_steps.h, PATH_DEPTH */
#define LONG_PATH 4000 /* and longer ones */
#define SAMPLED	  512  /* children that names are taken from: bpf/directory_steps.h */

static char path[WORLD_PATH_ROOM];

/* What is said of the place of @dentry: its path, or the end of it when that is too long. */
static bool is_path_of(int dentry, const char *said, bool complete)
{
	size_t length, n = strlen(said);

	world_path(dentry, path);
	length = strlen(path);
	if (complete)
		return !strcmp(path, said);
	return (world.dentry[dentry].depth >= DEEP || length > LONG_PATH) && n <= length &&
	       !strcmp(path + length - n, said);
}

/* ---- one chain ---- */

static bool is_same_name(const struct world_dentry *a, const struct world_dentry *b)
{
	return a->parent == b->parent && a->hash == b->hash && a->name_length == b->name_length;
}

static size_t count_same(const int *members, size_t n, const struct world_dentry *d)
{
	size_t same = 0;

	for (size_t i = 0; i < n; i++)
		same += is_same_name(&world.dentry[members[i]], d);
	return same;
}

/* The member that a description is of. */
static int find_described(const int *members, size_t n, const struct dcm_walk_chain *chain)
{
	for (size_t i = 0; i < n; i++) {
		const struct world_dentry *d = &world.dentry[members[i]];

		if (!strcmp(d->name, chain->name) &&
		    count_same(members, n, d) == chain->same_name &&
		    is_path_of(d->parent, chain->parent, chain->parent_complete))
			return members[i];
	}
	return WORLD_NONE;
}

/* A name that makes up more than all others of the rest and a fifth is found in any case. */
static void check_name(const int *members, size_t n, const struct dcm_walk_chain *chain)
{
	int described = find_described(members, n, chain);
	const struct world_dentry *d = &world.dentry[described];

	if (!chain->same_name && n > 1)
		return; /* nothing is frequent */
	WORLD_CHECK(described != WORLD_NONE, "%s in %s, %llu", chain->name, chain->parent,
		    (unsigned long long)chain->same_name);
	WORLD_CHECK(chain->superblock ==
			    world_walkers.handle_of(world.superblock[d->superblock].address),
		    "%s", chain->name);
	for (size_t i = 0; i < n; i++) {
		const struct world_dentry *other = &world.dentry[members[i]];
		size_t same = count_same(members, n, other);

		if (same > chain->same_name + n / 5)
			WORLD_CHECK(0, "%s: %llu, not %s: %zu", d->name,
				    (unsigned long long)chain->same_name, other->name, same);
		if (same * 2 > n)
			break;
	}
}

static void check_members(__u64 bucket, const struct dcm_walk_chain *chain)
{
	int *members = malloc((size_t)world.dentries * sizeof(*members));
	size_t n = world_chain(bucket, members, (size_t)world.dentries);
	__u64 negative = 0, unused = 0;

	for (size_t i = 0; i < n; i++) {
		negative += world.dentry[members[i]].negative;
		unused += world.dentry[members[i]].count == 0;
	}
	WORLD_CHECK(chain->length == n && !chain->truncated, "%llu of %zu",
		    (unsigned long long)chain->length, n);
	WORLD_CHECK(chain->negative == negative, "%llu of %llu",
		    (unsigned long long)chain->negative, negative);
	WORLD_CHECK(chain->unused == unused, "%llu of %llu", (unsigned long long)chain->unused,
		    unused);
	check_name(members, n, chain);
	free(members);
}

static int walk_chain(__u64 bucket, struct dcm_walk_chain *ret)
{
	struct dcm_reason reason = {""};
	int err;

	world_run_count();
	err = dcm_walk_chain_begin(&world_run.walk, bucket, &reason);
	while (!err)
		err = dcm_walk_chain_step(&world_run.walk, &reason, ret);
	WORLD_CHECK(err == 1 || err == -ENOENT || (err == -EINTR && world_pace == WORLD_BROKEN),
		    "%d %s", err, reason.text);
	return err;
}

static size_t count_stable(__u64 bucket, __u64 since)
{
	size_t stable = 0;

	for (int d = world.first[bucket]; d != WORLD_NONE; d = world.dentry[d].behind)
		stable += world.dentry[d].hashed_at <= since;
	return stable;
}

void world_check_chain(__u64 bucket)
{
	__u64 since = world.changes, inserted = world.inserted[bucket], stable;
	__u64 ever = count_stable(bucket, since);
	static struct dcm_walk_chain chain;
	int err;

	err = walk_chain(bucket, &chain);
	if (err == 1 && world_pace == WORLD_STILL)
		check_members(bucket, &chain);
	if (world_pace == WORLD_STILL)
		WORLD_CHECK((err == 1) == (ever > 0), "%d", err);
	if (err != 1 || world_pace > WORLD_BETWEEN)
		return;
	ever += world.inserted[bucket] - inserted;
	stable = count_stable(bucket, since);
	WORLD_CHECK(chain.length <= ever, "%llu of %llu", (unsigned long long)chain.length, ever);
	WORLD_CHECK(chain.length >= stable || chain.truncated, "%llu of %llu that stayed",
		    (unsigned long long)chain.length, stable);
}

/* ---- directories ---- */

static bool has_child(int parent, const char *name, bool negative)
{
	for (int c = world.dentry[parent].youngest; c != WORLD_NONE; c = world.dentry[c].older)
		if (world.dentry[c].hashed && !strcmp(world.dentry[c].name, name) &&
		    (world.dentry[c].negative || !negative))
			return true;
	return false;
}

/* Names of as many children as there is room for. */
static size_t count_samples(int parent, bool negative)
{
	size_t n = 0, seen = 0;

	for (int c = world.dentry[parent].youngest; c != WORLD_NONE && seen < SAMPLED; seen++) {
		n += world.dentry[c].hashed && (world.dentry[c].negative || !negative);
		c = world.dentry[c].older;
	}
	return n < DCM_WALK_NAME_SAMPLES ? n : DCM_WALK_NAME_SAMPLES;
}

/* The handle may be of memory that has become another directory. Nothing changes behind a run. */
static void check_directory(__u64 handle, bool negative)
{
	static struct dcm_walk_directory directory;
	struct dcm_reason reason = {""};
	int err = dcm_walk_directory(&world_run.walk, handle, negative, &reason, &directory);
	int dentry = world_find(world_walkers.address_of(handle));
	bool there;

	if (world_pace > WORLD_BETWEEN)
		return;
	there = dentry != WORLD_NONE && world.dentry[dentry].youngest != WORLD_NONE &&
		(world.dentry[dentry].hashed || world.dentry[dentry].parent == dentry);
	if (world_pace == WORLD_STILL)
		WORLD_CHECK(!err == there, "%d", err);
	if (err)
		return;
	WORLD_CHECK(there && is_path_of(dentry, directory.path, directory.complete), "%s",
		    directory.path);
	WORLD_CHECK(directory.superblock ==
			    world_walkers.handle_of(
				    world.superblock[world.dentry[dentry].superblock].address),
		    "%s", directory.path);
	for (size_t i = 0; i < directory.names; i++)
		WORLD_CHECK(has_child(dentry, directory.name[i], negative), "%s",
			    directory.name[i]);
	WORLD_CHECK(directory.names == count_samples(dentry, negative), "%zu of %zu in %s",
		    directory.names, count_samples(dentry, negative), directory.path);
}

/* A sample is off by chance: rarely by twice its error, which is two standard deviations. */
static void check_parent(const struct dcm_walk_parent *row, const struct world_counts *truth)
{
	bool sampled = world_run.out->pass.sketch_every > 1;
	__u64 error = sampled ? 3 * row->error + 3 * world_run.out->pass.sketch_every : row->error;

	WORLD_CHECK(row->children <= truth->hashed + error &&
			    truth->hashed <= row->children + (sampled ? error : 0),
		    "%llu children of %llu, error %llu", (unsigned long long)row->children,
		    truth->hashed, (unsigned long long)row->error);
	WORLD_CHECK(row->negative <= truth->negative + (sampled ? error : 0) &&
			    truth->negative <= row->negative + error,
		    "%llu negative of %llu, error %llu", (unsigned long long)row->negative,
		    truth->negative, (unsigned long long)row->error);
}

static void check_rows(const struct dcm_walk_parent *rows, size_t n)
{
	struct world_truth truth;
	__u64 most = 0, reported = 0;

	world_truth_take(0, &truth);
	for (int i = 0; i < world.dentries; i++)
		most = truth.of_parent[i].hashed > most ? truth.of_parent[i].hashed : most;
	for (size_t i = 0; i < n; i++) {
		int dentry = world_find(world_walkers.address_of(rows[i].dentry));

		WORLD_CHECK(dentry != WORLD_NONE, "row %zu", i);
		check_parent(&rows[i], &truth.of_parent[dentry]);
		if (truth.of_parent[dentry].hashed > reported)
			reported = truth.of_parent[dentry].hashed;
	}
	if (world_run.out->pass.sketch_every == 1)
		WORLD_CHECK(reported == most || most < 2, "the biggest is missing: %llu of %llu",
			    reported, most);
	world_truth_deinit(&truth);
}

void world_check_parents(void)
{
	struct dcm_walk_parent rows[DCM_WALK_TOP_PARENTS];
	size_t n;

	world_run_count();
	n = dcm_walk_top_parents(&world_run.walk, rows);
	if (world_pace == WORLD_STILL)
		check_rows(rows, n);
	for (size_t i = 0; i < n && i < 8; i++)
		check_directory(rows[i].dentry, world_chance(50));
	check_directory(world_random(), false);
}

/* ---- the buckets of a directory's children ---- */

static int draw_open_directory(void)
{
	int most = WORLD_NONE;

	for (int i = 0; i < WORLD_FDS; i++)
		if (world.fd[i] != WORLD_NONE && world.dentry[world.fd[i]].youngest != WORLD_NONE &&
		    (most == WORLD_NONE || world_chance(30)))
			most = i;
	return most;
}

/* All of them, youngest first. */
static void check_buckets(int *child, const struct dcm_walk_buckets *buckets)
{
	for (size_t i = 0; i < buckets->count; i++) {
		while (*child != WORLD_NONE && !world.dentry[*child].hashed)
			*child = world.dentry[*child].older;
		WORLD_CHECK(*child != WORLD_NONE &&
				    buckets->bucket[i] == world_bucket(&world.dentry[*child]),
			    "child %zu", i);
		*child = world.dentry[*child].older;
	}
}

void world_check_children(void)
{
	struct dcm_walk_buckets buckets;
	struct dcm_reason reason = {""};
	int fd = draw_open_directory(), child, err;

	if (fd == WORLD_NONE)
		return;
	world_run_count();
	world_run.fd = fd;
	child = world.dentry[world.fd[fd]].youngest;
	err = dcm_walk_children_begin(&world_run.walk, "/", &reason);
	while (!err) {
		err = dcm_walk_children_step(&world_run.walk, &reason, &buckets);
		if (world_pace == WORLD_STILL)
			check_buckets(&child, &buckets);
		else if (world_pace < WORLD_BROKEN)
			for (size_t i = 0; i < buckets.count; i++)
				WORLD_CHECK(buckets.bucket[i] < world.buckets, "%u",
					    buckets.bucket[i]);
	}
	WORLD_CHECK(err == 1 || (err == -EINTR && world_pace == WORLD_BROKEN), "%d %s", err,
		    reason.text);
	while (world_pace == WORLD_STILL && child != WORLD_NONE) {
		WORLD_CHECK(!world.dentry[child].hashed, "%s is missing", world.dentry[child].name);
		child = world.dentry[child].older;
	}
}
