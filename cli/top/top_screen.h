/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The screen of "dcachemon top" as lines of text, of whatever size the terminal has. Pure. */
#ifndef DCM_CLI_TOP_SCREEN_H
#define DCM_CLI_TOP_SCREEN_H

#include "cli/top/top_view.h"

/* What a terminal has beyond that stays empty. */
#define TOP_SCREEN_ROWS	   200
#define TOP_SCREEN_COLUMNS 400

/* With less it only says so. */
#define TOP_LEAST_ROWS	  6
#define TOP_LEAST_COLUMNS 30

/* How a line looks; what it says does not depend on it. */
enum top_look {
	TOP_LOOK_PLAIN,
	TOP_LOOK_TITLE,
	TOP_LOOK_TROUBLE, /* a title without fresh data */
	TOP_LOOK_HEADING,
	TOP_LOOK_SELECTED,
	TOP_LOOK_WARNING,
	TOP_LOOK_CRITICAL,
	TOP_LOOK_KEYS,
};

struct top_line {
	enum top_look look;
	char text[FIT_ROOM(TOP_SCREEN_COLUMNS)]; /* fills the line */
};

struct top_screen {
	size_t rows, columns;
	struct top_line lines[TOP_SCREEN_ROWS];
};

/* Draws @view at @now_ns (CLOCK_MONOTONIC) into @screen, whose rows and columns are set. Notes in
 * @view how much had room. */
void top_screen_draw(struct top_screen *screen, struct top_view *view, uint64_t now_ns);

#endif
