// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A snapshot is built: rows, strings, limits, names. */
#include "common/base/clock.h"
#include "tests/unit/snapshot_rows.h"

static void test_empty(void **state)
{
	_cleanup_snapshot_ struct dcm_snapshot *s = finish(5);

	for (unsigned i = DCM_SEC_STRINGS + 1; i < DCM_SEC_COUNT; i++) {
		assert_int_equal(dcm_snapshot_count(s, i), 0);
		assert_null(dcm_snapshot_row(s, i, 0));
		assert_int_equal(s->header->section[i].changed_ns, 5);
	}
	assert_string_equal(dcm_snapshot_str(s, 0), "");
	assert_string_equal(dcm_snapshot_str(s, 1), "");
	assert_string_equal(dcm_snapshot_str(s, UINT32_MAX), "");
	assert_int_equal(s->header->sequence, 1);
}

static void test_round_trip(void **state)
{
	_cleanup_snapshot_ struct dcm_snapshot *s = sample();
	const struct dcm_snap_totals *totals = dcm_snapshot_row(s, DCM_SEC_TOTALS, 0);
	const struct dcm_snap_chain *chain = dcm_snapshot_row(s, DCM_SEC_CHAINS, 1);
	const struct dcm_snap_superblock *sb = dcm_snapshot_row(s, DCM_SEC_SUPERBLOCKS, 1);

	assert_int_equal(totals->dentries, -3);
	assert_true(DCM_ROW_HAS(totals, dentries));
	assert_false(DCM_ROW_HAS(totals, unused));
	assert_false(DCM_ROW_HAS(totals, slab_bytes));
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 2);
	assert_int_equal(chain->length, 1000);
	assert_string_equal(dcm_snapshot_str(s, chain->name), "core");
	assert_int_equal(sb->index, 9);
	assert_string_equal(dcm_snapshot_str(s, sb->fstype), "overlay");
	assert_int_equal(s->header->realtime_ns, 1);
	assert_int_equal(s->header->monotonic_ns, 100);
	assert_null(dcm_snapshot_row(s, DCM_SEC_COUNT, 0));
}

static void test_builder_starts_empty_again(void **state)
{
	_cleanup_snapshot_ struct dcm_snapshot *first = sample();
	_cleanup_snapshot_ struct dcm_snapshot *second = finish(200);

	assert_int_equal(dcm_snapshot_count(second, DCM_SEC_CHAINS), 0);
	assert_int_equal(second->header->sequence, 2);
	/* the first one is untouched */
	assert_int_equal(dcm_snapshot_count(first, DCM_SEC_CHAINS), 2);
}

static void test_strings(void **state)
{
	static const char raw[] = "a\xff\n\x1b[31m";
	dcm_str a = str("ipv6"), b = dcm_snapshot_builder_str(builder, "ipv6-longer", 4);
	dcm_str odd = str(raw), prefix = str("ipv"),
		stops = dcm_snapshot_builder_str(builder, "x\0y", 3);
	_cleanup_snapshot_ struct dcm_snapshot *s = NULL;

	assert_int_equal(a, b);
	assert_int_not_equal(a, prefix);
	assert_int_equal(str(""), 0);
	assert_int_equal(dcm_snapshot_builder_str(builder, NULL, 0), 0);
	assert_int_equal(dcm_snapshot_builder_str(builder, "\0abc", 4), 0);
	s = finish(1);
	assert_string_equal(dcm_snapshot_str(s, a), "ipv6");
	assert_string_equal(dcm_snapshot_str(s, prefix), "ipv");
	assert_string_equal(dcm_snapshot_str(s, odd), raw);
	assert_string_equal(dcm_snapshot_str(s, stops), "x");
}

