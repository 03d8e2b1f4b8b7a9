// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/snapshot/snapshot.h"

#define _cleanup_snapshot_ _cleanup_(dcm_snapshot_destroyp)

static struct dcm_snapshot_builder *builder;

static int setup(void **state)
{
	return dcm_snapshot_builder_create(&builder);
}

static int teardown(void **state)
{
	dcm_snapshot_builder_destroy(builder);
	builder = NULL;
	return 0;
}

static dcm_str str(const char *text)
{
	return dcm_snapshot_builder_text(builder, text);
}

static void add_superblock(uint32_t index, const char *fstype)
{
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);

	assert_non_null(row);
	assert_int_equal(row->has, 0);
	DCM_SET(row, index, index);
	DCM_SET(row, fstype, str(fstype));
}

static void add_chain(uint32_t rank, const char *parent, const char *name, uint64_t length)
{
	struct dcm_snap_chain *row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);

	assert_non_null(row);
	DCM_SET(row, rank, rank);
	DCM_SET(row, bucket, 7);
	DCM_SET(row, length, length);
	DCM_SET(row, parent, str(parent));
	DCM_SET(row, name, str(name));
}

static void add_source(enum dcm_source source, enum dcm_source_state source_state)
{
	struct dcm_snap_source *row = dcm_snapshot_builder_add(builder, DCM_SEC_SOURCES);

	assert_non_null(row);
	DCM_SET(row, index, source + 1);
	DCM_SET(row, state, source_state);
	DCM_SET(row, name, str(dcm_source_name(source)));
}

static struct dcm_snapshot *finish(uint64_t now_ns)
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};

	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, now_ns, &snapshot), 0);
	if (dcm_snapshot_validate(snapshot->header, snapshot->size, &reason))
		fail_msg("%s", reason.text);
	return snapshot;
}

static struct dcm_snapshot *sample(void)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(builder, DCM_SEC_TOTALS);
	struct dcm_snap_directory *directory;
	struct dcm_snap_alarm *alarm;

	DCM_SET(totals, dentries, -3);
	add_superblock(3, "proc");
	add_superblock(9, "overlay");
	add_chain(1, "/proc/sys/net", "ipv6", 1001);
	add_chain(2, "/proc/sys/net", "core", 1000);
	directory = dcm_snapshot_builder_add(builder, DCM_SEC_DIRECTORIES);
	DCM_SET(directory, rank, 1);
	DCM_SET(directory, path, str("/a\nb"));
	directory->sample_names[3] = str("fourth");
	alarm = dcm_snapshot_builder_add(builder, DCM_SEC_ALARMS);
	DCM_SET(alarm, index, 1);
	DCM_SET(alarm, severity, DCM_SEVERITY_WARNING);
	DCM_SET(alarm, resource_section, DCM_SEC_CHAINS);
	add_source(DCM_SOURCE_MEMORY, DCM_STATE_OK);
	add_source(DCM_SOURCE_HASH, DCM_STATE_UNSUPPORTED);
	return finish(100);
}

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

/* ---- validation: one damage each ---- */

typedef void damage(struct dcm_snap_header *h);

static void *row_of(struct dcm_snap_header *h, enum dcm_section section)
{
	return (char *)h + h->section[section].offset;
}

