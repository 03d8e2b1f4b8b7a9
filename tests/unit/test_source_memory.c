// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How often the slab is looked at, and which of its two descriptions counts. */
#include "tests/unit/collector_scene.h"

#include <errno.h>
#include <stdio.h>

/* Every look at the clock costs as much as a long slabinfo. */
static uint64_t slow_cpu(void)
{
	cpu_ns += 4 * MS;
	return cpu_ns;
}

/* 21 objects and 4096 bytes per slab. */
static void write_slabinfo(unsigned slabs)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "slabinfo - version: 2.1\n# name\n"
		 "dentry %u %u 192 21 1 : tunables 0 0 0 : slabdata %u %u 0\n",
		 slabs * 20, slabs * 21, slabs, slabs);
	write_text("/proc/slabinfo", text);
}

static void write_slabs(unsigned slabs)
{
	char text[64];

	snprintf(text, sizeof(text), "%u N0=%u\n", slabs, slabs);
	write_text("/sys/kernel/slab/dentry/slabs", text);
}

/* Memory of so many slabs; objects as slabinfo counted them when it had so many. */
static void assert_slab(unsigned slabs, unsigned counted)
{
	SNAPSHOT *s = publish();
	const struct dcm_snap_totals *totals = dcm_snapshot_row(s, DCM_SEC_TOTALS, 0);
	const struct dcm_snap_memory *memory = dcm_snapshot_row(s, DCM_SEC_MEMORY, 0);

	assert_int_equal(totals->slab_bytes, slabs * 4096);
	assert_int_equal(memory->slab_objects, counted * 21);
	assert_int_equal(memory->slab_active, counted * 20);
}

/* 4 ms are 1 % of what the budget of 0.5 % earns in 80 s. */
static void test_slabs_in_between(void **state)
{
	(void)state;
	write_slabinfo(1000);
	write_slabs(1001);
	create();
	collector->cpu_clock = slow_cpu;
	run_for(1);
	assert_slab(1000, 1000);
	write_slabinfo(4000);
	write_slabs(3000);
	run_for(15);
	assert_slab(3000, 1000);
	write_slabs(900);
	run_for(52);
	assert_slab(900, 1000);
	run_for(20);
	assert_slab(4000, 4000);
}

/* 2 %, 40 s: a kernel whose sysfs knows a part of the slab only. */
static void test_slabs_that_differ(void **state)
{
	(void)state;
	write_slabinfo(1000);
	write_slabs(500);
	create();
	collector->cpu_clock = slow_cpu;
	run_for(1);
	write_slabinfo(4000);
	run_for(15);
	assert_slab(1000, 1000);
	run_for(45);
	assert_slab(4000, 4000);
}

/* A slabinfo that costs nothing is read each time. */
static void test_cheap_slabinfo(void **state)
{
	(void)state;
	write_slabinfo(1000);
	write_slabs(1000);
	create();
	run_for(1);
	write_slabinfo(2000);
	run_for(11);
	assert_slab(2000, 2000);
}

/* What is opened before rights are given up stays open. */
static void test_opened_early(void **state)
{
	char path[512];

	(void)state;
	write_slabinfo(1000);
	write_slabs(1000);
	create();
	assert_return_code(unlink(tree_path(&tree, "/proc/slabinfo", path)), errno);
	run_for(1);
	assert_slab(1000, 1000);
}

static uint64_t scanned(void)
{
	SNAPSHOT *s = publish();
	const struct dcm_snap_memory *memory = dcm_snapshot_row(s, DCM_SEC_MEMORY, 0);

	return memory->pgscan_direct;
}

static void write_scanned(unsigned pages)
{
	char text[64];

	snprintf(text, sizeof(text), "pgscan_direct %u\n", pages);
	write_text("/proc/vmstat", text);
}

/* Counters that stand still are read every fourth second, beside the whole each ten; those that
 * move each second. */
static void test_calm_and_busy(void **state)
{
	const struct dcm_source_slot *slot;
	uint64_t runs;

	(void)state;
	create();
	slot = &collector->slot[DCM_SOURCE_MEMORY];
	run_for(20);
	runs = slot->runs;
	run_for(40);
	assert_in_range(slot->runs - runs, 10, 14);
	write_scanned(6);
	run_for(4.5);
	assert_int_equal(scanned(), 6);
	for (unsigned i = 7; i < 37; i++) {
		if (i == 17)
			runs = slot->runs;
		write_scanned(i);
		run_for(1);
		if (i >= 17)
			assert_in_range(scanned(), i - 1, i);
	}
	assert_in_range(slot->runs - runs, 19, 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_slabs_in_between), TEST(test_slabs_that_differ),
		TEST(test_cheap_slabinfo),   TEST(test_opened_early),
		TEST(test_calm_and_busy),
	};

	return cmocka_run_group_tests_name("source_memory", tests, NULL, NULL);
}
