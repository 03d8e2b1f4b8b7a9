/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file of /proc or /sys that is opened once and read from offset 0 ever after. */
#ifndef DCM_KERNEL_CACHED_FILE_H
#define DCM_KERNEL_CACHED_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct dcm_cached_file {
	int fd;
	char *path;
};

/* Remembers ROOT/PATH (@root "" for the live system); opens nothing yet. -ENOMEM. */
int dcm_cached_file_init(struct dcm_cached_file *file, const char *root, const char *path);
/* One that is all zero was never initialised: nothing to do. */
void dcm_cached_file_deinit(struct dcm_cached_file *file);

/* Opens it now, while the process may; otherwise the first read does. -errno. */
int dcm_cached_file_open(struct dcm_cached_file *file);

/* The next read opens it again. */
void dcm_cached_file_close(struct dcm_cached_file *file);

/*
 * Reads the whole content into *@buf (grown with realloc, at most @max bytes, always
 * NUL-terminated). Opens on first use; on a read error reopens once. Fails with -errno, -EFBIG
 * beyond @max.
 */
int dcm_cached_file_read(struct dcm_cached_file *file, char **buf, size_t *size, size_t max,
			 size_t *ret_len);

/* The open file is one of procfs. */
bool dcm_cached_file_is_procfs(const struct dcm_cached_file *file);

/*
 * The open file was mounted over one of the kernel's: @root/proc is procfs, the file is not. lxcfs
 * shows a container its own /proc/meminfo so. A captured tree is no procfs at all.
 */
bool dcm_cached_file_is_covered(const struct dcm_cached_file *file, const char *root);

#endif
