// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/hot_directories.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/files/cached_file.h"
#include "common/model/hints/hints.h"
#include "common/model/hints/name_pattern.h"
#include "common/sampling/containers_rows.h"
#include "common/sampling/hash_rows.h"

#define HINTS_FILE DCM_SYSCONFDIR "/dcachemon/hints.conf"
#define HINTS_MAX  (1u << 20)

struct entry {
	struct dcm_walk_parent parent;
	bool estimated; /* from blocks counted by then */
	struct dcm_interval children, negative;
	uint64_t superblock;
	uint64_t described_ns;
	bool complete;
	char *path; /* from the superblock's root; NULL: gone */
	char *pattern[DCM_DIRECTORY_SAMPLES];
	char *hinted;	  /* the path that "hint" was looked for with; NULL: not yet */
	const char *hint; /* NULL: nothing is known */
};

struct list {
	struct entry entry[DCM_WALK_TOP_PARENTS];
	size_t count;
};

struct parents {
	struct dcm_walk_parent parent[DCM_WALK_TOP_PARENTS];
	size_t count;
};

struct dcm_hot_directories {
	struct dcm_hints *hints;
	struct list shown, next;
	size_t next_done;
	bool pending;
	struct parents before;	/* as the last block ended, if the next is certain */
	struct parents certain; /* of the blocks that are */
	struct dcm_walk_directory scratch;
};

static void clear(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entry[i].path);
		free(list->entry[i].hinted);
		for (size_t k = 0; k < DCM_DIRECTORY_SAMPLES; k++)
			free(list->entry[i].pattern[k]);
	}
	memset(list, 0, sizeof(*list));
}

/* The operator's lines come first; a file that is not there is not missed. */
static int load_hints(struct dcm_hints *hints)
{
	struct dcm_cached_file file;
	_cleanup_free_ char *text = NULL;
	size_t size = 0, len;
	int err = dcm_cached_file_init(&file, "", HINTS_FILE);

	if (err)
		return err;
	if (dcm_cached_file_read(&file, &text, &size, HINTS_MAX, &len) == 0)
		err = dcm_hints_add(hints, text, len);
	dcm_cached_file_deinit(&file);
	if (err >= 0)
		err = dcm_hints_add_builtin(hints);
	return err < 0 ? err : 0;
}

void dcm_hot_directories_destroy(struct dcm_hot_directories *directories)
{
	if (!directories)
		return;
	clear(&directories->shown);
	clear(&directories->next);
	dcm_hints_destroy(directories->hints);
	free(directories);
}

DCM_DEFINE_CLEANUP(struct dcm_hot_directories, dcm_hot_directories_destroy)

int dcm_hot_directories_create(struct dcm_hot_directories **ret)
{
	_cleanup_(dcm_hot_directories_destroyp) struct dcm_hot_directories *d =
		calloc(1, sizeof(*d));

	if (!d || dcm_hints_create(&d->hints) || load_hints(d->hints))
		return -ENOMEM;
	*ret = dcm_take_ptr(d);
	return 0;
}

void dcm_hot_directories_begin(struct dcm_hot_directories *d)
{
	d->before.count = d->certain.count = 0;
}

static struct dcm_walk_parent *find_parent(struct parents *list, uint64_t dentry)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->parent[i].dentry == dentry)
			return &list->parent[i];
	return NULL;
}

void dcm_hot_directories_before_certain(struct dcm_hot_directories *d, struct dcm_walk *walk)
{
	d->before.count = dcm_walk_top_parents(walk, d->before.parent);
}

/* That of @dentry; a new one takes a free place, or that of the one with the fewest children. */
static struct dcm_walk_parent *place_parent(struct parents *list, uint64_t dentry)
{
	struct dcm_walk_parent *place = find_parent(list, dentry);

	if (place)
		return place;
	if (list->count < DCM_ARRAY_SIZE(list->parent)) {
		place = &list->parent[list->count++];
	} else {
		place = &list->parent[0];
		for (size_t i = 1; i < list->count; i++)
			if (list->parent[i].children < place->children)
				place = &list->parent[i];
	}
	*place = (struct dcm_walk_parent){.dentry = dentry};
	return place;
}

