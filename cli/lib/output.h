/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Standard output whose errors are noticed, and names from strangers made safe for it. */
#ifndef DCM_CLI_OUTPUT_H
#define DCM_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/metrics/text.h"

/* A closed pipe becomes EPIPE of a write instead of a signal. */
void output_init(void);

/* Flushes stdout; false when it can no longer be written. */
bool output_flush(void);

/*
 * Closes stdout. Returns @status, at least CLI_FAILED when something could not be written: with
 * a message, except for a closed pipe (the reader had enough).
 */
int output_close(int status);

/*
 * Raw bytes as text of the terminal's character set: escaped UTF-8, or ASCII where the locale has
 * no UTF-8. Returns a new string, NULL when memory is short.
 */
char *output_text(const char *raw);

/* The form of that text, for dcm_text_escape(). */
enum dcm_text_form output_form(void);

#endif
