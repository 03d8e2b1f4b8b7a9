/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells a file from its successor, and from what it was before it was written again. */
#ifndef DCM_KERNEL_FILE_STAMP_H
#define DCM_KERNEL_FILE_STAMP_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

struct dcm_file_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct dcm_file_stamp dcm_file_stamp(const struct stat *st);

bool dcm_file_stamp_equal(const struct dcm_file_stamp *a, const struct dcm_file_stamp *b);

#endif
