/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which filesystems may be shrunk through a reconfigure. Pure. */
#ifndef DCM_MODEL_RECLAIM_SAFETY_H
#define DCM_MODEL_RECLAIM_SAFETY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/reason.h"

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
