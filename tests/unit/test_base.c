// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/hash.h"

/* Test vectors of draft-eastlake-fnv, appendix C. */
static void test_hash(void **state)
{
	static const struct {
		const char *text;
		uint64_t wide;
		uint32_t narrow;
	} cases[] = {
		{"", 0xcbf29ce484222325, 0x811c9dc5},
		{"a", 0xaf63dc4c8601ec8c, 0xe40c292c},
		{"foobar", 0x85944171f73967e8, 0xbf9cf968},
	};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		assert_int_equal(dcm_hash64_text(DCM_HASH64_START, cases[i].text), cases[i].wide);
		assert_int_equal(dcm_hash32_text(cases[i].text), cases[i].narrow);
	}
	/* In parts, and over bytes that a signed char would get wrong. */
	assert_int_equal(dcm_hash64_text(dcm_hash64_text(DCM_HASH64_START, "foo"), "bar"),
			 0x85944171f73967e8);
	assert_int_equal(dcm_hash64(DCM_HASH64_START, "\xff\x00\x00\x01", 4), 0x6961196491cc682d);
	assert_int_equal(dcm_hash32_text("\xff"), (0x811c9dc5U ^ 0xff) * 0x01000193U);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
