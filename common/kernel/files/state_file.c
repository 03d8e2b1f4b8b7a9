// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/kernel/files/fd_io.h"

static int fail(struct dcm_reason *reason, int err, const char *what, const char *path)
{
	return dcm_reason_set(reason, -err, "%s %s: %s", what, path, strerror(err));
}

/* ---- reading ---- */

int dcm_state_file_read(const char *path, size_t max, struct dcm_reason *reason, void **ret,
			size_t *ret_size)
{
	/* O_NONBLOCK: a FIFO in this place must not stop the start */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ char *buf = NULL;
	struct stat st;
	size_t len = 0;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(reason, errno, "reading", path);
	if (!S_ISREG(st.st_mode))
		return dcm_reason_set(reason, -EINVAL, "%s is not a regular file", path);
	if ((uint64_t)st.st_size > max)
		return dcm_reason_set(reason, -EFBIG, "%s has more than %zu bytes", path, max);
	buf = malloc(st.st_size + 1);
	if (!buf)
		return fail(reason, ENOMEM, "reading", path);
	/* up to its size when it was opened, even if the file grows meanwhile */
	err = dcm_fd_read_all(fd, buf, st.st_size, &len);
	if (err)
		return fail(reason, -err, "reading", path);
	*ret = dcm_take_ptr(buf);
	*ret_size = len;
	return 0;
}

/* ---- writing ---- */

/* O_EXCL after the unlink: neither a link nor a FIFO of somebody else is written through. */
static int write_temporary(const char *path, const void *data, size_t size, mode_t mode)
{
	_cleanup_close_ int fd = -1;
	int err;

	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	err = dcm_fd_write_all(fd, data, size);
	if (!err && fsync(fd) < 0)
		err = -errno;
	return err;
}

/* The rename itself must be on the disk too. */
static int sync_folder(const char *path)
{
	_cleanup_close_ int fd = -1;
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (!slash) {
		strcpy(folder, ".");
	} else {
		if ((size_t)(slash - path) + 2 > sizeof(folder))
			return -ENAMETOOLONG;
		memcpy(folder, path, slash - path + 1);
		folder[slash - path + 1] = '\0';
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* What is no file would be gone: a FIFO that somebody reads, or /dev/null for everybody. A folder
 * cannot be replaced anyway. */
static bool is_other_than_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int dcm_state_file_replace(const char *path, const void *data, size_t size, mode_t mode,
			   struct dcm_reason *reason)
{
	char temporary[PATH_MAX];
	int err;

	if (is_other_than_file(path))
		return dcm_reason_set(reason, -EINVAL, "%s is not a regular file", path);
	if (snprintf(temporary, sizeof(temporary), "%s.tmp", path) >= (int)sizeof(temporary))
		return fail(reason, ENAMETOOLONG, "writing", path);
	err = write_temporary(temporary, data, size, mode);
	if (!err && rename(temporary, path) < 0)
		err = -errno;
	if (err) {
		unlink(temporary);
		return fail(reason, -err, "writing", path);
	}
	err = sync_folder(path);
	return err ? fail(reason, -err, "writing", path) : 0;
}

int dcm_state_file_write(const char *path, const void *data, size_t size, struct dcm_reason *reason)
{
	return dcm_state_file_replace(path, data, size, 0640, reason);
}

int dcm_state_folder_make(const char *path, struct dcm_reason *reason)
{
	struct stat st;

	if (mkdir(path, 0750) == 0)
		return 0;
	if (errno != EEXIST)
		return fail(reason, errno, "making", path);
	if (stat(path, &st) < 0)
		return fail(reason, errno, "making", path);
	return S_ISDIR(st.st_mode) ? 0 : fail(reason, ENOTDIR, "making", path);
}

/* ---- pace ---- */

void dcm_state_pace_change(struct dcm_state_pace *pace)
{
	pace->changed = true;
}

bool dcm_state_pace_due(struct dcm_state_pace *pace, uint64_t now_ns)
{
	if (!pace->changed)
		return false;
	if (pace->written && now_ns >= pace->written_ns &&
	    now_ns - pace->written_ns < DCM_NSEC_PER_SEC)
		return false;
	pace->changed = false;
	pace->written = true;
	pace->written_ns = now_ns;
	return true;
}
