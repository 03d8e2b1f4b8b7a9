// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/process_file.h"

#include <stdio.h>

#include "common/kernel/files/cached_file.h"

int dcm_process_file_read(const char *proc, pid_t pid, const char *name, size_t max, char **text,
			  size_t *size, struct dcm_span *ret)
{
	struct dcm_cached_file file;
	char path[64];
	size_t len;
	int err;

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	err = dcm_cached_file_init(&file, proc, path);
	if (err)
		return err;
	err = dcm_cached_file_read(&file, text, size, max, &len);
	dcm_cached_file_deinit(&file);
	if (!err)
		*ret = (struct dcm_span){*text, len};
	return err;
}
