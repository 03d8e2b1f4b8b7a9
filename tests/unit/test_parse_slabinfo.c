// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/slabinfo.h"

#define HEAD                                                                                  \
	"slabinfo - version: 2.1\n"                                                           \
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : " \
	"tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> " \
	"<sharedavail>\n"
#define INODES "inode_cache 100 200 608 26 4 : tunables 0 0 0 : slabdata 8 9 0\n"
#define DENTRY                                                                                     \
	"dentry             44331  44350    192   21    1 : tunables    0    0    0 : slabdata   " \
	"2111   2112      0\n"

static const struct test_case {
	const char *name, *text;
	uint64_t page_size;
	int err;
	struct dcm_slabinfo info;
} cases[] = {
	{"good", HEAD INODES DENTRY, 4096, 0, {44331, 44350, 192, 2112, 2112ULL * 4096}},
	{"first line", HEAD DENTRY INODES, 65536, 0, {44331, 44350, 192, 2112, 2112ULL * 65536}},
	{"two pages per slab",
	 HEAD "dentry 40 42 192 42 2 : tunables 0 0 0 : slabdata 1 3 0\n",
	 4096,
	 0,
	 {40, 42, 192, 3, 3ULL * 2 * 4096}},
	{"version 2.0",
	 "slabinfo - version: 2.0\n" DENTRY,
	 4096,
	 0,
	 {44331, 44350, 192, 2112, 2112ULL * 4096}},
	{"statistics",
	 "slabinfo - version: 2.1 (statistics)\n"
	 "dentry 40 42 192 42 2 : tunables 120 60 8 : slabdata 1 3 0 : globalstat 1 2 3 : "
	 "cpustat 1 2 3 4\n",
	 4096,
	 0,
	 {40, 42, 192, 3, 3ULL * 2 * 4096}},
	{"future group and fields",
	 HEAD "dentry 40 42 192 42 2 9 : new 7 : slabdata 1 3 0 11 : more\n",
	 4096,
	 0,
	 {40, 42, 192, 3, 3ULL * 2 * 4096}},
	{"duplicate: the first counts",
	 HEAD DENTRY "dentry 1 1 1 1 1 : tunables 0 0 0 : slabdata 1 1 0\n",
	 4096,
	 0,
	 {44331, 44350, 192, 2112, 2112ULL * 4096}},
	{"no newline",
	 HEAD "dentry 40 42 192 42 2 : tunables 0 0 0 : slabdata 1 3 0",
	 4096,
	 0,
	 {40, 42, 192, 3, 3ULL * 2 * 4096}},
	{"empty", "", 4096, -EINVAL, {0}},
	{"junk", "Permission denied\n", 4096, -EINVAL, {0}},
	{"no header", DENTRY, 4096, -EINVAL, {0}},
	{"version 3", "slabinfo - version: 3.0\n" DENTRY, 4096, -EINVAL, {0}},
	{"no dentry line", HEAD INODES, 4096, -ENOENT, {0}},
	{"other names",
	 HEAD "dentry_cache 1 1 1 1 1 : tunables 0 0 0 : slabdata 1 1 0\n"
	      "ext4_dentry 1 1 1 1 1 : tunables 0 0 0 : slabdata 1 1 0\n",
	 4096,
	 -ENOENT,
	 {0}},
	{"cut before slabdata",
	 HEAD "dentry 40 42 192 42 2 : tunables 0 0 0 :\n",
	 4096,
	 -EINVAL,
	 {0}},
	{"cut after slabdata",
	 HEAD "dentry 40 42 192 42 2 : tunables 0 0 0 : slabdata 1",
	 4096,
	 -EINVAL,
	 {0}},
	{"negative",
	 HEAD "dentry -40 42 192 42 2 : tunables 0 0 0 : slabdata 1 3 0\n",
	 4096,
	 -EINVAL,
	 {0}},
	{"2^63 slabs",
	 HEAD "dentry 1 1 192 42 2 : t : slabdata 1 9223372036854775808 0\n",
	 4096,
	 -ERANGE,
	 {0}},
	{"2^52 slabs of 4 KiB",
	 HEAD "dentry 1 1 192 42 1 : t : slabdata 1 4503599627370496 0\n",
	 4096,
	 -ERANGE,
	 {0}},
	{"2^51 slabs of 4 KiB",
	 HEAD "dentry 1 1 192 42 1 : t : slabdata 1 2251799813685248 0\n",
	 4096,
	 0,
	 {1, 1, 192, 1ULL << 51, 1ULL << 63}},
	{"2^64 objects",
	 HEAD "dentry 18446744073709551616 1 1 1 1 : t : slabdata 1 1 0\n",
	 4096,
	 -ERANGE,
	 {0}},
	{"30 digits",
	 HEAD "dentry 1 123456789012345678901234567890 1 1 1 : t : slabdata 1 1 0\n",
	 4096,
	 -ERANGE,
	 {0}},
};

TEST_TEXTS(struct dcm_slabinfo, dcm_slabinfo_parse(text, len, c->page_size, &got),
	   assert_memory_equal(&got, &c->info, sizeof(got)))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
