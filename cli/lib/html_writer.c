// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/html_writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/metrics/text.h"

int html_init(struct html *page)
{
	*page = (struct html){.out = NULL};
	page->out = open_memstream(&page->bytes, &page->size);
	return page->out ? 0 : -ENOMEM;
}

void html_deinit(struct html *page)
{
	if (page->out)
		fclose(page->out);
	free(page->bytes);
	*page = (struct html){.out = NULL};
}

void html_add(struct html *page, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(page->out, fmt, ap);
	va_end(ap);
}

static void add_byte(struct html *page, char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", page->out);
		break;
	case '<':
		fputs("&lt;", page->out);
		break;
	case '>':
		fputs("&gt;", page->out);
		break;
	default:
		fputc(c, page->out);
	}
}

void html_text(struct html *page, const char *raw)
{
	/* no character takes more than 16 bytes: one that was cut is longer there */
	char text[HTML_TEXT_BYTES + 1], longer[HTML_TEXT_BYTES + 18];

	if (dcm_text_escape(DCM_TEXT_TERMINAL, raw, longer, sizeof(longer)) > HTML_TEXT_BYTES)
		page->cut++;
	dcm_text_escape(DCM_TEXT_TERMINAL, raw, text, sizeof(text));
	for (const char *at = text; *at; at++)
		add_byte(page, *at);
}

size_t html_size(const struct html *page)
{
	long size = ftell(page->out);

	return size < 0 ? 0 : (size_t)size;
}

int html_print(struct html *page, FILE *out)
{
	if (fflush(page->out) || ferror(page->out))
		return -ENOMEM;
	fwrite(page->bytes, 1, page->size, out);
	return 0;
}
