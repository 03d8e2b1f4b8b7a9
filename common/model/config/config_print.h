/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the printed default configuration is laid out. */
#ifndef DCM_MODEL_CONFIG_PRINT_H
#define DCM_MODEL_CONFIG_PRINT_H

#include <stdio.h>

/* Columns that a comment takes at most; a longer word has a line of its own. */
#define DCM_CONFIG_COLUMNS 80

/* @text, words with single blanks between them, as lines that begin with "# ". */
void dcm_config_print_comment(FILE *out, const char *text);

#endif
