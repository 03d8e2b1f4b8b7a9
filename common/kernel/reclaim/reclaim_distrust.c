// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_distrust.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/state_file.h"
#include "common/parse/number.h"

#define FILE_MAX (64u << 10)

struct file {
	char path[PATH_MAX];
	char *text;
	size_t len;
};

static void file_deinit(struct file *file)
{
	free(file->text);
}

/* A file that is not there is empty. */
static int file_read(const char *folder, struct dcm_reason *reason, struct file *file)
{
	void *data = NULL;
	int err;

	if ((size_t)snprintf(file->path, sizeof(file->path), "%s/" DCM_RECLAIM_DISTRUST_NAME,
			     folder) >= sizeof(file->path))
		return dcm_reason_set(reason, -ENAMETOOLONG, "%s is too long", folder);
	err = dcm_state_file_read(file->path, FILE_MAX, reason, &data, &file->len);
	file->text = data;
	return err == -ENOENT ? 0 : err;
}

/* "fuse.sshfs": the driver is fuse. */
static struct dcm_span driver(const char *fstype)
{
	return (struct dcm_span){fstype, strcspn(fstype, ".")};
}

static bool is_about(struct dcm_span line, const char *fstype)
{
	struct dcm_span word, wanted = driver(fstype);

	return dcm_span_word(&line, &word) && word.len == wanted.len &&
	       !memcmp(word.at, wanted.at, word.len);
}

static bool find(const struct file *file, const char *fstype, struct dcm_span *ret_line)
{
	struct dcm_span rest = {file->text, file->len};

	while (dcm_span_line(&rest, ret_line))
		if (is_about(*ret_line, fstype))
			return true;
	return false;
}

static void explain(struct dcm_span line, const char *fstype, struct dcm_reason *reason)
{
	struct dcm_span type, when;
	char day[32] = "an earlier day";
	uint64_t seconds;
	time_t time;
	struct tm tm;

	dcm_span_word(&line, &type);
	if (dcm_span_word(&line, &when) && dcm_number_u64(when, &seconds) == 0) {
		time = (time_t)seconds;
		if (gmtime_r(&time, &tm))
			strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	}
	dcm_span_skip(&line, " ");
	dcm_reason_set(reason, 0,
		       "on %s a reclaim changed mount options of %s (%.*s); allow it again with "
		       "dcachemon reclaim --trust %.*s",
		       day, fstype, (int)(line.len > 48 ? 48 : line.len), line.at,
		       (int)driver(fstype).len, fstype);
}

int dcm_reclaim_distrusted(const char *folder, const char *fstype, struct dcm_reason *reason)
{
	_cleanup_(file_deinit) struct file file = {.len = 0};
	struct dcm_span line;
	int err = *folder ? file_read(folder, reason, &file) : 0;

	if (err || !file.text || !find(&file, fstype, &line))
		return err;
	explain(line, fstype, reason);
	return -EPERM;
}

/* Everything but the line about @fstype, and @added. */
static int rewrite(const struct file *file, const char *fstype, const char *added,
		   struct dcm_reason *reason)
{
	_cleanup_free_ char *out = malloc(file->len + strlen(added) + 2);
	struct dcm_span rest = {file->text, file->len}, line;
	size_t len = 0;

	if (!out)
		return dcm_reason_no_memory(reason);
	while (file->text && dcm_span_line(&rest, &line)) {
		if (is_about(line, fstype))
			continue;
		memcpy(out + len, line.at, line.len);
		len += line.len;
		out[len++] = '\n';
	}
	memcpy(out + len, added, strlen(added));
	return dcm_state_file_write(file->path, out, len + strlen(added), reason);
}

int dcm_reclaim_distrust(const char *folder, const char *fstype, int64_t now_s, const char *change,
			 struct dcm_reason *reason)
{
	_cleanup_(file_deinit) struct file file = {.len = 0};
	_cleanup_free_ char *added = NULL;
	int err = file_read(folder, reason, &file);

	if (err)
		return err;
	if (asprintf(&added, "%.*s %" PRId64 " %s\n", (int)driver(fstype).len, fstype, now_s,
		     change) < 0)
		return dcm_reason_no_memory(reason);
	return rewrite(&file, fstype, added, reason);
}

int dcm_reclaim_trust(const char *folder, const char *fstype, struct dcm_reason *reason)
{
	_cleanup_(file_deinit) struct file file = {.len = 0};
	struct dcm_span line;
	int err = file_read(folder, reason, &file);

	if (err)
		return err;
	if (!file.text || !find(&file, fstype, &line))
		return dcm_reason_set(reason, -ENOENT, "%s is not distrusted", fstype);
	return rewrite(&file, fstype, "", reason);
}
