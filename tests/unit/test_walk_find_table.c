// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finding the hash table from pairs of a made-up one, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/kernel/walk/walk_internal.h"

#if DCM_WITH_BPF

#define BASE 0xffff888004000000ULL

static struct dcm_walk walk;
static struct dcm_bpf_out *out;
static unsigned shift; /* of the made-up table */
static uint32_t hash;
static uint64_t two_pointers = 16;

static void add_pair(void)
{
	if (out->pairs_found >= DCM_PAIRS)
		return;
	hash = hash * 1664525 + 1013904223;
	out->pairs[out->pairs_found++] =
		(struct dcm_bpf_pair){.bucket = BASE + 8 * ((uint64_t)hash >> shift), .hash = hash};
}

int dcm_walk_run(struct dcm_walk *w, enum dcm_walk_program program, enum dcm_bpf_op op, uint64_t a,
		 uint64_t b, struct dcm_reason *reason)
{
	(void)w, (void)op, (void)a, (void)b, (void)reason;
	out->two_pointers = two_pointers;
	if (program == DCM_PROG_PAIRS)
		add_pair();
	else if (program == DCM_PROG_PROVE)
		out->checked = out->agreed = 4096;
	return 0;
}

static const struct dcm_walk_ops ops = {.find_table = dcm_walk_solve_table};

static int find(unsigned bits, struct dcm_reason *reason, struct dcm_walk_table *ret)
{
	int err;

	memset(&walk, 0, sizeof(walk));
	out = calloc(1, sizeof(*out));
	assert_non_null(out);
	walk.out = out;
	walk.ops = &ops;
	shift = 32 - bits;
	hash = 1;
	err = dcm_walk_find_table(&walk, reason);
	if (!err)
		err = dcm_walk_hash_discover(&walk, reason, ret);
	free(out);
	return err;
}

static void test_found(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_walk_table table;

	(void)state;
	for (unsigned bits = 4; bits <= 26; bits++) {
		if (find(bits, &reason, &table))
			fail_msg("%u bits: %s", bits, reason.text);
		assert_int_equal(table.base, BASE);
		assert_int_equal(table.buckets, 1ULL << bits);
		assert_int_equal(table.shift, 32 - bits);
	}
}

/* A pass takes 16 buckets at a time: it would call fewer a complete pass over an empty table. */
static void test_too_small(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_walk_table table;

	(void)state;
	assert_int_equal(find(3, &reason, &table), -EOPNOTSUPP);
	assert_non_null(strstr(reason.text, "has 8 buckets"));
	assert_non_null(strstr(reason.text, "dhash_entries="));
	/* with 4 no answer is the only one */
	assert_int_equal(find(2, &reason, &table), -ENOENT);
}

static void test_32_bit(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_walk_table table;

	(void)state;
	two_pointers = 8;
	assert_int_equal(find(20, &reason, &table), -EOPNOTSUPP);
	assert_non_null(strstr(reason.text, "32-bit kernel"));
	two_pointers = 16;
}

/* d_lockref.count is the int at the front of the word that is loaded. */
static void test_first_int(void **state)
{
	(void)state;
	assert_int_equal(dcm_first_int(0x00000001ffffff80, 0), -128);
	assert_int_equal(dcm_first_int(0xffffff8000000001, 1), -128);
	assert_int_equal(dcm_first_int(0xffff888000000000, 0), 0); /* used: the rest is a pointer */
	assert_int_equal(dcm_first_int(0x00000000ffff8880, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_32_bit),
		cmocka_unit_test(test_first_int),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	printf("1..0 # SKIP built without BPF\n");
	return 0;
}

#endif
