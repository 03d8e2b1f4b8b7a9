// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/boot_options.h"

#include <string.h>

#include "common/parse/span.h"

static bool lists(struct dcm_span values, const char *value)
{
	while (values.len) {
		const char *comma = memchr(values.at, ',', values.len);
		size_t len = comma ? (size_t)(comma - values.at) : values.len;

		if (dcm_span_equals((struct dcm_span){values.at, len}, value))
			return true;
		len += comma != NULL;
		values = (struct dcm_span){values.at + len, values.len - len};
	}
	return false;
}

bool dcm_boot_options_have(const char *text, size_t len, const char *name, const char *value)
{
	struct dcm_span rest = {text, len}, line, word;

	if (!dcm_span_line(&rest, &line))
		return false;
	while (dcm_span_word(&line, &word) && !dcm_span_equals(word, "--"))
		if (dcm_span_skip(&word, name) && dcm_span_skip(&word, "=") && lists(word, value))
			return true;
	return false;
}
