// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Names from strangers: every escaped form keeps its promise (text.h), names collapse to patterns,
 * a hints file is read and asked. The first byte is the size of the output, the second the form.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/hints/hints.h"
#include "common/model/hints/name_pattern.h"
#include "common/model/metrics/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Length of the UTF-8 sequence at @s, 0 when it is none (RFC 3629, table of section 4). */
static size_t utf8(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		unsigned char low = s[0] == 0xe0 ? 0xa0 : 0x80, high = s[0] == 0xed ? 0x9f : 0xbf;

		return s[1] >= low && s[1] <= high && (s[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		unsigned char low = s[0] == 0xf0 ? 0x90 : 0x80, high = s[0] == 0xf4 ? 0x8f : 0xbf;

		return s[1] >= low && s[1] <= high && (s[2] & 0xc0) == 0x80 && (s[3] & 0xc0) == 0x80
			       ? 4
			       : 0;
	}
	return 0;
}

static bool keeps_promise(enum dcm_text_form form, const char *out)
{
	const unsigned char *s = (const unsigned char *)out;
	size_t n;

	switch (form) {
	case DCM_TEXT_TERMINAL:
		for (; *s; s += n) {
			n = utf8(s);
			if (!n || *s < 0x20 || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0))
				return false;
		}
		return true;
	case DCM_TEXT_JSON:
		for (; *s; s += n) {
			n = utf8(s);
			if (!n)
				return false;
		}
		return true;
	case DCM_TEXT_DISPLAY:
		for (n = 0; s[n]; n++)
			if (s[n] < 0x20 || s[n] > 0x7e)
				return false;
		return n <= 255;
	case DCM_TEXT_IDENTIFIER:
		n = strspn(out, LETTERS "_-");
		return n && !out[n] && n <= 63;
	case DCM_TEXT_SAFE:
		return !out[strspn(out, LETTERS " .,:=@/_+-")];
	}
	return false;
}

static void escape(uint8_t which, size_t room, const char *name)
{
	enum dcm_text_form form = (enum dcm_text_form)(which % (DCM_TEXT_SAFE + 1));
	char *out = malloc(room);

	if (!out)
		return;
	if (dcm_text_escape(form, name, out, room) != strlen(out) || strlen(out) >= room ||
	    !keeps_promise(form, out))
		abort();
	free(out);
}

static void collapse(const char *name)
{
	static struct dcm_name_patterns patterns;
	char out[DCM_PATTERN_SIZE];

	memset(&patterns, 0, sizeof(patterns));
	dcm_name_pattern_collapse(name, out, 2);
	dcm_name_pattern_collapse(name, out, sizeof(out));
	if (strlen(out) > strlen(name))
		abort();
	for (const char *word = name; word; word = strchr(word, '/'))
		dcm_name_patterns_add(&patterns, word += *word == '/');
	dcm_name_patterns_sort(&patterns);
	for (size_t i = 1; i < patterns.count; i++)
		if (patterns.item[i].count > patterns.item[i - 1].count)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dcm_hints *hints;
	char *name;

	if (size < 2)
		return 0;
	name = strndup((const char *)data + 2, size - 2);
	if (!name || dcm_hints_create(&hints))
		abort();
	escape(data[1], 16 + data[0] * 5u, name);
	collapse(name);
	dcm_hints_add(hints, (const char *)data + 2, size - 2);
	dcm_hints_add_builtin(hints);
	dcm_hints_find(hints, "/var/lib", "cache-#");
	/* A pattern as long and nested as the input's own would only measure fnmatch(3). */
	if (strlen(name) < DCM_PATTERN_SIZE)
		dcm_hints_find(hints, "", name);
	dcm_hints_destroy(hints);
	free(name);
	return 0;
}
