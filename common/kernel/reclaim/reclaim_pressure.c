// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_pressure.h"

#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/cached_file.h"

#define SIZE_KEPT 64

bool dcm_reclaim_shrinkers_work(const char *root)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_cached_file file;
	size_t size = 0, len;
	int err = dcm_cached_file_init(&file, root, "/proc/sys/vm/vfs_cache_pressure");

	if (err)
		return true;
	err = dcm_cached_file_read(&file, &text, &size, SIZE_KEPT, &len);
	dcm_cached_file_deinit(&file);
	return err || strcmp(text, "0\n") != 0;
}
