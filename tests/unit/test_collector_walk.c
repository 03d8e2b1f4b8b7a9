// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Superblocks, the pass over the hash table and the chains that it finds. */
#include "tests/unit/collector_scene.h"

static void test_superblocks(void **state)
{
	static const struct dcm_walk_superblock_count counts[] = {
		{.address = 0x2000, .hashed = 1900, .negative = 1800}};
	const struct dcm_snap_superblock *row;

	(void)state;
	fake.pass.superblocks = counts;
	fake.pass.superblock_count = 1;
	create();
	run_for(0.01);
	{
		SNAPSHOT *s = publish();

		row = superblock_row(s, 1);
		assert_false(DCM_ROW_HAS(row, hashed)); /* no pass yet */
	}
	run_for(30);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 2);
	row = superblock_row(s, 0);
	assert_string_equal(dcm_snapshot_str(s, row->mountpoint), "/proc");
	assert_int_equal(row->mounts, 1);
	assert_true(DCM_ROW_HAS(row, hashed));
	assert_int_equal(row->hashed, 0);
	row = superblock_row(s, 1);
	assert_string_equal(dcm_snapshot_str(s, row->fstype), "overlay");
	assert_int_equal(row->index, 2);
	assert_int_equal(row->hashed, 1900);
	assert_int_equal(row->negative, 1800);
}

/* ---- forecasts ---- */

static const struct dcm_snap_superblock *forecast_row(const struct dcm_snapshot *s)
{
	const struct dcm_snap_superblock *row = superblock_row(s, 1);

	assert_true(DCM_ROW_HAS(row, shrink_low_seconds) && DCM_ROW_HAS(row, shrink_high_seconds));
	assert_true(row->shrink_low_seconds < row->shrink_seconds &&
		    row->shrink_seconds < row->shrink_high_seconds);
	return row;
}

/* What shrinking takes follows from what the pass took, and then from what a reclaim took. */
static void test_shrink_forecast(void **state)
{
	static const char log[] =
		"100.000 0:40 overlay 2000000 0 9.000000 done /srv - - 1 0 0 2000000 4.000000\n";
	double unknown, fast;

	(void)state;
	snprintf(config.state.folder, sizeof(config.state.folder), "%s/state", tree.root);
	write_text("/proc/stat", "cpu 100 0 0 100\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nprocs_running 1\n");
	fake.pass.entries = 2000000;
	create();
	run_for(0.01);
	{
		SNAPSHOT *s = publish();

		unknown = forecast_row(s)->shrink_seconds;
		assert_true(unknown > 0.5 && unknown < 2);
	}
	run_for(60); /* 50 ns per entry */
	{
		SNAPSHOT *s = publish();

		fast = forecast_row(s)->shrink_seconds;
		assert_true(fast > unknown * 1.1 && fast < unknown * 2);
	}
	fake.slice_cost_ns = 3 * MS;
	run_for(60); /* one pass may have been disturbed */
	{
		SNAPSHOT *s = publish();

		assert_true(forecast_row(s)->shrink_seconds < 1.3 * fast);
	}
	run_for(3000);
	{
		SNAPSHOT *s = publish();
		double slow = forecast_row(s)->shrink_seconds;

		/* the cube root of 3 */
		assert_true(slow > 1.35 * fast && slow < 1.52 * fast);
	}
	write_text("/state/reclaim.log", log);
	run_for(20);
	{
		SNAPSHOT *s = publish();
		double known = forecast_row(s)->shrink_seconds;

		assert_true(known > 3.99 && known < 4.01);
	}
	/* Both CPUs are busy from now on: by the clock it takes half as long again. */
	write_text("/proc/stat", "cpu 300 0 0 100\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nprocs_running 3\n");
	run_for(11);
	SNAPSHOT *s = publish();
	assert_true(forecast_row(s)->shrink_seconds > 5.9 && forecast_row(s)->shrink_seconds < 6.1);
}

