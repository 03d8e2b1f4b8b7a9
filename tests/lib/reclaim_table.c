// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tells what is known of a filesystem: reclaim_table TYPE RELEASE prints "syncs", "pinned" and
 * "writes" as they hold. */
#include <stdio.h>

#include "common/model/reclaim/reclaim_filesystems.h"

int main(int argc, char **argv)
{
	const struct dcm_reclaim_filesystem *filesystem;

	if (argc != 3)
		return 2;
	filesystem = dcm_reclaim_filesystem(argv[1], dcm_reclaim_kernel(argv[2]));
	if (!filesystem)
		return 1;
	printf("%s%s%s\n", filesystem->syncs ? "syncs " : "", filesystem->pinned ? "pinned " : "",
	       filesystem->writes ? "writes" : "");
	return 0;
}
