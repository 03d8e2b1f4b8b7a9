// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>

#include "common/sampling/collector_private.h"

void dcm_host_path(const struct dcm_collector *collector, const struct dcm_superblock *superblock,
		   const char *path, bool complete, char *out, size_t size)
{
	if (!complete) {
		snprintf(out, size, "...%s", path);
		return;
	}
	if (superblock &&
	    dcm_mount_points_resolve(collector->mounts.table, superblock->walk.dev_major,
				     superblock->walk.dev_minor, path, out, size) == 0)
		return;
	if (superblock)
		snprintf(out, size, "%u:%u:%s", superblock->walk.dev_major,
			 superblock->walk.dev_minor, path);
	else
		snprintf(out, size, "%s", path);
}
