// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/state_writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/thread.h"
#include "common/kernel/files/state_file.h"

static void *run(void *ctx)
{
	struct dcm_state_writer *w = ctx;

	w->err = dcm_state_file_write(w->path, w->bytes, w->size, &w->reason);
	atomic_store(&w->done, true);
	return NULL;
}

int dcm_state_writer_start(struct dcm_state_writer *writer, const char *path, void *bytes,
			   size_t size)
{
	int err;

	snprintf(writer->path, sizeof(writer->path), "%s", path);
	writer->bytes = bytes;
	writer->size = size;
	atomic_store(&writer->done, false);
	err = dcm_thread_start(run, writer, 0, &writer->thread);
	writer->running = !err;
	if (err) {
		free(writer->bytes);
		writer->bytes = NULL;
	}
	return err;
}

void dcm_state_writer_finish(struct dcm_state_writer *writer)
{
	if (!writer->running)
		return;
	pthread_join(writer->thread, NULL);
	writer->running = false;
	free(writer->bytes);
	writer->bytes = NULL;
}

bool dcm_state_writer_busy(struct dcm_state_writer *writer, struct dcm_reason *reason, int *ret_err)
{
	bool ended = writer->running && atomic_load(&writer->done);

	*ret_err = 0;
	if (writer->running && !ended)
		return true;
	dcm_state_writer_finish(writer);
	if (ended && writer->err) {
		*reason = writer->reason;
		*ret_err = writer->err;
	}
	return false;
}
