// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a snapshot has in common with the one before: sections that did not change, rows that are
 * taken again. */
#include "tests/unit/snapshot_rows.h"

static uint64_t changed(uint64_t now_ns, enum dcm_section section)
{
	_cleanup_snapshot_ struct dcm_snapshot *s = finish(now_ns);

	return s->header->section[section].changed_ns;
}

/* Rows that are taken again, as long as their strings are there. */
static void test_rows_again(void **state)
{
	unsigned again = 0, rounds = 0;

	(void)state;
	assert_false(dcm_snapshot_builder_again(builder, DCM_SEC_SUPERBLOCKS));
	add_superblock(3, "proc");
	add_superblock(4, "tmpfs");
	assert_false(dcm_snapshot_builder_again(builder, DCM_SEC_SUPERBLOCKS));
	assert_int_equal(changed(10, DCM_SEC_SUPERBLOCKS), 10);
	for (; rounds < 1000; rounds++) {
		char text[64];

		snprintf(text, sizeof(text), "a text that is another one each time: %u", rounds);
		add_chain(1, "/proc/sys/net", text, 1000);
		if (dcm_snapshot_builder_again(builder, DCM_SEC_SUPERBLOCKS)) {
			again++;
		} else {
			add_superblock(3, "proc");
			add_superblock(4, "tmpfs");
		}
		_cleanup_snapshot_ struct dcm_snapshot *s = finish(20);
		const struct dcm_snap_superblock *sb = dcm_snapshot_row(s, DCM_SEC_SUPERBLOCKS, 1);

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 2);
		assert_int_equal(sb->index, 4);
		assert_string_equal(dcm_snapshot_str(s, sb->fstype), "tmpfs");
		assert_int_equal(s->header->section[DCM_SEC_SUPERBLOCKS].changed_ns, 10);
		assert_in_range(dcm_snapshot_count(s, DCM_SEC_STRINGS), 1, 5000);
	}
	assert_in_range(again, 950, 999);
	/* Not after a snapshot without them, nor after one that failed. */
	dcm_snapshot_destroy(finish(30));
	assert_false(dcm_snapshot_builder_again(builder, DCM_SEC_SUPERBLOCKS));
	add_superblock(3, "proc");
	dcm_snapshot_builder_add(builder, DCM_SEC_STRINGS);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 0, 0, &(struct dcm_snapshot *){0}),
			 -EINVAL);
	assert_false(dcm_snapshot_builder_again(builder, DCM_SEC_SUPERBLOCKS));
}

static void test_superblock_set_change(void **state)
{
	add_superblock(3, "proc");
	assert_int_equal(changed(10, DCM_SEC_SUPERBLOCKS), 10);
	/* values do not count, the set of indexes does */
	add_superblock(3, "tmpfs");
	assert_int_equal(changed(20, DCM_SEC_SUPERBLOCKS), 10);
	add_superblock(3, "tmpfs");
	add_superblock(4, "tmpfs");
	assert_int_equal(changed(30, DCM_SEC_SUPERBLOCKS), 30);
	add_superblock(4, "tmpfs");
	assert_int_equal(changed(40, DCM_SEC_SUPERBLOCKS), 40);
	assert_int_equal(changed(50, DCM_SEC_SUPERBLOCKS), 50);
	assert_int_equal(changed(60, DCM_SEC_SUPERBLOCKS), 50);
}

static void test_chain_change(void **state)
{
	add_chain(1, "/proc/sys/net", "ipv6", 1000);
	assert_int_equal(changed(10, DCM_SEC_CHAINS), 10);
	/* another length and other string offsets: still the same chain */
	str("something before");
	add_chain(1, "/proc/sys/net", "ipv6", 2000);
	assert_int_equal(changed(20, DCM_SEC_CHAINS), 10);
	add_chain(1, "/proc/sys/net", "core", 2000);
	assert_int_equal(changed(30, DCM_SEC_CHAINS), 30);
	/* the border between two strings counts */
	add_chain(1, "/proc/sys/netc", "ore", 2000);
	assert_int_equal(changed(40, DCM_SEC_CHAINS), 40);
	assert_int_equal(changed(50, DCM_SEC_TOTALS), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows_again),
		TEST(test_superblock_set_change),
		TEST(test_chain_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