static void no_magic(struct dcm_snap_header *h)
{
	h->magic++;
}
static void other_version(struct dcm_snap_header *h)
{
	h->version++;
	h->header_size = 1;
}
static void other_header_size(struct dcm_snap_header *h)
{
	h->header_size += 8;
}
static void size_small(struct dcm_snap_header *h)
{
	h->size--;
}
static void size_huge(struct dcm_snap_header *h)
{
	h->size = UINT64_MAX;
}
static void row_size(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_CHAINS].row_size -= 8;
}
static void row_size_zero(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_TOTALS].row_size = 0;
}
static void count_overflow(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_CHAINS].count = UINT32_MAX;
}
static void offset_overflow(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_CHAINS].offset = UINT32_MAX & ~7u;
}
static void offset_odd(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_CHAINS].offset += 4;
}
static void offset_in_header(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_CHAINS].offset = 8;
}
static void empty_section_outside(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_MEMORY].offset = (h->size + 8) & ~7u;
}
static void two_totals(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_TOTALS].count = 2;
}
static void no_strings(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_STRINGS].count = 0;
}
static void strings_open(struct dcm_snap_header *h)
{
	h->section[DCM_SEC_STRINGS].count--;
}
static void strings_first(struct dcm_snap_header *h)
{
	*(char *)row_of(h, DCM_SEC_STRINGS) = 'x';
}
static void string_outside(struct dcm_snap_header *h)
{
	((struct dcm_snap_chain *)row_of(h, DCM_SEC_CHAINS))[1].name =
		h->section[DCM_SEC_STRINGS].count;
}
static void absent_string_outside(struct dcm_snap_header *h)
{
	((struct dcm_snap_chain *)row_of(h, DCM_SEC_CHAINS))->fstype = UINT32_MAX;
}
static void array_string_outside(struct dcm_snap_header *h)
{
	((struct dcm_snap_directory *)row_of(h, DCM_SEC_DIRECTORIES))->sample_names[3] =
		h->section[DCM_SEC_STRINGS].count;
}
static void state_zero(struct dcm_snap_header *h)
{
	((struct dcm_snap_source *)row_of(h, DCM_SEC_SOURCES))->state = 0;
}
static void state_high(struct dcm_snap_header *h)
{
	((struct dcm_snap_source *)row_of(h, DCM_SEC_SOURCES))->state = DCM_STATE_STUCK + 1;
}
static void source_high(struct dcm_snap_header *h)
{
	((struct dcm_snap_source *)row_of(h, DCM_SEC_SOURCES))[1].index = DCM_SOURCE_COUNT + 1;
}
static void severity_high(struct dcm_snap_header *h)
{
	((struct dcm_snap_alarm *)row_of(h, DCM_SEC_ALARMS))->severity = DCM_SEVERITY_CRITICAL + 1;
}
static void resource_high(struct dcm_snap_header *h)
{
	((struct dcm_snap_alarm *)row_of(h, DCM_SEC_ALARMS))->resource_section = DCM_SEC_COUNT;
}
static void index_zero(struct dcm_snap_header *h)
{
	((struct dcm_snap_superblock *)row_of(h, DCM_SEC_SUPERBLOCKS))->index = 0;
}
static void index_twice(struct dcm_snap_header *h)
{
	((struct dcm_snap_superblock *)row_of(h, DCM_SEC_SUPERBLOCKS))->index = 9;
}
static void rank_descends(struct dcm_snap_header *h)
{
	((struct dcm_snap_chain *)row_of(h, DCM_SEC_CHAINS))->rank = 3;
}

