// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/meminfo.h"

#define TOTAL 0x1
#define FREE  0x2
#define SLAB  0x4

static const struct test_case {
	const char *name, *text;
	int err;
	unsigned has;
	uint64_t total, free, slab;
} cases[] = {
	{"good",
	 "MemTotal:       24676232 kB\nMemFree:         3659284 kB\nMemAvailable:   1 kB\n"
	 "Slab:              85400 kB\nSReclaimable:      62564 kB\nSUnreclaim: 5 kB\n",
	 0, TOTAL | FREE | SLAB, 24676232ULL << 10, 3659284ULL << 10, 62564ULL << 10},
	{"2.6: no SReclaimable", "MemTotal: 10 kB\nMemFree: 5 kB\n", 0, TOTAL | FREE, 10240, 5120,
	 0},
	{"future fields", "MemTotal: 10 kB of 20\nMemNew: 3 kB\n", 0, TOTAL, 10240, 0, 0},
	{"duplicate: the first counts",
	 "MemTotal: 1 kB\nMemTotal: 2 kB\nMemFree: x kB\n"
	 "MemFree: 3 kB\n",
	 0, TOTAL, 1024, 0, 0},
	{"no newline", "MemFree: 0 kB", 0, FREE, 0, 0, 0},
	{"other unit is absent", "MemTotal: 10 MB\nMemFree: 5\nSReclaimable: 1 kB\n", 0, SLAB, 0, 0,
	 1024},
	{"2^54 kB is 2^64 bytes", "MemTotal: 18014398509481984 kB\nMemFree: 18014398509481983 kB\n",
	 0, FREE, 0, UINT64_MAX - 1023, 0},
	{"2^63 and 2^64", "MemTotal: 9223372036854775808 kB\nMemFree: 18446744073709551616 kB\n",
	 -ENOENT, 0, 0, 0, 0},
	{"30 digits", "MemTotal: 123456789012345678901234567890 kB\n", -ENOENT, 0, 0, 0, 0},
	{"negative", "MemTotal: -1 kB\n", -ENOENT, 0, 0, 0, 0},
	{"no colon", "MemTotal 1 kB\n", -ENOENT, 0, 0, 0, 0},
	{"empty", "", -ENOENT, 0, 0, 0, 0},
	{"junk", "\n\xff\xfe\n:\nkB\n", -ENOENT, 0, 0, 0, 0},
};

static void check(const struct test_case *c, const struct dcm_meminfo *got)
{
	assert_int_equal((got->has_total ? TOTAL : 0) | (got->has_free ? FREE : 0) |
				 (got->has_slab_reclaimable ? SLAB : 0),
			 c->has);
	if (c->has & TOTAL)
		assert_true(got->total_bytes == c->total);
	if (c->has & FREE)
		assert_true(got->free_bytes == c->free);
	if (c->has & SLAB)
		assert_true(got->slab_reclaimable_bytes == c->slab);
}

TEST_TEXTS(struct dcm_meminfo, dcm_meminfo_parse(text, len, &got), check(c, &got))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
