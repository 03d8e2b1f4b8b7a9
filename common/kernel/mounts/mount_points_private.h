/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a mount table consists of; for this room only. */
#ifndef DCM_KERNEL_MOUNT_POINTS_PRIVATE_H
#define DCM_KERNEL_MOUNT_POINTS_PRIVATE_H

#include "common/kernel/files/cached_file.h"
#include "common/kernel/files/file_stamp.h"
#include "common/kernel/mounts/mount_points.h"

#define DCM_MOUNT_SOURCES 2

/*
 * /proc/PID/mountinfo (Documentation/filesystems/proc.rst, fs/proc_namespace.c), one mount per
 * line, blanks, newlines and backslashes in names as \NNN:
 *
 *	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *	id, parent, device of the superblock, what of it is mounted, where, ... fstype ...
 */
struct mount {
	uint32_t id, parent_id;
	uint32_t dev_major, dev_minor;
	struct mount *parent;	/* NULL: outside the table */
	const char *mountpoint; /* into strings */
	const char *fs_root;
	const char *fstype;
	bool part;     /* shows less of the superblock than a mount of it does */
	bool shadowed; /* a mount next to it or on its parent covers its mountpoint */
	bool covered;  /* another mount covers its root */
	bool decided, unreachable;
};

struct dcm_mount_points {
	struct dcm_cached_file files[DCM_MOUNT_SOURCES];
	int source; /* of the mounts; meaningless while !loaded */
	bool loaded;
	bool current; /* nothing but a new change calls for reading again */
	struct dcm_file_stamp stamp;
	struct mount *mounts; /* by device, best first */
	size_t count;
	char *strings;
};

/* The part of @path below @top ("" if equal, else from a slash on); NULL if it is not below. */
const char *dcm_mount_path_below(const char *top, const char *path);

/* @below, "" or from a slash on, below @top; NUL-terminated in @out. -ENAMETOOLONG. */
int dcm_mount_path_join(const char *top, const char *below, char *out, size_t size);

/* Out of sight behind other mounts. */
static inline bool dcm_mount_is_hidden(const struct mount *mount)
{
	return mount->covered || mount->unreachable;
}

#endif
