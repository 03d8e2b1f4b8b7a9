/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_CLI_ROW_PLACE_H
#define DCM_CLI_ROW_PLACE_H

#include "common/model/snapshot/snapshot.h"

/*
 * Where @superblock is: its mount point; "part: /etc/hosts" where only a part is mounted, which is
 * no name for all of it; where the host has it not mounted, who has. "" where nothing is known. A
 * new string of raw bytes; NULL when memory is short.
 */
char *row_place(const struct dcm_snapshot *snapshot, const struct dcm_snap_superblock *superblock);

#endif
