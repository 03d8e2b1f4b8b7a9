/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which superblocks are shown one by one, and under which names. Pure. */
#ifndef DCM_COLLECTD_SERIES_SELECT_H
#define DCM_COLLECTD_SERIES_SELECT_H

#include "collectd-plugin/values.h"

struct dcm_superblock_pick {
	const struct dcm_snap_superblock *row;
	char instance[DCM_INSTANCE_SIZE];
};

struct dcm_superblock_picks {
	struct dcm_superblock_pick *singles; /* most unused entries first */
	size_t single_count;
	const struct dcm_snap_superblock **others; /* selected, but not among the largest */
	size_t other_count;
};

/* Applies selection and limit. -ENOMEM. */
int dcm_series_select_pick(const struct dcm_snapshot *snapshot,
			   const struct dcm_plugin_options *options,
			   struct dcm_superblock_picks *ret);
void dcm_series_select_deinit(struct dcm_superblock_picks *picks);

/*
 * "superblock-FSTYPE-MOUNTPOINT", the device number where nothing is mounted. A container's has the
 * short id of its name (roster.h) in place of the path, "superblock-overlay-4f5bbf8e7c11": unique,
 * and the same as long as the superblock lives. If @options say so it is
 * "superblock-FSTYPE-container_NAME" by the name of the container.
 */
void dcm_series_select_name(const struct dcm_snapshot *snapshot,
			    const struct dcm_plugin_options *options,
			    const struct dcm_snap_superblock *row, char ret[DCM_INSTANCE_SIZE]);

#endif
