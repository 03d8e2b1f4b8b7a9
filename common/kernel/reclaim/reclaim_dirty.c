// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_dirty.h"

#include <stdio.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/cached_file.h"
#include "common/parse/meminfo.h"

#define SIZE_MAX_KEPT (64u << 10)

/* The sum of two lines of a file. */
static int read_sum(const char *root, const char *path, const char *first, const char *second,
		    uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_cached_file file;
	uint64_t a, b;
	size_t size = 0, len;
	int err = dcm_cached_file_init(&file, root, path);

	if (err)
		return err;
	err = dcm_cached_file_read(&file, &text, &size, SIZE_MAX_KEPT, &len);
	dcm_cached_file_deinit(&file);
	if (!err)
		err = dcm_meminfo_value(text, len, first, &a);
	if (!err)
		err = dcm_meminfo_value(text, len, second, &b);
	if (!err)
		*ret = a + b;
	return err;
}

int dcm_reclaim_dirty(const char *root, uint32_t dev_major, uint32_t dev_minor,
		      struct dcm_reclaim_dirty *ret)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/kernel/debug/bdi/%u:%u/stats", dev_major, dev_minor);
	ret->own = read_sum(root, path, "BdiReclaimable:", "BdiWriteback:", &ret->bytes) == 0;
	return ret->own ? 0 : read_sum(root, "/proc/meminfo", "Dirty:", "Writeback:", &ret->bytes);
}
