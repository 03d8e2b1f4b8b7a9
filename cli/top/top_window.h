/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text over the whole screen, which can be scrolled: a row in full, what a command said, help.
 * Pure. */
#ifndef DCM_CLI_TOP_WINDOW_H
#define DCM_CLI_TOP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

/* What comes after so much is left out, and it is said so. */
#define TOP_WINDOW_MAX (1u << 20)

struct top_window {
	bool open;
	char title[160];
	char *text; /* lines; bytes as a command wrote them */
	size_t length, room;
	bool cut;
	size_t first; /* line at the top */
	size_t skip;  /* columns to the left that are not shown */
};

/* Opens it without text; one that is open is closed. */
void top_window_open(struct top_window *window, const char *title);
void top_window_close(struct top_window *window);

/* Appends @size bytes of text; what has no room, or no memory, is left out. */
void top_window_add(struct top_window *window, const char *bytes, size_t size);
void top_window_add_text(struct top_window *window, const char *text);

size_t top_window_lines(const struct top_window *window);

/* Copies line @number, 0 or more, to @out with tabs expanded, cut at @size; "" beyond the last. */
void top_window_line(const struct top_window *window, size_t number, char *out, size_t size);

/* Moves the text by @lines, or to the right by @columns, where @shown lines fit on the screen. */
void top_window_scroll(struct top_window *window, long lines, long columns, size_t shown);

#endif
