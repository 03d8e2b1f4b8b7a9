// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How passes and sources share the CPU budget, and how often the collector wakes. */
#include <inttypes.h>

#include "tests/lib/rounds.h"
#include "tests/unit/collector_scene.h"

static uint64_t step_at[100000];
static size_t steps;

static void note_step(void)
{
	if (steps < DCM_ARRAY_SIZE(step_at))
		step_at[steps++] = now_ns;
}

/* A pass of 100 slices in 60 s: some at each wake-up for the totals, never a burst, and no wake-up
 * of their own. */
static void test_pace(void **state)
{
	uint64_t longest = 0;
	unsigned in_row = 1, most_in_row = 0;
	const struct dcm_snap_hash *hash;

	create();
	run_for(120);
	fake.on_step = note_step;
	steps = 0;
	wakes = 0;
	run_for(600);
	assert_in_range(wakes, 595, 660);
	assert_in_range(steps, 980, 1010);
	for (size_t i = 1; i < steps; i++) {
		uint64_t gap = step_at[i] - step_at[i - 1];

		longest = gap > longest ? gap : longest;
		in_row = gap < 100 * MS ? in_row + 1 : 1;
		most_in_row = in_row > most_in_row ? in_row : most_in_row;
	}
	assert_in_range(longest, 500 * MS, 4000 * MS);
	assert_in_range(most_in_row, 2, 4);
	SNAPSHOT *s = publish();
	hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_true(hash->pass_seconds > 54 && hash->pass_seconds < 60);
}

