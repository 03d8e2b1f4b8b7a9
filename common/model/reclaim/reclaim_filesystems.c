// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_filesystems.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/parse/number.h"

#define K(major, minor) DCM_KERNEL(major, minor)
#define KEEPS(type)	.fstype = (type), .keeping = DCM_RECLAIM_KEEPS
#define ASKS(type)	.fstype = (type), .keeping = DCM_RECLAIM_ASKS
#define RESETS(type)	.fstype = (type), .keeping = DCM_RECLAIM_RESETS
#define ERRS(type)	.fstype = (type), .keeping = DCM_RECLAIM_ERRS

static const struct dcm_reclaim_forgotten btrfs_forgets[] = {
	{"noacl", K(6, 8), 0, NULL},
	{NULL, 0, 0, NULL},
};
/* lazytime: seen lost on 5.10, kept on 6.1. i_version, source: f25391ebb475 (5.9) cleared it,
 * 1ff20307393e (6.1) ended that. */
static const struct dcm_reclaim_forgotten ext4_forgets[] = {
	{"lazytime", 0, K(6, 1), NULL},
	{"i_version", K(5, 9), K(6, 1), "a reconfigure takes i_version from ext4 in this kernel"},
	{NULL, 0, 0, NULL},
};
static const struct dcm_reclaim_forgotten xfs_forgets[] = {
	{"inode32", 0, 0, NULL},
	{"max_atomic_write=", K(6, 16), 0, NULL},
	{NULL, 0, 0, NULL},
};
static const struct dcm_reclaim_forgotten squashfs_forgets[] = {
	{"errors=panic", 0, 0, NULL},
	{NULL, 0, 0, NULL},
};

/* Rows of one type have kernels that do not overlap. */
static const struct dcm_reclaim_filesystem filesystems[] = {
	/* With a block device. */
	{KEEPS("btrfs"), .syncs = true, .writes = true, .forgotten = btrfs_forgets},
	/* The driver of its own synchronises; ext4's, which serves ext2 as well, does not. */
	{KEEPS("ext2"), .syncs = true, .writes = true, .forgotten = ext4_forgets},
	{KEEPS("ext3"), .writes = true, .forgotten = ext4_forgets},
	{KEEPS("ext4"), .writes = true, .forgotten = ext4_forgets},
	/* Seen: 6.1 synchronises, 6.12 does not. */
	{KEEPS("xfs"), .until = K(6, 12), .syncs = true, .writes = true, .forgotten = xfs_forgets},
	{KEEPS("xfs"), .from = K(6, 12), .writes = true, .forgotten = xfs_forgets},
	{KEEPS("jfs"), .syncs = true, .writes = true},
	{KEEPS("vfat"), .syncs = true},
	{KEEPS("msdos"), .syncs = true}, /* the driver of vfat */
	{KEEPS("exfat"), .until = K(6, 13), .syncs = true},
	/* Seen on 7.2: errors= and discard fall back, time_offset= is answered with EINVAL. */
	{RESETS("exfat"), .from = K(6, 13), .syncs = true},
	{KEEPS("udf"), .syncs = true},
	{KEEPS("iso9660"), .syncs = true},
	{KEEPS("hfs"), .syncs = true},
	{KEEPS("hfsplus"), .syncs = true},
	{KEEPS("minix"), .syncs = true},
	{KEEPS("reiserfs"), .syncs = true},
	{KEEPS("bfs")},
	{KEEPS("ufs"), .syncs = true},
	{KEEPS("squashfs"), .syncs = true, .forgotten = squashfs_forgets},
	/* Source: in between, ntfs3 served this name. */
	{RESETS("ntfs"), .from = K(6, 9), .until = K(7, 2), .syncs = true},
	{KEEPS("ntfs"), .from = K(7, 2), .syncs = true},
	{RESETS("ntfs3"), .syncs = true},
	{RESETS("erofs")},
	{RESETS("f2fs"), .syncs = true, .writes = true},
	{KEEPS("nilfs2"), .until = K(6, 2), .syncs = true, .writes = true},
	/* Seen on 6.12. */
	{RESETS("nilfs2"), .from = K(6, 2), .syncs = true, .writes = true},
	{RESETS("affs"), .syncs = true},
	{RESETS("zonefs"), .syncs = true}, /* source */
	/* Without one. */
	{KEEPS("overlay")},
	{KEEPS("proc")},
	{KEEPS("sysfs")},
	{KEEPS("tmpfs"), .pinned = true},
	{KEEPS("ramfs"), .pinned = true},
	{KEEPS("hugetlbfs"), .pinned = true},
	{KEEPS("mqueue"), .pinned = true},
	{KEEPS("bpf"), .pinned = true},
	{KEEPS("configfs"), .pinned = true},
	{KEEPS("binfmt_misc"), .pinned = true},
	{KEEPS("securityfs"), .pinned = true},
	{KEEPS("pstore"), .pinned = true},
	{RESETS("cgroup2")},
	/* Source: without a name, an empty hierarchy would lose its controllers. */
	{RESETS("cgroup"), .why = "(version 1) answers a reconfigure with an error about its name, "
				  "or loses controllers"},
	{RESETS("devpts")},
	{RESETS("debugfs")},
	{RESETS("tracefs")},
	/* Behind a server, a daemon or a cluster. */
	{ASKS("9p")},
	{ASKS("afs")},
	{ASKS("coda"), .syncs = true},
	{ASKS("fuse"), .syncs = true},
	{ASKS("fuseblk"), .syncs = true},
	{ASKS("virtiofs"), .syncs = true},
	{ASKS("gfs2"), .syncs = true},
	{ASKS("gpfs"), .syncs = true},
	{ASKS("lustre"), .syncs = true},
	{ASKS("nfs"), .syncs = true},
	{ASKS("nfs4"), .syncs = true},
	{ERRS("ocfs2"), .syncs = true},
	/* Seen: 5.10 keeps all, 6.1 does not. Source: since 24e0a1eff9e2 (5.11). */
	{ASKS("cifs"), .until = K(5, 11), .syncs = true},
	{ASKS("smb3"), .until = K(5, 11), .syncs = true},
	{RESETS("cifs"), .from = K(5, 11), .syncs = true},
	{RESETS("smb3"), .from = K(5, 11), .syncs = true},
	/* Source. */
	{RESETS("ceph"), .syncs = true},
	{RESETS("orangefs"), .syncs = true},
	{RESETS("vboxsf"), .syncs = true},
};

