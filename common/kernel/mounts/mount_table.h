/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* libmount's table of a mountinfo file, without the lines that are damaged. */
#ifndef DCM_KERNEL_MOUNT_TABLE_H
#define DCM_KERNEL_MOUNT_TABLE_H

#include <libmount.h>
#include <stddef.h>
#include <stdio.h>

/* Reads to the end of @stream; NULL: an empty table. 0, -ENOMEM or -EINVAL; the caller owns it. */
int dcm_mount_table_read(FILE *stream, struct libmnt_table **ret);

/* The same of @len bytes of text. Nothing at all is legal: nothing is mounted below the reader's
 * root. */
int dcm_mount_table_parse(char *text, size_t len, struct libmnt_table **ret);

/* For _cleanup_() */
void dcm_mount_table_unrefp(struct libmnt_table **table);
void dcm_mount_iter_freep(struct libmnt_iter **iter);

#endif
