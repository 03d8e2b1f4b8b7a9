// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/chain_search.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/mounts/host_proc.h"

/* Powers of four times two: buckets that are told apart, at first, and at most of a directory and
 * of a sample: a megabyte and a quarter of one, while it is looked into. */
#define FIRST_SLOTS	(1u << 11)
#define DIRECTORY_SLOTS (1u << 17)
#define SAMPLE_SLOTS	(1u << 15)

/* Met in one bucket from which on the chain is worth a look: of the children of one directory, and
 * of a sample. */
#define LEAST_CHILDREN 16
#define LEAST_SAMPLED  4

/* Blocks that are counted first because a chain found is there: few of the 256. */
#define MAX_CERTAIN 8

struct dcm_chain_search_slot {
	uint32_t bucket, count; /* 0: free */
};

void dcm_chain_search_deinit(struct dcm_chain_search *search)
{
	free(search->slots);
}

static void begin_everywhere(struct dcm_chain_search *s, uint32_t most)
{
	s->under_way = true;
	s->everywhere = most > 0;
	s->most = most;
	s->met = 0;
	s->in_sample.count = 0;
}

void dcm_chain_search_begin(struct dcm_chain_search *s, uint32_t most)
{
	begin_everywhere(s, most);
	s->part = 0;
	s->in_directories.count = 0;
}

void dcm_chain_search_extend(struct dcm_chain_search *s, uint32_t most)
{
	begin_everywhere(s, most);
}

void dcm_chain_search_cut(struct dcm_chain_search *s)
{
	s->most = DCM_MIN(s->most, s->met);
}

static struct dcm_chain_search_slot *find_slot(struct dcm_chain_search_slot *slots, size_t size,
					       uint32_t bucket)
{
	for (uint32_t i = bucket * 0x9e3779b1U >> 15;; i++) {
		struct dcm_chain_search_slot *slot = &slots[i % size];

		if (!slot->count || slot->bucket == bucket)
			return slot;
	}
}

/* Most directories are small: memory that is touched for the first time costs more than to count.
 */
static bool make_room(struct dcm_chain_search *s)
{
	size_t size = 4 * s->size;
	struct dcm_chain_search_slot *slots;

	if (size > (s->sampling ? SAMPLE_SLOTS : DIRECTORY_SLOTS))
		return false;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < s->size; i++)
		if (s->slots[i].count)
			*find_slot(slots, size, s->slots[i].bucket) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->size = size;
	return true;
}

/* When there is no slot left, buckets not met before are left out. */
static void count_bucket(struct dcm_chain_search *s, uint32_t bucket)
{
	struct dcm_chain_search_slot *slot = find_slot(s->slots, s->size, bucket);

	if (!slot->count && s->used == s->size / 4 * 3) {
		if (!make_room(s))
			return;
		slot = find_slot(s->slots, s->size, bucket);
	}
	s->used += !slot->count;
	slot->bucket = bucket;
	slot->count++;
}

/* A bucket that two directories have children in is kept once, with the more of them. */
static void offer(struct dcm_chain_list *list, const struct dcm_walk_long_chain *chain)
{
	size_t least = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->chain[i].bucket == chain->bucket) {
			list->chain[i].length = DCM_MAX(list->chain[i].length, chain->length);
			return;
		}
		if (list->chain[i].length < list->chain[least].length)
			least = i;
	}
	if (list->count < DCM_ARRAY_SIZE(list->chain))
		list->chain[list->count++] = *chain;
	else if (list->chain[least].length < chain->length)
		list->chain[least] = *chain;
}

/* Whether the next part is the sample. */
static bool is_sample_next(const struct dcm_chain_search *s, const struct dcm_config *config)
{
	return s->part >= config->sampling.chain_directories;
}

/* Takes what was met. */
static void close_part(struct dcm_chain_search *s)
{
	bool sample = s->sampling;
	uint32_t least = sample ? LEAST_SAMPLED : LEAST_CHILDREN;

	for (size_t i = 0; i < s->size; i++) {
		const struct dcm_chain_search_slot *slot = &s->slots[i];
		struct dcm_walk_long_chain chain = {.bucket = slot->bucket,
						    .length = slot->count,
						    .truncated = true,
						    .guessed = sample};

		if (sample)
			chain.length = (uint64_t)(slot->count * s->each);
		if (slot->count >= least)
			offer(sample ? &s->in_sample : &s->in_directories, &chain);
	}
	free(s->slots);
	malloc_trim(0);
	s->slots = NULL;
	s->size = s->used = 0;
	s->open = false;
	s->part++;
}

