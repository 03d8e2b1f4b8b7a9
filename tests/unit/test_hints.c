// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names to patterns, patterns to hints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/hints/hints.h"
#include "common/model/hints/name_pattern.h"

static void test_collapse(void **state)
{
	static const struct {
		const char *name, *pattern;
	} cases[] = {
		{"", ""},
		{"plain", "plain"},
		{"missing-178528", "missing-#"},
		{".x12_dOeSnotExist_.db", ".x#_dOeSnotExist_.db"},
		{"1.2.3", "#.#.#"},
		{"deadbeef", "deadbeef"}, /* a word: no digit */
		{"deadbee1", "#"},
		{"a1b2", "a#b#"}, /* too short for hexadecimal */
		{"3f2504e0-4f89-11d3-9a0c-0305e82c3301", "#"},
		{"x-3f2504e0-4f89-11d3-9a0c-0305e82c3301.tmp", "x-#.tmp"},
		{"a\n1\xff", "a\n#\xff"},
	};
	char out[DCM_PATTERN_SIZE], small[4], longest[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dcm_name_pattern_collapse(cases[i].name, out, sizeof(out));
		assert_string_equal(out, cases[i].pattern);
	}
	dcm_name_pattern_collapse("abcdefg", small, sizeof(small));
	assert_string_equal(small, "abc");
	memset(longest, 'x', 255);
	longest[255] = '\0';
	dcm_name_pattern_collapse(longest, out, sizeof(out));
	assert_string_equal(out, longest);
}

static void test_most_frequent_first(void **state)
{
	struct dcm_name_patterns patterns = {0};
	char name[32];

	dcm_name_patterns_add(&patterns, "once");
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "key-%d", i);
		dcm_name_patterns_add(&patterns, name);
	}
	for (int i = 0; i < 2 * DCM_PATTERNS; i++) {
		snprintf(name, sizeof(name), "%c%c", 'A' + i / 26, 'a' + i % 26);
		dcm_name_patterns_add(&patterns, name);
	}
	dcm_name_patterns_sort(&patterns);
	assert_int_equal(patterns.count, DCM_PATTERNS);
	assert_string_equal(patterns.item[0].text, "key-#");
	assert_int_equal(patterns.item[0].count, 5);
	assert_string_equal(patterns.item[1].text, "once");
}

static void test_builtin(void **state)
{
	struct dcm_hints *hints;

	assert_int_equal(dcm_hints_create(&hints), 0);
	assert_int_equal(dcm_hints_add_builtin(hints), 0);
	assert_non_null(strstr(dcm_hints_find(hints, "/var/lib/x", ".x#_dOeSnotExist_.db"), "NSS"));
	assert_non_null(strstr(dcm_hints_find(hints, "/proc/sys/net", "ipv6"), "namespace"));
	assert_non_null(strstr(dcm_hints_find(hints, "/data", "#"), "UUID"));
	assert_null(dcm_hints_find(hints, "/usr/bin", "aclocal"));
	dcm_hints_destroy(hints);
}

static void test_own_lines_come_first(void **state)
{
	static const char own[] =
		"# comment\n\n*/spool/*\tours\nnot a hint\n  \n*_dOeSnotExist_.db  ours too\r\n";
	struct dcm_hints *hints;

	assert_int_equal(dcm_hints_create(&hints), 0);
	assert_int_equal(dcm_hints_add(hints, own, sizeof(own) - 1), 1); /* one line is none */
	assert_int_equal(dcm_hints_add_builtin(hints), 0);
	assert_string_equal(dcm_hints_find(hints, "/var/spool", "x"), "ours");
	assert_string_equal(dcm_hints_find(hints, "/", ".x_dOeSnotExist_.db"), "ours too");
	dcm_hints_destroy(hints);
	dcm_hints_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collapse),
		cmocka_unit_test(test_most_frequent_first),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_own_lines_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
