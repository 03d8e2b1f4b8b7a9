// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/worlds/world_truth.h"

#include <stdlib.h>
#include <string.h>

static void *zeroes(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		abort();
	return p;
}

static void count_entry(const struct world_dentry *d, __u64 since, struct world_truth *ret)
{
	ret->length[world_bucket(d)]++;
	ret->entries++;
	ret->negative += d->negative;
	ret->of_superblock[d->superblock].hashed++;
	ret->of_superblock[d->superblock].negative += d->negative;
	ret->of_parent[d->parent].hashed++;
	ret->of_parent[d->parent].negative += d->negative;
	ret->stable += d->hashed_at <= since;
}

/* Longest first. */
static void rank_chain(__u64 length, struct world_truth *ret)
{
	size_t at = ret->longest_count;

	if (at < DCM_WALK_TOP_CHAINS)
		ret->longest_count++;
	else if (length <= ret->longest[--at])
		return;
	for (; at > 0 && ret->longest[at - 1] < length; at--)
		ret->longest[at] = ret->longest[at - 1];
	ret->longest[at] = length;
}

static void count_chain(__u64 length, struct world_truth *ret)
{
	unsigned bits = 0;

	if (length < DCM_WALK_EXACT_LENGTHS) {
		ret->lengths[length]++;
	} else {
		while (1ULL << bits < length)
			bits++;
		ret->longer[bits]++;
	}
	if (!length)
		return;
	ret->nonempty++;
	ret->max_chain = length > ret->max_chain ? length : ret->max_chain;
	rank_chain(length, ret);
}

void world_truth_take(__u64 since, struct world_truth *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->length = zeroes(world.buckets, sizeof(*ret->length));
	ret->of_superblock = zeroes((size_t)world.superblocks, sizeof(*ret->of_superblock));
	ret->of_parent = zeroes((size_t)world.dentries, sizeof(*ret->of_parent));
	for (int i = 0; i < world.dentries; i++)
		if (world.dentry[i].hashed)
			count_entry(&world.dentry[i], since, ret);
	for (__u64 bucket = 0; bucket < world.buckets; bucket++)
		count_chain(ret->length[bucket], ret);
}

void world_truth_deinit(struct world_truth *truth)
{
	free(truth->length);
	free(truth->of_superblock);
	free(truth->of_parent);
}

void world_path(int dentry, char ret[WORLD_PATH_ROOM])
{
	char *at = ret + WORLD_PATH_ROOM - 1;

	*at = '\0';
	for (; world.dentry[dentry].parent != dentry; dentry = world.dentry[dentry].parent) {
		at -= world.dentry[dentry].name_length;
		memcpy(at, world.dentry[dentry].name, world.dentry[dentry].name_length);
		*--at = '/';
	}
	if (!*at)
		*--at = '/';
	memmove(ret, at, strlen(at) + 1);
}

int world_find(__u64 address)
{
	for (int i = 0; i < world.dentries; i++)
		if (world.dentry[i].alive && world.dentry[i].address == address)
			return i;
	return WORLD_NONE;
}

size_t world_chain(__u64 bucket, int *ret, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < world.dentries; i++) {
		if (!world.dentry[i].hashed || world_bucket(&world.dentry[i]) != bucket)
			continue;
		if (n < room)
			ret[n] = i;
		n++;
	}
	return n;
}
