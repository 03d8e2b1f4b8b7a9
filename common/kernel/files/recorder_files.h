/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Recordings of the flight recorder: FOLDER/recording-YYYYMMDDTHHMMSSZ-N.jsonl, bounded in number
 * and size. The oldest are removed before a new one begins.
 */
#ifndef DCM_KERNEL_RECORDER_FILES_H
#define DCM_KERNEL_RECORDER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"
#include "common/model/alarms/recorder.h"
#include "common/model/alarms/recorder_state.h"

#define DCM_RECORDER_MAX_FILES 16
/* Of one; what goes beyond is not written. */
#define DCM_RECORDER_FILE_BYTES                                        \
	((1u << 20) + DCM_RECORDER_STATES * DCM_RECORDER_STATE_BYTES + \
	 DCM_RECORDER_TABLES * DCM_RECORDER_TABLES_SIZE)

struct dcm_recorder_files;

/* Makes @folder if it is missing. -errno with a reason. */
int dcm_recorder_files_open(const char *folder, struct dcm_reason *reason,
			    struct dcm_recorder_files **ret);

/* Ends a recording under way; NULL is allowed. */
void dcm_recorder_files_close(struct dcm_recorder_files *files);

/* Begins a file named after @realtime_ns; ends the one under way. */
int dcm_recorder_files_begin(struct dcm_recorder_files *files, int64_t realtime_ns,
			     struct dcm_reason *reason);

/* Appends a line to the file under way; without one it is dropped. Buffered until the flush. */
int dcm_recorder_files_append(struct dcm_recorder_files *files, const char *line,
			      struct dcm_reason *reason);

/* Hands over to the kernel what was appended; no fsync. */
int dcm_recorder_files_flush(struct dcm_recorder_files *files, struct dcm_reason *reason);
int dcm_recorder_files_end(struct dcm_recorder_files *files, struct dcm_reason *reason);

/*
 * Names of the recordings in @folder, oldest first: an array of *@ret_count strings, each to be
 * freed, and the array too. -errno with a reason.
 */
int dcm_recorder_files_list(const char *folder, struct dcm_reason *reason, char ***ret,
			    size_t *ret_count);

#endif
