// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/who/lock_table.h"

static int setup(void **state)
{
	return dcm_lock_table_create((struct dcm_lock_table **)state);
}

static int teardown(void **state)
{
	dcm_lock_table_destroy(*state);
	return 0;
}

static struct dcm_lock_name of_superblock(enum dcm_lock_kind kind, uint32_t minor, const char *path)
{
	return (struct dcm_lock_name){
		.kind = kind,
		.type = "rwsem",
		.has_superblock = true,
		.dev_minor = minor,
		.fstype = "tmpfs",
		.mount_point = "/m",
		.path = path,
		.node = -1,
		.memory_cgroup = "",
		.symbol = "",
		.caller = "",
	};
}

static struct dcm_lock_name other(const char *symbol, const char *caller)
{
	return (struct dcm_lock_name){.type = "spinlock",
				      .fstype = "",
				      .mount_point = "",
				      .path = "",
				      .node = -1,
				      .memory_cgroup = "",
				      .symbol = symbol,
				      .caller = caller};
}

static void wait_for(struct dcm_lock_row *row, uint32_t pid, struct dcm_lock_waits sum)
{
	char command[] = "cmd", cgroup[] = "/g";

	assert_int_equal(
		dcm_lock_table_wait(row, &(struct dcm_lock_process){pid, command, cgroup, sum}), 0);
}

static const struct dcm_lock_row **rank(struct dcm_lock_table *table, size_t wanted)
{
	const struct dcm_lock_row **rows;
	size_t count;

	assert_int_equal(dcm_lock_table_rank(table, &rows, &count), 0);
	assert_int_equal(count, wanted);
	return rows;
}

/* A row for each name: different superblocks, paths, nodes and kinds are different. */
static void test_names(void **state)
{
	const struct dcm_lock_name names[] = {
		of_superblock(DCM_LOCK_UMOUNT, 7, ""),
		of_superblock(DCM_LOCK_UMOUNT, 8, ""),
		of_superblock(DCM_LOCK_DIRECTORY, 7, "/m/a"),
		of_superblock(DCM_LOCK_DIRECTORY, 7, "/m/a\nb"),
		other("", "iget_locked"),
		other("sysctl_lock", "proc_sys_compare"),
	};
	struct dcm_lock_name node = of_superblock(DCM_LOCK_DENTRY_LRU, 7, "");
	size_t n = sizeof(names) / sizeof(names[0]);

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < n; i++)
			wait_for(dcm_lock_table_lock(*state, &names[i]), 1,
				 (struct dcm_lock_waits){.waits = 1, .total_ns = 10});
		for (node.node = 0; node.node < 2; node.node++)
			wait_for(dcm_lock_table_lock(*state, &node), 1,
				 (struct dcm_lock_waits){.waits = 1, .total_ns = 10});
	}
	const struct dcm_lock_row **rows = rank(*state, n + 2);

	for (size_t i = 0; i < n + 2; i++) {
		assert_int_equal(rows[i]->locks, 2);
		assert_int_equal(rows[i]->sum.waits, 2);
		assert_int_equal(rows[i]->sum.total_ns, 20);
	}
	free(rows);
}

/* A lock that goes by its own name is one, whoever wants it. */
static void test_symbol(void **state)
{
	const struct dcm_lock_name names[] = {other("sysctl_lock", "proc_sys_compare"),
					      other("sysctl_lock", "proc_sys_lookup")};
	const struct dcm_lock_row **rows;

	for (size_t i = 0; i < 2; i++)
		wait_for(dcm_lock_table_lock(*state, &names[i]), 1,
			 (struct dcm_lock_waits){.waits = 1, .total_ns = 10});
	rows = rank(*state, 1);
	assert_string_equal(rows[0]->name.caller, "proc_sys_compare");
	free(rows);
}

/* Sums are of all processes; the longest wait is the longest of all. */
static void test_sums(void **state)
{
	const struct dcm_lock_name one = of_superblock(DCM_LOCK_UMOUNT, 7, ""),
				   two = of_superblock(DCM_LOCK_UMOUNT, 8, ""),
				   idle = of_superblock(DCM_LOCK_UMOUNT, 9, "");
	struct dcm_lock_row *row = dcm_lock_table_lock(*state, &one);
	const struct dcm_lock_row **rows;

	assert_non_null(dcm_lock_table_lock(*state, &idle));
	wait_for(row, 4, (struct dcm_lock_waits){.waits = 9, .total_ns = 90, .longest_ns = 20});
	wait_for(row, 5,
		 (struct dcm_lock_waits){
			 .waits = 1, .reads = 1, .waiting = 0, .total_ns = 50, .longest_ns = 50});
	wait_for(row, 5, (struct dcm_lock_waits){.waiting = 1, .total_ns = 60, .longest_ns = 60});
	wait_for(dcm_lock_table_lock(*state, &two), 4,
		 (struct dcm_lock_waits){.waits = 1, .total_ns = 201, .longest_ns = 201});
	rows = rank(*state, 2);
	assert_int_equal(rows[0]->name.dev_minor, 8);
	assert_int_equal(rows[1]->sum.waits, 10);
	assert_int_equal(rows[1]->sum.reads, 1);
	assert_int_equal(rows[1]->sum.waiting, 1);
	assert_int_equal(rows[1]->sum.total_ns, 200);
	assert_int_equal(rows[1]->sum.longest_ns, 60);
	assert_int_equal(rows[1]->process_count, 2);
	assert_int_equal(rows[1]->processes[0]->pid, 5);
	assert_int_equal(rows[1]->processes[0]->sum.total_ns, 110);
	assert_string_equal(rows[1]->processes[1]->command, "cmd");
	free(rows);
	free(rank(*state, 2)); /* once more, as often as one likes */
}

static void test_kinds(void **state)
{
	for (int kind = 0; kind < DCM_LOCK_KINDS; kind++) {
		assert_string_not_equal(dcm_lock_kind_name(kind), "?");
		for (int before = 0; before < kind; before++)
			assert_string_not_equal(dcm_lock_kind_name(kind),
						dcm_lock_kind_name(before));
	}
	assert_string_equal(dcm_lock_kind_name(DCM_LOCK_KINDS), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symbol, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sums, setup, teardown),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
