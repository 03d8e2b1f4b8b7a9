// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Superblocks and network namespaces: circles of list_head, walked in batches. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

#define MAX_SUPERBLOCKS (1u << 20)
#define MAX_NAMESPACES	(1u << 22)
#define MIN_RESTARTS	4
#define MAX_RESTARTS	16
#define RESTART_NS	(50 * DCM_NSEC_PER_MSEC) /* after that it is left to the caller to try again */
#define MAX_IDLE	16 /* runs in a row that met nothing: the walk has left the list */

/* Makes room for @count elements of @size bytes; keeps what is there. */
static int make_room(void **array, size_t *room, size_t count, size_t size)
{
	size_t want = *room ? *room : 256;
	void *p;

	while (want < count)
		want *= 2;
	if (want == *room)
		return 0;
	p = reallocarray(*array, want, size);
	if (!p)
		return -ENOMEM;
	*array = p;
	*room = want;
	return 0;
}

static void take_superblock(const struct dcm_bpf_superblock *from, struct dcm_walk_superblock *to)
{
	to->address = from->address;
	to->root_dentry = from->root_dentry;
	to->root_inode = from->root_inode;
	to->bdi_id = from->bdi_id;
	to->oldest_mount = from->oldest_mount;
	to->newest_mount = from->newest_mount;
	to->unused = from->unused;
	to->magic = from->magic;
	to->dev_major = from->dev >> 20; /* include/linux/kdev_t.h, MINORBITS */
	to->dev_minor = from->dev & ((1u << 20) - 1);
	memcpy(to->fstype, from->fstype, sizeof(to->fstype));
	memcpy(to->subtype, from->subtype, sizeof(to->subtype));
	memcpy(to->id, from->id, sizeof(to->id));
}

static int superblock_batches(struct dcm_walk *walk, struct dcm_reason *reason, size_t *ret_count)
{
	struct dcm_bpf_list *list = &walk->area->superblocks;
	size_t n = 0, idle = 0, i;
	int err;

	memset(list, 0, sizeof(*list));
	do {
		err = dcm_walk_run(walk, DCM_PROG_SUPERBLOCKS, reason);
		if (err)
			return err;
		if (n + list->count > MAX_SUPERBLOCKS)
			return -E2BIG;
		if (make_room((void **)&walk->superblocks, &walk->superblock_room, n + list->count,
			      sizeof(*walk->superblocks)))
			return -ENOMEM;
		for (i = 0; i < list->count; i++)
			take_superblock(&walk->area->sb_batch[i], &walk->superblocks[n++]);
		idle = list->count ? 0 : idle + 1;
	} while (list->end == DCM_END_BUDGET && idle < MAX_IDLE);
	if (list->end != DCM_END_DONE)
		return -EAGAIN;
	*ret_count = n;
	return 0;
}

int dcm_walk_superblocks(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_superblock **ret, size_t *ret_count)
{
	uint64_t until = dcm_now_ns() + RESTART_NS;
	size_t count = 0;
	int err = -EAGAIN, i;

	for (i = 0; i < MAX_RESTARTS && (i < MIN_RESTARTS || dcm_now_ns() < until); i++) {
		err = superblock_batches(walk, reason, &count);
		if (err != -EAGAIN)
			break;
	}
	if (err == -EAGAIN)
		return dcm_reason_set(reason, err, "superblocks come and go too fast to list them");
	if (err == -ENOMEM || err == -E2BIG)
		return dcm_reason_set(reason, err, "%s superblocks",
				      err == -ENOMEM ? "no memory for the" : "too many");
	if (err)
		return err;
	*ret = walk->superblocks;
	*ret_count = count;
	return 0;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return DCM_COMPARE(x, y);
}

static int netns_batches(struct dcm_walk *walk, struct dcm_reason *reason, uint64_t **ret,
			 size_t *ret_count)
{
	struct dcm_bpf_list *list = &walk->area->netns;
	size_t n = 0, idle = 0, room = 0;
	uint64_t *cookies = NULL;
	int err;

	memset(list, 0, sizeof(*list));
	do {
		err = dcm_walk_run(walk, DCM_PROG_NETNS, reason);
		if (!err && n + list->count > MAX_NAMESPACES)
			err = -E2BIG;
		if (!err)
			err = make_room((void **)&cookies, &room, n + list->count, 8);
		if (err)
			goto out;
		memcpy(cookies + n, walk->area->netns_batch, list->count * sizeof(*cookies));
		n += list->count;
		idle = list->count ? 0 : idle + 1;
	} while (list->end == DCM_END_BUDGET && idle < MAX_IDLE);
	err = list->end == DCM_END_DONE ? 0 : -EAGAIN;
out:
	if (err) {
		free(cookies);
		return err;
	}
	*ret = cookies;
	*ret_count = n;
	return 0;
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
	uint64_t *cookies = NULL;
	uint64_t until = dcm_now_ns() + RESTART_NS;
	size_t count = 0;
	int err = -EAGAIN, i;

	for (i = 0; i < MAX_RESTARTS && (i < MIN_RESTARTS || dcm_now_ns() < until); i++) {
		err = netns_batches(walk, reason, &cookies, &count);
		if (err != -EAGAIN)
			break;
	}
	if (err == -EAGAIN)
		return dcm_reason_set(reason, err,
				      "network namespaces come and go too fast to count them");
	if (err == -ENOMEM || err == -E2BIG)
		return dcm_reason_set(reason, err, "%s network namespaces",
				      err == -ENOMEM ? "no memory for the" : "too many");
	if (err)
		return err;
	qsort(cookies, count, sizeof(*cookies), compare_u64);
	if (walk->netns_seen)
		walk->created += count_new(walk->cookies, walk->cookie_count, cookies, count);
	walk->netns_seen = true;
	free(walk->cookies);
	walk->cookies = cookies;
	walk->cookie_count = count;
	ret->count = count;
	ret->created = walk->created;
	return 0;
}
