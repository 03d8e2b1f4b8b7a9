/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line of JSON in a buffer that does not grow. Internal to the flight recorder. */
#ifndef DCM_MODEL_RECORDER_LINE_H
#define DCM_MODEL_RECORDER_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What does not fit is not written: "full" then says so. Always terminated while @left is not 0 at
 * the start. */
struct dcm_line {
	char *at;
	size_t left;
	bool full;
};

void dcm_line_append(struct dcm_line *line, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A JSON string: quotes, backslashes and control characters of @text, which is UTF-8, are
 * escaped. */
void dcm_line_text(struct dcm_line *line, const char *text);

/* "KEY":SECONDS to the millisecond, of nanoseconds since any time. */
void dcm_line_time(struct dcm_line *line, const char *key, int64_t ns);

/* A JSON number with nine digits at least; null unless @has. */
void dcm_line_number(struct dcm_line *line, bool has, double value);

#endif
