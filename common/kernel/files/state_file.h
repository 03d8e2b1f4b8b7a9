/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A small file that is only ever replaced as a whole: after a crash there is the old content or
 * the new one, never half of each.
 */
#ifndef DCM_KERNEL_STATE_FILE_H
#define DCM_KERNEL_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/reason.h"

/*
 * Reads the whole of @path into *@ret, to be freed by the caller. Fails with -errno and a reason;
 * -ENOENT: there is none yet. -EFBIG beyond @max bytes, -EINVAL when it is not a regular file.
 */
int dcm_state_file_read(const char *path, size_t max, struct dcm_reason *reason, void **ret,
			size_t *ret_size);

/*
 * Writes PATH.tmp (@mode, less the umask), fsyncs it, renames it over @path and fsyncs the
 * directory. What is left of an earlier attempt is replaced. On failure @path keeps its old
 * content. -EINVAL: it is there and neither a regular file nor a folder.
 */
int dcm_state_file_replace(const char *path, const void *data, size_t size, mode_t mode,
			   struct dcm_reason *reason);

/* The same with mode 0640. */
int dcm_state_file_write(const char *path, const void *data, size_t size,
			 struct dcm_reason *reason);

/* Makes the directory (mode 0750) if it is missing; its parent must exist. */
int dcm_state_folder_make(const char *path, struct dcm_reason *reason);

/* At most one write a second, and only after a change. */
struct dcm_state_pace {
	bool changed;
	bool written;
	uint64_t written_ns;
};

void dcm_state_pace_change(struct dcm_state_pace *pace);

/* Whether to write at @now_ns (CLOCK_MONOTONIC); the write is then taken as done. */
bool dcm_state_pace_due(struct dcm_state_pace *pace, uint64_t now_ns);

#endif
