// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/number.h"
#include "common/parse/oid.h"

static struct dcm_span span(const char *text)
{
	return (struct dcm_span){text, strlen(text)};
}

static void test_u64(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t value;
	} cases[] = {
		{"0", 0, 0},
		{"007", 0, 7},
		{"9223372036854775807", 0, INT64_MAX},
		{"9223372036854775808", 0, 1ULL << 63},
		{"18446744073709551615", 0, UINT64_MAX},
		{"000000000000000000000000000000000000001", 0, 1},
		{"18446744073709551616", -ERANGE, 0},
		{"18446744073709551625", -ERANGE, 0},
		{"184467440737095516150", -ERANGE, 0},
		{"123456789012345678901234567890", -ERANGE, 0},
		{"123456789012345678901234567890x", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"+1", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"1 ", -EINVAL, 0},
		{"0x10", -EINVAL, 0},
		{"1e3", -EINVAL, 0},
		{"\xd9\xa1", -EINVAL, 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		uint64_t value = 42;

		assert_int_equal(dcm_number_u64(span(cases[i].text), &value), cases[i].err);
		assert_int_equal(value, cases[i].err ? 42 : cases[i].value);
	}
}

static void test_device(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint32_t major, minor;
	} cases[] = {
		{"8:17", 0, 8, 17},
		{"0:0", 0, 0, 0},
		{"4294967295:4294967295", 0, UINT32_MAX, UINT32_MAX},
		{"4294967296:0", -ERANGE, 0, 0},
		{"0:4294967296", -ERANGE, 0, 0},
		{"", -EINVAL, 0, 0},
		{"8", -EINVAL, 0, 0},
		{":", -EINVAL, 0, 0},
		{"8:", -EINVAL, 0, 0},
		{":17", -EINVAL, 0, 0},
		{"8:17:", -EINVAL, 0, 0},
		{"8: 17", -EINVAL, 0, 0},
		{"-8:17", -EINVAL, 0, 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		uint32_t major = 42, minor = 43;

		assert_int_equal(dcm_number_device(span(cases[i].text), &major, &minor),
				 cases[i].err);
		assert_int_equal(major, cases[i].err ? 42 : cases[i].major);
		assert_int_equal(minor, cases[i].err ? 43 : cases[i].minor);
	}
}

static void test_i64(void **state)
{
	static const struct {
		const char *text;
		int err;
		int64_t value;
	} cases[] = {
		{"0", 0, 0},
		{"-0", 0, 0},
		{"-1", 0, -1},
		{"9223372036854775807", 0, INT64_MAX},
		{"-9223372036854775807", 0, -INT64_MAX},
		{"-9223372036854775808", 0, INT64_MIN},
		{"9223372036854775808", -ERANGE, 0},
		{"-9223372036854775809", -ERANGE, 0},
		{"-18446744073709551616", -ERANGE, 0},
		{"123456789012345678901234567890", -ERANGE, 0},
		{"-", -EINVAL, 0},
		{"--1", -EINVAL, 0},
		{"", -EINVAL, 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		int64_t value = 42;

		assert_int_equal(dcm_number_i64(span(cases[i].text), &value), cases[i].err);
		assert_int_equal(value, cases[i].err ? 42 : cases[i].value);
	}
}

static void test_decimal(void **state)
{
	static const struct {
		const char *text;
		int err;
		double value;
	} cases[] = {
		{"0.00", 0, 0},
		{"12.34", 0, 12.34},
		{"100.00", 0, 100},
		{"7", 0, 7},
		{"0.000000001", 0, 1e-9},
		{"0.0000000001", -EINVAL, 0},
		{".5", -EINVAL, 0},
		{"5.", -EINVAL, 0},
		{"1.2.3", -EINVAL, 0},
		{"1,5", -EINVAL, 0},
		{"-1.0", -EINVAL, 0},
		{"nan", -EINVAL, 0},
		{"inf", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"18446744073709551616.00", -ERANGE, 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		double value = 42;

		assert_int_equal(dcm_number_decimal(span(cases[i].text), &value), cases[i].err);
		assert_true(cases[i].err ? value == 42 : value == cases[i].value);
	}
}

static void test_arithmetic(void **state)
{
	uint64_t value = UINT64_MAX - 1;

	assert_int_equal(dcm_number_add(&value, 1), 0);
	assert_int_equal(dcm_number_add(&value, 1), -ERANGE);
	assert_true(value == UINT64_MAX);
	value = 1ULL << 32;
	assert_int_equal(dcm_number_multiply(&value, 1ULL << 32), -ERANGE);
	assert_true(value == 1ULL << 32);
	assert_int_equal(dcm_number_multiply(&value, 1ULL << 31), 0);
	assert_true(value == 1ULL << 63);
}

static void test_leading(void **state)
{
	const char *text = "12:18446744073709551616 x", *at = text;
	uint64_t value = 42;

	assert_int_equal(dcm_number_leading(&at, &value), 0);
	assert_true(value == 12 && at == text + 2);
	assert_int_equal(dcm_number_leading(&at, &value), -EINVAL);
	at++;
	assert_int_equal(dcm_number_leading(&at, &value), -ERANGE);
	assert_true(value == 12 && at == text + 3);
}

static void test_up_to(void **state)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{"0", 0},	  {"99", 0},	    {"0099", 0},
		{"100", -ERANGE}, {"", -EINVAL},    {"1 ", -EINVAL},
		{" 1", -EINVAL},  {"+1", -EINVAL},  {"-1", -EINVAL},
		{"0x1", -EINVAL}, {"1.0", -EINVAL}, {"18446744073709551617", -ERANGE},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		uint64_t value = 42;

		assert_int_equal(dcm_number_up_to(cases[i].text, 99, &value), cases[i].err);
		assert_true((value == 42) == (cases[i].err != 0));
	}
	assert_int_equal(dcm_number_pid("4194304"), 4194304);
	assert_int_equal(dcm_number_pid("self"), 0);
	assert_int_equal(dcm_number_pid("12a"), 0);
	assert_int_equal(dcm_number_pid("2147483648"), 0);
}

