/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names that are known to be in the dentry cache: what a calibration goes by. */
#ifndef DCM_KERNEL_KCORE_PLANTED_H
#define DCM_KERNEL_KCORE_PLANTED_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"

#define DCM_PLANTED_ROOM       256
#define DCM_PLANTED_NAMESPACES 64
#define DCM_PLANTED_CHANGES    6

struct dcm_kcore;

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

	/* Numbers of network namespaces (/proc/PID/ns/net), our own first. */
	uint32_t namespaces[DCM_PLANTED_NAMESPACES];
	size_t namespace_count;

	/* Of dcm_planted_make(): what is to be removed; names that were missing below. */
	char path[128];
	int fd;
	unsigned made;

	/* Of dcm_planted_read(): core files of the same memory, and how many more of the
	 * superblock's entries were unused in each than in the one before. */
	struct dcm_planted_later {
		char core[256];
		int by;
	} later[DCM_PLANTED_CHANGES];
	size_t later_count;
};

/*
 * Reads them from a file: "dir DEV FSTYPE INO NAME", DEV in hexadecimal, then "missing NAME",
 * "existing INO NAME", "namespace NUMBER" or "later BY CORE" a line, CORE beside this file. -errno
 * with a reason; -EINVAL for anything else.
 */
int dcm_planted_read(const char *path, struct dcm_reason *reason, struct dcm_planted *ret);

/*
 * Makes a folder with such names, where a filesystem keeps missing ones, and looks each up. To be
 * removed by dcm_planted_remove(). -EOPNOTSUPP with a reason: there is no such folder.
 */
int dcm_planted_make(struct dcm_reason *reason, struct dcm_planted *ret);

/*
 * The next of DCM_PLANTED_CHANGES, from 0 on: *@ret more of the superblock's entries are unused, or
 * fewer when it is negative. Made by looking up further names, and by removing the folder they were
 * missing in; of names that were read, @memory becomes what it was later. After the last one all is
 * as it was. -errno: it cannot.
 */
int dcm_planted_change(struct dcm_planted *planted, struct dcm_kcore *memory, unsigned change,
		       int64_t *ret);

void dcm_planted_remove(struct dcm_planted *planted);

#endif
