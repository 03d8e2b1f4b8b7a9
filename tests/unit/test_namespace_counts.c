// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/sampling/namespace_counts.h"

#define SEC DCM_NSEC_PER_SEC

static struct dcm_namespace_counts counts;
static uint64_t now_ns;

static int begin(void **state)
{
	(void)state;
	counts = (struct dcm_namespace_counts){0};
	now_ns = 1000 * SEC;
	return 0;
}

/* A sample, 10 s after the one before. */
static void sample(uint64_t count, uint64_t listed, uint64_t made)
{
	const struct dcm_walk_namespaces seen = {
		.count = count, .listed = listed, .made = made, .has_made = true};

	now_ns += 10 * SEC;
	dcm_namespace_counts_add(&counts, now_ns, &seen);
}

static void test_cases(void **state)
{
	static const struct {
		const char *what;
		uint64_t count, listed, made, created, ended;
		bool exact;
	} cases[] = {
		{"the first look", 15, 0, 2, 2, 0, true},
		{"nothing happens", 15, 0, 2, 2, 0, true},
		{"one comes and stays", 16, 1, 3, 3, 0, true},
		{"80 come and go between two looks", 16, 1, 83, 83, 80, true},
		{"three go", 13, 1, 83, 83, 83, true},
		{"one was made after the list was read", 13, 1, 84, 84, 84, true},
		{"and is in the list now", 14, 2, 84, 84, 84, true},
		{"one that was half made at the start", 15, 3 + 82, 84, 85, 84, true},
		{"the tracepoint tells of none any more", 115, 185, 84, 185, 84, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		sample(cases[i].count, cases[i].listed, cases[i].made);
		if (counts.created != cases[i].created || counts.ended != cases[i].ended ||
		    counts.exact != cases[i].exact)
			fail_msg("%s: created %llu, ended %llu, exact %d", cases[i].what,
				 (unsigned long long)counts.created,
				 (unsigned long long)counts.ended, counts.exact);
	}
}

/* What the kernel passed over may have been a namespace: the count is a lower bound. */
static void test_passed_over(void **state)
{
	struct dcm_walk_namespaces seen = {.count = 15, .made = 2, .has_made = true};

	(void)state;
	dcm_namespace_counts_add(&counts, now_ns, &seen);
	assert_true(counts.exact);
	seen.passed_over = 3;
	dcm_namespace_counts_add(&counts, now_ns + 10 * SEC, &seen);
	assert_false(counts.exact);
	assert_int_equal(counts.created, 2);
	assert_int_equal(counts.unseen, 3);
	seen.passed_over = 0; /* of a walk that was opened again */
	dcm_namespace_counts_add(&counts, now_ns + 20 * SEC, &seen);
	assert_false(counts.exact);
	assert_int_equal(counts.unseen, 3);
}

/* What the list alone has seen is a lower bound, of those that ended as well. */
static void test_list_alone(void **state)
{
	const struct dcm_walk_namespaces seen[] = {{.count = 10, .made = 77},
						   {.count = 12, .listed = 5, .made = 77}};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		dcm_namespace_counts_add(&counts, now_ns += 10 * SEC, &seen[i]);
	assert_int_equal(counts.created, 5);
	assert_int_equal(counts.ended, 3);
	assert_false(counts.exact);
}

/* Counters never fall, in whatever order list and count are read, and end at the truth. */
static void test_monotonic(void **state)
{
	uint64_t made = 0, live = 20, created = 0, ended = 0;
	unsigned short seed[3] = {1, 2, 3};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t list = live, came = (uint64_t)(nrand48(seed) % 50);
		uint64_t late = came ? (uint64_t)nrand48(seed) % came : 0;
		uint64_t went = (uint64_t)nrand48(seed) % (live + 1);

		made += came;
		live += came - went;
		list += came - late - (went < came - late ? went : 0);
		sample(list, 0, made);
		assert_true(counts.created >= created && counts.ended >= ended);
		created = counts.created;
		ended = counts.ended;
	}
	sample(live, 0, made);
	assert_int_equal(counts.created, made);
	assert_true(counts.ended >= counts.created - counts.created_first + 20 - live);
}

