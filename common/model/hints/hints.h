/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is known about names that pile up: a pattern of path and name, and what to do about it. The
 * built-in list is packaging/hints.conf; an operator's own file of the same format comes first.
 *
 *   # comment
 *   GLOB <tab or two spaces> HINT
 *
 * GLOB matches PATH/PATTERN, where PATTERN is a name collapsed by name_pattern.h, as fnmatch(3)
 * does without flags: "*" matches "/" as well.
 */
#ifndef DCM_MODEL_HINTS_H
#define DCM_MODEL_HINTS_H

#include <stddef.h>

struct dcm_hints;

int dcm_hints_create(struct dcm_hints **ret);
void dcm_hints_destroy(struct dcm_hints *hints);

/* Appends the lines of @text; returns how many lines it could not read, or
 * -ENOMEM. The first match counts, so add the operator's file before the built-in list. */
int dcm_hints_add(struct dcm_hints *hints, const char *text, size_t size);

/* The lines that dcachemon brings. */
int dcm_hints_add_builtin(struct dcm_hints *hints);

/* NULL when nothing is known. */
const char *dcm_hints_find(const struct dcm_hints *hints, const char *path, const char *pattern);

#endif
