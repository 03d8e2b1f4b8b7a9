// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/hints/hints.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "hints_data.h"

#define MAX_HINTS 4096

struct hint {
	char *glob, *text;
};

struct dcm_hints {
	struct hint *item;
	size_t count, room;
};

int dcm_hints_create(struct dcm_hints **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void dcm_hints_destroy(struct dcm_hints *hints)
{
	size_t i;

	if (!hints)
		return;
	for (i = 0; i < hints->count; i++) {
		free(hints->item[i].glob);
		free(hints->item[i].text);
	}
	free(hints->item);
	free(hints);
}

/* Takes over both strings, also on failure. */
static int append(struct dcm_hints *hints, char *glob, char *text)
{
	if (glob && text && hints->count == hints->room && hints->count < MAX_HINTS) {
		size_t room = hints->room ? hints->room * 2 : 32;
		void *more = reallocarray(hints->item, room, sizeof(*hints->item));

		if (more) {
			hints->item = more;
			hints->room = room;
		}
	}
	if (!glob || !text || hints->count == hints->room) {
		free(glob);
		free(text);
		return -ENOMEM;
	}
	hints->item[hints->count++] = (struct hint){glob, text};
	return 0;
}

/* Where the glob ends: a tab, or two spaces. @len when the line has neither. */
static size_t glob_length(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] == '\t' || (line[i] == ' ' && i + 1 < len && line[i + 1] == ' '))
			return i;
	return len;
}

/* 0: taken or empty, 1: not readable, -ENOMEM. */
static int add_line(struct dcm_hints *hints, const char *line, size_t len)
{
	size_t glob, text;

	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
		len--;
	if (!len || line[0] == '#')
		return 0;
	glob = glob_length(line, len);
	for (text = glob; text < len && (line[text] == ' ' || line[text] == '\t'); text++)
		;
	if (!glob || text == len || memchr(line, '\0', len))
		return 1;
	return append(hints, strndup(line, glob), strndup(line + text, len - text));
}

int dcm_hints_add(struct dcm_hints *hints, const char *text, size_t size)
{
	int bad = 0, result;
	size_t start = 0;

	while (start < size) {
		const char *end = memchr(text + start, '\n', size - start);
		size_t len = end ? (size_t)(end - text) - start : size - start;

		result = add_line(hints, text + start, len);
		if (result < 0)
			return result;
		bad += result;
		start += len + 1;
	}
	return bad;
}

int dcm_hints_add_builtin(struct dcm_hints *hints)
{
	return dcm_hints_add(hints, dcm_hints_data, sizeof(dcm_hints_data) - 1);
}

const char *dcm_hints_find(const struct dcm_hints *hints, const char *path, const char *pattern)
{
	_cleanup_free_ char *full = NULL;
	size_t i;

	if (asprintf(&full, "%s/%s", strcmp(path, "/") ? path : "", pattern) < 0) {
		full = NULL;
		return NULL;
	}
	for (i = 0; i < hints->count; i++)
		if (fnmatch(hints->item[i].glob, full, 0) == 0)
			return hints->item[i].text;
	return NULL;
}
