// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/kallsyms.h"

#include <ctype.h>
#include <errno.h>

static int hexadecimal(struct dcm_span word, uint64_t *ret)
{
	uint64_t value = 0;

	if (!word.len || word.len > 16)
		return -EINVAL;
	for (size_t i = 0; i < word.len; i++) {
		int c = tolower((unsigned char)word.at[i]);

		if (!isxdigit(c))
			return -EINVAL;
		value = value << 4 | (uint64_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	*ret = value;
	return 0;
}

int dcm_kallsyms_line(struct dcm_span line, struct dcm_kallsyms_symbol *ret)
{
	struct dcm_kallsyms_symbol symbol;
	struct dcm_span word;

	if (!dcm_span_word(&line, &word) || hexadecimal(word, &symbol.address))
		return -EINVAL;
	if (!dcm_span_word(&line, &word) || word.len != 1)
		return -EINVAL;
	symbol.type = word.at[0];
	if (!dcm_span_word(&line, &symbol.name))
		return -EINVAL;
	*ret = symbol;
	return 0;
}
