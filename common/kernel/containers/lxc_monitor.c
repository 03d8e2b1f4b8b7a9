// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/lxc_monitor.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/containers/process_file.h"

#define MAX_FILE (64u << 10)
/* Of a process below the first one, such as a service of its init. */
#define MAX_ABOVE 32

bool dcm_lxc_maybe_renamed(const char *id)
{
	const char *dash = strrchr(id, '-');

	return dash && dash > id && isdigit((unsigned char)dash[1]) &&
	       !dash[1 + strspn(dash + 1, "0123456789")];
}

/* 0: it has none, or cannot be read. */
static pid_t parent_of(const char *proc, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_span rest, line;
	size_t size = 0;

	if (dcm_process_file_read(proc, pid, "status", MAX_FILE, &text, &size, &rest))
		return 0;
	while (dcm_span_line(&rest, &line))
		if (dcm_span_skip(&line, "PPid:\t"))
			return (pid_t)strtol(line.at, NULL, 10);
	return 0;
}

/* What is behind the last blank of a monitor's title. */
static struct dcm_span name_of(struct dcm_span title)
{
	const char *end = title.len ? memchr(title.at, '\0', title.len) : NULL, *blank;

	if (end)
		title.len = (size_t)(end - title.at);
	if (!dcm_span_skip(&title, "[lxc monitor] "))
		return (struct dcm_span){0};
	blank = memrchr(title.at, ' ', title.len);
	if (!blank)
		return (struct dcm_span){0};
	return (struct dcm_span){blank + 1, (size_t)(title.at + title.len - blank - 1)};
}

int dcm_lxc_monitor_name(const char *proc, pid_t pid, char **ret)
{
	for (int i = 0; i < MAX_ABOVE && pid > 1; i++) {
		_cleanup_free_ char *text = NULL;
		struct dcm_span title, name;
		size_t size = 0;

		pid = parent_of(proc, pid);
		if (pid <= 1 ||
		    dcm_process_file_read(proc, pid, "cmdline", MAX_FILE, &text, &size, &title))
			break;
		name = name_of(title);
		if (!name.len)
			continue;
		*ret = strndup(name.at, name.len);
		return *ret ? 0 : -ENOMEM;
	}
	return -ENOENT;
}
