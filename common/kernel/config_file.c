// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "../base/cleanup.h"

/* One byte more than allowed, to notice a file that grew since its size was looked at. */
static int read_all(int fd, char *buf, size_t room, size_t *ret)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, buf + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	*ret = len;
	return len > DCM_CONFIG_FILE_MAX ? -EFBIG : 0;
}

int dcm_config_load(const char *path, dcm_config_error *error, void *ctx, struct dcm_config *ret)
{
	/* O_NONBLOCK: a FIFO in the file's place must not stop a daemon */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t size = 0;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	text = malloc(DCM_CONFIG_FILE_MAX + 1);
	if (!text)
		return -ENOMEM;
	err = read_all(fd, text, DCM_CONFIG_FILE_MAX + 1, &size);
	return err ? err : dcm_config_parse(text, size, error, ctx, ret);
}
