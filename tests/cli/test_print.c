// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables for people: what they say, and that no name can control the terminal. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/commands/show_tables.h"
#include "cli/lib/human_numbers.h"
#include "common/base/cleanup.h"
#include "tests/cli/hostile_snapshot.h"

static char *print(bool full, size_t limit)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = synthetic_snapshot(full);
	const struct print_limits limits = {.superblocks = limit, .chains = limit};
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(snapshot);
	assert_non_null(out);
	assert_int_equal(print_snapshot(snapshot, &limits, out), 0);
	fclose(out);
	return printed;
}

static void assert_says(const char *printed, const char *words)
{
	if (!strstr(printed, words))
		fail_msg("\"%s\" is missing in:\n%s", words, printed);
}

/* C0 except newline, DEL, C1 (as UTF-8) and bidirectional overrides, whatever the locale. */
static void assert_tame(const char *printed, bool ascii)
{
	for (const char *p = printed; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c < 0x20 && c != '\n') || c == 0x7f || (ascii && c > 0x7f))
			fail_msg("control byte %#x at %zd of:\n%s", c, p - printed, printed);
	}
	assert_null(strstr(printed, "\xc2\x9b"));
	assert_null(strstr(printed, "\xe2\x80\xae"));
}

static void test_hostile_names(void **state)
{
	static const char *const locales[] = {"C.UTF-8", "C"};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(locales); i++) {
		_cleanup_free_ char *printed = NULL;

		assert_non_null(setlocale(LC_ALL, locales[i]));
		printed = print(true, SIZE_MAX);
		assert_tame(printed, i == 1);
		assert_says(printed, "a\\x0ab\\x1b[2Jc\\x9b");
		assert_says(printed, "no BTF\\x0a\\x1b[31m");
	}
}

static void test_content(void **state)
{
	_cleanup_free_ char *printed = NULL;

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	printed = print(true, 15);
	assert_says(printed, "Superblocks by unused dentries (15 of 20)");
	assert_says(printed, "9,223,372,036,854,775,808");
	assert_says(printed, "18,446,744,073,709,551,615");
	assert_says(printed, "259:7");
	assert_says(printed, "1,003 or more: 1,001 entries named 'ipv6' under /proc/sys/net, "
			     "184 µs per lookup");
	assert_says(printed, "dentries       -5");
	assert_says(printed, "of process 942 (podman pause)");
	assert_says(printed, " (docker 3f2a9c01b77e)");
	/* No directory has a container: no column for it. */
	assert_null(strstr(strstr(printed, "Directories"), "CONTAINER"));
	/* The largest first, and the smallest five not at all. */
	assert_true(strstr(printed, "9,223,372,036,854,775,808") < strstr(printed, "19,000"));
	assert_null(strstr(printed, " 5,000 "));
	assert_says(printed, "unsupported");
}

static void test_empty(void **state)
{
	_cleanup_free_ char *printed = NULL;

	(void)state;
	printed = print(false, 15);
	assert_says(printed, "not sampled");
}

static void test_human(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} seconds[] = {
		{0, "0 s"},	    {1.4e-6, "1.40 µs"},
		{184e-6, "184 µs"}, {999.6e-6, "1.00 ms"},
		{0.24, "240 ms"},   {0.9999, "1.00 s"},
		{60, "60.0 s"},	    {600, "10.0 min"},
		{36000, "10.0 h"},  {1e300, "over 1,000,000 h"},
	};
	static const struct {
		uint64_t bytes;
		const char *text;
	} bytes[] = {
		{0, "0 B"},	      {1023, "1023 B"},	      {1024, "1.0 KiB"},
		{1048575, "1.0 MiB"}, {65011712, "62.0 MiB"}, {UINT64_MAX, "16.0 EiB"},
	};

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(seconds); i++)
		assert_string_equal(human_seconds(seconds[i].seconds).text, seconds[i].text);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(bytes); i++)
		assert_string_equal(human_bytes(bytes[i].bytes).text, bytes[i].text);
	assert_string_equal(human_count(0).text, "0");
	assert_string_equal(human_count(999).text, "999");
	assert_string_equal(human_count(1000).text, "1,000");
	assert_string_equal(human_range(12340, 12360).text, "12,340 to 12,360");
	assert_string_equal(human_range(7, 7).text, "7");
	assert_string_equal(human_range(UINT64_MAX - 1, UINT64_MAX).text,
			    "18,446,744,073,709,551,614 to 18,446,744,073,709,551,615");
	assert_string_equal(human_short_range(99999, 100000).text, "99,999-100.0k");
	assert_string_equal(human_short_range(15987210, 16011954).text, "15.98M-16.02M");
	assert_string_equal(human_short_range(999949, 999950).text, "0.999M-1.000M");
	assert_string_equal(human_short_range(0, UINT64_MAX).text, "0-18.45E");
	assert_string_equal(human_change(1203.6).text, "+1,204");
	assert_string_equal(human_change(-3.24).text, "-3.2");
	assert_string_equal(human_change(-0.04).text, "0");
	assert_string_equal(human_change(9.96).text, "+10");
	assert_string_equal(human_change(1e300).text, "-");
	assert_string_equal(human_signed(INT64_MIN).text, "-9,223,372,036,854,775,808");
	assert_string_equal(human_percent(1, 3).text, "33 %");
	assert_string_equal(human_percent(1, 3000).text, "<1 %");
	assert_string_equal(human_percent(1, 0).text, "");
	assert_string_equal(human_percent(-1, 10).text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_human),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
