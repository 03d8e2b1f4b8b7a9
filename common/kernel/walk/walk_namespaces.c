// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All network namespaces (net/core/net_namespace.c, net_namespace_list). */
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

#define MAX_NAMESPACES (1u << 22)

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return DCM_COMPARE(x, y);
}

static int take_batch(struct dcm_walk *walk, size_t before, size_t count)
{
	struct dcm_walk_cookies *now = &walk->cookies_now;
	int err = dcm_walk_room((void **)&now->cookies, &now->room, before + count,
				sizeof(*now->cookies));

	if (!err)
		memcpy(now->cookies + before, walk->out->netns_batch,
		       count * sizeof(*now->cookies));
	return err;
}

/* Members of sorted @now that are not in sorted @before. */
static uint64_t count_new(const uint64_t *before, size_t before_count, const uint64_t *now,
			  size_t now_count)
{
	uint64_t fresh = 0;
	size_t i, j = 0;

	for (i = 0; i < now_count; i++) {
		while (j < before_count && before[j] < now[i])
			j++;
		if (j == before_count || before[j] != now[i])
			fresh++;
	}
	return fresh;
}

int dcm_walk_namespaces(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_namespaces *ret)
{
	const struct dcm_walk_list kind = {.list = &walk->out->netns,
					   .program = DCM_PROG_NETNS,
					   .members = "network namespaces",
					   .verb = "count",
					   .max = MAX_NAMESPACES,
					   .take = take_batch};
	struct dcm_walk_cookies *now = &walk->cookies_now, before = walk->cookies_before;
	size_t count;
	int err = dcm_walk_list(walk, &kind, reason, &count);

	if (err)
		return err;
	now->count = count;
	qsort(now->cookies, count, sizeof(*now->cookies), compare_u64);
	if (walk->netns_seen)
		walk->created += count_new(before.cookies, before.count, now->cookies, count);
	walk->netns_seen = true;
	/* The older array is overwritten next time. */
	walk->cookies_before = *now;
	walk->cookies_now = before;
	ret->count = count;
	ret->created = walk->created;
	return 0;
}
