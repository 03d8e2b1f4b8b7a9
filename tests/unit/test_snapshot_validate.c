// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a reader refuses: damaged snapshots, never read beyond their end. */
#include "tests/unit/snapshot_rows.h"

/* ---- one damage each ---- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_damage),
		TEST(test_misaligned_and_short),
		TEST(test_random_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