/* A directory that is in no list had nothing worth mention by then. */
static void add_certain(struct dcm_hot_directories *d, const struct dcm_walk_parent *now)
{
	const struct dcm_walk_parent *before = find_parent(&d->before, now->dentry);
	uint64_t children = now->children, negative = now->negative;
	struct dcm_walk_parent *sum;

	if (before) {
		children = DCM_EXCESS(children, before->children);
		negative = DCM_EXCESS(negative, before->negative);
	}
	if (!children)
		return;
	sum = place_parent(&d->certain, now->dentry);
	sum->children += children;
	sum->negative += negative;
}

void dcm_hot_directories_after_certain(struct dcm_hot_directories *d, struct dcm_walk *walk)
{
	struct parents now;

	now.count = dcm_walk_top_parents(walk, now.parent);
	for (size_t i = 0; i < now.count; i++)
		add_certain(d, &now.parent[i]);
	d->before = now;
}

/* What was met of @dentry in blocks that are certain. */
static const struct dcm_walk_parent *find_certain(struct dcm_hot_directories *d, uint64_t dentry)
{
	static const struct dcm_walk_parent none;
	const struct dcm_walk_parent *found = find_parent(&d->certain, dentry);

	return found ? found : &none;
}

/*
 * Of @met, give or take @error, of which @certain in blocks that are. Children hash evenly, so they
 * are in the sample each by itself, but for those of one name: a long chain shows them.
 */
static struct dcm_interval estimate(uint64_t certain, uint64_t met, uint64_t error,
				    const struct dcm_block_sample *blocks)
{
	uint64_t least = DCM_EXCESS(met, error), most = met + error;
	struct dcm_interval low, high;

	low = dcm_block_count_interval((double)certain, (double)DCM_EXCESS(least, certain), 1,
				       blocks);
	high = dcm_block_count_interval((double)certain, (double)DCM_EXCESS(most, certain), 1,
					blocks);
	return (struct dcm_interval){(low.value + high.value) / 2, low.low, high.high};
}

/* The figures of the sketch are off by the error at most, also when it is fed from some of the
 * buckets only. */
static void estimate_entry(struct dcm_hot_directories *d, struct entry *entry,
			   const struct dcm_block_sample *blocks)
{
	const struct dcm_walk_parent *p = &entry->parent, *c = find_certain(d, p->dentry);

	entry->estimated = true;
	entry->children = estimate(c->children, p->children, p->error, blocks);
	entry->negative = estimate(c->negative, p->negative, p->error, blocks);
}

void dcm_hot_directories_replace(struct dcm_hot_directories *d, struct dcm_walk *walk,
				 const struct dcm_block_sample *blocks)
{
	struct dcm_walk_parent top[DCM_WALK_TOP_PARENTS];

	clear(&d->next);
	d->next.count = dcm_walk_top_parents(walk, top);
	for (size_t i = 0; i < d->next.count; i++) {
		struct entry *entry = &d->next.entry[i];

		entry->parent = top[i];
		if (blocks)
			estimate_entry(d, entry, blocks);
	}
	d->next_done = 0;
	d->pending = true;
}

bool dcm_hot_directories_pending(const struct dcm_hot_directories *directories)
{
	return directories->pending;
}

/* Names of missing files tell more than those of files, where they are most of the children. */
static bool mostly_negative(const struct dcm_walk_parent *parent)
{
	return parent->negative * 2 > parent->children;
}

static void take(struct entry *entry, const struct dcm_walk_directory *from)
{
	struct dcm_name_patterns patterns = {0};

	entry->superblock = from->superblock;
	entry->complete = from->complete;
	entry->path = strdup(from->path);
	for (size_t i = 0; i < from->names; i++)
		dcm_name_patterns_add(&patterns, from->name[i]);
	dcm_name_patterns_sort(&patterns);
	for (size_t i = 0; i < patterns.count && i < DCM_DIRECTORY_SAMPLES; i++)
		entry->pattern[i] = strdup(patterns.item[i].text);
}

int dcm_hot_directories_step(struct dcm_hot_directories *d, struct dcm_walk *walk, uint64_t now_ns,
			     struct dcm_reason *reason)
{
	int err = 0;

	if (d->next_done < d->next.count) {
		struct entry *entry = &d->next.entry[d->next_done++];

		err = dcm_walk_directory(walk, entry->parent.dentry,
					 mostly_negative(&entry->parent), reason, &d->scratch);
		entry->described_ns = now_ns;
		if (!err)
			take(entry, &d->scratch);
	}
	if (d->next_done == d->next.count && d->pending) {
		clear(&d->shown);
		d->shown = d->next;
		memset(&d->next, 0, sizeof(d->next));
		d->pending = false;
	}
	return err == -ENOENT ? 0 : err;
}

