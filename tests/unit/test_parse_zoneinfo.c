// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/zoneinfo.h"

#define ZONE(node, name, nr_free, nr_low)                                               \
	"Node " node ", zone " name "\n  per-node stats\n      nr_inactive_anon 2270\n" \
	"  pages free     " nr_free "\n        boost    0\n        min      12185\n"    \
	"        low      " nr_low "\n        high     18277\n        promo    21323\n" \
	"        protection: (0, 0, 1152, 1152, 1152)\n      nr_free_pages 1\n"         \
	"      numa_local   0\n  pagesets\n    cpu: 0\n              count:    0\n"     \
	"              high:     7\n              low:      99\n  start_pfn:           1\n"

static const struct test_case {
	const char *name, *text;
	int err;
	struct dcm_zoneinfo info;
} cases[] = {
	{"two nodes",
	 ZONE("0", "DMA", "3840", "75") ZONE("0", "Normal", "136574", "5811")
		 ZONE("1", "Normal", "1000", "10"),
	 0,
	 {141414, 5896, 3}},
	{"empty zone", ZONE("0", "DMA", "0", "0"), 0, {0, 0, 1}},
	{"2.6 and 3.x",
	 "Node 0, zone      DMA\n  pages free     3967\n        min      33\n        low      41\n"
	 "        high     49\n        scanned  0\n",
	 0,
	 {3967, 41, 1}},
	{"duplicate lines: the first counts",
	 "Node 0, zone DMA\n  pages free 5\n  pages free 6\n low 2\n low 3\n",
	 0,
	 {5, 2, 1}},
	{"zone without its watermark is left out",
	 "Node 0, zone DMA\n  pages free 5\nNode 0, zone Normal\n  pages free 7\n low 1\n",
	 0,
	 {7, 1, 1}},
	{"junk where a number should be",
	 "Node 0, zone DMA\n pages free x\n low y\n low 4\n"
	 " pages free 8\n",
	 0,
	 {8, 4, 1}},
	{"future fields",
	 "Node 0, zone DMA\n  pages free 5 new 6\n  low 2 3\n  pages busy 4\n",
	 0,
	 {5, 2, 1}},
	{"no newline", "Node 0, zone DMA\n  pages free 5\n  low 2", 0, {5, 2, 1}},
	{"before the first zone", "pages free 9\nlow 9\n", -ENOENT, {0}},
	{"empty", "", -ENOENT, {0}},
	{"junk", "\n\xff\nNode\nNode \n pages\n low\n", -ENOENT, {0}},
	{"2^63 twice",
	 ZONE("0", "DMA", "9223372036854775808", "1")
		 ZONE("0", "Normal", "9223372036854775808", "1"),
	 -ERANGE,
	 {0}},
	{"2^63 once", ZONE("0", "DMA", "9223372036854775808", "1"), 0, {1ULL << 63, 1, 1}},
	{"2^64", ZONE("0", "DMA", "1", "18446744073709551616"), -ERANGE, {0}},
	{"30 digits", ZONE("0", "DMA", "123456789012345678901234567890", "1"), -ERANGE, {0}},
};

TEST_TEXTS(struct dcm_zoneinfo, dcm_zoneinfo_parse(text, len, &got),
	   assert_memory_equal(&got, &c->info, sizeof(got)))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
