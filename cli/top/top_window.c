// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"

#define TAB 8

void top_window_open(struct top_window *window, const char *title)
{
	top_window_close(window);
	window->open = true;
	snprintf(window->title, sizeof(window->title), "%s", title);
}

void top_window_close(struct top_window *window)
{
	free(window->text);
	*window = (struct top_window){0};
}

static bool make_room(struct top_window *window, size_t length)
{
	size_t room = DCM_MAX(window->room, (size_t)4096);
	char *text;

	while (room < length)
		room *= 2;
	if (room == window->room)
		return true;
	text = realloc(window->text, room);
	if (!text)
		return false;
	window->text = text;
	window->room = room;
	return true;
}

void top_window_add(struct top_window *window, const char *bytes, size_t size)
{
	size_t left = TOP_WINDOW_MAX - window->length;

	if (size > left || !make_room(window, window->length + size)) {
		window->cut = true;
		return;
	}
	memcpy(window->text + window->length, bytes, size);
	window->length += size;
}

void top_window_add_text(struct top_window *window, const char *text)
{
	top_window_add(window, text, strlen(text));
}

size_t top_window_lines(const struct top_window *window)
{
	size_t lines = 0;

	for (size_t i = 0; i < window->length; i++)
		lines += window->text[i] == '\n';
	/* the last one may be without an end so far */
	return lines + (window->length && window->text[window->length - 1] != '\n') + window->cut;
}

static const char *line_start(const struct top_window *window, size_t number)
{
	const char *at = window->text, *end = window->text + window->length;

	for (; at && at < end && number; number--) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : end;
	}
	return at && at < end ? at : NULL;
}

void top_window_line(const struct top_window *window, size_t number, char *out, size_t size)
{
	const char *at = line_start(window, number), *end = window->text + window->length;
	size_t len = 0;

	for (; at && at < end && *at != '\n' && len + 1 < size; at++) {
		if (*at != '\t') {
			/* a NUL would end the line, and a terminal shows none */
			out[len++] = *at ? *at : '?';
			continue;
		}
		do
			out[len++] = ' ';
		while (len % TAB && len + 1 < size);
	}
	out[len] = '\0';
	if (!at && window->cut && number + 1 == top_window_lines(window))
		snprintf(out, size, "[the rest is left out]");
}

/* @value moved by @by, from 0 to @max. */
static size_t moved(size_t value, long by, size_t max)
{
	size_t step = by < 0 ? (size_t)-by : (size_t)by;

	return by < 0 ? DCM_EXCESS(DCM_MIN(value, max), step) : DCM_MIN(value + step, max);
}

void top_window_scroll(struct top_window *window, long lines, long columns, size_t shown)
{
	size_t all = top_window_lines(window);

	window->first = moved(window->first, lines, DCM_EXCESS(all, shown));
	window->skip = moved(window->skip, columns, 1000);
}
