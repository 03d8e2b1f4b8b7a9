/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens a mount point that somebody else has arranged the way to: below the root of a container
 * there may be a FUSE filesystem that never answers, or a symbolic link that leads elsewhere.
 */
#ifndef DCM_KERNEL_GUARDED_OPEN_H
#define DCM_KERNEL_GUARDED_OPEN_H

/*
 * Opens @path, absolute and free of symbolic links as in mountinfo, below directory @root with
 * O_PATH. What the kernel has cached of it, as it has of every mount point, needs no filesystem
 * (openat2(2), RESOLVE_CACHED, Linux 5.12); what it has not is opened in a child, which is left
 * behind after @deadline_ms. -ETIMEDOUT: a filesystem on the way does not answer; -ELOOP or
 * -ENOTDIR: a symbolic link; other -errno.
 */
int dcm_guarded_open(int root, const char *path, int deadline_ms, int *ret);

#endif
