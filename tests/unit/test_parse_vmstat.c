// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/vmstat.h"

#define PGSCAN	   0x1
#define ALLOCSTALL 0x2
#define SLABS	   0x4
#define DROP	   0x8

static const struct test_case {
	const char *name, *text;
	int err;
	unsigned has;
	uint64_t pgscan, allocstall, slabs, drop;
} cases[] = {
	{"6.18",
	 "nr_free_pages 913299\nallocstall_dma 1\nallocstall_dma32 20\nallocstall_normal 300\n"
	 "allocstall_movable 4000\nallocstall_device 50000\npgscan_kswapd 9\npgscan_direct 77\n"
	 "pgscan_direct_throttle 8\nslabs_scanned 293\ndrop_pagecache 3\ndrop_slab 2\n",
	 0, PGSCAN | ALLOCSTALL | SLABS | DROP, 77, 54321, 293, 2},
	{"3.10: scans per zone, one stall counter",
	 "pgscan_direct_dma 1\npgscan_direct_dma32 20\npgscan_direct_normal 300\n"
	 "pgscan_direct_movable 4000\npgscan_direct_throttle 900000\nslabs_scanned 5\n"
	 "allocstall 6\n",
	 0, PGSCAN | ALLOCSTALL | SLABS, 4321, 6, 5, 0},
	{"one line beats its zones", "allocstall_dma 5\nallocstall 7\nallocstall_normal 9\n", 0,
	 ALLOCSTALL, 0, 7, 0, 0},
	{"unknown zone of the future", "allocstall_normal 1\nallocstall_far 2\n", 0, ALLOCSTALL, 0,
	 3, 0, 0},
	{"duplicates: the first counts",
	 "drop_slab 1\ndrop_slab 2\nallocstall_dma 3\nallocstall_dma 4\nallocstall_dma32 10\n"
	 "slabs_scanned x\nslabs_scanned 9\n",
	 0, ALLOCSTALL | DROP, 0, 13, 0, 1},
	{"future fields", "drop_slab 1 2 three\nnew_counter 5\n", 0, DROP, 0, 0, 0, 1},
	{"no newline", "drop_slab 12", 0, DROP, 0, 0, 0, 12},
	{"blanks", "  drop_slab\t 12 \r\n", 0, DROP, 0, 0, 0, 12},
	{"zero is a value", "drop_slab 0\n", 0, DROP, 0, 0, 0, 0},
	{"2^63 and 2^64", "drop_slab 9223372036854775808\nslabs_scanned 18446744073709551616\n", 0,
	 DROP, 0, 0, 0, 1ULL << 63},
	{"the sum of zones does not fit",
	 "allocstall_dma 18446744073709551615\nallocstall_normal 1\ndrop_slab 1\n", 0, DROP, 0, 0,
	 0, 1},
	{"a sum without one of its zones is none",
	 "allocstall_dma 123456789012345678901234567890\nallocstall_normal 1\ndrop_slab 1\n", 0,
	 DROP, 0, 0, 0, 1},
	{"a damaged line is not replaced by its zones",
	 "allocstall x\nallocstall_normal 1\ndrop_slab 1\n", 0, DROP, 0, 0, 0, 1},
	{"more zones than can be",
	 "allocstall_a 1\nallocstall_b 1\nallocstall_c 1\nallocstall_d 1\nallocstall_e 1\n"
	 "allocstall_f 1\nallocstall_g 1\nallocstall_h 1\nallocstall_i 1\nallocstall_j 1\n"
	 "allocstall_k 1\nallocstall_l 1\nallocstall_m 1\nallocstall_n 1\nallocstall_o 1\n"
	 "allocstall_p 1\nallocstall_q 1\ndrop_slab 1\n",
	 0, DROP, 0, 0, 0, 1},
	{"names that only begin alike",
	 "drop_slabs 1\nallocstalls 2\nallocstall_ 3\npgscan_directly 4\nslabs_scanned2 5\n",
	 -ENOENT, 0, 0, 0, 0, 0},
	{"only the throttle", "pgscan_direct_throttle 3\n", -ENOENT, 0, 0, 0, 0, 0},
	{"no value", "drop_slab\nslabs_scanned \n", -ENOENT, 0, 0, 0, 0, 0},
	{"negative", "drop_slab -1\n", -ENOENT, 0, 0, 0, 0, 0},
	{"empty", "", -ENOENT, 0, 0, 0, 0, 0},
	{"junk", "\n\n\x01\xff  \n:::\n", -ENOENT, 0, 0, 0, 0, 0},
};

static unsigned present(const struct dcm_vmstat *vmstat)
{
	return (vmstat->has_pgscan_direct ? PGSCAN : 0) |
	       (vmstat->has_allocstall ? ALLOCSTALL : 0) | (vmstat->has_slabs_scanned ? SLABS : 0) |
	       (vmstat->has_drop_slab ? DROP : 0);
}

static void check(const struct test_case *c, const struct dcm_vmstat *got)
{
	assert_int_equal(present(got), c->has);
	if (c->has & PGSCAN)
		assert_true(got->pgscan_direct == c->pgscan);
	if (c->has & ALLOCSTALL)
		assert_true(got->allocstall == c->allocstall);
	if (c->has & SLABS)
		assert_true(got->slabs_scanned == c->slabs);
	if (c->has & DROP)
		assert_true(got->drop_slab == c->drop);
}

TEST_TEXTS(struct dcm_vmstat, dcm_vmstat_parse(text, len, &got), check(c, &got))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
