// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/recorder_line.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/units.h"

/* All of it or nothing. */
static void put(struct dcm_line *line, const char *bytes, size_t len)
{
	if (line->full || len >= line->left) {
		line->full = true;
		return;
	}
	memcpy(line->at, bytes, len);
	line->at += len;
	line->left -= len;
	*line->at = '\0';
}

void dcm_line_append(struct dcm_line *line, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (line->full)
		return;
	va_start(ap, fmt);
	n = vsnprintf(line->at, line->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= line->left) {
		line->full = true;
		n = 0;
		if (line->left)
			*line->at = '\0';
	}
	line->at += n;
	line->left -= (size_t)n;
}

void dcm_line_text(struct dcm_line *line, const char *text)
{
	char escaped[8];

	put(line, "\"", 1);
	while (*text) {
		size_t plain = 0;

		while ((unsigned char)text[plain] >= 0x20 && !strchr("\"\\", text[plain]))
			plain++;
		put(line, text, plain);
		text += plain;
		if (!*text)
			break;
		snprintf(escaped, sizeof(escaped), (unsigned char)*text < 0x20 ? "\\u%04x" : "\\%c",
			 (unsigned char)*text);
		put(line, escaped, strlen(escaped));
		text++;
	}
	put(line, "\"", 1);
}

void dcm_line_time(struct dcm_line *line, const char *key, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	dcm_line_append(line, "\"%s\":%s%llu.%03u", key, ns < 0 ? "-" : "", size / DCM_NSEC_PER_SEC,
			(unsigned)(size % DCM_NSEC_PER_SEC / DCM_NSEC_PER_MSEC));
}

void dcm_line_number(struct dcm_line *line, bool has, double value)
{
	if (!has)
		dcm_line_append(line, "null");
	else if (value == floor(value) && fabs(value) < 1e18)
		dcm_line_append(line, "%lld", (long long)value);
	else
		dcm_line_append(line, "%.9g", value);
}
