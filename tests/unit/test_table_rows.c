// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/kernel/walk/bpf/walk_shared.h"
#include "common/sampling/table_rows.h"

static struct dcm_table_rows rows;

static int begin(void **state)
{
	rows = (struct dcm_table_rows){0};
	return 0;
}

static void add(uint64_t netns, uint64_t longest)
{
	const struct dcm_walk_hash_table table = {.table = DCM_TABLE_DEVICE_NAMES,
						  .netns = netns,
						  .inode = (uint32_t)netns,
						  .buckets = 256,
						  .entries = longest,
						  .longest = longest};

	dcm_table_rows_add(&rows, &table);
}

static void assert_order(const uint64_t *netns, size_t count)
{
	assert_int_equal(rows.others[DCM_TABLE_DEVICE_NAMES], count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rows.other[DCM_TABLE_DEVICE_NAMES][i].netns, netns[i]);
}

/* The longest stay, in order; equal ones in the order of their coming. */
static void test_longest(void **state)
{
	static const uint64_t all[] = {20, 10, 19, 9, 18, 17, 8}, few[] = {2, 3, 1};

	add(1, 10);
	add(2, 30);
	add(3, 20);
	assert_order(few, 3);
	begin(state);
	for (uint64_t i = 1; i <= 10; i++)
		add(i, i * 10);
	for (uint64_t i = 11; i <= 20; i++)
		add(i, i == 20 ? 1000 : i * 5);
	assert_order(all, DCM_TABLE_OTHERS);
	assert_int_equal(rows.other[DCM_TABLE_DEVICE_NAMES][0].longest, 1000);
}

/* A walk that begins again meets a namespace twice. */
static void test_twice(void **state)
{
	static const uint64_t after[] = {2, 3, 1};

	add(1, 30);
	add(2, 20);
	add(3, 10);
	add(1, 5);
	assert_order(after, 3);
}

static void test_classes(void **state)
{
	unsigned before = 0;

	for (uint64_t length = 1; length < 1 << 20; length++) {
		unsigned class = dcm_table_class(length);
		uint64_t end = dcm_table_class_end(class);

		assert_in_range(class, before, before + 1);
		assert_in_range(class, 1, DCM_TABLE_CLASSES - 1);
		assert_in_range(end, length, length <= 64 ? length : length + length / 8);
		assert_int_equal(dcm_table_class(end), class);
		before = class;
	}
	assert_int_equal(dcm_table_class(UINT32_MAX), DCM_TABLE_CLASSES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_longest, begin),
		cmocka_unit_test_setup(test_twice, begin),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
