/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which filesystems may be shrunk through a reconfigure, and what that costs. Pure. */
#ifndef DCM_MODEL_RECLAIM_SAFETY_H
#define DCM_MODEL_RECLAIM_SAFETY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/reason.h"

/* Seconds that unmounting or shrinking stalls per unused dentry: 0.2 to 0.45 microseconds measured
 * for shrink_dcache_sb() (300,000 entries in 0.13 s); the upper end, since entries in the field
 * are cold. */
#define DCM_SHRINK_SECONDS_PER_DENTRY 0.45e-6

/* Seconds that shrinking @unused dentries of a superblock takes, from above. Those of proc and
 * sysfs take their inodes along: 1 to 2 microseconds each, measured. */
double dcm_reclaim_predict(const char *fstype, uint64_t unused);

enum dcm_reclaim_safety {
	DCM_RECLAIM_SAFE,
	DCM_RECLAIM_FORCE,  /* only when a person insists; the reason says why */
	DCM_RECLAIM_REFUSE, /* would change how it is mounted */
};

/*
 * Judges a filesystem by its type ("ext4", "fuse.sshfs"), the superblock options as in mountinfo
 * and the kernel (DCM_KERNEL(), reclaim_filesystems.h). Some types fall back to default options
 * (cgroup2 loses nsdelegate, devpts its gid and mode), and a read-only filesystem with a disk is
 * touched for nothing: only types known to keep theirs are safe.
 */
enum dcm_reclaim_safety dcm_reclaim_judge(const char *fstype, const char *options, unsigned kernel,
					  struct dcm_reason *reason);

/* Whether @option is among the comma-separated @options. */
bool dcm_reclaim_has_option(const char *options, const char *option);

#endif
