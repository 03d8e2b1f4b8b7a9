// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "hot_chains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define REMEASURE_NS (10 * DCM_NSEC_PER_SEC)

struct hot_chain {
	uint64_t bucket;
	uint64_t measured_ns;
	bool gone; /* was empty when last measured */
	struct dcm_walk_chain walk;
};

struct dcm_hot_chains {
	struct hot_chain *shown, *next; /* DCM_WALK_TOP_CHAINS each */
	size_t shown_count;
	size_t next_count, next_done; /* the list being described */
	bool pending;
	size_t cursor;	   /* of the round of measurements */
	uint64_t round_ns; /* when that round began */
	uint64_t rest_ns;  /* none is measured again before */
};

int dcm_hot_chains_create(struct dcm_hot_chains **ret)
{
	struct dcm_hot_chains *hot = calloc(1, sizeof(*hot));

	if (!hot)
		return -ENOMEM;
	hot->shown = calloc(DCM_WALK_TOP_CHAINS, sizeof(*hot->shown));
	hot->next = calloc(DCM_WALK_TOP_CHAINS, sizeof(*hot->next));
	if (!hot->shown || !hot->next) {
		dcm_hot_chains_destroy(hot);
		return -ENOMEM;
	}
	*ret = hot;
	return 0;
}

void dcm_hot_chains_destroy(struct dcm_hot_chains *hot)
{
	if (!hot)
		return;
	free(hot->shown);
	free(hot->next);
	free(hot);
}

void dcm_hot_chains_replace(struct dcm_hot_chains *hot, const struct dcm_walk_pass *pass)
{
	hot->next_count = pass->top_count;
	hot->next_done = 0;
	for (size_t i = 0; i < pass->top_count; i++)
		hot->next[i].bucket = pass->top[i].bucket;
	hot->pending = true;
}

bool dcm_hot_chains_pending(const struct dcm_hot_chains *hot)
{
	return hot->pending;
}

uint64_t dcm_hot_chains_due_ns(const struct dcm_hot_chains *hot)
{
	uint64_t due;

	if (hot->pending)
		return 0;
	if (hot->shown_count == 0)
		return UINT64_MAX;
	due = hot->cursor < hot->shown_count ? 0 : hot->round_ns + REMEASURE_NS;
	return due > hot->rest_ns ? due : hot->rest_ns;
}

void dcm_hot_chains_rest(struct dcm_hot_chains *hot, uint64_t until_ns)
{
	hot->rest_ns = until_ns;
}

static int measure(struct hot_chain *chain, struct dcm_walk *walk, uint64_t now_ns,
		   struct dcm_reason *reason)
{
	int err = dcm_walk_chain(walk, chain->bucket, reason, &chain->walk);

	if (err && err != -ENOENT)
		return err;
	chain->gone = err == -ENOENT;
	chain->measured_ns = now_ns;
	return 0;
}

static void show_next(struct dcm_hot_chains *hot, uint64_t now_ns)
{
	struct hot_chain *old = hot->shown;

	hot->shown = hot->next;
	hot->next = old;
	hot->shown_count = hot->next_count;
	hot->cursor = hot->shown_count;
	hot->round_ns = now_ns;
	hot->pending = false;
}

int dcm_hot_chains_step(struct dcm_hot_chains *hot, struct dcm_walk *walk, uint64_t now_ns,
			struct dcm_reason *reason)
{
	struct hot_chain *chain;
	int err = 0;

	if (hot->pending) {
		if (hot->next_done < hot->next_count) {
			chain = &hot->next[hot->next_done++];
			chain->gone = true;
			err = measure(chain, walk, now_ns, reason);
		}
		if (hot->next_done == hot->next_count)
			show_next(hot, now_ns);
		return err;
	}
	if (hot->cursor >= hot->shown_count) {
		hot->cursor = 0;
		hot->round_ns = now_ns;
	}
	if (hot->cursor < hot->shown_count)
		err = measure(&hot->shown[hot->cursor++], walk, now_ns, reason);
	return err;
}

static int longest_first(const void *a, const void *b)
{
	const struct hot_chain *x = *(struct hot_chain *const *)a,
			       *y = *(struct hot_chain *const *)b;

	if (x->walk.length != y->walk.length)
		return x->walk.length < y->walk.length ? 1 : -1;
	return (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static void publish_one(struct dcm_collector *collector, const struct hot_chain *chain,
			uint32_t rank, struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_chain *row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);
	const struct dcm_superblock *superblock =
		dcm_superblock_table_find(collector->superblocks, chain->walk.superblock);
	char fstype[72], path[DCM_HOST_PATH_SIZE];

	if (!row)
		return;
	/* Another one in that superblock's memory since then? */
	if (superblock && superblock->since_ns > chain->measured_ns)
		superblock = NULL;
	dcm_host_path(collector, superblock, chain->walk.parent, chain->walk.parent_complete, path,
		      sizeof(path));
	DCM_SET(row, dcm_snap_chain, rank, rank);
	DCM_SET(row, dcm_snap_chain, bucket, chain->bucket);
	DCM_SET(row, dcm_snap_chain, length, chain->walk.length);
	DCM_SET(row, dcm_snap_chain, same_name, chain->walk.same_name);
	DCM_SET(row, dcm_snap_chain, negative, chain->walk.negative);
	DCM_SET(row, dcm_snap_chain, unused, chain->walk.unused);
	DCM_SET(row, dcm_snap_chain, parent, dcm_add_str(builder, path));
	DCM_SET(row, dcm_snap_chain, name, dcm_add_str(builder, chain->walk.name));
	DCM_SET(row, dcm_snap_chain, truncated, chain->walk.truncated);
	DCM_SET(row, dcm_snap_chain, age_seconds,
		dcm_seconds(collector->now_clock() - chain->measured_ns));
	if (!superblock)
		return;
	dcm_superblock_fstype(&superblock->walk, fstype, sizeof(fstype));
	DCM_SET(row, dcm_snap_chain, superblock, superblock->index);
	DCM_SET(row, dcm_snap_chain, fstype, dcm_add_str(builder, fstype));
}

void dcm_hot_chains_publish(struct dcm_hot_chains *hot, struct dcm_collector *collector,
			    struct dcm_snapshot_builder *builder)
{
	const struct hot_chain *sorted[DCM_WALK_TOP_CHAINS];
	size_t count = 0;

	for (size_t i = 0; i < hot->shown_count; i++)
		if (!hot->shown[i].gone)
			sorted[count++] = &hot->shown[i];
	qsort(sorted, count, sizeof(sorted[0]), longest_first);
	for (size_t i = 0; i < count; i++)
		publish_one(collector, sorted[i], (uint32_t)i + 1, builder);
}
