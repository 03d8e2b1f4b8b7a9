// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/boot_id.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/fd_io.h"

void dcm_boot_id_read(const char *root, char ret[DCM_BOOT_ID_SIZE])
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX], id[DCM_BOOT_ID_SIZE] = "";
	size_t len = 0;

	ret[0] = '\0';
	snprintf(path, sizeof(path), "%s/proc/sys/kernel/random/boot_id", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dcm_fd_read_all(fd, id, sizeof(id) - 1, &len) < 0 || len != sizeof(id) - 1)
		return;
	id[len] = '\0';
	if (strspn(id, "0123456789abcdef-") == len)
		memcpy(ret, id, sizeof(id));
}
