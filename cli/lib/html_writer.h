/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An HTML page under construction, in memory. Markup is the caller's and well-formed as XML, too;
 * all that is not constant goes through html_text().
 */
#ifndef DCM_CLI_HTML_WRITER_H
#define DCM_CLI_HTML_WRITER_H

#include <stddef.h>
#include <stdio.h>

#define HTML_TEXT_BYTES 400		      /* of one text, before it becomes HTML */
#define HTML_TEXT_ROOM	(5 * HTML_TEXT_BYTES) /* and after: "&" becomes "&amp;" */

struct html {
	FILE *out;
	char *bytes;
	size_t size;
	unsigned cut; /* texts that were longer */
};

/* -ENOMEM */
int html_init(struct html *page);
void html_deinit(struct html *page);

/* Markup and numbers. */
void html_add(struct html *page, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Raw bytes as text between tags: UTF-8 with what is no such, cannot be seen or turns the direction
 * of writing as \xNN, a backslash as two, and "&", "<" and ">" as entities. A cut one ends in "~".
 */
void html_text(struct html *page, const char *raw);

/* Bytes so far. */
size_t html_size(const struct html *page);

/* 0 or -ENOMEM of anything since html_init(); prints nothing on an error. */
int html_print(struct html *page, FILE *out);

#endif
