// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/row_place.h"

#include <stdio.h>
#include <string.h>

#include "common/model/containers/container_text.h"

char *row_place(const struct dcm_snapshot *snapshot, const struct dcm_snap_superblock *superblock)
{
	char process[64], *part;

	if (DCM_ROW_HAS(superblock, part_mountpoint) &&
	    asprintf(&part, "part: %s", dcm_snapshot_str(snapshot, superblock->part_mountpoint)) >=
		    0)
		return part;
	if (DCM_ROW_HAS(superblock, mountpoint))
		return strdup(dcm_snapshot_str(snapshot, superblock->mountpoint));
	dcm_process_text(snapshot, superblock, process, sizeof(process));
	return strdup(process);
}
