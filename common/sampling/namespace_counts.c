// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/namespace_counts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/sampling/maker_containers.h"

/* What was made so long ago counts half, as in a rate over a minute. */
#define HALF_LIFE_NS (30.0 * DCM_NSEC_PER_SEC)

#define LEAST_WEIGHT 0.1 /* a lighter maker is forgotten: one namespace is, after 100 s */
#define LEAST_SHARE  0.1 /* of the namespaces of a maker that is named */
#define NAMED	     3

/* Namespaces that were half made when the watch began are in the list alone; more than so many are
 * not that. */
#define BEING_MADE 8

void dcm_namespace_counts_add(struct dcm_namespace_counts *counts, uint64_t now_ns,
			      const struct dcm_walk_namespaces *seen)
{
	uint64_t made = seen->has_made ? seen->made : 0, most = DCM_MAX(made, seen->listed), came;

	/* A lower bound remains one: a walk that is opened again counts from 0. */
	counts->unseen = DCM_MAX(counts->unseen, seen->passed_over);
	counts->exact =
		seen->has_made && !counts->unseen && DCM_EXCESS(seen->listed, made) <= BEING_MADE;
	counts->created = DCM_MAX(counts->created, most);
	if (!counts->begun) {
		counts->begun = true;
		counts->live_first = seen->count;
		counts->created_first = counts->created;
	}
	came = counts->live_first + (counts->created - counts->created_first);
	counts->ended = DCM_MAX(counts->ended, DCM_EXCESS(came, seen->count));
	dcm_rate_add(&counts->created_rate, now_ns, counts->created);
	dcm_rate_add(&counts->ended_rate, now_ns, counts->ended);
}

void dcm_namespace_counts_put(const struct dcm_namespace_counts *counts,
			      struct dcm_snap_namespaces *row)
{
	double rate;

	DCM_SET_FROM(row, counts, created, ended);
	DCM_SET(row, created_exact, counts->exact);
	DCM_SET_IF(row, created_per_second, dcm_rate_per_second(&counts->created_rate, &rate),
		   rate);
	DCM_SET_IF(row, ended_per_second, dcm_rate_per_second(&counts->ended_rate, &rate), rate);
}

/* ---- makers ---- */

static void fade(struct dcm_namespace_counts *counts, uint64_t now_ns)
{
	double left = exp2(-(double)DCM_EXCESS(now_ns, counts->makers_ns) / HALF_LIFE_NS);
	size_t kept = 0;

	for (size_t i = 0; i < counts->makers; i++) {
		struct dcm_namespace_maker maker = counts->maker[i];

		maker.weight *= left;
		if (maker.weight >= LEAST_WEIGHT)
			counts->maker[kept++] = maker;
	}
	counts->makers = kept;
	counts->makers_ns = now_ns;
}

static struct dcm_namespace_maker *lightest(struct dcm_namespace_counts *counts)
{
	struct dcm_namespace_maker *least = counts->maker;

	for (size_t i = 1; i < counts->makers; i++)
		if (counts->maker[i].weight < least->weight)
			least = &counts->maker[i];
	return least;
}

static bool is_same(const struct dcm_namespace_maker *a, const struct dcm_namespace_maker *b)
{
	return a->runtime == b->runtime && !strcmp(a->command, b->command) &&
	       !strcmp(a->parent, b->parent);
}

static struct dcm_namespace_maker *maker_of(struct dcm_namespace_counts *counts,
					    const struct dcm_walk_maker *seen)
{
	struct dcm_namespace_maker *maker, fresh = {.runtime = dcm_maker_runtime(seen)};

	memcpy(fresh.command, seen->command, sizeof(fresh.command));
	memcpy(fresh.parent, seen->parent, sizeof(fresh.parent));
	for (size_t i = 0; i < counts->makers; i++)
		if (is_same(&counts->maker[i], &fresh))
			return &counts->maker[i];
	maker = counts->makers < DCM_NAMESPACE_MAKERS ? &counts->maker[counts->makers++]
						      : lightest(counts);
	*maker = fresh;
	return maker;
}

void dcm_namespace_counts_add_makers(struct dcm_namespace_counts *counts, uint64_t now_ns,
				     const struct dcm_walk_maker *maker, size_t count,
				     uint64_t made)
{
	fade(counts, now_ns);
	for (size_t i = 0; i < count; i++)
		if (*maker[i].command)
			maker_of(counts, &maker[i])->weight += (double)made / (double)count;
}

static int heavier(const void *a, const void *b)
{
	const struct dcm_namespace_maker *x = a, *y = b;

	return DCM_COMPARE(y->weight, x->weight);
}

/* Returns its length: DCM_NAMESPACE_MAKERS_MAX is enough for all. */
static size_t add_text(const struct dcm_namespace_maker *maker, const char *before, char *out,
		       size_t size)
{
	const char *runtime = dcm_runtime_name(maker->runtime);

	return (size_t)snprintf(out, size, "%s%s of %s%s%s", before, maker->command, maker->parent,
				*runtime ? " for " : "", runtime);
}

void dcm_namespace_counts_makers(const struct dcm_namespace_counts *counts,
				 char ret[DCM_NAMESPACE_MAKERS_MAX])
{
	struct dcm_namespace_maker sorted[DCM_NAMESPACE_MAKERS];
	size_t len = 0, i;
	double sum = 0;

	memcpy(sorted, counts->maker, counts->makers * sizeof(*sorted));
	qsort(sorted, counts->makers, sizeof(*sorted), heavier);
	for (i = 0; i < counts->makers; i++)
		sum += sorted[i].weight;
	ret[0] = '\0';
	for (i = 0; i < DCM_MIN(counts->makers, (size_t)NAMED); i++)
		if (sorted[i].weight >= LEAST_SHARE * sum)
			len += add_text(&sorted[i], len ? ", " : "", ret + len,
					DCM_NAMESPACE_MAKERS_MAX - len);
}
