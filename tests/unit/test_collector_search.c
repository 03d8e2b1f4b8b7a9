// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Chains that are found before a pass comes to them: by a search, or by a sample of all entries. */
#include "common/sampling/chain_sample.h"
#include "tests/unit/collector_scene.h"

/* ---- what there is to find ---- */

/* A chain of the configured directory, in bucket 5. */
static void plant_in_directory(void)
{
	static uint32_t bucket[100];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bucket); i++)
		bucket[i] = 5;
	config.sampling.chain_directories = 1;
	strcpy(config.sampling.chain_directory[0], "/proc/sys/net");
	fake.children = (struct dcm_walk_buckets){.bucket = bucket, .count = 100};
}

/* A sample of @count entries, all of one @bucket. */
static void plant_in_sample(uint32_t bucket, uint32_t count, double each)
{
	static uint32_t met[512];

	assert_in_range(count, 1, DCM_ARRAY_SIZE(met));
	for (size_t i = 0; i < count; i++)
		met[i] = bucket;
	fake.sample = (struct dcm_walk_buckets){.bucket = met, .count = count, .each = each};
}

/* A pass that takes long, and meets none of those chains so far. */
static void lengthen_pass(void)
{
	fake.pass.top_count = 0;
	fake.slices = 100000;
}

/* The same, and the table is known to be large beforehand. */
static void be_large(void)
{
	lengthen_pass();
	fake.expected = 16e6;
}

/* Samples as they are: 20 ms, in slices. */
static void slice_samples(void)
{
	fake.sample_runs = 24;
	fake.sample_cost_ns = 20 * MS / 24;
}

/* ---- what was found ---- */

static const struct dcm_snap_chain *chain_row(const struct dcm_snapshot *s, uint64_t bucket)
{
	for (size_t i = 0; i < dcm_snapshot_count(s, DCM_SEC_CHAINS); i++) {
		const struct dcm_snap_chain *row = dcm_snapshot_row(s, DCM_SEC_CHAINS, i);

		if (row->bucket == bucket)
			return row;
	}
	return NULL;
}

static void assert_no_reason(enum dcm_source source)
{
	SNAPSHOT *s = publish();

	assert_false(DCM_ROW_HAS(source_row(s, source), reason));
}

/* Chains that no block counted so far has: of a configured directory before the pass, by a sample
 * soon after it has begun. Their blocks come next. */
static void test_chains_found_early(void **state)
{
	const struct dcm_snap_chain *chain;

	(void)state;
	plant_in_directory();
	lengthen_pass();
	fake.pass.max_chain = 7;
	create();
	run_for(0.5);
	assert_string_equal(fake.children_of, "/proc/sys/net");
	assert_int_equal(fake.samples, 0);
	assert_int_equal(fake.preferred_count, 1);
	assert_int_equal(fake.preferred[0], 5);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 1);
	}
	plant_in_sample(2, 20, 50);
	run_for(30);
	SNAPSHOT *s = publish();
	const struct dcm_snap_hash *hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_false(DCM_ROW_HAS(hash, entries));
	assert_int_equal(hash->max_chain, 1000);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 2);
	chain = chain_row(s, 5);
	assert_int_equal(chain->length, 900);
	assert_false(chain->truncated);
	chain = chain_row(s, 2);
	assert_int_equal(chain->length, 1000);
	assert_false(chain->truncated);
	assert_int_equal(fake.visits, 2);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(fake.preferred_count, 3);
	assert_no_reason(DCM_SOURCE_HASH);
	run_for(40);
	assert_int_equal(fake.samples, 2);
}

/* Where a pass will be long, the sample is in front of it, and its blocks come first. */
static void test_sample_first(void **state)
{
	(void)state;
	plant_in_sample(2, 20, 50);
	fake.sample_cost_ns = 30 * MS;
	be_large();
	create();
	run_for(1.5);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(fake.preferred_count, 1);
	assert_true(fake.certain == 1 && fake.slice > 50);
	SNAPSHOT *s = publish();
	assert_int_equal(chain_row(s, 2)->length, 1000);
	run_for(50);
	assert_int_equal(fake.samples, 1);
	run_for(15);
	assert_int_equal(fake.samples, 2);
}

