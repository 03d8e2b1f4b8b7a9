// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/fit_text.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "common/base/minmax.h"

/* One character: its bytes in the text, and what is shown of it. */
struct glyph {
	size_t taken;
	const char *shown;
	size_t bytes, columns;
};

/* False at the end of @text. */
static bool next_glyph(const char *text, struct glyph *ret)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t n = mbrtowc(&c, text, MB_LEN_MAX, &state);
	int columns = n == (size_t)-1 || n == (size_t)-2 ? -1 : wcwidth(c);

	if (n == 0)
		return false;
	if (columns < 0)
		*ret = (struct glyph){n > MB_LEN_MAX ? 1 : n, "?", 1, 1};
	else
		*ret = (struct glyph){n, text, n, (size_t)columns};
	return true;
}

size_t fit_width(const char *text)
{
	struct glyph glyph;
	size_t width = 0;

	for (; next_glyph(text, &glyph); text += glyph.taken)
		width += glyph.columns;
	return width;
}

const char *fit_skip(const char *text, size_t columns)
{
	struct glyph glyph;

	while (columns && next_glyph(text, &glyph)) {
		text += glyph.taken;
		columns -= DCM_MIN(columns, glyph.columns);
	}
	return text;
}

/* Appends @n bytes unless they have no room. */
static void append(char *out, size_t size, const char *bytes, size_t n)
{
	size_t len = strlen(out);

	if (len + n >= size)
		return;
	memcpy(out + len, bytes, n);
	out[len + n] = '\0';
}

static void append_spaces(char *out, size_t size, size_t count)
{
	while (count--)
		append(out, size, " ", 1);
}

/* As many characters as @columns have room for; returns the columns that they take. */
static size_t append_glyphs(char *out, size_t size, const char *text, size_t columns)
{
	struct glyph glyph;
	size_t used = 0;

	for (; next_glyph(text, &glyph) && used + glyph.columns <= columns; text += glyph.taken) {
		append(out, size, glyph.shown, glyph.bytes);
		used += glyph.columns;
	}
	return used;
}

void fit_append(char *out, size_t size, const char *text, size_t columns, enum fit_align align)
{
	size_t width = fit_width(text), used;

	if (!columns)
		return;
	if (width > columns) {
		used = append_glyphs(out, size, text, columns - 1);
		append(out, size, "~", 1);
		append_spaces(out, size, columns - 1 - used);
		return;
	}
	if (align == FIT_RIGHT)
		append_spaces(out, size, columns - width);
	append_glyphs(out, size, text, columns);
	if (align == FIT_LEFT)
		append_spaces(out, size, columns - width);
}