/* Matching takes longer than all else of a row: once for each path, not for each snapshot. */
static const char *find_hint(const struct dcm_hints *hints, struct entry *entry, const char *path)
{
	if (entry->hinted && !strcmp(entry->hinted, path))
		return entry->hint;
	free(entry->hinted);
	entry->hinted = strdup(path);
	entry->hint = NULL;
	for (size_t k = 0; k < DCM_DIRECTORY_SAMPLES && entry->pattern[k] && !entry->hint; k++)
		entry->hint = dcm_hints_find(hints, path, entry->pattern[k]);
	return entry->hint;
}

static void publish_names(struct dcm_snap_directory *row, const struct dcm_hints *hints,
			  struct entry *entry, const char *path,
			  struct dcm_snapshot_builder *builder)
{
	const char *hint = find_hint(hints, entry, path);

	for (size_t k = 0; k < DCM_DIRECTORY_SAMPLES && entry->pattern[k]; k++)
		row->sample_names[k] = dcm_snapshot_builder_text(builder, entry->pattern[k]);
	row->has |= DCM_HAS(row, sample_names);
	if (hint)
		DCM_SET(row, hint, dcm_snapshot_builder_text(builder, hint));
}

static void publish_forecast(const struct dcm_forecast *forecast,
			     const struct dcm_walk_parent *parent, struct dcm_snap_directory *row)
{
	struct dcm_range watch;

	dcm_forecast_watch(forecast, parent->children, parent->error, &watch);
	DCM_SET(row, watch_seconds, watch.likely);
	DCM_SET(row, watch_low_seconds, watch.low);
	DCM_SET(row, watch_high_seconds, watch.high);
}

static void publish_counts(const struct dcm_forecast *forecast, const struct entry *entry,
			   struct dcm_snap_directory *row)
{
	if (entry->estimated) {
		DCM_SET_ESTIMATE(row, children_estimate, dcm_snap_estimate_of(&entry->children));
		DCM_SET_ESTIMATE(row, negative_estimate, dcm_snap_estimate_of(&entry->negative));
		return;
	}
	DCM_SET_FROM(row, &entry->parent, children, negative);
	DCM_SET(row, children_error, entry->parent.error);
	publish_forecast(forecast, &entry->parent, row);
}

static void publish_one(struct dcm_collector *collector, const struct dcm_hints *hints,
			const struct dcm_forecast *forecast, struct entry *entry, uint32_t rank,
			struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_directory *row = dcm_snapshot_builder_add(builder, DCM_SEC_DIRECTORIES);
	const struct dcm_superblock *superblock =
		dcm_superblock_index_find(dcm_collector_superblocks(collector), entry->superblock);
	char path[DCM_HOST_PATH_SIZE], fstype[DCM_FSTYPE_SIZE];
	const struct dcm_container *container;

	if (!row)
		return;
	/* Another one in that superblock's memory since then? */
	if (superblock && superblock->since_ns > entry->described_ns)
		superblock = NULL;
	dcm_host_path(collector, superblock, entry->path, entry->complete, path, sizeof(path));
	DCM_SET(row, rank, rank);
	DCM_SET(row, path, dcm_snapshot_builder_text(builder, path));
	publish_counts(forecast, entry, row);
	publish_names(row, hints, entry, path, builder);
	if (!superblock)
		return;
	dcm_superblock_fstype(&superblock->walk, fstype);
	DCM_SET(row, superblock, superblock->index);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, fstype));
	/* What of the path is missing is its beginning. */
	container =
		dcm_containers_directory(collector, superblock, entry->complete ? entry->path : "");
	if (container)
		row->has |= dcm_containers_put(container, builder, &row->container)
			    << DCM_BIT_OF(offsetof(struct dcm_snap_directory, container));
}

void dcm_hot_directories_publish(struct dcm_hot_directories *d, struct dcm_collector *collector,
				 struct dcm_snapshot_builder *builder)
{
	struct dcm_forecast forecast;
	uint32_t rank = 1;

	dcm_host_forecast(collector, &forecast);
	for (size_t i = 0; i < d->shown.count; i++)
		if (d->shown.entry[i].path)
			publish_one(collector, d->hints, &forecast, &d->shown.entry[i], rank++,
				    builder);
}
