// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/fd_io.h"

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
	/* one byte more than allowed, to notice a file that grew since its size was looked at */
	err = dcm_fd_read_all(fd, text, DCM_CONFIG_FILE_MAX + 1, &size);
	if (!err && size > DCM_CONFIG_FILE_MAX)
		err = -EFBIG;
	return err ? err : dcm_config_parse(text, size, error, ctx, ret);
}
