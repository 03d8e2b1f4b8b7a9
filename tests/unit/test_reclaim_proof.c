// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/reclaim/reclaim_proof.h"

#define EXT4(id, flags, options) #id " 1 8:1 / /m" #id " " flags " - ext4 /dev/sda1 " options "\n"
#define OTHER			 "9 1 0:5 / /o rw - tmpfs x rw,size=1k\n"

static const struct {
	const char *before, *after, *change;
	enum dcm_reclaim_proof proof;
} cases[] = {
	{EXT4(2, "rw", "rw"), EXT4(2, "rw", "rw"), "", DCM_RECLAIM_SAME},
	{OTHER EXT4(2, "rw", "rw"), EXT4(2, "rw", "rw") "9 1 0:5 / /o rw - tmpfs x rw,size=2k\n",
	 "", DCM_RECLAIM_SAME},
	{EXT4(2, "rw", "rw,noacl,commit=9"), EXT4(2, "rw", "rw,commit=5"),
	 "-noacl -commit=9 +commit=5", DCM_RECLAIM_CHANGED},
	/* A remount that waited for the reconfigure to end. */
	{EXT4(2, "rw", "rw"), EXT4(2, "rw", "ro"), "", DCM_RECLAIM_SAME},
	{EXT4(2, "rw", "rw,noacl"), EXT4(2, "rw", "ro"), "-noacl", DCM_RECLAIM_CHANGED},
	/* Others set a mount of their own read-only, or share it. */
	{EXT4(2, "rw", "rw"), EXT4(2, "ro,nosuid", "rw"), "", DCM_RECLAIM_SAME},
	{EXT4(2, "rw", "rw"), EXT4(2, "rw shared:7", "rw"), "", DCM_RECLAIM_SAME},
	/* Mounts come and go, in any order. */
	{EXT4(2, "rw", "rw") EXT4(3, "rw", "rw"), EXT4(30, "rw", "rw") EXT4(3, "rw", "rw"), "",
	 DCM_RECLAIM_SAME},
	{EXT4(2, "rw", "rw") EXT4(3, "rw", "rw"), EXT4(3, "rw", "rw") EXT4(2, "rw", "rw"), "",
	 DCM_RECLAIM_SAME},
	{EXT4(2, "rw", "rw"), OTHER, "", DCM_RECLAIM_UNKNOWN},
	{EXT4(2, "rw", "rw"), EXT4(3, "rw", "ro"), "", DCM_RECLAIM_UNKNOWN},
	{EXT4(2, "rw", "rw"), "", "", DCM_RECLAIM_UNKNOWN},
	{EXT4(2, "rw", "rw"), NULL, "", DCM_RECLAIM_UNKNOWN},
	{NULL, EXT4(2, "rw", "rw"), "", DCM_RECLAIM_UNKNOWN},
	{"", "", "", DCM_RECLAIM_UNKNOWN},
	{"junk\n2 1 8:1\n", "junk\n2 1 8:1\n", "", DCM_RECLAIM_UNKNOWN},
};

static void test_compare(void **state)
{
	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reclaim_change change = {"x"};

		assert_int_equal(
			dcm_reclaim_compare(cases[i].before, cases[i].after, 8, 1, &change),
			cases[i].proof);
		assert_string_equal(change.text, cases[i].change);
	}
}

/* What does not fit is cut, never beyond the end. */
static void test_long_change(void **state)
{
	char before[700], options[300];
	struct dcm_reclaim_change change;

	(void)state;
	for (size_t len = 1; len < sizeof(options); len++) {
		memset(options, 'x', len);
		options[len - 1] = '\0';
		snprintf(before, sizeof(before), "2 1 8:1 / /m rw - ext4 d %s,%s\n", options,
			 options);
		assert_int_equal(dcm_reclaim_compare(before, EXT4(2, "rw", "rw"), 8, 1, &change),
				 DCM_RECLAIM_CHANGED);
		assert_in_range(strlen(change.text), 1, sizeof(change.text) - 1);
	}
}

static char *binds(size_t count)
{
	char *text = malloc(count * 80), *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%zu 1 8:1 /volumes/%zu /pods/%zu rw - ext4 /dev/sda1 rw\n",
			      i + 2, i, i);
	return text;
}

static double seconds_of(size_t count)
{
	_cleanup_free_ char *text = binds(count);
	struct timespec begin, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	assert_int_equal(dcm_reclaim_compare(text, text, 8, 1, NULL), DCM_RECLAIM_SAME);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Twenty times the mounts of one superblock take about twenty times as long, not four hundred: the
 * bound lies between. Other work on the CPU makes some of the rounds longer. */
static void test_many_mounts(void **state)
{
	double few = 100, many = 100;

	(void)state;
	/* Pages that are taken from the kernel each time would be most of the longer time. */
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	for (int i = 0; i < 5 || (i < 20 && many >= 130 * few); i++) {
		double a = seconds_of(2000), b = seconds_of(40000);

		few = a < few ? a : few;
		many = b < many ? b : many;
	}
	assert_true(many < 130 * few);
}

static void test_find_line(void **state)
{
	const char *text = EXT4(21, "rw", "rw") EXT4(2, "rw", "rw,noacl") "3\n4 junk\n";
	struct dcm_mountinfo line;

	(void)state;
	assert_true(dcm_reclaim_find_line(text, 2, &line));
	assert_true(dcm_span_equals(line.options, "rw,noacl"));
	assert_true(dcm_reclaim_find_line(text, 21, &line));
	assert_true(dcm_span_equals(line.options, "rw"));
	for (int id = 3; id < 6; id++)
		assert_false(dcm_reclaim_find_line(text, id, &line));
	assert_false(dcm_reclaim_find_line("", 2, &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_long_change),
		cmocka_unit_test(test_many_mounts),
		cmocka_unit_test(test_find_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
