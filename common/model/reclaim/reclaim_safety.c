// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_safety.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/base/cleanup.h"

#define SHRINK_SECONDS_WITH_INODE 2e-6

const char *const dcm_reclaim_kept_flags[] = {"ro", "sync", "dirsync", "lazytime", NULL};

/* Read in the kernel's source: what is not given keeps its value. */
static const char *const keepers[] = {"btrfs", "ext2",	"ext3",	 "ext4",  "overlay",
				      "proc",  "ramfs", "sysfs", "tmpfs", "xfs"};

/* A reconfigure synchronises, or asks the server: it may wait for somebody else. */
static const char *const remote[] = {"9p",	"afs",	    "ceph", "cifs",    "coda",	 "fuse",
				     "fuseblk", "gfs2",	    "gpfs", "nfs",     "lustre", "ocfs2",
				     "nfs4",	"orangefs", "smb3", "virtiofs"};

/* Read in the kernel's source: they fall back to defaults. */
static const char *const resetters[] = {"cgroup", "cgroup2", "devpts", "f2fs"};

static bool is_among(const char *fstype, const char *const *list, size_t count)
{
	size_t len = strcspn(fstype, "."); /* "fuse.sshfs" */

	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == len && !strncmp(list[i], fstype, len))
			return true;
	return false;
}

bool dcm_reclaim_has_option(const char *options, const char *option)
{
	size_t len = strlen(option);

	while (*options) {
		size_t here = strcspn(options, ",");

		if (here == len && !strncmp(options, option, len))
			return true;
		options += here + (options[here] == ',');
	}
	return false;
}

double dcm_reclaim_predict(const char *fstype, uint64_t unused)
{
	bool with_inode = !strcmp(fstype, "proc") || !strcmp(fstype, "sysfs");

	return (double)unused *
	       (with_inode ? SHRINK_SECONDS_WITH_INODE : DCM_SHRINK_SECONDS_PER_DENTRY);
}

enum dcm_reclaim_safety dcm_reclaim_judge(const char *fstype, const char *options,
					  struct dcm_reason *reason)
{
	if (is_among(fstype, resetters, DCM_ARRAY_SIZE(resetters))) {
		dcm_reason_set(reason, 0,
			       "%s falls back to its default mount options when it is reconfigured",
			       fstype);
		return DCM_RECLAIM_REFUSE;
	}
	if (!strcmp(fstype, "xfs") && dcm_reclaim_has_option(options, "inode32")) {
		dcm_reason_set(reason, 0,
			       "a reconfigure turns xfs with inode32 into inode64; use "
			       "mount -o remount,inode32");
		return DCM_RECLAIM_REFUSE;
	}
	if (is_among(fstype, remote, DCM_ARRAY_SIZE(remote))) {
		dcm_reason_set(reason, 0,
			       "%s may ask its server when it is reconfigured, and wait for it",
			       fstype);
		return DCM_RECLAIM_FORCE;
	}
	if (is_among(fstype, keepers, DCM_ARRAY_SIZE(keepers)))
		return DCM_RECLAIM_SAFE;
	dcm_reason_set(reason, 0, "%s is not known to keep its mount options", fstype);
	return DCM_RECLAIM_FORCE;
}
