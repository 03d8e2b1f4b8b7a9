/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A temporary root folder that stands for a captured system. */
#ifndef DCM_TESTS_TREE_H
#define DCM_TESTS_TREE_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"

struct tree {
	char root[64];
};

static inline void tree_create(struct tree *tree)
{
	snprintf(tree->root, sizeof(tree->root), "/tmp/dcachemon-tree.XXXXXX");
	assert_non_null(mkdtemp(tree->root));
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	return remove(path);
}

static inline void tree_destroy(struct tree *tree)
{
	nftw(tree->root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Full path of @path ("/a/b") in a buffer of the caller; parents are made. */
static inline const char *tree_path(const struct tree *tree, const char *path, char out[512])
{
	snprintf(out, 512, "%s%s", tree->root, path);
	for (char *slash = out + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(out, 0755);
		*slash = '/';
	}
	return out;
}

/* Writes in place: the file keeps its inode. */
static inline void tree_write(const struct tree *tree, const char *path, const char *bytes,
			      size_t len)
{
	char full[512];
	_cleanup_close_ int fd =
		open(tree_path(tree, path, full), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		assert_true(n > 0);
		bytes += n;
		len -= (size_t)n;
	}
}

/* Open descriptors of this process. */
static inline size_t tree_count_fds(void)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	return count;
}

#endif
