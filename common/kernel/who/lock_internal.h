/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the lock_*.c files only. */
#ifndef DCM_KERNEL_LOCK_INTERNAL_H
#define DCM_KERNEL_LOCK_INTERNAL_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "common/base/hash_table.h"
#include "common/kernel/who/bpf/locks_shared.h"
#include "common/kernel/who/lock_watch.h"
#include "common/kernel/who/who_internal.h"

enum dcm_lock_link {
	DCM_LOCK_LINK_END,
	DCM_LOCK_LINK_BEGIN,
	DCM_LOCK_LINKS,
};

struct dcm_lock_place;

struct dcm_locks {
	struct who_locks *skeleton;
	struct bpf_link *link[DCM_LOCK_LINKS];
	struct dcm_who_paths *paths;
	struct dcm_lock_place *places; /* superblocks by address */
	struct dcm_lock_cpu *per_cpu;  /* as read last */
	int cpus;
	uint32_t nodes; /* NUMA */
	uint64_t begin_ns, end_ns;
	struct dcm_lock_totals totals;
};

/* ---- lock_places.c: superblocks, where they are mounted and their LRU lists ---- */

/* One of them; the first look at an address is kept: an unmount begins with taking the mount point
 * away. */
struct dcm_lock_place {
	uint64_t address; /* hash key */
	struct dcm_lock_superblock superblock;
	char *mount_point; /* "" where it has none on the host */
	UT_hash_handle hh;
};

/* Adds those that there are now. -errno */
int dcm_lock_places_look(struct dcm_locks *locks);
void dcm_lock_places_free(struct dcm_locks *locks);

/* NULL: not met. */
const struct dcm_lock_place *dcm_lock_places_find(const struct dcm_locks *locks, uint64_t address);

/* The superblock with @lock in one of its LRU lists. NULL: none. */
const struct dcm_lock_place *dcm_lock_places_with_lru(const struct dcm_locks *locks, uint64_t lock,
						      enum dcm_lock_kind *ret_kind, int *ret_node);

/* ---- lock_results.c ---- */

/* Adds up in @table what the programs left in their maps. -errno */
int dcm_lock_results(struct dcm_locks *locks, struct dcm_lock_table *table);

/* Reads the counters of each CPU. -errno */
int dcm_lock_read_cpus(struct dcm_locks *locks);

#endif
