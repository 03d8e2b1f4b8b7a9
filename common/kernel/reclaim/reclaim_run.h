/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counts a superblock's unused dentries, and shrinks them by a reconfigure that changes no option:
 * reconfigure_super() calls shrink_dcache_sb() before anything else (fs/super.c; fspick(2) since
 * 5.2, needs CAP_SYS_ADMIN). One call that holds the superblock's s_umount for writing until no
 * unused dentry is left, however many are made meanwhile: unmount, remount, sync(2) and background
 * writeback wait that long. It cannot be interrupted. See reclaim_way.h for gentler ways.
 */
#ifndef DCM_KERNEL_RECLAIM_RUN_H
#define DCM_KERNEL_RECLAIM_RUN_H

#include <stdbool.h>

#include "common/kernel/reclaim/reclaim_target.h"
#include "common/kernel/walk/walk.h"
#include "common/model/reclaim/reclaim_identity.h"
#include "common/model/reclaim/reclaim_proof.h"

struct dcm_reclaim_count {
	uint64_t unused; /* dentries */
	bool only;	 /* no other superblock has this type */
	struct dcm_reclaim_identity identity;
	char id[32]; /* s_id */
};

/* Counts a target in one walk of the superblocks. -ENOENT: it is gone. */
int dcm_reclaim_count(struct dcm_walk *walk, const struct dcm_reclaim_target *target,
		      struct dcm_reason *reason, struct dcm_reclaim_count *ret);

/* Unused dentries of all superblocks together: what one can have at most, where it cannot be
 * walked. */
int dcm_reclaim_unused_at_most(struct dcm_reason *reason, uint64_t *ret);

struct dcm_reclaim_result {
	double seconds;			  /* wall time: s_umount was held at most that long */
	enum dcm_reclaim_proof options;	  /* the superblock's, after the act against before it */
	struct dcm_reclaim_change change; /* which */
	bool put_back;			  /* they are again what they were */
};

struct dcm_reclaim_limits {
	unsigned kernel; /* DCM_KERNEL() */
	bool syncs;	 /* its reconfigure writes out its modified data: that is done first */
	double max_seconds;
};

/* Blocks until the kernel is done; opens the target first and closes it afterwards. Errors as of
 * dcm_reclaim_mount_open(), dcm_reclaim_sync() and dcm_reclaim_reconfigure_mount(). *@ret is
 * written also on an error: a refusal of the filesystem itself comes after the shrink. */
int dcm_reclaim_reconfigure(const struct dcm_reclaim_target *target,
			    const struct dcm_reclaim_limits *limits, struct dcm_reason *reason,
			    struct dcm_reclaim_result *ret);

#endif
