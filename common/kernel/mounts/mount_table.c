// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/mounts/mount_table.h"

#include <errno.h>

#include "common/base/cleanup.h"

static int skip_line(struct libmnt_table *table __attribute__((unused)),
		     const char *name __attribute__((unused)), int line __attribute__((unused)))
{
	return 1;
}

int dcm_mount_table_read(FILE *stream, struct libmnt_table **ret)
{
	_cleanup_(dcm_mount_table_unrefp) struct libmnt_table *table = mnt_new_table();

	if (!table)
		return -ENOMEM;
	mnt_table_set_parser_errcb(table, skip_line);
	if (stream && mnt_table_parse_stream(table, stream, "mountinfo"))
		return -EINVAL;
	*ret = dcm_take_ptr(table);
	return 0;
}

int dcm_mount_table_parse(char *text, size_t len, struct libmnt_table **ret)
{
	/* fmemopen(3) refuses an empty buffer on some systems. */
	_cleanup_fclose_ FILE *stream = len ? fmemopen(text, len, "r") : NULL;

	if (len && !stream)
		return -errno;
	return dcm_mount_table_read(stream, ret);
}

void dcm_mount_table_unrefp(struct libmnt_table **table)
{
	mnt_unref_table(*table);
}

void dcm_mount_iter_freep(struct libmnt_iter **iter)
{
	mnt_free_iter(*iter);
}
