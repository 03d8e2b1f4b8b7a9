/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shrinks the unused dentries of one superblock and touches no other. Two ways:
 *
 * - A reconfigure without options: reconfigure_super() calls shrink_dcache_sb() before anything
 *   else (fs/super.c; fspick(2) since 5.2, needs CAP_SYS_ADMIN). Holds the superblock's s_umount
 *   for writing until no unused dentry is left: unmount, remount and sync(2) wait that long.
 * - The shrinker's debugfs files (CONFIG_SHRINKER_DEBUG, 6.0), in bounded steps that never hold
 *   it for long, where they name the superblock without doubt. Frees unused inodes as well.
 */
#ifndef DCM_KERNEL_RECLAIM_RUN_H
#define DCM_KERNEL_RECLAIM_RUN_H

#include <stdbool.h>

#include "common/kernel/reclaim/reclaim_target.h"
#include "common/kernel/walk/walk.h"

struct dcm_reclaim_count {
	uint64_t unused; /* dentries */
	bool only;	 /* no other superblock has this type */
	char id[32];	 /* s_id */
};

/* Counts a target in one walk of the superblocks. -ENOENT: it is gone. */
int dcm_reclaim_count(struct dcm_walk *walk, const struct dcm_reclaim_target *target,
		      struct dcm_reason *reason, struct dcm_reclaim_count *ret);

/* Unused dentries of all superblocks together: what one can have at most, where it cannot be
 * walked. */
int dcm_reclaim_unused_at_most(struct dcm_reason *reason, uint64_t *ret);

struct dcm_reclaim_result {
	double seconds; /* wall time; for a reconfigure, s_umount was held at most that long */
	double longest_step_seconds; /* by steps: of one; else as seconds */
	bool mountinfo_same;	     /* this superblock's lines, byte for byte */
};

/* In steps that hold s_umount for reading only, see reclaim_shrinker.h. */
int dcm_reclaim_by_steps(const struct dcm_reclaim_target *target, const char *shrinker,
			 struct dcm_reason *reason, struct dcm_reclaim_result *ret);

/* Blocks until the kernel is done. -EBUSY: frozen; -EPERM; -ENOSYS: before 5.2; others as the
 * filesystem says, all with a reason. A refusal of the filesystem itself comes after the shrink. */
int dcm_reclaim_reconfigure(const struct dcm_reclaim_target *target, struct dcm_reason *reason,
			    struct dcm_reclaim_result *ret);

#endif
