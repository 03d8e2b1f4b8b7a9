/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How much a filesystem that synchronises when it is reconfigured would have to write. */
#ifndef DCM_KERNEL_RECLAIM_DIRTY_H
#define DCM_KERNEL_RECLAIM_DIRTY_H

#include <stdbool.h>
#include <stdint.h>

/* What the kernel takes a disk to write before it has seen it do so (INIT_BW, mm/backing-dev.c). */
#define DCM_WRITE_BYTES_PER_SECOND (100u << 20)

struct dcm_reclaim_dirty {
	uint64_t bytes; /* modified and not on the disk yet */
	bool own;	/* false: of all filesystems, an upper limit */
};

/* @root is "" for the live system. The disk's own numbers are in debugfs, by its device number
 * (mm/backing-dev.c); without them, those of all disks are in /proc/meminfo. -errno. */
int dcm_reclaim_dirty(const char *root, uint32_t dev_major, uint32_t dev_minor,
		      struct dcm_reclaim_dirty *ret);

#endif