static void test_watch_forecast(void **state)
{
	const struct dcm_snap_directory *row;

	(void)state;
	fake.pass.entries = 2000000;
	fake.parent[0] =
		(struct dcm_walk_parent){.dentry = 2, .children = 1500000, .error = 300000};
	fake.parents = 1;
	create();
	run_for(60);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_DIRECTORIES, 0);
	assert_non_null(row);
	assert_true(row->watch_seconds > 0.1 && row->watch_seconds < 0.4);
	assert_true(row->watch_low_seconds < row->watch_seconds * 0.8 &&
		    row->watch_high_seconds > row->watch_seconds * 1.2);
}

/* Another superblock in the same memory must not inherit what the pass counted there. */
static void test_reused_address(void **state)
{
	static const struct dcm_walk_superblock_count counts[] = {
		{.address = 0x2000, .hashed = 1900, .negative = 1800}};
	const struct dcm_snap_superblock *row;

	(void)state;
	fake.pass.superblocks = counts;
	fake.pass.superblock_count = 1;
	create();
	run_for(30);
	fake.superblocks[1].fingerprint = 4711;
	run_for(11);
	SNAPSHOT *s = publish();
	row = superblock_row(s, 1);
	assert_int_equal(row->index, 3);
	assert_false(DCM_ROW_HAS(row, hashed));
	assert_false(DCM_ROW_HAS(row, negative));
}

/* A superblock that had no room in the pass has no count, not a count of 0, and it is said. */
static void test_uncounted(void **state)
{
	static const struct dcm_walk_superblock_count counts[] = {
		{.address = 0x2000, .hashed = 1900, .negative = 1800}};
	const struct dcm_snap_superblock *row;
	const struct dcm_snap_source *source;

	(void)state;
	fake.pass.superblocks = counts;
	fake.pass.superblock_count = 1;
	fake.pass.entries = 12345;
	fake.pass.uncounted = 777;
	create();
	run_for(30);
	SNAPSHOT *s = publish();
	row = superblock_row(s, 0);
	assert_false(DCM_ROW_HAS(row, hashed));
	assert_false(DCM_ROW_HAS(row, negative));
	assert_int_equal(superblock_row(s, 1)->hashed, 1900);
	source = dcm_snapshot_row(s, DCM_SEC_SOURCES, DCM_SOURCE_HASH);
	assert_int_equal(source->state, DCM_STATE_OK);
	assert_non_null(strstr(dcm_snapshot_str(s, source->reason),
			       "777 of 12345 entries are in no superblock's row"));
}

#define assert_about(row, member, truth)                                               \
	do {                                                                           \
		assert_true(DCM_ROW_HAS(row, member.value));                           \
		assert_true(DCM_ROW_HAS(row, member.low));                             \
		assert_true(DCM_ROW_HAS(row, member.high));                            \
		assert_in_range((row)->member.value, (truth)-5, (truth) + 5);          \
		assert_in_range(truth, (row)->member.low - 5, (row)->member.high + 5); \
	} while (0)

static void test_partial_pass(void **state)
{
	static const struct dcm_walk_superblock_count counts[] = {
		{.address = 0x2000, .hashed = 1900, .negative = 1800}};
	const struct dcm_snap_superblock *row;
	const struct dcm_snap_histogram *empty;
	const struct dcm_snap_hash *hash;

	(void)state;
	fake.pass.superblocks = counts;
	fake.pass.superblock_count = 1;
	fake.slices = 1000; /* a second of CPU: 200 s of budget */
	create();
	run_for(60);
	{
		SNAPSHOT *s = publish();

		hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
		assert_true(hash->coverage > 0.25 && hash->coverage < 0.33);
		assert_true(hash->progress == hash->coverage);
		assert_false(DCM_ROW_HAS(hash, age_seconds));
		assert_int_equal(hash->buckets, 4096);
		/* No count: an estimate with its interval. */
		assert_false(DCM_ROW_HAS(hash, entries));
		assert_false(DCM_ROW_HAS(hash, truncated));
		assert_about(hash, entries_estimate, 5000);
		assert_about(hash, nonempty_estimate, 3000);
		assert_about(hash, negative_estimate, 300);
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_HISTOGRAM), 35);
		empty = dcm_snapshot_row(s, DCM_SEC_HISTOGRAM, 0);
		assert_false(DCM_ROW_HAS(empty, chains));
		assert_about(empty, chains_estimate, 1096);
		row = superblock_row(s, 1);
		assert_false(DCM_ROW_HAS(row, hashed));
		assert_about(row, hashed_estimate, 1900);
		assert_about(row, negative_estimate, 1800);
		/* The chains found so far are measured. */
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
		assert_int_equal(hash->max_chain, 1000);
	}
	assert_source(DCM_SOURCE_HASH, DCM_STATE_STARTING, "");
	run_for(150);
	SNAPSHOT *s = publish();
	hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_true(hash->coverage == 1.0);
	assert_int_equal(hash->entries, 5000);
	assert_false(DCM_ROW_HAS(hash, entries_estimate.value));
	row = superblock_row(s, 1);
	assert_int_equal(row->hashed, 1900);
	assert_false(DCM_ROW_HAS(row, hashed_estimate.value));
	assert_true(hash->pass_seconds > 190 && hash->pass_seconds < 210);
	assert_true(hash->pass_cpu_seconds > 0.99 && hash->pass_cpu_seconds < 1.01);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
}

