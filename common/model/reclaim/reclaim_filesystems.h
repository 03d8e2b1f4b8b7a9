/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a reconfigure that sets no option does to each filesystem, by kernel. Pure.
 *
 * Seen on 5.10, 6.1, 6.12, 6.18 and 7.2 with options that are no defaults ("make check-filesystems"
 * does it again), or read in the source of the kernel where the table says so. It cannot be probed
 * without doing it, so this is the one place that goes by the kernel's version.
 */
#ifndef DCM_MODEL_RECLAIM_FILESYSTEMS_H
#define DCM_MODEL_RECLAIM_FILESYSTEMS_H

#include <stdbool.h>
#include <stddef.h>

#define DCM_KERNEL(major, minor) ((major) << 8 | (minor))

enum dcm_reclaim_keeping {
	DCM_RECLAIM_KEEPS,  /* what is not given keeps its value */
	DCM_RECLAIM_ASKS,   /* the same, but it may wait for a server, a daemon or a cluster */
	DCM_RECLAIM_RESETS, /* falls back to defaults, or worse: see @why */
	DCM_RECLAIM_ERRS,   /* answers an error, once the dentries are gone */
};

/* An option that a filesystem of keepers forgets all the same. Kernels as in the filesystem. */
struct dcm_reclaim_forgotten {
	const char *option; /* "noacl"; "max_atomic_write=" with any value; NULL: ends the list */
	unsigned from, until;
	const char *refusal; /* why it cannot be reconfigured; NULL: the option is set again */
};

struct dcm_reclaim_filesystem {
	const char *fstype;
	enum dcm_reclaim_keeping keeping;
	unsigned from,
		until;	 /* DCM_KERNEL(); @until is the first that behaves otherwise; 0: open */
	bool syncs;	 /* writes out all of its modified data, with s_umount held */
	bool pinned;	 /* no dentry of it is ever unused: there is nothing to free */
	bool writes;	 /* tries to become writable when it is read-only */
	const char *why; /* after its name, in place of the words for @keeping; NULL */
	const struct dcm_reclaim_forgotten *forgotten; /* NULL: none */
};

/* What is known of type @fstype ("ext4"; "fuse.sshfs" is fuse) on @kernel; NULL: nothing. */
const struct dcm_reclaim_filesystem *dcm_reclaim_filesystem(const char *fstype, unsigned kernel);

/* What @filesystem (NULL allowed) forgets that is among the @len bytes of one @option; NULL. */
const struct dcm_reclaim_forgotten *
dcm_reclaim_forgotten(const struct dcm_reclaim_filesystem *filesystem, unsigned kernel,
		      const char *option, size_t len);

/* DCM_KERNEL() of a release, "6.1.0-56-amd64"; the newest there can be when it is none. */
unsigned dcm_reclaim_kernel(const char *release);

#endif
