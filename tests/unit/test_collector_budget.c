// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How passes and sources share the CPU budget, and how often the collector wakes. */
#include "tests/unit/collector_scene.h"

static uint64_t step_at[100000];
static size_t steps;

static void note_step(void)
{
	if (steps < DCM_ARRAY_SIZE(step_at))
		step_at[steps++] = now_ns;
}

/* A pass of 100 slices in 60 s: about 0.57 s between two of them, never a burst. */
static void test_pace(void **state)
{
	uint64_t longest = 0, shortest = UINT64_MAX;
	const struct dcm_snap_hash *hash;

	(void)state;
	create();
	run_for(120);
	fake.on_step = note_step;
	steps = 0;
	run_for(600);
	assert_in_range(steps, 990, 1010);
	for (size_t i = 1; i < steps; i++) {
		uint64_t gap = step_at[i] - step_at[i - 1];

		longest = gap > longest ? gap : longest;
		shortest = gap < shortest ? gap : shortest;
	}
	assert_in_range(longest, 500 * MS, 4000 * MS);
	assert_in_range(shortest, 100 * MS, 600 * MS);
	SNAPSHOT *s = publish();
	hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_true(hash->pass_seconds > 54 && hash->pass_seconds < 60);
}

/* However large the table: the budget holds, and slices are spread over the whole time. */
static void test_budget_holds(void **state)
{
	uint64_t before, longest = 0;

	(void)state;
	fake.slices = 1000000;
	fake.superblocks_cost_ns = 10 * MS; /* every 10 s: a fifth of the budget */
	create();
	run_for(120);
	before = cpu_ns;
	fake.on_step = note_step;
	steps = 0;
	run_for(1000);
	assert_in_range(cpu_ns - before, 4900 * MS, 5060 * MS); /* 0.5 % of 1000 s */
	for (size_t i = 1; i < steps; i++)
		if (step_at[i] - step_at[i - 1] > longest)
			longest = step_at[i] - step_at[i - 1];
	assert_in_range(longest, 0, 3 * SEC);
}

/* So many superblocks and namespaces that walking them all every 10 s would take four times the
 * budget: they are walked less often, which is said; the pass moves, and the totals stay fresh. */
static void test_many_superblocks(void **state)
{
	(void)state;
	fake.superblocks_cost_ns = 180 * MS;
	fake.namespaces_cost_ns = 20 * MS;
	create();
	run_for(600);
	assert_in_range(cpu_ns, 0, 3500 * MS); /* 0.5 %, and what is there at the start */
	assert_in_range(collector->slot[DCM_SOURCE_SUPERBLOCKS].runs, 6, 8);
	assert_in_range(collector->slot[DCM_SOURCE_NAMESPACES].runs, 29, 32);
	assert_in_range(collector->slot[DCM_SOURCE_DENTRY_STATE].runs, 590, 605);
	assert_in_range(collector->slot[DCM_SOURCE_HASH].runs, 5, 10);
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_OK,
		      "sampled every 90 s only: a sample takes 180.0 ms and the budget is 0.5 %");
	SNAPSHOT *s = publish();
	assert_true(source_row(s, DCM_SOURCE_SUPERBLOCKS)->interval_seconds == 90);
	assert_true(source_row(s, DCM_SOURCE_NAMESPACES)->interval_seconds == 20);
	assert_true(source_row(s, DCM_SOURCE_MEMORY)->interval_seconds == 10);
}

/* Chains so long that measuring them again every 10 s would take more than the whole budget. */
static void test_long_chains_leave_passes_room(void **state)
{
	uint64_t passes;

	(void)state;
	fake.chain_cost_ns = 30 * MS;
	create();
	run_for(120);
	passes = collector->slot[DCM_SOURCE_HASH].runs;
	fake.chains_walked = 0;
	run_for(1000);
	assert_in_range(collector->slot[DCM_SOURCE_HASH].runs - passes, 8, 17);
	assert_in_range(fake.chains_walked, 60, 160);
}

/* A chain of millions takes minutes of budget to describe: no call is longer for it, its length is
 * there at once, passes go on, and in the end it is described. */
static void test_huge_chain(void **state)
{
	const struct dcm_snap_chain *row;
	uint64_t passes;

	(void)state;
	fake.chain_cost_ns = MS;
	fake.chain_length[2] = 5000000;
	fake.pass.top[0].length = 5000000;
	fake.chain_runs[2] = 1500;
	create();
	run_for(60);
	{
		SNAPSHOT *s = publish();

		row = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
		assert_non_null(row);
		assert_int_equal(row->length, 5000000);
		assert_false(DCM_ROW_HAS(row, name));
		assert_false(DCM_ROW_HAS(row, same_name));
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
	}
	passes = collector->slot[DCM_SOURCE_HASH].runs;
	assert_in_range(cpu_ns, 0, 650 * MS); /* with what is there at the start */
	run_for(900);
	assert_in_range(cpu_ns, 0, 5150 * MS);
	assert_in_range(longest_call_ns, 0, 3 * MS);
	assert_in_range(collector->slot[DCM_SOURCE_HASH].runs - passes, 10, 16);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
	assert_string_equal(dcm_snapshot_str(s, row->name), "ipv6");
	assert_int_equal(row->same_name, 4999999);
}

static void test_no_budget(void **state)
{
	(void)state;
	config.sampling.budget_percent = 0;
	fake.slices = 5000;
	create();
	run_for(10);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
}

static void test_idle_wakeups(void **state)
{
	(void)state;
	create();
	run_for(120);
	dcm_snapshot_destroy(publish());
	/* Dentry state and memory every second, 100 slices and 18 chains a minute, the rest every
	 * 10 s: about four a second. */
	assert_in_range(run_for(60), 60, 300);
}

static void test_cpu_percent(void **state)
{
	const struct dcm_snap_self *self;

	(void)state;
	fake.superblocks_cost_ns = 20 * MS; /* 0.2 % */
	config.sampling.interval[DCM_SOURCE_HASH] = 0;
	create();
	run_for(300);
	SNAPSHOT *s = publish();
	self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);
	assert_true(self->cpu_percent > 0.15 && self->cpu_percent < 0.25);
	assert_true(self->cpu_seconds > 0.55 && self->cpu_seconds < 0.65);
	assert_true(self->longest_slice_seconds == 0.0007);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pace),
		TEST(test_budget_holds),
		TEST(test_many_superblocks),
		TEST(test_long_chains_leave_passes_room),
		TEST(test_huge_chain),
		TEST(test_no_budget),
		TEST(test_idle_wakeups),
		TEST(test_cpu_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
