// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/fd_io.h"

#define STEP (O_PATH | O_NOFOLLOW | O_CLOEXEC)

/* From directory @from on, which it closes, one component of @path after the other. */
static int walk(int from, const char *path, int *ret)
{
	_cleanup_close_ int at = from;
	char name[256];

	for (;;) {
		size_t len;
		int next;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			break;
		if (len >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		/* A folder but for the last one: a link to one is refused. */
		next = openat(at, name, STEP | (*path ? O_DIRECTORY : 0));
		if (next < 0)
			return -errno;
		close(at);
		at = next;
	}
	*ret = dcm_take_fd(at);
	return 0;
}

static int open_path(const struct dcm_state_root *root, const char *path, int *ret)
{
	int top = open(root->foreign ? "/" : root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (top < 0)
		return -errno;
	err = root->foreign ? walk(top, root->path, &top) : 0;
	return err ? err : walk(top, path, ret);
}

/* O_PATH touches no device and waits for no FIFO: only what was looked at is opened in earnest. */
static int reopen(int fd, int flags, int *ret)
{
	char path[32];
	int opened;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	if (opened < 0)
		return -errno;
	*ret = opened;
	return 0;
}

int dcm_container_file_open(const struct dcm_state_root *root, const char *path, size_t max,
			    struct dcm_file_stamp *ret_stamp, int *ret)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int err = open_path(root, path, &fd);

	if (err)
		return err;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return -EFBIG;
	err = reopen(fd, 0, ret);
	if (!err)
		*ret_stamp = dcm_file_stamp(&st);
	return err;
}

int dcm_container_folder_open(const struct dcm_state_root *root, const char *path, int *ret)
{
	_cleanup_close_ int fd = -1;
	int err = open_path(root, path, &fd);

	return err ? err : reopen(fd, O_DIRECTORY, ret);
}

int dcm_container_file_read(int fd, const struct dcm_file_stamp *stamp, char **ret, size_t *ret_len)
{
	size_t size = (size_t)stamp->size, len;
	_cleanup_free_ char *text = malloc(size + 1);
	int err;

	if (!text)
		return -ENOMEM;
	err = dcm_fd_read_all(fd, text, size + 1, &len);
	if (err)
		return err;
	if (len > size)
		return -EFBIG;
	text[len] = '\0';
	*ret = dcm_take_ptr(text);
	*ret_len = len;
	return 0;
}
