// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/hints/name_pattern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_HEX 8 /* shorter runs of a-f and digits occur in words */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Length of the run at @s that counts as a number; 0: none begins here. */
static size_t number_run(const char *s)
{
	size_t hex = 0, digits = 0, decimal = 0;

	while (is_digit(s[digits]))
		digits++;
	while (is_hex(s[hex]))
		decimal += is_digit(s[hex++]);
	return hex >= LEAST_HEX && decimal ? hex : digits;
}

/* Further parts of a UUID: "-" and 4 or more hexadecimal digits, or a number. */
static size_t joined_run(const char *s)
{
	size_t hex = 0;

	if (*s != '-')
		return 0;
	while (is_hex(s[1 + hex]))
		hex++;
	if (hex < 4)
		hex = number_run(s + 1);
	return hex ? 1 + hex : 0;
}

void dcm_name_pattern_collapse(const char *name, char *out, size_t size)
{
	size_t n = 0;

	while (*name && n + 1 < size) {
		size_t run = number_run(name);

		if (!run) {
			out[n++] = *name++;
			continue;
		}
		name += run;
		while ((run = joined_run(name)))
			name += run;
		out[n++] = '#';
	}
	out[n] = '\0';
}

void dcm_name_patterns_add(struct dcm_name_patterns *patterns, const char *name)
{
	char text[DCM_PATTERN_SIZE];
	size_t i;

	dcm_name_pattern_collapse(name, text, sizeof(text));
	for (i = 0; i < patterns->count; i++) {
		if (!strcmp(patterns->item[i].text, text)) {
			patterns->item[i].count++;
			return;
		}
	}
	if (patterns->count == DCM_PATTERNS)
		return;
	memcpy(patterns->item[i].text, text, sizeof(text));
	patterns->item[i].count = 1;
	patterns->count++;
}

void dcm_name_patterns_sort(struct dcm_name_patterns *patterns)
{
	size_t i, j;

	/* Insertion: stable, and there are at most 32. */
	for (i = 1; i < patterns->count; i++) {
		__typeof__(patterns->item[0]) item = patterns->item[i];

		for (j = i; j > 0 && patterns->item[j - 1].count < item.count; j--)
			patterns->item[j] = patterns->item[j - 1];
		patterns->item[j] = item;
	}
}
