// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/hot_chains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/sampling/containers_rows.h"

#define REMEASURE_NS (10 * DCM_NSEC_PER_SEC)

/* A list with a chain of millions takes its time. After this long, the known part is shown and
 * the next pass gets its share. */
#define LATE_NS (10 * DCM_NSEC_PER_SEC)

struct hot_chain {
	uint64_t bucket;
	uint64_t measured_ns;
	bool gone; /* was empty when last measured */
	bool measured;
	/* As in struct dcm_walk_chain; of one not yet measured, what the pass knows of it. */
	uint64_t length, negative, unused, same_name, superblock;
	bool truncated, guessed, parent_complete;
	char *parent, *name; /* NULL: not measured, or no memory */
};

struct dcm_hot_chains {
	struct hot_chain *shown, *next, *old; /* DCM_WALK_TOP_CHAINS each */
	size_t shown_count;
	size_t next_count, next_done; /* the list being described */
	bool pending;
	uint64_t pending_ns; /* since when */
	bool walking;	     /* the chain whose turn it is is being walked */
	struct dcm_walk_chain scratch;
	size_t cursor;	   /* of the round of measurements */
	uint64_t round_ns; /* when that round began */
	uint64_t rest_ns;  /* none is measured again before */
};

static void free_texts(struct hot_chain *chain)
{
	free(chain->parent);
	free(chain->name);
	chain->parent = chain->name = NULL;
}

static void free_list(struct hot_chain *list)
{
	for (size_t i = 0; list && i < DCM_WALK_TOP_CHAINS; i++)
		free_texts(&list[i]);
	free(list);
}

void dcm_hot_chains_destroy(struct dcm_hot_chains *hot)
{
	if (!hot)
		return;
	free_list(hot->shown);
	free_list(hot->next);
	free_list(hot->old);
	free(hot);
}

DCM_DEFINE_CLEANUP(struct dcm_hot_chains, dcm_hot_chains_destroy)

int dcm_hot_chains_create(struct dcm_hot_chains **ret)
{
	_cleanup_(dcm_hot_chains_destroyp) struct dcm_hot_chains *hot = calloc(1, sizeof(*hot));

	if (!hot)
		return -ENOMEM;
	hot->shown = calloc(DCM_WALK_TOP_CHAINS, sizeof(*hot->shown));
	hot->next = calloc(DCM_WALK_TOP_CHAINS, sizeof(*hot->next));
	hot->old = calloc(DCM_WALK_TOP_CHAINS, sizeof(*hot->old));
	if (!hot->shown || !hot->next || !hot->old)
		return -ENOMEM;
	*ret = dcm_take_ptr(hot);
	return 0;
}

static struct hot_chain *find_chain(struct hot_chain *list, size_t count, uint64_t bucket)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].bucket == bucket)
			return &list[i];
	return NULL;
}

/* First of all continues with the chain being walked, and with what is measured of @old; otherwise
 * a chain that takes longer than a pass would never be described. */
static void take_over(struct dcm_hot_chains *hot, struct hot_chain *old, size_t done,
		      uint64_t walked)
{
	struct hot_chain *chain, first;

	for (size_t i = 0; i < done; i++) {
		chain = find_chain(hot->next, hot->next_count, old[i].bucket);
		if (!chain || !old[i].measured)
			continue;
		*chain = old[i];
		old[i].parent = old[i].name = NULL;
	}
	chain = hot->walking ? find_chain(hot->next, hot->next_count, walked) : NULL;
	hot->walking = chain;
	if (chain) {
		first = hot->next[0];
		hot->next[0] = *chain;
		*chain = first;
	}
}

void dcm_hot_chains_replace(struct dcm_hot_chains *hot, const struct dcm_walk_pass *pass,
			    uint64_t now_ns)
{
	struct hot_chain *old = hot->next;
	bool unfinished = hot->pending;
	size_t done = hot->next_done;
	uint64_t walked = unfinished && hot->walking ? old[done].bucket : 0;

	hot->next = hot->old;
	hot->old = old;
	hot->next_count = pass->top_count;
	hot->next_done = 0;
	for (size_t i = 0; i < DCM_WALK_TOP_CHAINS; i++)
		free_texts(&hot->next[i]);
	for (size_t i = 0; i < pass->top_count; i++)
		hot->next[i] = (struct hot_chain){.bucket = pass->top[i].bucket,
						  .measured_ns = now_ns,
						  .length = pass->top[i].length,
						  .truncated = pass->top[i].truncated};
	if (unfinished) {
		take_over(hot, old, done, walked);
		return;
	}
	hot->pending = true;
	hot->pending_ns = now_ns;
	hot->walking = false;
}

