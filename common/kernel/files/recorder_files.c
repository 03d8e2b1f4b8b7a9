// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/recorder_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/kernel/files/state_file.h"

#define PATTERN "recording-[0-9]*T[0-9]*Z-[0-9]*.jsonl"

struct dcm_recorder_files {
	char *folder;
	int folder_fd;
	FILE *file; /* under way; NULL: none */
	size_t bytes;
};

static int fail(struct dcm_reason *reason, int err, const char *folder)
{
	return dcm_reason_set(reason, err, "recordings in %s: %s", folder, strerror(-err));
}

int dcm_recorder_files_open(const char *folder, struct dcm_reason *reason,
			    struct dcm_recorder_files **ret)
{
	struct dcm_recorder_files *files;
	int err = dcm_state_folder_make(folder, reason);

	if (err)
		return err;
	files = calloc(1, sizeof(*files));
	if (!files)
		return fail(reason, -ENOMEM, folder);
	files->folder = strdup(folder);
	files->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!files->folder || files->folder_fd < 0) {
		err = files->folder ? -errno : -ENOMEM;
		dcm_recorder_files_close(files);
		return fail(reason, err, folder);
	}
	*ret = files;
	return 0;
}

void dcm_recorder_files_close(struct dcm_recorder_files *files)
{
	if (!files)
		return;
	if (files->file)
		fclose(files->file);
	if (files->folder_fd >= 0)
		close(files->folder_fd);
	free(files->folder);
	free(files);
}

/* ---- listing ---- */

static int is_recording(const struct dirent *entry)
{
	return fnmatch(PATTERN, entry->d_name, 0) == 0;
}

/* Names sort by time, then by their number. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int dcm_recorder_files_list(const char *folder, struct dcm_reason *reason, char ***ret,
			    size_t *ret_count)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_recording, by_name);
	char **names;
	bool complete = true;

	if (count < 0)
		return fail(reason, -errno, folder);
	names = calloc(count + 1, sizeof(*names));
	for (int i = 0; i < count; i++) {
		if (names)
			names[i] = strdup(entries[i]->d_name);
		complete = complete && names && names[i];
		free(entries[i]);
	}
	free(entries);
	if (!names || !complete) {
		for (int i = 0; names && i < count; i++)
			free(names[i]);
		free(names);
		return fail(reason, -ENOMEM, folder);
	}
	*ret = names;
	*ret_count = count;
	return 0;
}

/* Leaves room for one more. */
static int remove_oldest(struct dcm_recorder_files *files, struct dcm_reason *reason)
{
	char **names;
	size_t count;
	int err = dcm_recorder_files_list(files->folder, reason, &names, &count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (i + DCM_RECORDER_MAX_FILES <= count)
			unlinkat(files->folder_fd, names[i], 0);
		free(names[i]);
	}
	free(names);
	return 0;
}

/* ---- writing ---- */

/* After the clock was set back, an earlier recording may have the name: take the next number. */
static int open_new(struct dcm_recorder_files *files, int64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / (int64_t)DCM_NSEC_PER_SEC);
	char stamp[32], name[80];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm))
		return -EINVAL;
	for (unsigned i = 0; i < 100; i++) {
		int fd;

		snprintf(name, sizeof(name), "recording-%s-%02u.jsonl", stamp, i);
		fd = openat(files->folder_fd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (fd >= 0 || errno != EEXIST)
			return fd >= 0 ? fd : -errno;
	}
	return -EEXIST;
}

int dcm_recorder_files_begin(struct dcm_recorder_files *files, int64_t realtime_ns,
			     struct dcm_reason *reason)
{
	int err = dcm_recorder_files_end(files, reason);
	int fd;

	if (!err)
		err = remove_oldest(files, reason);
	if (err)
		return err;
	fd = open_new(files, realtime_ns);
	if (fd < 0)
		return fail(reason, fd, files->folder);
	files->file = fdopen(fd, "w");
	if (!files->file) {
		close(fd);
		return fail(reason, -ENOMEM, files->folder);
	}
	files->bytes = 0;
	return 0;
}

/* A full disk ends the recording: half a line is no JSON. */
static int give_up(struct dcm_recorder_files *files, struct dcm_reason *reason)
{
	int err = -errno;

	fclose(files->file);
	files->file = NULL;
	return fail(reason, err ? err : -EIO, files->folder);
}

int dcm_recorder_files_append(struct dcm_recorder_files *files, const char *line,
			      struct dcm_reason *reason)
{
	size_t len = strlen(line);

	if (!files->file || files->bytes + len > DCM_RECORDER_FILE_BYTES)
		return 0;
	files->bytes += len;
	return fputs(line, files->file) < 0 ? give_up(files, reason) : 0;
}

int dcm_recorder_files_flush(struct dcm_recorder_files *files, struct dcm_reason *reason)
{
	if (!files->file)
		return 0;
	return fflush(files->file) ? give_up(files, reason) : 0;
}

int dcm_recorder_files_end(struct dcm_recorder_files *files, struct dcm_reason *reason)
{
	FILE *file = files->file;

	files->file = NULL;
	if (!file)
		return 0;
	return fclose(file) ? fail(reason, -errno, files->folder) : 0;
}
