/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the rules of [reclaim] have done, one line each, so that the interval holds over restarts:
 *
 *   TIME MAJOR:MINOR TYPE BEFORE AFTER SECONDS     (TIME: seconds since 1970; "-": not known)
 */
#ifndef DCM_KERNEL_RECLAIM_LOG_H
#define DCM_KERNEL_RECLAIM_LOG_H

#include <stddef.h>

#include "../model/reclaim_rules.h"

#define DCM_RECLAIM_LOG_MAX (64u << 10) /* bytes; the older half goes when it is full */

/* A missing file is an empty one; lines that make no sense are passed over. @ret is free()d. */
int dcm_reclaim_log_read(const char *path, struct dcm_reclaim_past **ret, size_t *ret_count);

/* Appends @line (with its newline), and shortens the file first when it is full. */
int dcm_reclaim_log_append(const char *path, const char *line);

#endif
