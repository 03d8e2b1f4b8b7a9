/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file of a process in /proc, read once. */
#ifndef DCM_KERNEL_PROCESS_FILE_H
#define DCM_KERNEL_PROCESS_FILE_H

#include <sys/types.h>

#include "common/parse/span.h"

/* @pid/@name below @proc into *@text, which grows as dcm_cached_file_read() has it; @ret is part of
 * that. -errno, -EFBIG beyond @max. */
int dcm_process_file_read(const char *proc, pid_t pid, const char *name, size_t max, char **text,
			  size_t *size, struct dcm_span *ret);

#endif