static void test_rates(void **state)
{
	struct dcm_snap_namespaces row = {0};

	(void)state;
	sample(15, 0, 0);
	dcm_namespace_counts_put(&counts, &row);
	assert_false(DCM_ROW_HAS(&row, created_per_second)); /* one look gives none */
	for (unsigned i = 1; i <= 8; i++)
		sample(15 + i, 0, 500 * i);
	row.has = 0;
	dcm_namespace_counts_put(&counts, &row);
	assert_true(row.created_per_second > 49.9 && row.created_per_second < 50.1);
	assert_true(row.ended_per_second > 49.7 && row.ended_per_second < 50);
}

static void assert_makers(const char *text)
{
	char made_by[DCM_NAMESPACE_MAKERS_MAX];

	dcm_namespace_counts_makers(&counts, made_by);
	assert_string_equal(made_by, text);
}

static void add_in(const char *group, const char *command, const char *parent, uint64_t made)
{
	struct dcm_walk_maker maker[4];

	for (size_t i = 0; i < 4; i++) {
		snprintf(maker[i].command, sizeof(maker[i].command), "%s", command);
		snprintf(maker[i].parent, sizeof(maker[i].parent), "%s", parent);
		snprintf(maker[i].group, sizeof(maker[i].group), "%s", group);
	}
	dcm_namespace_counts_add_makers(&counts, now_ns, maker, 4, made);
}

static void add(const char *command, const char *parent, uint64_t made)
{
	add_in("/", command, parent, made);
}

static void test_makers(void **state)
{
	(void)state;
	assert_makers("");
	add("ip", "bash", 10);
	add("runc:[1:CHILD]", "runc", 200);
	assert_makers("runc:[1:CHILD] of runc"); /* 10 of 210 are too few to be named */
	add("ip", "bash", 60);
	assert_makers("runc:[1:CHILD] of runc, ip of bash");
	add("ip", "sh", 300);
	add("unshare", "sh", 400);
	assert_makers("unshare of sh, ip of sh, runc:[1:CHILD] of runc");
	now_ns += 120 * SEC;
	add("ip", "sh", 100);
	assert_makers("ip of sh, unshare of sh");
	now_ns += 600 * SEC;
	dcm_namespace_counts_add_makers(&counts, now_ns, NULL, 0, 0);
	assert_makers("");
}

/* All containers of a runtime are one maker; there is room for the longest text. */
static void test_runtimes(void **state)
{
	char group[128], text[DCM_NAMESPACE_MAKERS_MAX];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(group, sizeof(group), "/docker/%064x", i);
		add_in(group, "runc:[1:CHILD]", "runc", 1);
		snprintf(group, sizeof(group), "/libpod_parent/libpod-%064x", i);
		add_in(group, "runc:[1:CHILD]", "runc", 2);
	}
	assert_makers("runc:[1:CHILD] of runc for podman, runc:[1:CHILD] of runc for docker");
	for (char c = 'a'; c <= 'c'; c++) {
		char parent[16] = "abcdefghijklmno";

		parent[0] = c;
		snprintf(group, sizeof(group), "/pod/cri-containerd-%064x.scope", c);
		add_in(group, "123456789012345", parent, 10000);
	}
	dcm_namespace_counts_makers(&counts, text);
	assert_int_equal(strlen(text),
			 3 * strlen("123456789012345 of abcdefghijklmno for containerd") + 4);
}

/* More names than there is room for: the heavy one stays. Names as long as can be fit. */
static void test_many_makers(void **state)
{
	char name[16];

	(void)state;
	add("123456789012345", "abcdefghijklmno", 1000);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "pid-%u", i);
		add(name, "sh", 1);
	}
	assert_int_equal(counts.makers, DCM_NAMESPACE_MAKERS);
	assert_makers("123456789012345 of abcdefghijklmno");
	add("123456789012345", "bbcdefghijklmno", 1000);
	add("123456789012345", "cbcdefghijklmno", 1000);
	assert_makers("123456789012345 of abcdefghijklmno, 123456789012345 of bbcdefghijklmno, "
		      "123456789012345 of cbcdefghijklmno");
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cases),     TEST(test_passed_over), TEST(test_list_alone),
		TEST(test_monotonic), TEST(test_rates),	      TEST(test_makers),
		TEST(test_runtimes),  TEST(test_many_makers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
