/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files that runtimes keep about their containers. Some lie in folders of ordinary users, who may
 * put anything there: below its root no symbolic link is followed, and only regular files of a
 * bounded size are read.
 */
#ifndef DCM_KERNEL_CONTAINER_FILES_H
#define DCM_KERNEL_CONTAINER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/kernel/files/file_stamp.h"

/* A folder that a runtime keeps its files in. */
struct dcm_state_root {
	const char *path;
	bool foreign; /* not configured: no link is followed on the way to it either */
};

/*
 * Opens @path, relative, below @root for reading. -ELOOP or -ENOTDIR: a symbolic link; -EINVAL: no
 * regular file; -EFBIG: of more than @max bytes; other -errno of open(2).
 */
int dcm_container_file_open(const struct dcm_state_root *root, const char *path, size_t max,
			    struct dcm_file_stamp *ret_stamp, int *ret);

/* The directory @path below @root, for fdopendir(3). */
int dcm_container_folder_open(const struct dcm_state_root *root, const char *path, int *ret);

/* What is in the file, which had that stamp; the caller frees it. -EFBIG: it has grown. -ENOMEM. */
int dcm_container_file_read(int fd, const struct dcm_file_stamp *stamp, char **ret,
			    size_t *ret_len);

#endif
