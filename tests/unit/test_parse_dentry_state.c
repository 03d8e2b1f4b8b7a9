// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/dentry_state.h"

#define ABSENT INT64_MIN

static const struct test_case {
	const char *name, *text;
	bool counts_negative;
	int err;
	struct counts {
		int64_t dentries, unused, negative; /* ABSENT: left out */
	} counts;
} cases[] = {
	{"6.18", "44241\t42773\t45\t0\t8483\t0\n", true, 0, {44241, 42773, 8483}},
	{"a number there proves the counter",
	 "44241\t42773\t45\t0\t8483\t0\n",
	 false,
	 0,
	 {44241, 42773, 8483}},
	{"3.10: padding", "92435\t80571\t45\t0\t0\t0\n", false, 0, {92435, 80571, ABSENT}},
	{"no negative dentries, and known to count",
	 "100\t80\t45\t0\t0\t0\n",
	 true,
	 0,
	 {100, 80, 0}},
	{"five numbers", "100\t80\t45\t0\t7\n", false, 0, {100, 80, 7}},
	{"five numbers, padding", "100 80 45 0 0", false, 0, {100, 80, ABSENT}},
	{"3.x overflow", "-2147483648\t-5\t45\t0\t0\t0\n", false, 0, {ABSENT, ABSENT, ABSENT}},
	{"negative number of negatives", "1\t1\t45\t0\t-3\t0\n", false, 0, {1, 1, ABSENT}},
	{"and 0 where it is known to count", "-1\t0\t45\t0\t0\t0\n", true, 0, {ABSENT, 0, 0}},
	{"limits",
	 "9223372036854775807 -9223372036854775808 45 0 1 0\n",
	 true,
	 0,
	 {INT64_MAX, ABSENT, 1}},
	{"future fields", "1\t2\t45\t0\t3\t4\t5\tsix\n", true, 0, {1, 2, 3}},
	{"second line", "1\t2\t45\t0\t3\t0\n9\t9\t9\t9\t9\t9\n", true, 0, {1, 2, 3}},
	{"no newline", "1\t2\t45\t0\t3\t4", true, 0, {1, 2, 3}},
	{"empty", "", true, -EINVAL, {0}},
	{"only a newline", "\n", true, -EINVAL, {0}},
	{"empty first line", "\n1 2 3 4 5 6\n", true, -EINVAL, {0}},
	{"four numbers", "1\t2\t45\t0\n", true, -EINVAL, {0}},
	{"junk", "Permission denied\n", true, -EINVAL, {0}},
	{"junk in the middle", "1\t2x\t45\t0\t3\t0\n", true, -EINVAL, {0}},
	{"fraction", "1.5\t2\t45\t0\t3\t0\n", true, -EINVAL, {0}},
	{"2^63", "9223372036854775808\t2\t45\t0\t3\t0\n", true, -ERANGE, {0}},
	{"2^64", "1\t18446744073709551616\t45\t0\t3\t0\n", true, -ERANGE, {0}},
	{"30 digits", "1\t2\t45\t0\t123456789012345678901234567890\t0\n", true, -ERANGE, {0}},
};

static void check_count(bool has, int64_t got, int64_t expected)
{
	assert_int_equal(has, expected != ABSENT);
	if (has)
		assert_true(got == expected);
}

static void check(const struct test_case *c, const struct dcm_dentry_state *got)
{
	check_count(got->has_dentries, got->dentries, c->counts.dentries);
	check_count(got->has_unused, got->unused, c->counts.unused);
	check_count(got->has_negative, got->negative, c->counts.negative);
	/* no age_limit and want_pages here are below zero */
	assert_int_equal(got->below_zero, strchr(c->text, '-') != NULL);
}

TEST_TEXTS(struct dcm_dentry_state, dcm_dentry_state_parse(text, len, c->counts_negative, &got),
	   check(c, &got))

static void test_embedded_nul(void **state)
{
	static const char text[] = "1\t2\t45\0\t0\t3\t0\n";
	struct dcm_dentry_state got;

	assert_int_equal(dcm_dentry_state_parse(text, sizeof(text) - 1, true, &got), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_embedded_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
