// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_runs.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/state_file.h"
#include "common/parse/number.h"

#define FILE_MAX 256

static int path_of(const char *folder, struct dcm_reason *reason, char path[PATH_MAX])
{
	if ((size_t)snprintf(path, PATH_MAX, "%s/" DCM_RECLAIM_RUNS_NAME, folder) >= PATH_MAX)
		return dcm_reason_set(reason, -ENAMETOOLONG, "%s is too long", folder);
	return 0;
}

int dcm_reclaim_runs_read(const char *folder, struct dcm_reason *reason,
			  struct dcm_reclaim_runs *ret)
{
	_cleanup_free_ void *data = NULL;
	struct dcm_reclaim_runs runs;
	struct dcm_span text, line = {0}, word;
	char path[PATH_MAX];
	size_t size = 0;
	int err = path_of(folder, reason, path);

	if (!err)
		err = dcm_state_file_read(path, FILE_MAX, reason, &data, &size);
	if (err)
		return err;
	text = (struct dcm_span){data, size};
	dcm_span_line(&text, &line);
	if (!dcm_span_word(&line, &word) || dcm_number_i64(word, &runs.good_s) ||
	    !dcm_span_word(&line, &word) || dcm_number_u64(word, &runs.failed))
		return dcm_reason_set(reason, -EINVAL, "%s makes no sense", path);
	*ret = runs;
	return 0;
}

int dcm_reclaim_runs_end(const char *folder, int64_t now_s, bool failed, struct dcm_reason *reason)
{
	struct dcm_reclaim_runs runs = {0};
	char path[PATH_MAX], text[64];
	struct dcm_reason ignored;
	int len, err = path_of(folder, reason, path);

	if (err)
		return err;
	/* One that cannot be read is written anew. */
	dcm_reclaim_runs_read(folder, &ignored, &runs);
	if (failed)
		runs.failed++;
	else
		runs = (struct dcm_reclaim_runs){.good_s = now_s};
	len = snprintf(text, sizeof(text), "%" PRId64 " %" PRIu64 "\n", runs.good_s, runs.failed);
	return dcm_state_file_write(path, text, (size_t)len, reason);
}
