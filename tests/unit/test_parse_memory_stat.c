// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/memory_stat.h"

#define SLAB  0x1
#define FILES 0x2

static const struct test_case {
	const char *name, *text;
	int err;
	unsigned has;
	uint64_t slab, file;
} cases[] = {
	{"v2",
	 "anon 1\nfile 90\nslab_reclaimable 40009048\nslab 50000000\ninactive_anon 3\n"
	 "active_file 8192\ninactive_file 24576\nslab_unreclaimable 7\n",
	 0, SLAB | FILES, 40009048, 32768},
	{"v1: the sums over the hierarchy",
	 "cache 5\ninactive_file 1\nactive_file 2\ntotal_cache 6\ntotal_inactive_file 100\n"
	 "total_active_file 20\n",
	 0, FILES, 0, 120},
	{"v1 without a hierarchy", "inactive_file 1\nactive_file 2\n", 0, FILES, 0, 3},
	{"one list is not all page cache", "inactive_file 1\nslab_reclaimable 2\n", 0, SLAB, 2, 0},
	{"duplicate: the first counts", "slab_reclaimable 1\nslab_reclaimable 2\n", 0, SLAB, 1, 0},
	{"a sum beyond 64 bits",
	 "active_file 18446744073709551615\ninactive_file 1\n"
	 "slab_reclaimable 0\n",
	 0, SLAB, 0, 0},
	{"no numbers", "slab_reclaimable x\nactive_file -1\ninactive_file\n", -ENOENT, 0, 0, 0},
	{"other names", "slab_reclaimable_now 1\nxactive_file 2\n", -ENOENT, 0, 0, 0},
	{"empty", "", -ENOENT, 0, 0, 0},
	{"junk", "\n\xff\xfe\n \n", -ENOENT, 0, 0, 0},
};

static void check(const struct test_case *c, const struct dcm_memory_stat *got)
{
	assert_int_equal((got->has_slab_reclaimable ? SLAB : 0) | (got->has_file ? FILES : 0),
			 c->has);
	assert_true(got->slab_reclaimable_bytes == c->slab);
	assert_true(got->file_bytes == c->file);
}

TEST_TEXTS(struct dcm_memory_stat, dcm_memory_stat_parse(text, len, &got), check(c, &got))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
