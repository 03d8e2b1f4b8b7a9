/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of one directory collapsed to patterns: "cache-17", "cache-18" become "cache-#". A pattern
 * says what makes names at a glance where a list of them does not.
 */
#ifndef DCM_MODEL_NAME_PATTERN_H
#define DCM_MODEL_NAME_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#define DCM_PATTERN_SIZE 256
#define DCM_PATTERNS	 32

struct dcm_name_patterns {
	struct {
		char text[DCM_PATTERN_SIZE];
		unsigned count; /* names that collapsed to it */
	} item[DCM_PATTERNS];
	size_t count;
};

/*
 * Writes @name (raw bytes) with every run of decimal digits, and every run of 8 or more hexadecimal
 * digits of which one is decimal, as one "#"; runs joined by "-" alone (a UUID) become one. @size
 * is at least 2; the result is cut to fit.
 */
void dcm_name_pattern_collapse(const char *name, char *out, size_t size);

/* Adds a name's pattern; beyond DCM_PATTERNS distinct ones it is dropped. */
void dcm_name_patterns_add(struct dcm_name_patterns *patterns, const char *name);

/* Most frequent first; equal ones in the order of their first name. */
void dcm_name_patterns_sort(struct dcm_name_patterns *patterns);

#endif