static void test_damage(void **state)
{
	static const struct {
		const char *name;
		damage *damage;
		int err;
	} cases[] = {
		{"magic", no_magic, -EINVAL},
		{"version", other_version, -EPROTO},
		{"header size", other_header_size, -EINVAL},
		{"size small", size_small, -EINVAL},
		{"size huge", size_huge, -EINVAL},
		{"row size", row_size, -EINVAL},
		{"row size zero", row_size_zero, -EINVAL},
		{"count overflow", count_overflow, -EINVAL},
		{"offset overflow", offset_overflow, -EINVAL},
		{"offset odd", offset_odd, -EINVAL},
		{"offset in header", offset_in_header, -EINVAL},
		{"empty section outside", empty_section_outside, -EINVAL},
		{"two totals", two_totals, -EINVAL},
		{"no strings", no_strings, -EINVAL},
		{"strings open", strings_open, -EINVAL},
		{"strings first", strings_first, -EINVAL},
		{"string outside", string_outside, -EINVAL},
		{"absent string outside", absent_string_outside, -EINVAL},
		{"array string outside", array_string_outside, -EINVAL},
		{"state zero", state_zero, -EINVAL},
		{"state high", state_high, -EINVAL},
		{"source high", source_high, -EINVAL},
		{"severity high", severity_high, -EINVAL},
		{"resource high", resource_high, -EINVAL},
		{"index zero", index_zero, -EINVAL},
		{"index twice", index_twice, -EINVAL},
		{"rank descends", rank_descends, -EINVAL},
	};
	_cleanup_snapshot_ struct dcm_snapshot *s = sample();
	_cleanup_free_ char *copy = malloc(s->size);

	assert_non_null(copy);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reason reason = {""};
		int err;

		memcpy(copy, s->header, s->size);
		cases[i].damage((void *)copy);
		err = dcm_snapshot_validate(copy, s->size, &reason);
		if (err != cases[i].err)
			fail_msg("%s: %d, expected %d", cases[i].name, err, cases[i].err);
		assert_string_not_equal(reason.text, "");
		assert_int_equal(dcm_snapshot_validate(copy, s->size, NULL), err);
	}
}

static void test_misaligned_and_short(void **state)
{
	_cleanup_snapshot_ struct dcm_snapshot *s = sample();
	_cleanup_free_ char *room = malloc(s->size + 8);

	assert_non_null(room);
	memcpy(room + 4, s->header, s->size);
	assert_int_equal(dcm_snapshot_validate(room + 4, s->size, NULL), -EINVAL);
	assert_int_equal(dcm_snapshot_validate(NULL, 0, NULL), -EINVAL);
	/* every prefix, in a block of exactly that size so that a sanitizer sees over-reads */
	for (size_t size = 0; size < s->size; size++) {
		_cleanup_free_ char *copy = malloc(size ? size : 1);

		assert_non_null(copy);
		memcpy(copy, s->header, size);
		assert_int_equal(dcm_snapshot_validate(copy, size, NULL), -EINVAL);
	}
}

/* Reads all that a front end could: a sanitizer or guard page sees whatever lies outside. */
static size_t read_all(const void *data, size_t size)
{
	const struct dcm_snapshot s = {.header = data, .size = size};
	size_t sum = 0;

	for (unsigned section = 1; section < DCM_SEC_COUNT; section++)
		for (size_t i = 0; i < dcm_snapshot_count(&s, section); i++) {
			const unsigned char *row = dcm_snapshot_row(&s, section, i);

			for (size_t b = 0; b < dcm_section_row_size(section); b++)
				sum += row[b];
		}
	for (size_t i = 0; i < dcm_snapshot_count(&s, DCM_SEC_CHAINS); i++) {
		const struct dcm_snap_chain *chain = dcm_snapshot_row(&s, DCM_SEC_CHAINS, i);

		sum += strlen(dcm_snapshot_str(&s, chain->parent));
		sum += strlen(dcm_snapshot_str(&s, chain->name));
	}
	return sum;
}

/* Whatever validation lets pass can be read. */
static void test_random_damage(void **state)
{
	_cleanup_snapshot_ struct dcm_snapshot *s = sample();
	uint64_t random = 0x9e3779b97f4a7c15ULL;
	unsigned accepted = 0;

	for (int round = 0; round < 20000; round++) {
		_cleanup_free_ char *copy = malloc(s->size);

		assert_non_null(copy);
		memcpy(copy, s->header, s->size);
		for (int n = round % 4; n >= 0; n--) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			copy[(random >> 16) % s->size] = (char)(random >> 8);
		}
		if (dcm_snapshot_validate(copy, s->size, NULL))
			continue;
		accepted++;
		read_all(copy, s->size);
	}
	assert_true(accepted > 1000); /* else the loop proves nothing */
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
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_builder_starts_empty_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_superblock_set_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chain_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reserved_sections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_big, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_misaligned_and_short, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ten_thousand, setup, teardown),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
