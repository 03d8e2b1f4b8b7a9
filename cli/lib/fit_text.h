/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text in a fixed number of terminal columns, whatever characters the locale has: wide ones take
 * two. A byte or character that the terminal cannot show, a control character among them, is "?".
 */
#ifndef DCM_CLI_FIT_TEXT_H
#define DCM_CLI_FIT_TEXT_H

#include <stddef.h>

enum fit_align { FIT_LEFT, FIT_RIGHT };

/* Room that is always enough for @columns of text. */
#define FIT_ROOM(columns) ((size_t)(columns)*8 + 1)

/* Columns that @text takes. */
size_t fit_width(const char *text);

/* Where the text begins that is @columns further to the right; the end of it when it is shorter. */
const char *fit_skip(const char *text, size_t columns);

/* Appends @text to @out in exactly @columns, filled with spaces. One that is longer is cut and ends
 * in "~". @size is the room of all of @out, which is terminated; what has no room is left out. */
void fit_append(char *out, size_t size, const char *text, size_t columns, enum fit_align align);

#endif