static void test_pass_fails(void **state)
{
	unsigned begun;

	(void)state;
	create();
	run_for(30);
	fake.step_err = -EIO;
	run_for(120);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_FAILED, "fake pass is lost");
	assert_int_equal(count_changes(DCM_SOURCE_HASH, DCM_STATE_FAILED), 1);
	begun = fake.begun;
	run_for(300);
	assert_in_range(fake.begun - begun, 1, 4); /* backs off */
	{
		SNAPSHOT *s = publish(); /* the last complete pass stays, and says how old it is */
		const struct dcm_snap_hash *hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);

		assert_int_equal(hash->entries, 5000);
		assert_true(hash->age_seconds > 400);
	}
	fake.step_err = 0;
	run_for(500);
	assert_int_equal(count_changes(DCM_SOURCE_HASH, DCM_STATE_OK), 1);
}

/* A circle that moves under the walk is walked again before anybody hears of it. */
static void test_moving_circle(void **state)
{
	(void)state;
	create();
	run_for(2);
	count_changes(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED);
	fake.superblocks_err = -EAGAIN;
	run_for(11);
	fake.superblocks_err = 0;
	run_for(2);
	assert_int_equal(count_changes(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED), 0);
	assert_in_range(collector->slot[DCM_SOURCE_SUPERBLOCKS].runs, 2, 3);
	fake.superblocks_err = -EAGAIN;
	run_for(30);
	assert_int_equal(count_changes(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED), 1);
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED, "circle is broken");
}

static void test_table_not_found(void **state)
{
	(void)state;
	fake.begin_err = -ENOENT;
	create();
	run_for(30);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_FAILED, "fake table not found");
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_OK, "");
}

static void assert_chain(const struct dcm_snapshot *s, size_t i, uint64_t length)
{
	const struct dcm_snap_chain *row = dcm_snapshot_row(s, DCM_SEC_CHAINS, i);

	assert_non_null(row);
	assert_int_equal(row->length, length);
	assert_int_equal(row->rank, i + 1);
	assert_int_equal(row->superblock, 1);
	assert_string_equal(dcm_snapshot_str(s, row->parent), "/proc/sys/net");
	assert_string_equal(dcm_snapshot_str(s, row->name), "ipv6");
	assert_string_equal(dcm_snapshot_str(s, row->fstype), "proc");
}

static void test_chains(void **state)
{
	(void)state;
	create();
	run_for(25);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
		assert_chain(s, 0, 1000);
		assert_chain(s, 1, 900);
		assert_chain(s, 2, 3);
	}
	/* Between passes: one grows past the other, one dissolves. */
	fake.chain_length[5] = 5000;
	fake.chain_length[7] = 0;
	run_for(11);
	{
		SNAPSHOT *s = publish();
		const struct dcm_snap_chain *row;

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 2);
		assert_chain(s, 0, 5000);
		assert_chain(s, 1, 1000);
		row = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
		assert_int_equal(row->bucket, 5);
		assert_true(row->age_seconds < 11);
	}
	/* It is still measured, and comes back. */
	fake.chain_length[7] = 4;
	run_for(11);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
	assert_chain(s, 2, 4);
}

