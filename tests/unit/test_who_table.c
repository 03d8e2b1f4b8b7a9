// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/who/who_table.h"

static int setup(void **state)
{
	return dcm_who_table_create((struct dcm_who_table **)state);
}

static int teardown(void **state)
{
	dcm_who_table_destroy(*state);
	return 0;
}

static void missing(struct dcm_who_table *table, uint32_t pid, const char *command,
		    const char *directory, const char *name, double one_of, uint64_t negative)
{
	const struct dcm_who_event event = {.what = DCM_WHO_FAILED_LOOKUP,
					    .pid = pid,
					    .command = command,
					    .cgroup = "/c",
					    .directory = directory,
					    .name = name,
					    .one_of = one_of,
					    .scale = 1,
					    .negative = negative};

	dcm_who_table_add(table, &event);
}

static void left(struct dcm_who_table *table, uint32_t pid, const char *command, uint64_t negative)
{
	const struct dcm_who_event event = {.what = DCM_WHO_NEGATIVE_LEFT,
					    .pid = pid,
					    .command = command,
					    .cgroup = "/c",
					    .directory = "",
					    .name = "",
					    .negative = negative};

	dcm_who_table_add(table, &event);
}

/* All of one second was watched. */
static void end(struct dcm_who_table *table)
{
	dcm_who_table_close_window(table, 1, 1);
	dcm_who_table_end(table, 1, 0, false);
}

static size_t rank(struct dcm_who_table *table, enum dcm_who_view view,
		   const struct dcm_who_row ***ret)
{
	size_t count;

	assert_int_equal(dcm_who_table_rank(table, view, ret, &count), 0);
	return count;
}

static void test_empty(void **state)
{
	const struct dcm_who_row **rows;

	end(*state);
	for (int view = 0; view < DCM_WHO_VIEWS; view++) {
		assert_int_equal(rank(*state, view, &rows), 0);
		free(rows);
	}
}

/* One loops over names that the cache knows, the other leaves new ones, much more slowly. */
static void test_new_names_count(void **state)
{
	const struct dcm_who_row **rows;
	char name[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i % 10);
		missing(*state, 1, "loop", "/a", name, 1, 0);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d", i);
		missing(*state, 2, "fresh", "/b", name, 1, 3);
	}
	left(*state, 2, "fresh", 300);
	end(*state);
	assert_int_equal(rank(*state, DCM_WHO_PROCESSES, &rows), 2);
	assert_string_equal(rows[0]->key, "fresh");
	assert_int_equal(rows[0]->pid, 2);
	assert_true(rows[0]->negative.value == 300 && rows[0]->negative.high == 300);
	assert_true(rows[0]->names.value == 100);
	assert_true(rows[0]->failed.value == 100 && rows[0]->failed.low == 100);
	assert_true(rows[1]->failed.value == 1000);
	assert_true(rows[1]->negative.high == 0 && rows[1]->names.high == 0);
	free(rows);
	assert_int_equal(rank(*state, DCM_WHO_DIRECTORIES, &rows), 2);
	assert_string_equal(rows[0]->key, "/b");
	assert_true(rows[0]->negative.value == 300);
	assert_string_equal(rows[0]->command.text, "fresh");
	assert_string_equal(rows[0]->sample_name[0], "0");
	assert_string_equal(rows[0]->sample_name[2], "2");
	free(rows);
	assert_int_equal(rank(*state, DCM_WHO_CGROUPS, &rows), 1);
	assert_true(rows[0]->failed.value == 1100);
	assert_true(rows[0]->negative.value == 300);
	assert_string_equal(rows[0]->directory.text, "/b");
	free(rows);
	assert_true(dcm_who_table_unplaced(*state) == 0);
}

