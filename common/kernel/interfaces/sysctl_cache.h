/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sysctl files of interfaces in many network namespaces, each opened once inside its namespace
 * and read with pread ever after. A kept descriptor still reads its own namespace's value from
 * anywhere, holds no reference to the namespace, and costs no path walk: the walk is what hurts on
 * a host where thousands of namespaces share one hash chain.
 *
 * One round is dcm_sysctl_cache_begin(), then for each interface _read() (anywhere) and, for what
 * it reports as missing, _open() inside the namespace; then _sweep() per namespace.
 */
#ifndef DCM_KERNEL_SYSCTL_CACHE_H
#define DCM_KERNEL_SYSCTL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/interfaces/if_table.h"

struct dcm_sysctl_cache;

struct dcm_sysctl_cache_stats {
	size_t open, limit; /* descriptors now and at most */
	size_t interfaces;
	uint64_t opens, reads; /* since the start */
	uint64_t failed_reads; /* each closed its descriptor */
	uint64_t evictions;    /* interfaces closed to make room */
	uint64_t uncached;     /* opened, read and closed for lack of room */
	uint64_t emfile;       /* opens refused for lack of descriptors */
};

/*
 * At most @max_open descriptors; fewer when RLIMIT_NOFILE, whose soft limit the first round raises
 * as far as the hard one allows, does not leave DCM_SYSCTL_RESERVED_FDS to the rest of the process.
 * @root prefixes /proc/sys/net.
 */
#define DCM_SYSCTL_RESERVED_FDS 256
int dcm_sysctl_cache_create(const char *root, size_t max_open, struct dcm_sysctl_cache **ret);
void dcm_sysctl_cache_destroy(struct dcm_sysctl_cache *cache);

/* Begins a round: what was used in the round before may now be closed to make room. */
void dcm_sysctl_cache_begin(struct dcm_sysctl_cache *cache);

/*
 * Reads what is open of interface @index (named @name) of namespace @netns (an index of netns_set,
 * never used twice), as far as @families has the file's family. A failing read closes its
 * descriptor at once; another name than before closes all. *@ret_missing are the files that should
 * be there and are not open, as bits of enum dcm_if_sysctl. -ENOMEM.
 */
int dcm_sysctl_cache_read(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index,
			  const char *name, uint32_t families, struct dcm_if_sysctls *ret,
			  uint32_t *ret_missing);

/*
 * Opens and reads the @missing files of an interface that _read() has just seen. Call it inside the
 * namespace only. A file that does not exist is remembered as absent and not looked up again
 * until the interface's name or families change. 0, also when single files failed; -EMFILE when
 * descriptors ran out even after making room.
 */
int dcm_sysctl_cache_open(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index,
			  uint32_t missing, struct dcm_if_sysctls *sysctls);

/* Closes all of @netns that was not read in this round. */
void dcm_sysctl_cache_sweep(struct dcm_sysctl_cache *cache, uint32_t netns);

/* Closes all of @netns: the namespace is gone or no longer wanted. */
void dcm_sysctl_cache_forget(struct dcm_sysctl_cache *cache, uint32_t netns);

/* Closes the least recently read interfaces until at most @open descriptors are left. */
void dcm_sysctl_cache_shrink(struct dcm_sysctl_cache *cache, size_t open);

void dcm_sysctl_cache_stats(const struct dcm_sysctl_cache *cache,
			    struct dcm_sysctl_cache_stats *ret);

#endif
