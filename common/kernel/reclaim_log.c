// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reclaim_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/cleanup.h"
#include "../base/clock.h"
#include "fd_io.h"

#define PATH_SIZE 4096

/* The whole file, at most its limit and one more line. */
static int read_file(const char *path, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	size_t room = DCM_RECLAIM_LOG_MAX + 1024;
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err;

	if (fd < 0)
		return -errno;
	text = malloc(room + 1);
	if (!text)
		return -ENOMEM;
	err = dcm_fd_read_all(fd, text, room, &len);
	if (err)
		return err;
	text[len] = '\0';
	*ret_len = strlen(text);
	*ret = dcm_take_ptr(text);
	return 0;
}

int dcm_reclaim_log_read(const char *path, struct dcm_reclaim_past **ret, size_t *ret_count)
{
	_cleanup_free_ struct dcm_reclaim_past *past = NULL;
	_cleanup_free_ char *text = NULL;
	size_t len = 0, count = 0;
	int err = read_file(path, &text, &len);

	if (err && err != -ENOENT)
		return err;
	past = calloc(len / 8 + 1, sizeof(*past)); /* a line has more than 8 bytes */
	if (!past)
		return -ENOMEM;
	for (char *line = text; line && *line;) {
		char *end = strchrnul(line, '\n');
		struct dcm_reclaim_past one;
		int64_t seconds;

		if (sscanf(line, "%" SCNd64 " %" SCNu32 ":%" SCNu32 " ", &seconds, &one.dev_major,
			   &one.dev_minor) == 3 &&
		    seconds >= 0 && seconds <= INT64_MAX / (int64_t)DCM_NSEC_PER_SEC &&
		    count <= len / 8) {
			one.time_ns = seconds * (int64_t)DCM_NSEC_PER_SEC;
			past[count++] = one;
		}
		line = end + (*end == '\n');
	}
	*ret = dcm_take_ptr(past);
	*ret_count = count;
	return 0;
}

/* Keeps the younger half, as a whole new file. */
static int shorten(const char *path)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	char fresh[PATH_SIZE];
	const char *keep;
	size_t len;
	int err = read_file(path, &text, &len);

	if (err)
		return err;
	keep = strchr(text + len / 2, '\n');
	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh))
		return -ENAMETOOLONG;
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = keep ? dcm_fd_write_all(fd, keep + 1, strlen(keep + 1)) : 0;
	if (!err && rename(fresh, path))
		err = -errno;
	if (err)
		unlink(fresh);
	return err;
}

int dcm_reclaim_log_append(const char *path, const char *line)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int err;

	if (lstat(path, &st) == 0 && st.st_size > DCM_RECLAIM_LOG_MAX) {
		err = shorten(path);
		if (err)
			return err;
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	return dcm_fd_write_all(fd, line, strlen(line));
}
