/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes state files in a thread, one at a time: fsync(2) may take as long as the disk likes. */
#ifndef DCM_KERNEL_STATE_WRITER_H
#define DCM_KERNEL_STATE_WRITER_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/reason.h"

/* Zeros at the start. */
struct dcm_state_writer {
	pthread_t thread;
	bool running;
	atomic_bool done;
	char path[PATH_MAX];
	void *bytes;
	size_t size;
	int err; /* of the last write that has ended */
	struct dcm_reason reason;
};

/* Writes @bytes, which it frees in any case, to @path; none may be under way. -errno when there is
 * no thread. */
int dcm_state_writer_start(struct dcm_state_writer *writer, const char *path, void *bytes,
			   size_t size);

/* Whether a write is under way. One that has ended is taken: *@ret_err is its error then, otherwise
 * 0, and @reason its reason. */
bool dcm_state_writer_busy(struct dcm_state_writer *writer, struct dcm_reason *reason,
			   int *ret_err);

/* Waits for the write under way, if there is one. */
void dcm_state_writer_finish(struct dcm_state_writer *writer);

#endif
