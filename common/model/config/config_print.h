/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the configuration says in words: comments of the default file, lists of words. */
#ifndef DCM_MODEL_CONFIG_PRINT_H
#define DCM_MODEL_CONFIG_PRINT_H

#include <stdio.h>

/* Columns that a comment takes at most; a longer word has a line of its own. */
#define DCM_CONFIG_COLUMNS 80

/* @text, words with single blanks between them, as lines that begin with "# ". */
void dcm_config_print_comment(FILE *out, const char *text);

/* Appends @text to the string in @buf if all of it fits into @size. */
void dcm_config_append(char *buf, size_t size, const char *text);

#endif
