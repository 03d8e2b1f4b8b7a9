// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Superblocks, where they are mounted and their LRU lists: what a lock's address is told by. */
#include <bpf/bpf.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/kernel/who/lock_internal.h"

#include "who_locks.skel.h"

#define MAX_RUNS     4096 /* a million superblocks */
#define MAX_RESTARTS 10

/* Where nothing is mounted of it, the text begins with its device. */
static char *mount_point_of(struct dcm_locks *locks, uint32_t dev)
{
	struct dcm_who_record root = {.process = {.kind = DCM_WHO_CREATED}, .dev = dev};
	const char *directory, *name;

	dcm_who_paths_split(locks->paths, &root, &directory, &name);
	return strdup(*directory == '/' ? directory : "");
}

static int add(struct dcm_locks *locks, const struct dcm_lock_superblock *superblock)
{
	struct dcm_lock_place *place;

	if (dcm_lock_places_find(locks, superblock->address))
		return 0;
	place = calloc(1, sizeof(*place));
	if (!place)
		return -ENOMEM;
	place->address = superblock->address;
	place->superblock = *superblock;
	place->mount_point = mount_point_of(locks, superblock->dev);
	if (place->mount_point)
		HASH_ADD(hh, locks->places, address, sizeof(place->address), place);
	if (DCM_HASH_TAKEN(place))
		return 0;
	free(place->mount_point);
	free(place);
	return -ENOMEM;
}

/* Round the circle once: 1, or 2 when the way was lost. -errno */
static int go_round(struct dcm_locks *locks)
{
	struct dcm_lock_walk *walk = &locks->skeleton->bss->walk;
	int fd = bpf_program__fd(locks->skeleton->progs.superblocks);

	walk->first = walk->next = 0;
	walk->end = 0;
	for (unsigned int runs = 0; runs < MAX_RUNS && !walk->end; runs++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts);
		int err = bpf_prog_test_run_opts(fd, &opts);

		for (uint32_t i = 0; i < walk->count && i < DCM_LOCK_SB_BATCH && !err; i++)
			err = add(locks, &walk->batch[i]);
		if (err)
			return err;
	}
	return (int)walk->end;
}

int dcm_lock_places_look(struct dcm_locks *locks)
{
	int end = 2;

	for (unsigned int i = 0; i < MAX_RESTARTS && end == 2; i++)
		end = go_round(locks);
	return end < 0 ? end : 0; /* with those met so far, when they come and go too fast */
}

void dcm_lock_places_free(struct dcm_locks *locks)
{
	struct dcm_lock_place *place, *next;

	HASH_ITER (hh, locks->places, place, next) {
		HASH_DEL(locks->places, place);
		free(place->mount_point);
		free(place);
	}
}

const struct dcm_lock_place *dcm_lock_places_find(const struct dcm_locks *locks, uint64_t address)
{
	return DCM_HASH_FIND(locks->places, &address, sizeof(address));
}

static int node_in(const struct dcm_locks *locks, uint64_t lock, uint64_t array)
{
	uint64_t size = locks->skeleton->bss->walk.node_size;

	if (!array || !size || lock < array || (lock - array) / size >= locks->nodes)
		return -1;
	return (int)((lock - array) / size);
}

const struct dcm_lock_place *dcm_lock_places_with_lru(const struct dcm_locks *locks, uint64_t lock,
						      enum dcm_lock_kind *ret_kind, int *ret_node)
{
	const struct dcm_lock_place *place;

	for (place = locks->places; place; place = place->hh.next) {
		const struct dcm_lock_superblock *superblock = &place->superblock;
		int dentries = node_in(locks, lock, superblock->dentry_lru);
		int inodes = node_in(locks, lock, superblock->inode_lru);

		if (dentries < 0 && inodes < 0)
			continue;
		*ret_kind = dentries < 0 ? DCM_LOCK_INODE_LRU : DCM_LOCK_DENTRY_LRU;
		*ret_node = dentries < 0 ? inodes : dentries;
		return place;
	}
	return NULL;
}