static int begin_directory(struct dcm_walk *walk, const struct dcm_config_sampling *sampling,
			   const char *path)
{
	struct dcm_reason ignored;
	char seen[2 * DCM_PATH_SIZE];
	int err = dcm_host_proc_path(sampling->proc, path, seen, sizeof(seen));

	return err ? err : dcm_walk_children_begin(walk, seen, &ignored);
}

/* Begins with the next directory, or with the sample. -errno: nothing to look into. */
static int open_part(struct dcm_chain_search *s, struct dcm_walk *walk,
		     const struct dcm_config *config)
{
	const struct dcm_config_sampling *sampling = &config->sampling;
	int err = s->sampling ? dcm_walk_sample_begin(walk, &s->why)
			      : begin_directory(walk, sampling, sampling->chain_directory[s->part]);

	if (err)
		return err;
	s->slots = calloc(FIRST_SLOTS, sizeof(*s->slots));
	if (!s->slots)
		return dcm_reason_no_memory(&s->why);
	s->size = FIRST_SLOTS;
	s->open = true;
	return 0;
}

/* One run, or the beginning: 0: more to do, 1: complete, -errno. */
static int look(struct dcm_chain_search *s, struct dcm_walk *walk, const struct dcm_config *config)
{
	struct dcm_walk_buckets met = {0};
	struct dcm_reason ignored;
	int result;

	if (!s->open)
		return open_part(s, walk, config);
	if (s->sampling && s->met >= s->most)
		return 1; /* cut */
	result = s->sampling ? dcm_walk_sample_step(walk, &s->why, &met)
			     : dcm_walk_children_step(walk, &ignored, &met);
	for (size_t i = 0; i < met.count; i++)
		count_bucket(s, met.bucket[i]);
	if (met.count)
		s->each = met.each;
	if (!s->sampling)
		return result;
	s->met += (uint32_t)met.count;
	return !result && s->met >= s->most ? 1 : result;
}

static int longest_first(const void *a, const void *b)
{
	const struct dcm_walk_long_chain *x = a, *y = b;

	return DCM_COMPARE(y->length, x->length);
}

/* Of a chain that was found in both ways, what is known counts and not the guess. */
static void finish(struct dcm_chain_search *s)
{
	s->found_count = 0;
	for (size_t i = 0; i < s->in_directories.count; i++)
		s->found[s->found_count++] = s->in_directories.chain[i];
	for (size_t i = 0; i < s->in_sample.count; i++) {
		size_t k = 0;

		while (k < s->in_directories.count &&
		       s->found[k].bucket != s->in_sample.chain[i].bucket)
			k++;
		if (k == s->in_directories.count)
			s->found[s->found_count++] = s->in_sample.chain[i];
	}
	qsort(s->found, s->found_count, sizeof(s->found[0]), longest_first);
	s->under_way = false;
}

int dcm_chain_search_step(struct dcm_chain_search *s, struct dcm_walk *walk,
			  const struct dcm_config *config)
{
	int result = 1;

	s->sampling = s->open ? s->sampling : is_sample_next(s, config);
	if (!s->sampling || s->everywhere) {
		result = look(s, walk, config);
		if (!result)
			return 0;
		if (s->sampling)
			s->no_sample = result < 0;
		close_part(s);
	}
	if (!s->sampling && (s->everywhere || !is_sample_next(s, config)))
		return 0;
	finish(s);
	return 1;
}

void dcm_chain_search_prefer(const struct dcm_chain_search *s, struct dcm_walk *walk)
{
	for (size_t i = 0; i < s->found_count && i < MAX_CERTAIN; i++)
		dcm_walk_pass_prefer(walk, s->found[i].bucket);
}

size_t dcm_chain_search_found(const struct dcm_chain_search *search,
			      const struct dcm_walk_long_chain **ret)
{
	*ret = search->found;
	return search->found_count;
}

const char *dcm_chain_search_lacks(const struct dcm_chain_search *search)
{
	return search->no_sample ? search->why.text : NULL;
}
