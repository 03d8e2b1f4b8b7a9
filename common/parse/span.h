/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stretch of text of known length, cut into lines and words; never NUL-terminated. */
#ifndef DCM_PARSE_SPAN_H
#define DCM_PARSE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct dcm_span {
	const char *at;
	size_t len;
};

/* Takes the next line, without its newline, off @text; false at the end of the text. */
bool dcm_span_line(struct dcm_span *text, struct dcm_span *ret_line);

/* Takes the next word (delimited by space, tab, CR) off @line; false if none is left. */
bool dcm_span_word(struct dcm_span *line, struct dcm_span *ret_word);

bool dcm_span_equals(struct dcm_span span, const char *text);

/* When @span begins with @prefix, removes it and returns true. */
bool dcm_span_skip(struct dcm_span *span, const char *prefix);

#endif
