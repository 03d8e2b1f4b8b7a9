/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shrinks one superblock through the debugfs files of its shrinker (mm/shrinker_debug.c,
 * CONFIG_SHRINKER_DEBUG, 6.0) in steps that are bounded, however many dentries there are. A step
 * holds s_umount for reading only. Its unused inodes go as well.
 */
#ifndef DCM_KERNEL_RECLAIM_SHRINKER_H
#define DCM_KERNEL_RECLAIM_SHRINKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"

#define DCM_SHRINKER_FOLDER "/sys/kernel/debug/shrinker"

/*
 * Folder of the shrinker of the superblock with type @fstype and name @id (s_id), in @out. Below
 * @folder they are called "sb-TYPE:ID-NUMBER", or "sb-TYPE-NUMBER" where the kernel gives no
 * name: such a one is taken only when @only says that no other superblock has the type.
 * -EOPNOTSUPP: no such files here; -ENODATA: they would free nothing (reclaim_pressure.h);
 * -ENOTUNIQ: several fit.
 */
int dcm_shrinker_find(const char *folder, const char *fstype, const char *id, bool only, char *out,
		      size_t size);

struct dcm_shrinker_run {
	const char *shrinker; /* what dcm_shrinker_find() wrote; not owned */
	uint64_t objects;     /* that a scan looks at, at most */
	uint64_t least, scans;
	unsigned idle;
};

void dcm_shrinker_run_init(struct dcm_shrinker_run *run, const char *shrinker, uint64_t objects);

/*
 * One scan of @run->objects per memory control group and node that has any. *@ret_more is false
 * once nothing moves any more. -errno with a reason.
 */
int dcm_shrinker_run_step(struct dcm_shrinker_run *run, struct dcm_reason *reason, bool *ret_more);

#endif