/* A chain is not attributed to a superblock that has since taken the other's address. */
static void test_chain_of_reused_address(void **state)
{
	const struct dcm_snap_chain *row;

	(void)state;
	create();
	run_for(5);
	fake.superblocks[0].fingerprint = 4711;
	strcpy(fake.superblocks[0].fstype, "ext4");
	/* The round of chains at 10 s comes after that of superblocks: catch the time between. */
	dcm_superblock_index_update(collector->superblocks, fake.superblocks, 2, now_ns);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
	assert_false(DCM_ROW_HAS(row, fstype));
	assert_false(DCM_ROW_HAS(row, superblock));
	assert_string_equal(dcm_snapshot_str(s, row->parent), "/sys/net");
}

static void test_chains_of_next_pass(void **state)
{
	(void)state;
	create();
	run_for(25);
	fake.pass.top[0] = (struct dcm_walk_long_chain){.bucket = 9, .length = 70};
	fake.pass.top_count = 1;
	fake.chain_length[9] = 71;
	run_for(120);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 1);
	assert_chain(s, 0, 71);
}

static const struct dcm_snap_table *table_row(const struct dcm_snapshot *s, size_t i)
{
	return dcm_snapshot_row(s, DCM_SEC_TABLES, i);
}

static void test_tables(void **state)
{
	fake.tables[0] = (struct dcm_walk_hash_table){.table = DCM_TABLE_DEVICE_NAMES,
						      .own = true,
						      .buckets = 256,
						      .entries = 512,
						      .longest = 9,
						      .p99 = 7};
	fake.tables[1] = fake.tables[0];
	fake.tables[1].own = false;
	fake.tables[1].inode = 4026532345u;
	fake.tables[1].longest = 80;
	fake.tables[2] = (struct dcm_walk_hash_table){
		.table = DCM_TABLE_CONNTRACK, .own = true, .missing = "no way"};
	fake.table_count = 3;
	fake.tables_lost = 3; /* the walk begins again */
	create();
	run_for(61);
	SNAPSHOT *s = publish();

	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_TABLES), 3);
	assert_int_equal(table_row(s, 0)->index, 100);
	assert_string_equal(dcm_snapshot_str(s, table_row(s, 0)->namespace), "self");
	assert_true(table_row(s, 0)->load == 2);
	assert_int_equal(table_row(s, 1)->index, 101);
	assert_string_equal(dcm_snapshot_str(s, table_row(s, 1)->name), "device_names-1");
	assert_string_equal(dcm_snapshot_str(s, table_row(s, 1)->namespace), "net:[4026532345]");
	assert_int_equal(table_row(s, 1)->longest, 80);
	assert_int_equal(table_row(s, 2)->state, DCM_STATE_UNSUPPORTED);
	assert_false(DCM_ROW_HAS(table_row(s, 2), load));
	assert_string_equal(dcm_snapshot_str(s, table_row(s, 2)->reason), "no way");
	assert_source(DCM_SOURCE_TABLES, DCM_STATE_OK, "");
	fake.tables_lost = 1000;
	run_for(61);
	assert_source(DCM_SOURCE_TABLES, DCM_STATE_OK, "some were not seen");
}

static void test_no_tables(void **state)
{
	fake.tables_err = -EOPNOTSUPP;
	create();
	run_for(61);
	assert_source(DCM_SOURCE_TABLES, DCM_STATE_UNSUPPORTED, "no tables");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_superblocks),
		TEST(test_shrink_forecast),
		TEST(test_watch_forecast),
		TEST(test_reused_address),
		TEST(test_uncounted),
		TEST(test_partial_pass),
		TEST(test_pass_fails),
		TEST(test_moving_circle),
		TEST(test_table_not_found),
		TEST(test_chains),
		TEST(test_chain_of_reused_address),
		TEST(test_chains_of_next_pass),
		TEST(test_tables),
		TEST(test_no_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
