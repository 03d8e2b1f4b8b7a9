// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The directories with the most children, from the sketch that the pass has filled. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

_Static_assert(DCM_SKETCH_CLUSTER == DCM_LEVELS, "what is deeper is walked in any case");

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
		return DCM_COMPARE(y->negative, x->negative);
	if (x->children != y->children)
		return DCM_COMPARE(y->children, x->children);
	return DCM_COMPARE(x->dentry, y->dentry);
}

static int compare_children(const void *a, const void *b)
{
	const struct dcm_walk_parent *x = a, *y = b;

	return DCM_COMPARE(y->children, x->children);
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

/* Chains that were walked one by one. */
static uint64_t count_long_chains(const struct dcm_walk *walk)
{
	uint64_t count = 0;

	for (size_t i = 0; i < DCM_WALK_LENGTH_BITS; i++)
		count += walk->pass.longer[i];
	return count;
}

/* From slots of the sketch, plus 1, to handles. */
static size_t name_parents(struct dcm_walk *walk, struct dcm_walk_parent *rows, size_t n)
{
	size_t named = 0;

	for (size_t i = 0; i < n; i++) {
		struct dcm_walk_parent row = rows[i];

		if (dcm_walk_run(walk, DCM_PROG_DIRECTORY, DCM_OP_PARENT, row.dentry - 1, 0, NULL))
			continue;
		row.dentry = walk->out->handle;
		rows[named++] = row;
	}
	return named;
}

/* One part of the sketch, which begins with the slot @first. */
static void offer_part(const struct dcm_walk *walk, size_t first, struct top *negative,
		       struct top *children)
{
	const uint64_t long_chains = count_long_chains(walk);
	const unsigned every = walk->out->pass.sketch_every;

	for (size_t slot = 0; slot < DCM_PART_SETS * DCM_SKETCH_WAYS; slot++) {
		const struct dcm_sketch_count *c =
			&walk->out->sketch[slot / DCM_SKETCH_WAYS][slot % DCM_SKETCH_WAYS];
		struct dcm_walk_parent p = {first + slot + 1, c->children, c->negative, c->error};

		if (c->children < LEAST_CHILDREN)
			continue;
		p.error += (uint64_t)(dcm_sketch_sampling_error(c, every, long_chains) + 0.5);
		offer(negative, &p);
		offer(children, &p);
	}
}

size_t dcm_walk_top_parents(struct dcm_walk *walk, struct dcm_walk_parent *ret)
{
	struct top negative = {.room = DCM_WALK_TOP_PARENTS / 2, .by_negative = true};
	struct top children = {.room = DCM_WALK_TOP_PARENTS};
	size_t n, i;

	for (i = 0; i < DCM_SKETCH_PARTS; i++) {
		if (dcm_walk_run(walk, DCM_PROG_PASS, DCM_OP_SKETCH, i, 0, NULL) ||
		    !walk->out->sketch_total)
			return 0;
		offer_part(walk, i * DCM_PART_SETS * DCM_SKETCH_WAYS, &negative, &children);
	}
	n = negative.count;
	memcpy(ret, negative.row, n * sizeof(*ret));
	qsort(children.row, children.count, sizeof(children.row[0]), compare_children);
	for (i = 0; i < children.count && n < DCM_WALK_TOP_PARENTS; i++)
		if (!is_listed(ret, n, children.row[i].dentry))
			ret[n++] = children.row[i];
	n = name_parents(walk, ret, n);
	qsort(ret, n, sizeof(*ret), compare_parents);
	return n;
}

int dcm_walk_directory(struct dcm_walk *walk, uint64_t dentry, bool negative,
		       struct dcm_reason *reason, struct dcm_walk_directory *ret)
{
	const struct dcm_bpf_directory *d = &walk->out->directory;
	size_t i;
	int err = dcm_walk_run(walk, DCM_PROG_DIRECTORY, DCM_OP_GO_ON, dentry, negative, reason);

	if (err)
		return err;
	if (!d->found)
		return dcm_reason_set(reason, -ENOENT, "the directory is gone");
	ret->superblock = d->superblock;
	ret->complete = dcm_walk_build_path(&walk->out->chain, ret->path, sizeof(ret->path));
	ret->names = DCM_MIN(d->names, (uint32_t)DCM_WALK_NAME_SAMPLES);
	for (i = 0; i < ret->names; i++) {
		memcpy(ret->name[i], d->name[i], sizeof(ret->name[i]));
		ret->name[i][sizeof(ret->name[i]) - 1] = '\0';
	}
	return 0;
}