/* More strings than the interned set begins with, each stored once. */
static void test_many_strings(void **state)
{
	static dcm_str at[20000];
	_cleanup_snapshot_ struct dcm_snapshot *s = NULL;
	char text[16];
	size_t bytes = 1;

	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < DCM_ARRAY_SIZE(at); i++) {
			bytes += round ? 0 : snprintf(text, sizeof(text), "name%u", i) + 1;
			snprintf(text, sizeof(text), "name%u", i);
			if (round)
				assert_int_equal(str(text), at[i]);
			at[i] = str(text);
		}
	s = finish(1);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_STRINGS), bytes);
	for (unsigned i = 0; i < DCM_ARRAY_SIZE(at); i++) {
		snprintf(text, sizeof(text), "name%u", i);
		assert_string_equal(dcm_snapshot_str(s, at[i]), text);
	}
}

static void test_reserved_sections(void **state)
{
	struct dcm_snapshot *s = NULL;

	assert_null(dcm_snapshot_builder_add(builder, DCM_SEC_STRINGS));
	assert_int_equal(dcm_snapshot_builder_finish(builder, 0, 0, &s), -EINVAL);
	assert_null(s);
	/* the failure is over */
	s = finish(1);
	assert_int_equal(s->header->sequence, 1);
	dcm_snapshot_destroy(s);
	dcm_snapshot_destroy(NULL);
}

static void test_too_big(void **state)
{
	struct dcm_snapshot *s = NULL;
	size_t len = DCM_SNAPSHOT_MAX_SIZE / 2 - 100;
	_cleanup_free_ char *text = malloc(len + 1);

	assert_non_null(text);
	for (char c = 'a'; c <= 'c'; c++) {
		memset(text, c, len);
		text[len] = '\0';
		dcm_snapshot_builder_str(builder, text, len);
	}
	assert_int_equal(dcm_snapshot_builder_finish(builder, 0, 0, &s), -EFBIG);
	assert_null(s);
}

static void test_ten_thousand(void **state)
{
	char id[32];
	uint64_t start, best = UINT64_MAX;
	size_t size = 0;

	for (int round = 0; round < 5; round++) {
		struct dcm_snapshot *s = NULL;

		start = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
		for (uint32_t i = 1; i <= 10000; i++) {
			struct dcm_snap_superblock *row =
				dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);

			snprintf(id, sizeof(id), "0:%u", i);
			DCM_SET(row, index, i);
			DCM_SET(row, fstype, str("overlay"));
			DCM_SET(row, id, str("overlay"));
			DCM_SET(row, mountpoint, str(id));
		}
		assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &s), 0);
		start = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
		best = start < best ? start : best;
		size = s->size;
		assert_int_equal(dcm_snapshot_validate(s->header, s->size, NULL), 0);
		dcm_snapshot_destroy(s);
	}
	print_message("10,000 superblocks: %llu us, %zu bytes\n", (unsigned long long)best / 1000,
		      size);
	assert_true(size < 10000 * (sizeof(struct dcm_snap_superblock) + 8) + 4096);
	/* a few ms with room for a sanitizer or a busy machine */
	assert_true(best < 50 * DCM_NSEC_PER_MSEC);
}

static void test_names(void **state)
{
	assert_string_equal(dcm_source_name(DCM_SOURCE_DENTRY_STATE), "dentry_state");
	assert_string_equal(dcm_source_name(DCM_SOURCE_SNMPD), "snmpd");
	assert_string_equal(dcm_source_name(DCM_SOURCE_COUNT), "unknown");
	assert_string_equal(dcm_source_state_name(DCM_STATE_OFF), "off");
	assert_string_equal(dcm_source_state_name(DCM_STATE_STUCK), "stuck");
	assert_string_equal(dcm_source_state_name(0), "unknown");
	assert_string_equal(dcm_source_state_name(7), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),   TEST(test_round_trip),   TEST(test_builder_starts_empty_again),
		TEST(test_strings), TEST(test_many_strings), TEST(test_reserved_sections),
		TEST(test_too_big), TEST(test_ten_thousand), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
