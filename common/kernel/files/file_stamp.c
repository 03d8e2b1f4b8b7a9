// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/file_stamp.h"

struct dcm_file_stamp dcm_file_stamp(const struct stat *st)
{
	return (struct dcm_file_stamp){st->st_dev, st->st_ino, st->st_size, st->st_mtim};
}

/* Member by member, to ignore padding. */
bool dcm_file_stamp_equal(const struct dcm_file_stamp *a, const struct dcm_file_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec;
}
