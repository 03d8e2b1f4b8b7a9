/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text for parsers in a heap block of exactly its length, so that sanitizers see one byte too far.
 */
#ifndef DCM_TESTS_PARSE_TEXT_H
#define DCM_TESTS_PARSE_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"

static inline char *text_exact(const char *text, size_t len)
{
	char *copy = malloc(len);

	if (len > 0) {
		assert_non_null(copy);
		memcpy(copy, text, len);
	}
	return copy;
}

#endif
