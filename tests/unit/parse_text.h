/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text for parsers in a heap block of exactly its length: sanitizers see one byte too far. */
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

/*
 * A test over the table `cases` of struct test_case, each with .name, .text and .err: @parse, an
 * expression of text, len and got, returns .err and on failure leaves got alone; else @check runs,
 * with the case as c.
 */
#define TEST_TEXTS(type, parse, check)                                              \
	static void test_cases(void **state)                                        \
	{                                                                           \
		(void)state;                                                        \
		for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {                \
			const struct test_case *c = &cases[i];                      \
			const size_t len = strlen(c->text);                         \
			_cleanup_free_ char *text = text_exact(c->text, len);       \
			type untouched, got;                                        \
                                                                                    \
			memset(&untouched, 0x5a, sizeof(untouched));                \
			memset(&got, 0x5a, sizeof(got));                            \
			print_message("%s\n", c->name);                             \
			assert_int_equal(parse, c->err);                            \
			if (c->err)                                                 \
				assert_memory_equal(&got, &untouched, sizeof(got)); \
			else                                                        \
				check;                                              \
		}                                                                   \
	}

#endif
