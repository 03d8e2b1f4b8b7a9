// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/interfaces/if_round.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"

/* One block holds what a view points to. */
struct copy {
	struct dcm_netns netns;
	struct dcm_if_table table;
	struct dcm_reason error;
	struct dcm_if_row rows[];
};

static int copy_view(const struct dcm_if_view *from, struct dcm_if_view *ret)
{
	size_t bytes = from->table->count * sizeof(struct dcm_if_row);
	struct copy *copy = malloc(sizeof(*copy) + bytes);

	if (!copy)
		return -ENOMEM;
	copy->netns = *from->netns;
	copy->table = *from->table;
	copy->table.rows = copy->rows;
	if (bytes)
		memcpy(copy->rows, from->table->rows, bytes);
	dcm_reason_set(&copy->error, 0, "%s", from->error);
	*ret = *from;
	ret->netns = &copy->netns; /* the first member: what is freed */
	ret->table = &copy->table;
	ret->error = copy->error.text;
	return 0;
}

static int compare_views(const void *a, const void *b)
{
	const struct dcm_if_view *x = a, *y = b;

	return DCM_COMPARE(x->netns->index, y->netns->index);
}

int dcm_if_round_copy(const struct dcm_if_sampler *sampler, uint64_t now_ns,
		      struct dcm_if_round **ret)
{
	size_t count = dcm_if_sampler_count(sampler);
	struct dcm_if_round *views = calloc(1, sizeof(*views));
	int err = 0;

	if (views)
		views->views = calloc(count + 1, sizeof(*views->views));
	if (!views || !views->views)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < count; i++) {
		struct dcm_if_view view;

		if (!dcm_if_sampler_view(sampler, i, &view) || view.wanted_until_ns <= now_ns)
			continue;
		err = copy_view(&view, &views->views[views->count]);
		views->count += !err;
	}
	if (err) {
		dcm_if_round_destroy(views);
		return err;
	}
	qsort(views->views, views->count, sizeof(*views->views), compare_views);
	*ret = views;
	return 0;
}

void dcm_if_round_destroy(struct dcm_if_round *views)
{
	if (!views)
		return;
	for (size_t i = 0; i < views->count; i++)
		free((void *)views->views[i].netns);
	free(views->views);
	free(views);
}

const struct dcm_if_view *dcm_if_round_find(const struct dcm_if_round *views, uint32_t index)
{
	for (size_t i = 0; views && i < views->count; i++)
		if (views->views[i].netns->index == index)
			return &views->views[i];
	return NULL;
}
