// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* uthash takes its memory from here: that many more allocations succeed. */
static int allocations_left;
#define uthash_malloc(size) (allocations_left-- > 0 ? malloc(size) : NULL)

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/hash.h"
#include "common/base/hash_table.h"
#include "common/base/minmax.h"
#include "common/base/search.h"

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

static void test_minmax(void **state)
{
	uint64_t calls = 0;
	const uint32_t values[] = {3, 1, 2};

	assert_int_equal(DCM_MIN(values[0], values[1]), 1);
	assert_int_equal(DCM_MAX(values[0], values[1]), 3);
	assert_int_equal(DCM_MIN(-1, 1), -1);
	assert_int_equal(DCM_MIN(UINT64_MAX, (uint64_t)INT64_MAX), INT64_MAX);
	assert_int_equal(DCM_EXCESS((uint64_t)5, (uint64_t)7), 0);
	assert_int_equal(DCM_EXCESS((uint64_t)7, (uint64_t)7), 0);
	assert_true(DCM_EXCESS(UINT64_MAX, (uint64_t)1) == UINT64_MAX - 1);
	/* each argument once, and one macro within the other */
	assert_int_equal(DCM_MIN(++calls, DCM_MAX(++calls, (uint64_t)0)), 1);
	assert_int_equal(calls, 2);
	assert_int_equal(DCM_COMPARE(1U, 2U), -1);
	assert_int_equal(DCM_COMPARE(2U, 2U), 0);
	assert_int_equal(DCM_COMPARE(UINT64_MAX, calls), 1);
}

static void test_timespec(void **state)
{
	struct timespec ts = dcm_timespec(3 * DCM_NSEC_PER_SEC + 999999999);
	uint64_t now = dcm_now_ns();

	assert_int_equal(ts.tv_sec, 3);
	assert_int_equal(ts.tv_nsec, 999999999);
	ts = dcm_timespec_until(now);
	assert_true(!ts.tv_sec && !ts.tv_nsec);
	ts = dcm_timespec_until(now + 3600 * DCM_NSEC_PER_SEC);
	assert_in_range(ts.tv_sec, 1, 3600);
	assert_true(ts.tv_nsec < (long)DCM_NSEC_PER_SEC);
}

static int compare_ints(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return DCM_COMPARE(*x, *y);
}

/* Against a walk from the front, for every length and every place of a key. */
static void test_lower_bound(void **state)
{
	static const int values[] = {1, 3, 3, 3, 5, 7, 7, 9};

	for (size_t count = 0; count <= DCM_ARRAY_SIZE(values); count++)
		for (int key = 0; key <= 10; key++) {
			size_t want = 0;

			while (want < count && values[want] < key)
				want++;
			assert_int_equal(
				dcm_lower_bound(&key, values, count, sizeof(*values), compare_ints),
				want);
		}
}

/* ---- complaints ---- */

struct said {
	unsigned count;
	enum dcm_log_level level;
	char line[64];
};

static void on_line(void *ctx, enum dcm_log_level level, const char *line)
{
	struct said *said = ctx;

	said->count++;
	said->level = level;
	snprintf(said->line, sizeof(said->line), "%s", line);
}

static void test_complaint(void **state)
{
	struct dcm_complaint complaint = {0};
	struct said said = {0};

	dcm_log_set_sink(on_line, &said);
	dcm_settle(&complaint, "over"); /* nothing was open */
	assert_int_equal(said.count, 0);
	for (int i = 1; i <= 3; i++)
		dcm_complain(&complaint, DCM_LOG_ERROR, "trouble %d", i);
	assert_int_equal(said.count, 1);
	assert_int_equal(said.level, DCM_LOG_ERROR);
	assert_string_equal(said.line, "trouble 1");
	dcm_settle(&complaint, "over");
	dcm_settle(&complaint, "over");
	assert_int_equal(said.count, 2);
	assert_int_equal(said.level, DCM_LOG_NOTICE);
	dcm_complain(&complaint, DCM_LOG_WARNING, "trouble %d", 4);
	dcm_settle(&complaint, NULL);
	assert_int_equal(said.count, 3);
	assert_string_equal(said.line, "trouble 4");

	assert_true(dcm_complaint_open(&complaint, -5));
	assert_false(dcm_complaint_open(&complaint, -5));
	assert_true(dcm_complaint_open(&complaint, -6));
	dcm_settle(&complaint, NULL);
	assert_true(dcm_complaint_open(&complaint, -6));
	assert_int_equal(said.count, 3);
	dcm_log_set_sink(NULL, NULL);
}

struct element {
	int key;
	UT_hash_handle hh;
};

static struct element *add_element(struct element **head, int key)
{
	struct element *element = calloc(1, sizeof(*element));

	assert_non_null(element);
	element->key = key;
	return DCM_HASH_ADD(*head, key, sizeof(key), element);
}

/* A table takes two allocations, and more as it grows: where one fails, it stays as it was. */
static void test_hash_table(void **state)
{
	struct element *head = NULL, *found;
	int key = 0, last, count = 0;

	for (allocations_left = 0; allocations_left < 2;) {
		int before = allocations_left;

		assert_null(add_element(&head, 1));
		assert_null(head);
		allocations_left = before + 1;
	}
	while (key < 100000 && add_element(&head, key))
		key++;
	assert_in_range(key, 1, 99999);
	assert_int_equal(HASH_COUNT(head), key);
	last = key - 1;
	HASH_FIND_INT(head, &last, found);
	assert_non_null(found);
	HASH_FIND_INT(head, &key, found);
	assert_null(found);
	allocations_left = 1;
	assert_non_null(add_element(&head, key));
	HASH_FIND_INT(head, &key, found);
	assert_non_null(found);
	DCM_HASH_DROP(head, found);
	assert_int_equal(HASH_COUNT(head), key);
	for (found = head; found; found = found->hh.next)
		count++;
	assert_int_equal(count, key);
	DCM_HASH_FREE(head);
	assert_null(head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),	  cmocka_unit_test(test_minmax),
		cmocka_unit_test(test_timespec),  cmocka_unit_test(test_lower_bound),
		cmocka_unit_test(test_complaint), cmocka_unit_test(test_hash_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
