// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows that are taken from the snapshot before: the same as if they were built again. */
#include "common/model/snapshot/snapshot_layout.h"
#include "tests/unit/collector_scene.h"

static const struct dcm_source_ops *real_ops;
static unsigned built;

static void count_publish(struct dcm_collector *c, void *state,
			  struct dcm_snapshot_builder *builder)
{
	built++;
	real_ops->publish(c, state, builder);
}

static void assert_same_strings(const struct dcm_snapshot *a, const struct dcm_snapshot *b,
				const char *x, const char *y, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(dcm_str)) {
		dcm_str s, t;

		memcpy(&s, x + i, sizeof(s));
		memcpy(&t, y + i, sizeof(t));
		assert_string_equal(dcm_snapshot_str(a, s), dcm_snapshot_str(b, t));
	}
}

/* All of it but strings, which may lie elsewhere, is compared as it is in memory. */
static void assert_same_row(const struct dcm_snapshot *a, const struct dcm_snapshot *b,
			    unsigned section, size_t i)
{
	const struct dcm_section_layout *layout = &dcm_section_layouts[section];
	char x[4096], y[4096];

	assert_in_range(layout->row_size, 1, sizeof(x));
	memcpy(x, dcm_snapshot_row(a, section, i), layout->row_size);
	memcpy(y, dcm_snapshot_row(b, section, i), layout->row_size);
	for (size_t m = 0; m < layout->count; m++) {
		const struct dcm_member *member = &layout->members[m];

		if (!(member->flags & DCM_MEMBER_STRING))
			continue;
		assert_same_strings(a, b, x + member->offset, y + member->offset, member->size);
		memset(x + member->offset, 0, member->size);
		memset(y + member->offset, 0, member->size);
	}
	assert_memory_equal(x, y, layout->row_size);
}

static void assert_same(const struct dcm_snapshot *a, const struct dcm_snapshot *b)
{
	for (unsigned section = DCM_SEC_STRINGS + 1; section < DCM_SEC_COUNT; section++) {
		assert_int_equal(dcm_snapshot_count(a, section), dcm_snapshot_count(b, section));
		for (size_t i = 0; i < dcm_snapshot_count(a, section); i++)
			assert_same_row(a, b, section, i);
		assert_true(a->header->section[section].changed_ns ==
			    b->header->section[section].changed_ns);
	}
}

/* A snapshot, and the same with all rows built anew. */
static void compare(void)
{
	SNAPSHOT *taken = publish();
	unsigned before = built;

	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++)
		collector->slot[i].published = false;
	SNAPSHOT *made = publish();
	assert_int_equal(built, before + 1);
	built = before;
	assert_same(taken, made);
}

/* How often superblocks were built in @seconds snapshots. */
static unsigned built_in(unsigned seconds)
{
	unsigned before = built;

	while (seconds--) {
		run_for(1);
		compare();
	}
	return built - before;
}

static void watch_superblocks(void)
{
	static struct dcm_source_ops counted;

	real_ops = collector->slot[DCM_SOURCE_SUPERBLOCKS].ops;
	counted = *real_ops;
	counted.publish = count_publish;
	collector->slot[DCM_SOURCE_SUPERBLOCKS].ops = &counted;
}

static void test_rows_that_did_not_change(void **state)
{
	(void)state;
	create();
	watch_superblocks();
	built_in(70); /* with the first pass */
	assert_in_range(built_in(100), 10, 45);
	fake.superblocks[1].unused = 1234567;
	built_in(11);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(superblock_row(s, 1)->unused, 1234567);
	}
	fake.superblock_count = 1;
	built_in(25);
	fake.superblock_count = 2;
	built_in(25);
	config.sampling.interval[DCM_SOURCE_SUPERBLOCKS] = 0;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	built = 0;
	for (unsigned i = 0; i < 5; i++) {
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 0);
		run_for(1);
	}
	config.sampling.interval[DCM_SOURCE_SUPERBLOCKS] = 10;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	built_in(25);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 2);
}

/* Estimates of a pass under way change with each of its blocks. */
static void test_estimates(void **state)
{
	(void)state;
	fake.slices = 20000;
	create();
	watch_superblocks();
	assert_in_range(built_in(100), 30, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows_that_did_not_change),
		TEST(test_estimates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
