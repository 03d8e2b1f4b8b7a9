// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/process_rss.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "common/base/cleanup.h"

/* /proc/self/statm: "SIZE RESIDENT SHARED ..." in pages (proc(5)). */
int dcm_process_rss(uint64_t *ret)
{
	_cleanup_close_ int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	unsigned long long size, resident;
	char text[128];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -ENODATA;
	text[n] = '\0';
	if (sscanf(text, "%llu %llu", &size, &resident) != 2)
		return -EINVAL;
	*ret = resident * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}
