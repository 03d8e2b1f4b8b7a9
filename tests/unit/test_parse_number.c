// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/number.h"

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

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		uint64_t value = 42;

		assert_int_equal(dcm_number_u64(span(cases[i].text), &value), cases[i].err);
		assert_int_equal(value, cases[i].err ? 42 : cases[i].value);
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

	(void)state;
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

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		double value = 42;

		assert_int_equal(dcm_number_decimal(span(cases[i].text), &value), cases[i].err);
		assert_true(cases[i].err ? value == 42 : value == cases[i].value);
	}
}

static void test_arithmetic(void **state)
{
	uint64_t value = UINT64_MAX - 1;

	(void)state;
	assert_int_equal(dcm_number_add(&value, 1), 0);
	assert_int_equal(dcm_number_add(&value, 1), -ERANGE);
	assert_true(value == UINT64_MAX);
	value = 1ULL << 32;
	assert_int_equal(dcm_number_multiply(&value, 1ULL << 32), -ERANGE);
	assert_true(value == 1ULL << 32);
	assert_int_equal(dcm_number_multiply(&value, 1ULL << 31), 0);
	assert_true(value == 1ULL << 63);
}

static void test_spans(void **state)
{
	struct dcm_span text = span("one  two\tthree\r\n\n four"), line, word;

	(void)state;
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
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
