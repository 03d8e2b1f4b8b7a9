/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Folders as the host has them, whatever mounts and root directory the process has that names them:
 * below the mount point that `show` gives for their superblock, else "MAJOR:MINOR:PATH".
 */
#ifndef DCM_KERNEL_WHO_VIEWS_H
#define DCM_KERNEL_WHO_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dcm_who_views;

/* Where a process's path begins: at its root directory, its working directory, a descriptor. */
struct dcm_who_place {
	uint32_t pid;		  /* thread group; may have ended; 0: not known here */
	uint32_t mount_namespace; /* inode number; 0: not known */
	uint32_t dev_major, dev_minor;
	const char *inside; /* path of that directory within its superblock */
	bool is_root;	    /* ".." leads no higher */
};

/* Of the live system (@root ""), or a captured one. -ENOMEM. */
int dcm_who_views_create(const char *root, struct dcm_who_views **ret);
void dcm_who_views_destroy(struct dcm_who_views *views);

/*
 * The folder @below @place, "" or from a slash on, such as "/etc/nssdb". Crosses the mounts of the
 * process's namespace on the way there, while that or another process of the namespace is alive, at
 * @now_ns (CLOCK_MONOTONIC); else none. @out is cut to @size.
 *
 * Follows no symbolic link. openat2(RESOLVE_CACHED) would, without waiting, but not on overlayfs,
 * where containers are: it has a link read by the layer that it is in (ovl_get_link), which may be
 * of a server that does not answer, and so refuses with EAGAIN.
 */
void dcm_who_views_folder(struct dcm_who_views *views, const struct dcm_who_place *place,
			  const char *below, uint64_t now_ns, char *out, size_t size);

#endif
