// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/span.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool dcm_span_line(struct dcm_span *text, struct dcm_span *ret_line)
{
	const char *newline;
	size_t len;

	if (text->len == 0)
		return false;
	newline = memchr(text->at, '\n', text->len);
	len = newline ? (size_t)(newline - text->at) : text->len;
	*ret_line = (struct dcm_span){text->at, len};
	len += newline != NULL;
	text->at += len;
	text->len -= len;
	return true;
}

bool dcm_span_word(struct dcm_span *line, struct dcm_span *ret_word)
{
	size_t begin = 0, end;

	while (begin < line->len && is_blank(line->at[begin]))
		begin++;
	if (begin == line->len)
		return false;
	for (end = begin; end < line->len && !is_blank(line->at[end]);)
		end++;
	*ret_word = (struct dcm_span){line->at + begin, end - begin};
	line->at += end;
	line->len -= end;
	return true;
}

bool dcm_span_equals(struct dcm_span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

bool dcm_span_skip(struct dcm_span *span, const char *prefix)
{
	size_t len = strlen(prefix);

	if (span->len < len || memcmp(span->at, prefix, len) != 0)
		return false;
	span->at += len;
	span->len -= len;
	return true;
}