/* What a process left goes to its directories as windows saw it; without a window to none. */
static void test_placing(void **state)
{
	const struct dcm_who_row **rows;

	for (int window = 0; window < 40; window++) {
		for (int i = 0; i < 4; i++)
			missing(*state, 1, "two", i ? "/often" : "/seldom", "x", 1, 1);
		dcm_who_table_close_window(*state, 1, 0.1);
	}
	left(*state, 1, "two", 4000);
	left(*state, 2, "quick", 700);
	dcm_who_table_end(*state, 40, 0, false);
	assert_int_equal(rank(*state, DCM_WHO_DIRECTORIES, &rows), 2);
	assert_string_equal(rows[0]->key, "/often");
	assert_true(rows[0]->negative.value == 3000);
	assert_true(rows[0]->negative.low < 3000 && rows[0]->negative.low > 2000);
	assert_true(rows[0]->negative.high > 3000 && rows[0]->negative.high <= 4000);
	assert_true(rows[1]->negative.value == 1000);
	free(rows);
	assert_true(dcm_who_table_unplaced(*state) == 700);
}

/* Looked up, then made: little is left of it, and yet it was looked up. */
static void test_names_made_true(void **state)
{
	const struct dcm_who_row **rows;

	for (int i = 0; i < 500; i++)
		missing(*state, 1, "make", "/o", "x", 1, 1);
	left(*state, 1, "make", 5);
	end(*state);
	assert_int_equal(rank(*state, DCM_WHO_PROCESSES, &rows), 1);
	assert_true(rows[0]->negative.value == 5);
	assert_true(rows[0]->failed.value == 500);
	free(rows);
}

/* No name is made true: what is left is exact, and windows that say more are off. */
static void test_all_is_left(void **state)
{
	const struct dcm_who_row **rows;

	for (int i = 0; i < 500; i++)
		missing(*state, 1, "make", "/o", "x", 1, 1);
	left(*state, 1, "make", 400);
	dcm_who_table_close_window(*state, 1, 1);
	dcm_who_table_end(*state, 1, 0, true);
	assert_int_equal(rank(*state, DCM_WHO_PROCESSES, &rows), 1);
	assert_true(rows[0]->failed.value == 400 && rows[0]->failed.high == 400);
	free(rows);
}

/* A PID that runs another program is another row. */
static void test_identity(void **state)
{
	const struct dcm_who_row **rows;

	missing(*state, 1, "sh", "/a", "x", 1, 0);
	missing(*state, 1, "ls", "/b", "x", 1, 0);
	missing(*state, 11, "s", "/a", "x", 1, 0);
	end(*state);
	assert_int_equal(rank(*state, DCM_WHO_PROCESSES, &rows), 3);
	for (int i = 0; i < 3; i++)
		assert_true(rows[i]->failed.value == 1);
	free(rows);
}

/* Where nothing is left, allocations decide the order. */
static void test_dentries_first(void **state)
{
	struct dcm_who_event event = {.what = DCM_WHO_DENTRY,
				      .pid = 3,
				      .command = "find",
				      .cgroup = "/c",
				      .directory = "/usr",
				      .name = "share",
				      .one_of = 5};
	const struct dcm_who_row **rows;

	missing(*state, 4, "stat", "/a", "x", 2, 0);
	dcm_who_table_add(*state, &event);
	end(*state);
	assert_int_equal(rank(*state, DCM_WHO_PROCESSES, &rows), 2);
	assert_string_equal(rows[0]->key, "find");
	assert_true(rows[0]->dentries.value == 5 && rows[0]->failed.value == 0);
	free(rows);
}

/* Names of any length and a flood of keys: bounded, counted, and the early ones stay right. */
static void test_bounds(void **state)
{
	const struct dcm_who_row **rows;
	char key[16];
	char *huge = malloc(20001);

	memset(huge, 'x', 20000);
	huge[20000] = '\0';
	missing(*state, 1, "first", "/first", "a", 1000, 0);
	missing(*state, 1, huge, huge, huge, 1, 0);
	for (int i = 0; i < DCM_WHO_MAX_ROWS + 100; i++) {
		snprintf(key, sizeof(key), "/d%d", i);
		missing(*state, 100 + (uint32_t)i, "many", key, "a", 1, 0);
	}
	end(*state);
	assert_int_equal(rank(*state, DCM_WHO_DIRECTORIES, &rows), DCM_WHO_MAX_ROWS);
	assert_string_equal(rows[0]->key, "/first");
	free(rows);
	assert_int_equal(dcm_who_table_other(*state), 2 * 102);
	free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_names_count, setup, teardown),
		cmocka_unit_test_setup_teardown(test_placing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_made_true, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dentries_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
