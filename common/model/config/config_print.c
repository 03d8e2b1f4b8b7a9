// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/config_print.h"

#include <string.h>

void dcm_config_print_comment(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column && column + 1 + len > DCM_CONFIG_COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column ? " " : "# ", (int)len, text);
		text += len + (text[len] == ' ');
	}
	if (column)
		fputc('\n', out);
}

void dcm_config_append(char *buf, size_t size, const char *text)
{
	if (strlen(buf) + strlen(text) < size)
		strcat(buf, text);
}