/* A chain of a sample that takes long to walk is not shown before it was. */
static void test_guesses_are_not_shown(void **state)
{
	(void)state;
	plant_in_directory();
	plant_in_sample(2, 20, 50);
	lengthen_pass();
	fake.chain_runs[2] = 1000000;
	fake.chain_cost_ns = MS / 10;
	create();
	run_for(50);
	assert_int_equal(fake.samples, 1);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 1);
	assert_int_equal(chain_row(s, 5)->length, 900);
}

/* A long pass later on: what has become long since is found as well. */
static void test_chains_found_in_later_passes(void **state)
{
	(void)state;
	fake.chain_length[6] = 5000;
	create();
	run_for(30);
	plant_in_sample(6, 20, 250);
	fake.slices = 100000;
	run_for(85);
	assert_int_equal(fake.samples, 0);
	{
		SNAPSHOT *s = publish();

		assert_null(chain_row(s, 6));
	}
	run_for(30);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(fake.preferred_count, 0);
	SNAPSHOT *s = publish();
	assert_int_equal(chain_row(s, 6)->length, 5000);
	assert_int_equal(chain_row(s, 2)->length, 1000);
}

#define LACK                                                                                       \
	"long chains elsewhere than in chain_directory are found by passes alone: fake kernel is " \
	"old"

/* A kernel that cannot sample: said as long as passes take long. */
static void test_no_sample(void **state)
{
	(void)state;
	fake.sample_err = -EOPNOTSUPP;
	fake.slices = 1000; /* a second of CPU: 200 s of budget */
	create();
	run_for(60);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_STARTING, LACK);
	run_for(150);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, LACK);
	fake.slices = 10;
	run_for(300);
	assert_no_reason(DCM_SOURCE_HASH);
}

/* A small budget: as much of a sample as half of the start pays for, the whole one later. */
static void test_small_budgets(void **state)
{
	(void)state;
	plant_in_sample(2, 512, 1000);
	slice_samples();
	be_large();
	config.sampling.budget_percent = 0.05;
	create();
	run_for(5);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(fake.sample_run, 12);
	assert_true(fake.slice > 0);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_STARTING,
		      "in the first minute, long chains elsewhere than in chain_directory are "
		      "found from 0.2 % of all entries on: the budget is 0.05 %");
	{
		SNAPSHOT *s = publish();

		assert_int_equal(chain_row(s, 2)->length, 1000);
	}
	run_for(400);
	assert_in_range(fake.samples, 2, 4);
	assert_no_reason(DCM_SOURCE_HASH);
}

/* Entries that take four times as long as expected: the sample ends when its time is over. */
static void test_slow_samples(void **state)
{
	(void)state;
	plant_in_sample(2, 512, 1000);
	slice_samples();
	fake.sample_cost_ns *= 4;
	be_large();
	config.sampling.budget_percent = 0.05;
	create();
	run_for(60);
	assert_int_equal(fake.samples, 1);
	assert_int_equal(fake.sample_run, 4);
	assert_true(fake.slice > 0);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_STARTING,
		      "found from 0.59 % of all entries on: the budget is 0.05 %");
	SNAPSHOT *s = publish();
	assert_int_equal(chain_row(s, 2)->length, 1000);
}

/* The longest chain is told with the chains, also where a sample keeps the pass waiting. */
static void test_longest_before_the_pass(void **state)
{
	(void)state;
	plant_in_directory();
	fake.sample_cost_ns = 30 * MS;
	be_large();
	config.sampling.budget_percent = 0.02;
	create();
	run_for(3);
	assert_int_equal(fake.slice, 0);
	SNAPSHOT *s = publish();
	const struct dcm_snap_hash *hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_int_equal(chain_row(s, 5)->length, 900);
	assert_int_equal(hash->max_chain, 900);
	assert_true(DCM_ROW_HAS(hash, buckets) && hash->coverage == 0);
	assert_false(DCM_ROW_HAS(hash, entries) || DCM_ROW_HAS(hash, entries_estimate));
}

/* An estimate, and a chain that a sample has met, with its length. */
static bool has_answered(void)
{
	SNAPSHOT *s = publish();
	const struct dcm_snap_hash *hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);

	return hash && DCM_ROW_HAS(hash, entries_estimate) && hash->max_chain == 1000 &&
	       chain_row(s, 2);
}