/* However large the table: the budget holds, and slices are spread over the whole time. */
static void test_budget_holds(void **state)
{
	uint64_t before, longest = 0;

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

static uint64_t samples_in(double seconds, uint64_t growth)
{
	uint64_t before = collector->slot[DCM_SOURCE_SUPERBLOCKS].runs;

	for (double i = 0; i < seconds; i++) {
		fake.superblocks[1].unused += growth;
		run_for(1);
	}
	return collector->slot[DCM_SOURCE_SUPERBLOCKS].runs - before;
}

/* A superblock that grows faster than its alarm warns of is sampled each second, or as often as the
 * budget allows. */
static void test_growing_superblock(void **state)
{
	struct dcm_alarm_rule *rule = &config.alarms.types[DCM_ALARM_GROWTH].rule;

	rule->has_warning = true;
	rule->warning = 1000;
	create();
	assert_in_range(samples_in(100, 900), 10, 11);
	assert_in_range(samples_in(100, 200000), 88, 101);
	assert_in_range(samples_in(100, 0), 9, 12);
	fake.superblocks_cost_ns = 8 * MS; /* 4 s of that share of the budget */
	assert_in_range(samples_in(100, 200000), 22, 28);
	fake.superblocks_cost_ns = 180 * MS;
	assert_in_range(samples_in(200, 200000), 2, 4);
}

/* Chains so long that measuring them again every 10 s would take more than the whole budget. */
static void test_long_chains_leave_passes_room(void **state)
{
	uint64_t passes;

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

static void run_afresh(double percent)
{
	dcm_collector_destroy(collector);
	config.sampling.budget_percent = percent;
	create();
	run_for(300); /* the credit of the start */
	wakes = 0;
	fake.stepped = 0;
}

/*
 * A table of which a pass takes hours: whatever a wake-up, a slice and the budget are, at least 80
 * % of what the fixed sources leave (a quarter of the budget in any case) goes into the pass,
 * evenly over the time, and no more than the budget is used.
 */
static void simulate(uint64_t wake_ns, uint64_t slice_ns, double percent)
{
	double rate = percent / 100.0, fixed, left, seconds = 1200, share;
	uint64_t spent, half;

	wake_cost_ns = wake_ns;
	fake.slice_cost_ns = slice_ns;
	fake.slices = UINT32_MAX;
	config.sampling.interval[DCM_SOURCE_HASH] = 0;
	run_afresh(percent);
	run_for(100);
	fixed = wakes / 100.0 * (double)wake_ns / 1e9;
	config.sampling.interval[DCM_SOURCE_HASH] = 60;
	run_afresh(percent);
	spent = cpu_ns;
	run_for(seconds / 2);
	half = fake.stepped;
	run_for(seconds / 2);
	share = (double)fake.stepped * (double)slice_ns / (seconds * 1e9);
	left = rate - fixed > 0.25 * rate ? rate - fixed : 0.25 * rate;
	if (share < 0.8 * left || (double)half < 0.4 * (double)fake.stepped)
		fail_msg("wake %" PRIu64 " slice %" PRIu64
			 " %g %%: %.1f %% of what is left, %u wake-ups, fixed %g",
			 wake_ns, slice_ns, percent, 100 * share / left, wakes, fixed);
	if ((double)(cpu_ns - spent) > (rate + fixed) * 1.05 * seconds * 1e9)
		fail_msg("wake %" PRIu64 " slice %" PRIu64 " %g %%: over the budget", wake_ns,
			 slice_ns, percent);
	assert_in_range(wakes, 0, (unsigned)(3 * seconds));
}

static void test_always_gets_somewhere(void **state)
{
	static const uint64_t wake[] = {5000, 20000, 100000, 300000, 1000000};
	static const uint64_t slice[] = {100000, 600000, 3000000};
	static const double percent[] = {0.02, 0.1, 0.5, 2, 5};

	const size_t wakes_of = DCM_ARRAY_SIZE(wake), slices = DCM_ARRAY_SIZE(slice);

	for (size_t i = 0; i < wakes_of * slices * DCM_ARRAY_SIZE(percent); i += DCM_STRIDE)
		simulate(wake[i % wakes_of], slice[i / wakes_of % slices],
			 percent[i / wakes_of / slices]);
}

/* A pass that has to end does so within its cost divided by that share of the budget. */
static void test_pass_ends(void **state)
{
	wake_cost_ns = 130000;
	fake.slice_cost_ns = 600000;
	fake.slices = 5000; /* 3 s of processor time; 0.3 s are there at the start */
	create();
	/* 0.5 % less a wake-up a second leave 4.87 ms a second, of which 80 %: 693 s. */
	run_for(700);
	assert_in_range(collector->slot[DCM_SOURCE_HASH].runs, 1, 1);
}

/* What happens once at the start is not taken from the first pass; it is shown. */
static void test_start_is_not_charged(void **state)
{
	unsigned stepped;

	fake.slices = 1000000;
	create();
	run_for(20);
	stepped = fake.stepped;
	dcm_collector_destroy(collector);
	fake.stepped = 0;
	create();
	cpu_ns += 500 * MS;
	run_for(5);
	cpu_ns += 500 * MS;
	dcm_collector_account_start(collector);
	run_for(15);
	assert_in_range(fake.stepped, stepped - 5, stepped + 5);
	assert_true(collector->self.now.account[DCM_COST_WAKING] == SEC);
	cpu_ns += 500 * MS;
	fake.stepped = 0;
	run_for(20);
	assert_in_range(fake.stepped, 0, stepped / 2);
}

static void test_no_budget(void **state)
{
	config.sampling.budget_percent = 0;
	fake.slices = 5000;
	create();
	run_for(10);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
}

/* As a daemon does, snapshots included. Returns the wake-ups of @seconds. */
static unsigned serve_for(unsigned seconds, unsigned *ret_snapshots)
{
	uint64_t end = now_ns + seconds * SEC, next;
	unsigned woken = 0;

	for (*ret_snapshots = 0; now_ns < end; woken++) {
		do {
			dcm_collector_run(collector, now_ns, &next);
			if (dcm_collector_wants_publish(collector, now_ns)) {
				dcm_snapshot_destroy(publish());
				++*ret_snapshots;
			}
		} while (next <= now_ns);
		now_ns = next;
	}
	return woken;
}

/* Totals and memory are sampled once a second; all that is sampled more seldom, the snapshots, and
 * in the second case slices and chains too, take part in these wake-ups. */
static void test_wakeups(void **state)
{
	unsigned snapshots;

	config.sampling.interval[DCM_SOURCE_HASH] = 0;
	create();
	now_ns += 437 * MS;
	serve_for(10, &snapshots);
	assert_in_range(serve_for(60, &snapshots), 59, 62);
	assert_in_range(snapshots, 59, 61);
	dcm_collector_destroy(collector);
	config.sampling.interval[DCM_SOURCE_HASH] = 60;
	create();
	serve_for(120, &snapshots);
	assert_in_range(serve_for(60, &snapshots), 59, 66);
	assert_in_range(snapshots, 59, 61);
}

static void test_cpu_percent(void **state)
{
	const struct dcm_snap_self *self;

	fake.superblocks_cost_ns = 20 * MS; /* 0.2 % */
	config.sampling.interval[DCM_SOURCE_HASH] = 0;
	create();
	run_for(300);
	SNAPSHOT *s = publish();
	self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);
	assert_true(self->cpu_percent > 0.15 && self->cpu_percent < 0.25);
	assert_true(self->cpu_seconds > 0.55 && self->cpu_seconds < 0.65);
	assert_true(self->longest_slice_seconds == 0.0007);
	assert_true(source_row(s, DCM_SOURCE_SUPERBLOCKS)->cpu_percent > 0.15);
	assert_true(source_row(s, DCM_SOURCE_SUPERBLOCKS)->cpu_percent < 0.25);
	assert_true(source_row(s, DCM_SOURCE_MEMORY)->cpu_percent == 0);
}

/* The parts are the whole: no CPU time is charged twice or to nobody. */
static void test_shares(void **state)
{
	const struct dcm_snap_self *self;
	double sum = 0;

	wake_cost_ns = 200000;
	fake.superblocks_cost_ns = 10 * MS;
	create();
	run_for(300);
	SNAPSHOT *s = publish();
	self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++)
		sum += source_row(s, (enum dcm_source)i)->cpu_percent;
	sum += self->publish_cpu_percent + self->alarms_cpu_percent + self->wakeups_cpu_percent;
	assert_true(sum > 0.95 * self->cpu_percent && sum < 1.05 * self->cpu_percent);
	assert_true(self->wakeups_cpu_percent > 0.018 && self->wakeups_cpu_percent < 0.04);
	assert_true(self->wakeups_per_second > 0.9 && self->wakeups_per_second < 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pace),
		TEST(test_budget_holds),
		TEST(test_many_superblocks),
		TEST(test_growing_superblock),
		TEST(test_long_chains_leave_passes_room),
		TEST(test_huge_chain),
		TEST(test_always_gets_somewhere),
		TEST(test_pass_ends),
		TEST(test_start_is_not_charged),
		TEST(test_no_budget),
		TEST(test_wakeups),
		TEST(test_cpu_percent),
		TEST(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
