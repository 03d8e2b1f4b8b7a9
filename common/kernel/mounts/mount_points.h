/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The host's mount table, from mountinfo alone: no mounted path is ever touched, because that may
 * block for ever. Devices are those of the superblock, as in struct super_block.
 */
#ifndef DCM_KERNEL_MOUNT_POINTS_H
#define DCM_KERNEL_MOUNT_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"

struct dcm_mount_points;

struct dcm_mount_device {
	uint32_t mounts;	/* of this superblock, bind mounts included */
	const char *mountpoint; /* the one a person would name; raw bytes */
	const char *fs_root;	/* what of the superblock is mounted there: "/", or a path or
				 * other name for a bind mount */
	const char *fstype;
	/* It shows only part of the superblock, such as one file that is mounted in a container:
	 * it says where the part is, and is no name for the whole. */
	bool part;
};

/* Remembers @root ("" for the live system); reads nothing yet. -ENOMEM. */
int dcm_mount_points_create(const char *root, struct dcm_mount_points **ret);
void dcm_mount_points_destroy(struct dcm_mount_points *table);

/*
 * The mounts in the mountinfo file @path as they are now, such as another process's; not to be
 * refreshed. The file is closed: open, it would keep that process's mount namespace. -EFBIG: it is
 * of more than @max bytes; other -errno.
 */
int dcm_mount_points_read(const char *path, size_t max, struct dcm_mount_points **ret);

/*
 * Reads ROOT/proc/1/mountinfo, or ROOT/proc/self/mountinfo where that is not readable, when it has
 * changed since the last call (poll(2) for procfs, identity, size and time for a captured file).
 * On failure (-errno with @reason) the old table stays. Strings of dcm_mount_points_find() end
 * with a call that sets @ret_changed.
 */
int dcm_mount_points_refresh(struct dcm_mount_points *table, struct dcm_reason *reason,
			     bool *ret_changed);

/*
 * -ENOENT: not mounted in this mount namespace. The mountpoint is, in this order: reachable (not
 * under another mount), of all that a mount of it shows, of the whole filesystem, shortest. What
 * shows less is a part: a bind mount of a file or directory, but not a subvolume of btrfs, nor the
 * root "/" of the mount namespace.
 */
int dcm_mount_points_find(const struct dcm_mount_points *table, uint32_t dev_major,
			  uint32_t dev_minor, struct dcm_mount_device *ret);

/*
 * Turns @path, absolute within the superblock, into the path seen from the host ("/sys/net" of the
 * proc superblock: "/proc/sys/net"), NUL-terminated in @out. Does not see mounts below the
 * mountpoint that cover part of the way. -ENOENT: no mount shows it, -EINVAL: not absolute,
 * -ENAMETOOLONG: @size is too small.
 */
int dcm_mount_points_resolve(const struct dcm_mount_points *table, uint32_t dev_major,
			     uint32_t dev_minor, const char *path, char *out, size_t size);

/*
 * The other way round: which superblock @path is in, a path from the root directory that the table
 * is seen from, and where in it ("/proc/sys/net": that of proc, "/sys/net"). Follows no symbolic
 * link, and takes ".." for a name. -ENOENT: no mount has it, -EINVAL: not absolute, -ENAMETOOLONG.
 */
int dcm_mount_points_locate(const struct dcm_mount_points *table, const char *path,
			    uint32_t *ret_major, uint32_t *ret_minor, char *out, size_t size);

#endif