/* Time until then, at a new start. */
static double seconds_to_answer(double percent, double tables_interval)
{
	double seconds = 0;

	dcm_collector_destroy(collector);
	config.sampling.budget_percent = percent;
	config.sampling.interval[DCM_SOURCE_TABLES] = tables_interval;
	fake.tables_begun = fake.samples = fake.sample_run = 0;
	create();
	while (!has_answered()) {
		if (fake.tables_begun)
			fail_msg("%g %%: other tables are first, after %g s", percent, seconds);
		assert_true(seconds < 300);
		run_for(0.5);
		seconds += 0.5;
	}
	return seconds;
}

/* Other hash tables, which cost more than there is at the start, do not delay it at any budget;
 * then they have their turn. */
static void test_before_other_tables(void **state)
{
	static const double percent[] = {0.02, 0.05, 0.1, 0.5, 2};

	(void)state;
	plant_in_sample(2, 512, 1000);
	slice_samples();
	be_large();
	wake_cost_ns = 20000;
	fake.chain_cost_ns = MS / 10;
	fake.tables_runs = 20;
	fake.tables_cost_ns = MS;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(percent); i++) {
		double alone = seconds_to_answer(percent[i], 0);
		double beside = seconds_to_answer(percent[i], 60);

		if (beside > alone + 1.5) /* wake-ups are on whole seconds */
			fail_msg("%g %%: %g s, %g s without", percent[i], beside, alone);
		run_for(2);
		assert_source(DCM_SOURCE_TABLES, DCM_STATE_OK, "");
		assert_int_equal(fake.tables_begun, 1);
	}
}

/* Nothing can be expected of the dentry cache: others do not wait. */
static void test_tables_alone(void **state)
{
	(void)state;
	fake.begin_err = -EIO;
	create();
	run_for(5);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_FAILED, "");
	assert_source(DCM_SOURCE_TABLES, DCM_STATE_OK, "");
	dcm_collector_destroy(collector);
	config.sampling.interval[DCM_SOURCE_HASH] = 0;
	create();
	run_for(5);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OFF, "");
	assert_source(DCM_SOURCE_TABLES, DCM_STATE_OK, "");
}

static void test_whole_sample_of_a_tenth(void **state)
{
	struct dcm_reason reason = {""};

	(void)state;
	slice_samples();
	be_large();
	config.sampling.budget_percent = 0.1;
	create();
	run_for(5);
	assert_int_equal(fake.sample_run, 24);
	assert_true(fake.slice > 0);
	assert_no_reason(DCM_SOURCE_HASH);
	assert_false(dcm_chain_sample_lack(0, &reason));
	assert_false(dcm_chain_sample_lack(0.1, &reason));
	assert_true(dcm_chain_sample_lack(0.02, &reason));
	assert_true(dcm_chain_sample_misses(1, 0.1, &reason));
	assert_non_null(strstr(reason.text, "from 100 % of"));
}

/* Searches take a quarter of the budget at most. */
static void test_costly_samples(void **state)
{
	(void)state;
	fake.sample_cost_ns = 200 * MS; /* 160 s of that */
	fake.slices = 1000000;
	create();
	run_for(1000);
	assert_in_range(fake.samples, 5, 7);
}

/* In blocks with a chain known before, a directory has more than in others. */
static void grow_directory(void)
{
	fake.parent[0].children += fake.ahead ? 20010 : 10;
}

static void test_certain_blocks(void **state)
{
	const struct dcm_snap_directory *row;

	(void)state;
	plant_in_sample(2, 20, 50);
	fake.on_step = grow_directory;
	fake.parent[0] = (struct dcm_walk_parent){.dentry = 2};
	fake.parents = 1;
	fake.slices = 1000;
	create();
	run_for(60);
	assert_int_equal(fake.preferred_count, 1);
	assert_int_equal(fake.certain, 1);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_DIRECTORIES, 0);
	assert_false(DCM_ROW_HAS(row, children));
	assert_in_range(row->children_estimate.value, 29500, 30500);
	assert_in_range(30000, row->children_estimate.low, row->children_estimate.high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_chains_found_early),
		TEST(test_sample_first),
		TEST(test_guesses_are_not_shown),
		TEST(test_chains_found_in_later_passes),
		TEST(test_no_sample),
		TEST(test_small_budgets),
		TEST(test_slow_samples),
		TEST(test_longest_before_the_pass),
		TEST(test_before_other_tables),
		TEST(test_tables_alone),
		TEST(test_whole_sample_of_a_tenth),
		TEST(test_costly_samples),
		TEST(test_certain_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
