// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/cached_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/fd_io.h"

#define FIRST_SIZE 4096

int dcm_cached_file_init(struct dcm_cached_file *file, const char *root, const char *path)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", root, path[0] == '/' ? "" : "/", path) < 0)
		return -ENOMEM;
	*file = (struct dcm_cached_file){.fd = -1, .path = joined};
	return 0;
}

void dcm_cached_file_close(struct dcm_cached_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void dcm_cached_file_deinit(struct dcm_cached_file *file)
{
	if (!file->path)
		return;
	dcm_cached_file_close(file);
	free(file->path);
	file->path = NULL;
}

int dcm_cached_file_open(struct dcm_cached_file *file)
{
	if (file->fd >= 0)
		return 0;
	/* Non-blocking: in a captured tree it may be anything, such as a FIFO. */
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return file->fd < 0 ? -errno : 0;
}

/* Makes room for at least one more byte and the NUL; the content is bounded by @max. */
static int grow(char **buf, size_t *size, size_t len, size_t max)
{
	size_t wanted = *size ? *size : FIRST_SIZE;
	char *bigger;

	if (*buf && len + 1 < *size)
		return 0;
	if (*size)
		wanted = *size > SIZE_MAX / 2 ? SIZE_MAX : *size * 2;
	/* One byte beyond the bound, so that a file of exactly @max bytes shows its end. */
	if (max < SIZE_MAX - 2 && wanted > max + 2)
		wanted = max + 2;
	if (wanted <= len + 1)
		return -EFBIG;
	bigger = realloc(*buf, wanted);
	if (!bigger)
		return -ENOMEM;
	*buf = bigger;
	*size = wanted;
	return 0;
}

static int read_all(int fd, char **buf, size_t *size, size_t max, size_t *ret_len)
{
	size_t len = 0, more;

	do {
		int err = grow(buf, size, len, max);

		if (!err)
			err = dcm_fd_read_at(fd, *buf + len, *size - len - 1, len, &more);
		if (err)
			return err;
		len += more;
		if (len > max)
			return -EFBIG;
	} while (more);
	(*buf)[len] = '\0';
	*ret_len = len;
	return 0;
}

int dcm_cached_file_read(struct dcm_cached_file *file, char **buf, size_t *size, size_t max,
			 size_t *ret_len)
{
	bool fresh = file->fd < 0;
	int err;

	for (;;) {
		err = dcm_cached_file_open(file);
		if (err)
			return err;
		err = read_all(file->fd, buf, size, max, ret_len);
		if (!err || err == -EFBIG || err == -ENOMEM)
			return err;
		/* This file may be gone: try once the one that has its name now. */
		dcm_cached_file_close(file);
		if (fresh)
			return err;
		fresh = true;
	}
}

bool dcm_cached_file_is_procfs(const struct dcm_cached_file *file)
{
	struct statfs fs;

	return file->fd >= 0 && fstatfs(file->fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool dcm_cached_file_is_covered(const struct dcm_cached_file *file, const char *root)
{
	_cleanup_free_ char *proc = NULL;
	struct statfs fs;

	if (dcm_cached_file_is_procfs(file))
		return false;
	if (asprintf(&proc, "%s/proc", root) < 0)
		proc = NULL;
	return proc && statfs(proc, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}
