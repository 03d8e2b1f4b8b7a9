/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Superblocks that a person or a rule names. They hold nothing open, so that nobody's unmount is
 * refused while a question waits; reclaim_mount.h opens one for the moment it is needed.
 */
#ifndef DCM_KERNEL_RECLAIM_TARGET_H
#define DCM_KERNEL_RECLAIM_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/reason.h"

struct dcm_reclaim_target {
	pid_t process;	  /* in whose mount namespace it was found; 0: this process's own */
	char *mountpoint; /* there; raw bytes */
	char *fstype;
	char *options; /* of the superblock, as mountinfo has them, escapes included */
	uint32_t dev_major, dev_minor;
	uint32_t mounts; /* of this superblock in that namespace */
	int mount;	 /* number of this mount, used again once it is gone */
	uint64_t unique; /* the one that is not (STATX_MNT_ID_UNIQUE, Linux 6.8); 0: unknown */
};

struct dcm_reclaim_targets {
	struct dcm_reclaim_target *item;
	size_t count;
};

void dcm_reclaim_targets_deinit(struct dcm_reclaim_targets *targets);

/*
 * The superblock mounted at @path, which must be a mount point (symbolic links are followed):
 * -EXDEV otherwise, with a reason that names the mount it lies on. Writes @ret only on success;
 * this and the next two fail with -errno and a reason, -ENOENT: nothing found.
 */
int dcm_reclaim_find_path(const char *path, struct dcm_reason *reason,
			  struct dcm_reclaim_targets *ret);

/*
 * The superblock of a device number, as in mountinfo, also when only other mount namespaces have
 * it. @fstype, unless NULL, must match: device numbers of virtual filesystems are used again. The
 * number that stat(2) gives for a subvolume of btrfs finds the filesystem of a mounted one.
 */
int dcm_reclaim_find_device(uint32_t dev_major, uint32_t dev_minor, const char *fstype,
			    struct dcm_reason *reason, struct dcm_reclaim_targets *ret);

/* Every superblock of a filesystem type that this mount namespace or another's process has. */
int dcm_reclaim_find_fstype(const char *fstype, struct dcm_reason *reason,
			    struct dcm_reclaim_targets *ret);

#endif
