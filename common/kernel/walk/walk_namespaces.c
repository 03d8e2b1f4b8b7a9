// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All network namespaces (net/core/net_namespace.c, net_namespace_list). */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"
#include "common/kernel/walk/walk_passed_over.h"

_Static_assert(DCM_WALK_MAKERS <= DCM_MAKERS, "no maker is taken that is not kept");

#define MAX_NAMESPACES (1u << 22)
#define TRACEPOINT     "percpu_alloc_percpu" /* bpf/netns_made.h */

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

/* The kernel counts meanwhile. */
static uint64_t read_made(const struct dcm_walk *walk)
{
	return __atomic_load_n(&walk->out->made.count, __ATOMIC_ACQUIRE);
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
		walk->listed += count_new(before.cookies, before.count, now->cookies, count);
	walk->netns_seen = true;
	/* The older array is overwritten next time. */
	walk->cookies_before = *now;
	walk->cookies_now = before;
	ret->count = count;
	ret->listed = walk->listed;
	/* After the list, so that whatever was met there is counted here. */
	ret->has_made = walk->made_fd >= 0;
	ret->made = read_made(walk);
	ret->passed_over = ret->has_made ? dcm_walk_passed_over(walk->program[DCM_PROG_MADE]) : 0;
	return 0;
}

int dcm_walk_watch_namespaces(struct dcm_walk *walk, struct dcm_reason *reason)
{
	int fd;

	if (walk->made_fd >= 0)
		return 0;
	if (!walk->has[DCM_PROG_MADE])
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s", walk->why[DCM_PROG_MADE].text);
	fd = bpf_raw_tracepoint_open(TRACEPOINT, walk->program[DCM_PROG_MADE]);
	if (fd < 0)
		return dcm_reason_set(
			reason, fd, "the kernel refused a program on tracepoint " TRACEPOINT ": %s",
			strerror(-fd));
	walk->made_fd = fd;
	return 0;
}

static void take_maker(const struct dcm_bpf_maker *maker, struct dcm_walk_maker *ret)
{
	snprintf(ret->command, sizeof(ret->command), "%.15s", maker->command);
	snprintf(ret->parent, sizeof(ret->parent), "%.15s", maker->parent);
	snprintf(ret->group, sizeof(ret->group), "/%.95s%s%.95s", maker->group_above,
		 *maker->group_above ? "/" : "", maker->group);
}

size_t dcm_walk_namespace_makers(struct dcm_walk *walk, struct dcm_walk_maker *ret,
				 uint64_t *ret_made)
{
	uint64_t made = read_made(walk), fresh = made - walk->made_taken;
	size_t count = (size_t)DCM_MIN(fresh, (uint64_t)DCM_WALK_MAKERS);

	for (size_t i = 0; i < count; i++)
		take_maker(&walk->out->made.recent[(made - count + i) % DCM_MAKERS], &ret[i]);
	walk->made_taken = made;
	*ret_made = fresh;
	return count;
}
