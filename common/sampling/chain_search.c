// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/chain_search.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/mounts/host_proc.h"

#define SLOTS	 (1u << 17) /* buckets told apart: a megabyte while the search is under way */
#define MAX_USED (SLOTS / 4 * 3)

/* Children of one directory in one bucket from which on the chain is worth a look. */
#define LEAST_CHILDREN 16

/* Blocks that are counted first because a chain found is there: few of the 256. */
#define MAX_CERTAIN 8

struct dcm_chain_search_slot {
	uint32_t bucket, count; /* 0: free */
};

void dcm_chain_search_deinit(struct dcm_chain_search *search)
{
	free(search->slots);
}

/* When there is no slot left, buckets not met before are left out. */
static void count_bucket(struct dcm_chain_search *s, uint32_t bucket)
{
	for (uint32_t i = bucket * 0x9e3779b1U >> 15;; i++) {
		struct dcm_chain_search_slot *slot = &s->slots[i % SLOTS];

		if (slot->count && slot->bucket != bucket)
			continue;
		if (!slot->count && s->used == MAX_USED)
			return;
		s->used += !slot->count;
		slot->bucket = bucket;
		slot->count++;
		return;
	}
}

/* A bucket that two directories have children in is kept once, with the more of them. */
static void offer(struct dcm_chain_search *s, const struct dcm_chain_search_slot *slot)
{
	const struct dcm_walk_long_chain chain = {slot->bucket, slot->count, true};
	size_t least = 0;

	for (size_t i = 0; i < s->found_count; i++) {
		if (s->found[i].bucket == chain.bucket) {
			s->found[i].length = DCM_MAX(s->found[i].length, chain.length);
			return;
		}
		if (s->found[i].length < s->found[least].length)
			least = i;
	}
	if (s->found_count < DCM_FOUND_CHAINS)
		s->found[s->found_count++] = chain;
	else if (s->found[least].length < chain.length)
		s->found[least] = chain;
}

static int longest_first(const void *a, const void *b)
{
	const struct dcm_walk_long_chain *x = a, *y = b;

	return DCM_COMPARE(y->length, x->length);
}

/* Takes what the visit of a directory has met. */
static void close_directory(struct dcm_chain_search *s)
{
	for (size_t i = 0; i < SLOTS && s->slots; i++)
		if (s->slots[i].count >= LEAST_CHILDREN)
			offer(s, &s->slots[i]);
	free(s->slots);
	s->slots = NULL;
	s->used = 0;
	s->open = false;
	s->directory++;
}

/* Begins the visit of a directory. -errno: nothing to visit. */
static int open_directory(struct dcm_chain_search *s, struct dcm_walk *walk, const char *proc,
			  const char *path)
{
	struct dcm_reason ignored;
	char seen[2 * DCM_PATH_SIZE];
	int err = dcm_host_proc_path(proc, path, seen, sizeof(seen));

	if (err)
		return err;
	s->slots = calloc(SLOTS, sizeof(*s->slots));
	if (!s->slots)
		return -ENOMEM;
	s->open = true;
	return dcm_walk_children_begin(walk, seen, &ignored);
}

/* One run, or the beginning: 0: more to do, 1: complete, -errno. */
static int visit(struct dcm_chain_search *s, struct dcm_walk *walk, const char *proc,
		 const char *path)
{
	struct dcm_walk_buckets met = {NULL, 0};
	struct dcm_reason ignored;
	int result;

	if (!s->open)
		return open_directory(s, walk, proc, path);
	result = dcm_walk_children_step(walk, &ignored, &met);
	for (size_t i = 0; i < met.count; i++)
		count_bucket(s, met.bucket[i]);
	return result;
}

int dcm_chain_search_step(struct dcm_chain_search *s, struct dcm_walk *walk,
			  const struct dcm_config *config)
{
	const struct dcm_config_sampling *sampling = &config->sampling;

	if (s->directory < sampling->chain_directories &&
	    visit(s, walk, sampling->proc, sampling->chain_directory[s->directory]))
		close_directory(s);
	if (s->directory < sampling->chain_directories)
		return 0;
	qsort(s->found, s->found_count, sizeof(s->found[0]), longest_first);
	s->over = true;
	return 1;
}

void dcm_chain_search_prefer(const struct dcm_chain_search *s, struct dcm_walk *walk)
{
	for (size_t i = 0; s->over && i < s->found_count && i < MAX_CERTAIN; i++)
		dcm_walk_pass_prefer(walk, s->found[i].bucket);
}

size_t dcm_chain_search_found(const struct dcm_chain_search *search,
			      const struct dcm_walk_long_chain **ret)
{
	*ret = search->found;
	return search->over ? search->found_count : 0;
}
