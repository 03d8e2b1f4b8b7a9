// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/psi.h"

#define SOME_AVG   0x1
#define SOME_TOTAL 0x2
#define FULL_AVG   0x4
#define FULL_TOTAL 0x8
#define ALL	   0xf

static const struct test_case {
	const char *name, *text;
	int err;
	unsigned has;
	double some_avg, full_avg;
	uint64_t some_total, full_total;
} cases[] = {
	{"good",
	 "some avg10=12.34 avg60=1.00 avg300=0.50 total=123456\n"
	 "full avg10=5.06 avg60=0.10 avg300=0.00 total=789\n",
	 0, ALL, 12.34, 5.06, 123456, 789},
	{"idle",
	 "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
	 "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
	 0, ALL, 0, 0, 0, 0},
	{"no full line", "some avg10=1.50 avg60=0.00 avg300=0.00 total=3\n", 0,
	 SOME_AVG | SOME_TOTAL, 1.5, 0, 3, 0},
	{"other order, no newline", "full total=9 avg10=2.00\nsome total=8 avg10=1.00", 0, ALL, 1,
	 2, 8, 9},
	{"future fields and kinds",
	 "some avg1=9.99 avg10=1.00 total=8 new=5 word\nmost avg10=7.00 total=6\n", 0,
	 SOME_AVG | SOME_TOTAL, 1, 0, 8, 0},
	{"duplicates: the first counts",
	 "some avg10=1.00 avg10=2.00 total=3 total=4\nsome avg10=5.00 total=6\n", 0,
	 SOME_AVG | SOME_TOTAL, 1, 0, 3, 0},
	{"damaged value is absent", "some avg10=x total=3\nfull avg10=1.00 total=-4\n", 0,
	 SOME_TOTAL | FULL_AVG, 0, 1, 3, 0},
	{"2^63 and 2^64", "some total=9223372036854775808\nfull total=18446744073709551616\n", 0,
	 SOME_TOTAL, 0, 0, 1ULL << 63, 0},
	{"30 digits",
	 "some avg10=123456789012345678901234567890.00 total=123456789012345678901234567890\n",
	 -ENOENT, 0, 0, 0, 0, 0},
	{"empty", "", -ENOENT, 0, 0, 0, 0, 0},
	{"empty lines", "\n\n\n", -ENOENT, 0, 0, 0, 0, 0},
	{"junk", "Operation not supported\n", -ENOENT, 0, 0, 0, 0, 0},
	{"kind alone", "some\nfull\n", -ENOENT, 0, 0, 0, 0, 0},
	{"no value", "some avg10= total=\n", -ENOENT, 0, 0, 0, 0, 0},
};

static void check(const struct test_case *c, const struct dcm_psi *got)
{
	assert_int_equal((got->some.has_avg10 ? SOME_AVG : 0) |
				 (got->some.has_total ? SOME_TOTAL : 0) |
				 (got->full.has_avg10 ? FULL_AVG : 0) |
				 (got->full.has_total ? FULL_TOTAL : 0),
			 c->has);
	if (c->has & SOME_AVG)
		assert_true(got->some.avg10 == c->some_avg);
	if (c->has & FULL_AVG)
		assert_true(got->full.avg10 == c->full_avg);
	if (c->has & SOME_TOTAL)
		assert_true(got->some.total_us == c->some_total);
	if (c->has & FULL_TOTAL)
		assert_true(got->full.total_us == c->full_total);
}

TEST_TEXTS(struct dcm_psi, dcm_psi_parse(text, len, &got), check(c, &got))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
