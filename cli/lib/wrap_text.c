// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/wrap_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/fit_text.h"
#include "common/base/cleanup.h"

void wrap_start(struct wrap *wrap, FILE *out, size_t column, size_t indent)
{
	*wrap = (struct wrap){.out = out, .indent = indent, .column = column};
}

static void put(struct wrap *wrap, const char *separator, const char *word)
{
	size_t width = fit_width(word), before = strlen(separator);
	bool first = !wrap->items++;

	if (!first)
		fputs(separator, wrap->out);
	/* one column is for the next separator */
	if (!first && wrap->column + before + 1 + width >= WRAP_COLUMNS) {
		fprintf(wrap->out, "\n%*s", (int)wrap->indent, "");
		wrap->column = wrap->indent;
	} else if (!first) {
		fputc(' ', wrap->out);
		wrap->column += before + 1;
	}
	fputs(word, wrap->out);
	wrap->column += width;
}

void wrap_words(struct wrap *wrap, const char *separator, const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		put(wrap, separator, word);
		separator = "";
	}
}

void wrap_add(struct wrap *wrap, const char *separator, const char *text)
{
	if (wrap->indent + fit_width(text) < WRAP_COLUMNS)
		put(wrap, separator, text);
	else
		wrap_words(wrap, separator, text);
}

void wrap_end(struct wrap *wrap)
{
	fputc('\n', wrap->out);
}

void wrap_paragraph(FILE *out, const char *text)
{
	struct wrap wrap;

	wrap_start(&wrap, out, 0, 0);
	wrap_words(&wrap, "", text);
	wrap_end(&wrap);
}
