// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* State of a source that reads one file. */
#include <stdlib.h>

#include "common/sampling/source.h"

int dcm_source_file_create(const struct dcm_collector *collector, const char *path, size_t size,
			   void **ret_state, struct dcm_reason *reason)
{
	struct dcm_source_file *file = calloc(1, size);

	if (!file || dcm_cached_file_init(&file->cached,
					  dcm_collector_config(collector)->sampling.root, path)) {
		free(file);
		return dcm_reason_no_memory(reason);
	}
	*ret_state = file;
	return 0;
}

void dcm_source_file_destroy(void *state)
{
	struct dcm_source_file *file = state;

	dcm_cached_file_deinit(&file->cached);
	free(file->buf);
	free(file);
}

int dcm_source_file_read(struct dcm_source_file *file, size_t max, size_t *ret_len)
{
	return dcm_cached_file_read(&file->cached, &file->buf, &file->size, max, ret_len);
}
