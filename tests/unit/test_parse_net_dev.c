// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/net_dev.h"

#define HEAD "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes\n"

static const struct test_case {
	const char *name, *text;
	int err;
	uint64_t count;
} cases[] = {
	{"none", HEAD, 0, 0},
	{"two", HEAD "    lo: 1 2 3\n  eth0:123456 2 3\n", 0, 2},
	{"no newline at the end", HEAD "    lo: 1 2 3", 0, 1},
	{"future columns", HEAD "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n", 0, 1},
	{"names alike", HEAD "a:1\na:1\n", 0, 2},
	{"name with a bar", HEAD "a|b: 1\n", 0, 1},
	{"empty", "", -EINVAL, 0},
	{"one heading", "Inter-|\n", -EINVAL, 0},
	{"junk", "\xff\n\n\n", -EINVAL, 0},
	{"a line without a colon", HEAD "lo 1 2 3\n", -EINVAL, 0},
};

TEST_TEXTS(uint64_t, dcm_net_dev_count(text, len, &got), assert_int_equal(got, c->count))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
