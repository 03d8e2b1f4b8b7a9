/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frees entries through the memory control group that is charged for them: memory.reclaim (v2,
 * Linux 5.19) or memory.force_empty (v1). The kernel's own memory reclaim runs inside that group
 * alone: it takes s_umount for reading, for 1,024 entries at a time, and never waits for it. It
 * takes the group's page cache as well, and its entries of other superblocks.
 *
 * How much a step frees is up to the kernel: before 6.4 slab memory counts as reclaimed, and a
 * step of 1 MiB frees some 20,000 to 80,000 entries. Later kernels count page cache only: a group
 * without any gives up all its entries in one step.
 */
#ifndef DCM_KERNEL_RECLAIM_CGROUP_H
#define DCM_KERNEL_RECLAIM_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"

#define DCM_CGROUP_PATH 4096

struct dcm_cgroup {
	char folder[DCM_CGROUP_PATH]; /* below /sys/fs/cgroup */
	bool v1;
	bool swappiness;		  /* memory.reclaim knows "swappiness=" */
	uint64_t slab_bytes, cache_bytes; /* charged to it and those below: slab, page cache */
};

/*
 * The smallest control group below @root whose slab memory fits @unused dentries: it could hold
 * them all and little else. @named, unless NULL, is taken instead, whatever it holds: a path as in
 * /proc/PID/cgroup or a folder. Fails with a reason: -EOPNOTSUPP, no such files here, or they would
 * swap or free no dentry (vfs_cache_pressure, cgroup.memory=nokmem); -ENOENT, no group fits;
 * -ENOTUNIQ, several do; -EINVAL, @named is none or the whole host.
 */
int dcm_cgroup_find(const char *root, const char *named, uint64_t unused, struct dcm_reason *reason,
		    struct dcm_cgroup *ret);

/* Adds "/@name" to a folder of DCM_CGROUP_PATH bytes; false: no room. */
bool dcm_cgroup_descend(char *folder, const char *name);

/* What it is charged with now; 0 or -errno. */
int dcm_cgroup_measure(struct dcm_cgroup *cgroup);

struct dcm_cgroup_run;

/* The groups below @cgroup and itself, to be gone through by steps. -errno with a reason. */
int dcm_cgroup_run_create(const struct dcm_cgroup *cgroup, struct dcm_reason *reason,
			  struct dcm_cgroup_run **ret);
void dcm_cgroup_run_destroy(struct dcm_cgroup_run *run);

/* One step, in a child that a timer ends after @seconds: at the next point where the kernel looks.
 * *@ret_more is false once every group is through. -errno with a reason. */
int dcm_cgroup_run_step(struct dcm_cgroup_run *run, double seconds, struct dcm_reason *reason,
			bool *ret_more);

#endif