/* What is shown is the beginning of the next list, with its measurements. */
static void begin_from_shown(struct dcm_hot_chains *hot, uint64_t now_ns)
{
	for (size_t i = 0; i < DCM_WALK_TOP_CHAINS; i++)
		free_texts(&hot->next[i]);
	for (size_t i = 0; i < hot->shown_count; i++) {
		const struct hot_chain *shown = &hot->shown[i];

		hot->next[i] = *shown;
		hot->next[i].parent = shown->parent ? strdup(shown->parent) : NULL;
		hot->next[i].name = shown->name ? strdup(shown->name) : NULL;
	}
	hot->next_count = hot->shown_count;
	hot->next_done = 0;
	hot->pending = true;
	hot->pending_ns = now_ns;
	hot->walking = false;
}

/* Where one more goes: at the end, or in place of the last one that is not described yet or
 * shortest. */
static struct hot_chain *make_place(struct dcm_hot_chains *hot)
{
	struct hot_chain *least = NULL;

	if (hot->next_count < DCM_WALK_TOP_CHAINS)
		return &hot->next[hot->next_count++];
	for (size_t i = hot->next_done + hot->walking; i < hot->next_count; i++)
		if (!least || hot->next[i].length <= least->length)
			least = &hot->next[i];
	return least;
}

void dcm_hot_chains_add(struct dcm_hot_chains *hot, const struct dcm_walk_long_chain *found,
			size_t count, uint64_t now_ns)
{
	for (size_t i = 0; i < count; i++) {
		struct hot_chain *place;

		if (!hot->pending && find_chain(hot->shown, hot->shown_count, found[i].bucket))
			continue;
		if (!hot->pending)
			begin_from_shown(hot, now_ns);
		if (find_chain(hot->next, hot->next_count, found[i].bucket))
			continue;
		place = make_place(hot);
		if (!place)
			return;
		free_texts(place);
		*place = (struct hot_chain){.bucket = found[i].bucket,
					    .measured_ns = now_ns,
					    .length = found[i].length,
					    .truncated = found[i].truncated,
					    .guessed = found[i].guessed};
	}
}

uint64_t dcm_hot_chains_longest(const struct dcm_hot_chains *hot)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < hot->shown_count; i++)
		if (hot->shown[i].measured && !hot->shown[i].gone)
			longest = DCM_MAX(longest, hot->shown[i].length);
	return longest;
}

bool dcm_hot_chains_pending(const struct dcm_hot_chains *hot)
{
	return hot->pending;
}

uint64_t dcm_hot_chains_due_ns(const struct dcm_hot_chains *hot)
{
	uint64_t due;

	if (hot->pending)
		return hot->rest_ns > hot->pending_ns + LATE_NS ? hot->rest_ns : 0;
	if (hot->shown_count == 0)
		return UINT64_MAX;
	due = hot->cursor < hot->shown_count ? 0 : hot->round_ns + REMEASURE_NS;
	return DCM_MAX(due, hot->rest_ns);
}

void dcm_hot_chains_rest(struct dcm_hot_chains *hot, uint64_t until_ns)
{
	hot->rest_ns = until_ns;
}

static void take(struct hot_chain *chain, const struct dcm_walk_chain *from)
{
	free_texts(chain);
	chain->length = from->length;
	chain->negative = from->negative;
	chain->unused = from->unused;
	chain->same_name = from->same_name;
	chain->superblock = from->superblock;
	chain->truncated = from->truncated;
	chain->parent_complete = from->parent_complete;
	chain->parent = strdup(from->parent);
	chain->name = strdup(from->name);
}

