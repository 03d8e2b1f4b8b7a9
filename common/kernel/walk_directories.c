// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The directories with the most children, out of the sketch that the pass has filled. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "walk_internal.h"

#define LEAST_CHILDREN 2

void dcm_walk_set_sketch(struct dcm_walk *walk, unsigned every)
{
	unsigned power = every ? 1 : 0;

	while (power && power < every && power < 1024)
		power *= 2;
	walk->sketch_every = power;
}

/* Orders by negative children, then by children, most first. */
static int compare_parents(const void *a, const void *b)
{
	const struct dcm_walk_parent *x = a, *y = b;

	if (x->negative != y->negative)
		return x->negative > y->negative ? -1 : 1;
	if (x->children != y->children)
		return x->children > y->children ? -1 : 1;
	return x->dentry < y->dentry ? -1 : x->dentry > y->dentry;
}

static int compare_children(const void *a, const void *b)
{
	const struct dcm_walk_parent *x = a, *y = b;

	return x->children < y->children ? 1 : x->children > y->children ? -1 : 0;
}

/* A bounded list of the best by one of the two orders; @by_negative picks which. */
struct top {
	struct dcm_walk_parent row[DCM_WALK_TOP_PARENTS];
	size_t count, room;
	bool by_negative;
};

static uint64_t weight(const struct top *top, const struct dcm_walk_parent *p)
{
	return top->by_negative ? p->negative : p->children;
}

static void offer(struct top *top, const struct dcm_walk_parent *p)
{
	size_t least = 0, i;

	if (!weight(top, p))
		return;
	if (top->count < top->room) {
		top->row[top->count++] = *p;
		return;
	}
	for (i = 1; i < top->count; i++)
		if (weight(top, &top->row[i]) < weight(top, &top->row[least]))
			least = i;
	if (weight(top, p) > weight(top, &top->row[least]))
		top->row[least] = *p;
}

static bool is_listed(const struct dcm_walk_parent *rows, size_t n, uint64_t dentry)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].dentry == dentry)
			return true;
	return false;
}

/*
 * Scales a count of a sampled part up to the whole. Names hash evenly over the buckets, so that a
 * sample of them is binomial: its standard deviation is the root of the count.
 */
static void scale(struct dcm_walk_parent *p, double factor)
{
	if (factor <= 1)
		return;
	p->error = (uint64_t)((double)p->error * factor + 2 * factor * sqrt((double)p->children) +
			      0.5);
	p->children = (uint64_t)((double)p->children * factor + 0.5);
	p->negative = (uint64_t)((double)p->negative * factor + 0.5);
}

size_t dcm_walk_top_parents(const struct dcm_walk *walk, struct dcm_walk_parent *ret)
{
	const struct dcm_sketch *sketch = &walk->area->sketch;
	uint64_t entries = walk->area->pass.entries + walk->pass.entries;
	struct top negative = {.room = DCM_WALK_TOP_PARENTS / 2, .by_negative = true};
	struct top children = {.room = DCM_WALK_TOP_PARENTS};
	size_t set, way, n, i;

	if (!sketch->total)
		return 0;
	for (set = 0; set < DCM_SKETCH_SETS; set++) {
		for (way = 0; way < DCM_SKETCH_WAYS; way++) {
			const struct dcm_sketch_count *c = &sketch->count[set][way];
			struct dcm_walk_parent p = {sketch->key[set][way], c->children, c->negative,
						    c->error};

			if (!p.dentry || c->children < LEAST_CHILDREN)
				continue;
			offer(&negative, &p);
			offer(&children, &p);
		}
	}
	n = negative.count;
	memcpy(ret, negative.row, n * sizeof(*ret));
	qsort(children.row, children.count, sizeof(children.row[0]), compare_children);
	for (i = 0; i < children.count && n < DCM_WALK_TOP_PARENTS; i++)
		if (!is_listed(ret, n, children.row[i].dentry))
			ret[n++] = children.row[i];
	for (i = 0; i < n; i++)
		scale(&ret[i], (double)entries / (double)sketch->total);
	qsort(ret, n, sizeof(*ret), compare_parents);
	return n;
}

int dcm_walk_directory(struct dcm_walk *walk, uint64_t dentry, bool negative,
		       struct dcm_reason *reason, struct dcm_walk_directory *ret)
{
	struct dcm_bpf_directory *d = &walk->area->directory;
	size_t i;
	int err;

	d->dentry = dentry;
	d->want_negative = negative;
	err = dcm_walk_run(walk, DCM_PROG_DIRECTORY, reason);
	if (err)
		return err;
	if (!d->found)
		return dcm_reason_set(reason, -ENOENT, "the directory is gone");
	ret->superblock = d->superblock;
	ret->complete = dcm_walk_build_path(&walk->area->chain, ret->path, sizeof(ret->path));
	ret->names = d->names < DCM_WALK_NAME_SAMPLES ? d->names : DCM_WALK_NAME_SAMPLES;
	for (i = 0; i < ret->names; i++) {
		memcpy(ret->name[i], d->name[i], sizeof(ret->name[i]));
		ret->name[i][sizeof(ret->name[i]) - 1] = '\0';
	}
	return 0;
}