static void test_real(void **state)
{
	static const struct {
		const char *text;
		int err;
		double value;
	} cases[] = {
		{"1.5", 0, 1.5},     {"-2", 0, -2},	  {"1e-9", 0, 1e-9},
		{"+3E2", 0, 300},    {"", -EINVAL, 0},	  {"0x10", -EINVAL, 0},
		{"inf", -EINVAL, 0}, {"nan", -EINVAL, 0}, {" 1", -EINVAL, 0},
		{"1e", -EINVAL, 0},  {"1,5", -EINVAL, 0}, {"1e999", -ERANGE, 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		double value = 42;

		assert_int_equal(dcm_number_real(cases[i].text, &value), cases[i].err);
		assert_true(value == (cases[i].err ? 42 : cases[i].value));
	}
}

static void test_oid(void **state)
{
	static const char *const bad[] = {"",	  "1.",	  ".1",	      "1..2",	      "1.a", "1 .2",
					  "01.2", "1.02", "1.3.6.1x", "1.4294967296", "-1"};
	unsigned long arcs[3] = {0};
	size_t len = 42;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++)
		assert_int_equal(dcm_oid_parse(bad[i], 3, arcs, &len), -EINVAL);
	assert_int_equal(len, 42);
	assert_int_equal(dcm_oid_parse("1.0.4294967295", 3, arcs, &len), 0);
	assert_true(len == 3 && arcs[0] == 1 && arcs[1] == 0 && arcs[2] == 4294967295);
	assert_int_equal(dcm_oid_parse("1.3.6.1", 3, arcs, &len), -E2BIG);
	assert_true(len == 4 && arcs[2] == 6);
	assert_int_equal(dcm_oid_parse("1.3.6.x", 3, arcs, &len), -EINVAL);
}

static void test_spans(void **state)
{
	struct dcm_span text = span("one  two\tthree\r\n\n four"), line, word;

	assert_true(dcm_span_line(&text, &line));
	assert_true(dcm_span_word(&line, &word) && dcm_span_equals(word, "one"));
	assert_true(dcm_span_word(&line, &word) && dcm_span_equals(word, "two"));
	assert_true(dcm_span_word(&line, &word) && dcm_span_equals(word, "three"));
	assert_false(dcm_span_word(&line, &word));
	assert_true(dcm_span_line(&text, &line));
	assert_int_equal(line.len, 0);
	assert_true(dcm_span_line(&text, &line));
	assert_true(dcm_span_word(&line, &word) && dcm_span_skip(&word, "fo"));
	assert_true(dcm_span_equals(word, "ur"));
	assert_false(dcm_span_skip(&word, "urn"));
	assert_false(dcm_span_equals(word, "u"));
	assert_false(dcm_span_line(&text, &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),	cmocka_unit_test(test_i64),
		cmocka_unit_test(test_decimal), cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_spans),	cmocka_unit_test(test_leading),
		cmocka_unit_test(test_up_to),	cmocka_unit_test(test_real),
		cmocka_unit_test(test_oid),	cmocka_unit_test(test_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