static bool is_within(unsigned kernel, unsigned from, unsigned until)
{
	return kernel >= from && (!until || kernel < until);
}

const struct dcm_reclaim_filesystem *dcm_reclaim_filesystem(const char *fstype, unsigned kernel)
{
	size_t len = strcspn(fstype, ".");

	for (size_t i = 0; i < DCM_ARRAY_SIZE(filesystems); i++)
		if (strlen(filesystems[i].fstype) == len &&
		    !strncmp(filesystems[i].fstype, fstype, len) &&
		    is_within(kernel, filesystems[i].from, filesystems[i].until))
			return &filesystems[i];
	return NULL;
}

/* "errors=panic" is that option, "max_atomic_write=" begins one. */
static bool is_option(const char *name, const char *option, size_t len)
{
	size_t name_len = strlen(name);

	return !strncmp(name, option, name_len < len ? name_len : len) &&
	       (len == name_len || (len > name_len && name[name_len - 1] == '='));
}

const struct dcm_reclaim_forgotten *
dcm_reclaim_forgotten(const struct dcm_reclaim_filesystem *filesystem, unsigned kernel,
		      const char *option, size_t len)
{
	const struct dcm_reclaim_forgotten *forgotten = filesystem ? filesystem->forgotten : NULL;

	for (; forgotten && forgotten->option; forgotten++)
		if (is_option(forgotten->option, option, len) &&
		    is_within(kernel, forgotten->from, forgotten->until))
			return forgotten;
	return NULL;
}

unsigned dcm_reclaim_kernel(const char *release)
{
	uint64_t major, minor;

	if (dcm_number_leading(&release, &major) || *release++ != '.' ||
	    dcm_number_leading(&release, &minor) || major > 255 || minor > 255)
		return UINT_MAX;
	return DCM_KERNEL((unsigned)major, (unsigned)minor);
}