/* One run. 0: more to do, 1: measured, -errno: the old measurement stays. */
static int measure(struct dcm_hot_chains *hot, struct hot_chain *chain, struct dcm_walk *walk,
		   uint64_t now_ns, struct dcm_reason *reason)
{
	int result = hot->walking ? 0 : dcm_walk_chain_begin(walk, chain->bucket, reason);

	if (!result)
		result = dcm_walk_chain_step(walk, reason, &hot->scratch);
	hot->walking = result == 0;
	if (result == 0 || (result < 0 && result != -ENOENT))
		return result;
	chain->gone = result == -ENOENT;
	if (!chain->gone)
		take(chain, &hot->scratch);
	chain->measured = true;
	chain->measured_ns = now_ns;
	return 1;
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

static int step_pending(struct dcm_hot_chains *hot, struct dcm_walk *walk, uint64_t now_ns,
			struct dcm_reason *reason)
{
	int result = 1;

	while (hot->next_done < hot->next_count && hot->next[hot->next_done].measured)
		hot->next_done++; /* taken over */
	if (hot->next_done < hot->next_count)
		result = measure(hot, &hot->next[hot->next_done], walk, now_ns, reason);
	if (result)
		hot->next_done++;
	if (hot->next_done >= hot->next_count)
		show_next(hot, now_ns);
	return result < 0 ? result : 0;
}

int dcm_hot_chains_step(struct dcm_hot_chains *hot, struct dcm_walk *walk, uint64_t now_ns,
			struct dcm_reason *reason)
{
	int result = 0;

	if (hot->pending)
		return step_pending(hot, walk, now_ns, reason);
	if (hot->cursor >= hot->shown_count) {
		hot->cursor = 0;
		hot->round_ns = now_ns;
	}
	if (hot->cursor < hot->shown_count)
		result = measure(hot, &hot->shown[hot->cursor], walk, now_ns, reason);
	if (result)
		hot->cursor++;
	return result < 0 ? result : 0;
}

static int longest_first(const void *a, const void *b)
{
	const struct hot_chain *x = *(struct hot_chain *const *)a,
			       *y = *(struct hot_chain *const *)b;

	if (x->length != y->length)
		return x->length < y->length ? 1 : -1;
	return DCM_COMPARE(x->bucket, y->bucket);
}

/* The container that has the directory; what of its path is missing is the beginning. */
static void publish_container(struct dcm_collector *collector, const struct hot_chain *chain,
			      const struct dcm_superblock *superblock, struct dcm_snap_chain *row,
			      struct dcm_snapshot_builder *builder)
{
	const struct dcm_container *container = dcm_containers_directory(
		collector, superblock,
		chain->parent && chain->parent_complete ? chain->parent : "");

	if (container)
		row->has |= dcm_containers_put(container, builder, &row->container)
			    << DCM_BIT_OF(offsetof(struct dcm_snap_chain, container));
}

/* What was found out by walking it. */
static void publish_walk(struct dcm_collector *collector, const struct hot_chain *chain,
			 struct dcm_snap_chain *row, struct dcm_snapshot_builder *builder)
{
	const struct dcm_superblock *superblock =
		dcm_superblock_index_find(dcm_collector_superblocks(collector), chain->superblock);
	char fstype[DCM_FSTYPE_SIZE], path[DCM_HOST_PATH_SIZE];

	/* Another one in that superblock's memory since then? */
	if (superblock && superblock->since_ns > chain->measured_ns)
		superblock = NULL;
	DCM_SET_FROM(row, chain, same_name, negative, unused);
	if (chain->parent && chain->name) {
		dcm_host_path(collector, superblock, chain->parent, chain->parent_complete, path,
			      sizeof(path));
		DCM_SET(row, parent, dcm_snapshot_builder_text(builder, path));
		DCM_SET(row, name, dcm_snapshot_builder_text(builder, chain->name));
	}
	if (!superblock)
		return;
	dcm_superblock_fstype(&superblock->walk, fstype);
	DCM_SET(row, superblock, superblock->index);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, fstype));
	publish_container(collector, chain, superblock, row, builder);
}

static void publish_one(struct dcm_collector *collector, const struct hot_chain *chain,
			uint32_t rank, struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_chain *row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);

	if (!row)
		return;
	DCM_SET(row, rank, rank);
	DCM_SET(row, bucket, chain->bucket);
	DCM_SET_FROM(row, chain, length, truncated);
	DCM_SET(row, age_seconds,
		dcm_seconds(dcm_collector_now_ns(collector) - chain->measured_ns));
	if (chain->measured)
		publish_walk(collector, chain, row, builder);
}

void dcm_hot_chains_publish(struct dcm_hot_chains *hot, struct dcm_collector *collector,
			    struct dcm_snapshot_builder *builder)
{
	bool late = hot->pending && dcm_collector_now_ns(collector) - hot->pending_ns > LATE_NS;
	const struct hot_chain *list = late ? hot->next : hot->shown;
	const struct hot_chain *sorted[DCM_WALK_TOP_CHAINS];
	size_t n = late ? hot->next_count : hot->shown_count, count = 0;

	for (size_t i = 0; i < n; i++) {
		const struct hot_chain *chain = &list[i], *before;

		before = chain->measured ? NULL
					 : find_chain(hot->shown, hot->shown_count, chain->bucket);
		if (before && before->measured)
			chain = before;
		if (!chain->gone && (chain->measured || !chain->guessed))
			sorted[count++] = chain;
	}
	qsort(sorted, count, sizeof(sorted[0]), longest_first);
	for (size_t i = 0; i < count; i++)
		publish_one(collector, sorted[i], (uint32_t)i + 1, builder);
}
