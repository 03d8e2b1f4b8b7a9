/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names that are known to be in the dentry cache: what a calibration goes by. */
#ifndef DCM_KERNEL_KCORE_PLANTED_H
#define DCM_KERNEL_KCORE_PLANTED_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"

#define DCM_PLANTED_ROOM 256

struct dcm_planted_name {
	char name[64];
	uint64_t ino; /* 0: there is no such file */
};

/* Children of one folder, of which nobody holds one. */
struct dcm_planted {
	char folder[64]; /* its name */
	char fstype[32];
	uint64_t ino; /* its inode */
	uint32_t dev; /* its superblock's: major << 20 | minor */
	struct dcm_planted_name names[DCM_PLANTED_ROOM];
	size_t count;

	/* Of dcm_planted_make(): what is to be removed. */
	char path[128];
	int fd;
};

/*
 * Reads them from a file: "dir DEV FSTYPE INO NAME", DEV in hexadecimal, then "missing NAME" or
 * "existing INO NAME" a line. -errno with a reason; -EINVAL for anything else.
 */
int dcm_planted_read(const char *path, struct dcm_reason *reason, struct dcm_planted *ret);

/*
 * Makes a folder with such names, where a filesystem keeps missing ones, and looks each up. To be
 * removed by dcm_planted_remove(). -EOPNOTSUPP with a reason: there is no such folder.
 */
int dcm_planted_make(struct dcm_reason *reason, struct dcm_planted *ret);
void dcm_planted_remove(struct dcm_planted *planted);

#endif
