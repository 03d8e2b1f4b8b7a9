/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text for people in lines of 80 columns; a word that is longer, such as a path, stays whole. */
#ifndef DCM_CLI_WRAP_TEXT_H
#define DCM_CLI_WRAP_TEXT_H

#include <stddef.h>
#include <stdio.h>

#define WRAP_COLUMNS 80

struct wrap {
	FILE *out;
	size_t indent; /* of all lines but the first */
	size_t column; /* that is reached */
	int items;     /* in all lines so far */
};

/* Goes on in a line of which @column columns are written. */
void wrap_start(struct wrap *wrap, FILE *out, size_t column, size_t indent);

/* Adds the words of @text: before the first, but not in front of all, @separator; then a space or a
 * new line. */
void wrap_words(struct wrap *wrap, const char *separator, const char *text);

/* The same; @text is not broken if a line has room for it. */
void wrap_add(struct wrap *wrap, const char *separator, const char *text);

void wrap_end(struct wrap *wrap);

/* @text alone, with no indent. */
void wrap_paragraph(FILE *out, const char *text);

#endif
