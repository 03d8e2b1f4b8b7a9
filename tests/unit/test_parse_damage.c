// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every parser against every cut of a good text, every byte replaced, and bytes at random. */
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/cpu_stat.h"
#include "common/parse/dentry_state.h"
#include "common/parse/meminfo.h"
#include "common/parse/memory_stat.h"
#include "common/parse/mountinfo.h"
#include "common/parse/psi.h"
#include "common/parse/slabinfo.h"
#include "common/parse/vmstat.h"
#include "common/parse/zoneinfo.h"

union result {
	struct dcm_dentry_state dentry_state;
	struct dcm_slabinfo slabinfo;
	struct dcm_vmstat vmstat;
	struct dcm_psi psi;
	struct dcm_meminfo meminfo;
	struct dcm_memory_stat memory_stat;
	struct dcm_mountinfo mountinfo;
	struct dcm_zoneinfo zoneinfo;
	struct dcm_cpu_stat cpu_stat;
	unsigned char bytes[256];
};

static int parse_dentry_state(const char *text, size_t len, union result *ret)
{
	return dcm_dentry_state_parse(text, len, true, &ret->dentry_state);
}

static int parse_slabinfo(const char *text, size_t len, union result *ret)
{
	return dcm_slabinfo_parse(text, len, 4096, &ret->slabinfo);
}

static int parse_vmstat(const char *text, size_t len, union result *ret)
{
	return dcm_vmstat_parse(text, len, &ret->vmstat);
}

static int parse_psi(const char *text, size_t len, union result *ret)
{
	return dcm_psi_parse(text, len, &ret->psi);
}

static int parse_cpu_stat(const char *text, size_t len, union result *ret)
{
	return dcm_cpu_stat_parse(text, len, &ret->cpu_stat);
}

static int parse_meminfo(const char *text, size_t len, union result *ret)
{
	return dcm_meminfo_parse(text, len, &ret->meminfo);
}

static int parse_memory_stat(const char *text, size_t len, union result *ret)
{
	return dcm_memory_stat_parse(text, len, &ret->memory_stat);
}

static int parse_mountinfo(const char *text, size_t len, union result *ret)
{
	return dcm_mountinfo_parse((struct dcm_span){text, len}, &ret->mountinfo);
}

static int parse_zoneinfo(const char *text, size_t len, union result *ret)
{
	return dcm_zoneinfo_parse(text, len, &ret->zoneinfo);
}

static const struct parser {
	int (*parse)(const char *text, size_t len, union result *ret);
	const char *good;
} parsers[] = {
	{parse_dentry_state, "44241\t42773\t45\t0\t8483\t0\n"},
	{parse_slabinfo, "slabinfo - version: 2.1\n# name\ndentry 9 9 192 21 1 : tunables 0 0 0 : "
			 "slabdata 2 3 0\n"},
	{parse_vmstat, "allocstall_dma 1\nallocstall_normal 2\npgscan_direct 3\nslabs_scanned 4\n"
		       "drop_slab 5\n"},
	{parse_psi, "some avg10=1.00 avg60=2.00 avg300=3.00 total=4\n"
		    "full avg10=5.00 avg60=6.00 avg300=7.00 total=8\n"},
	{parse_cpu_stat, "cpu 1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4\nprocs_running 3\n"},
	{parse_meminfo, "MemTotal: 1 kB\nMemFree: 2 kB\nSReclaimable: 3 kB\n"},
	{parse_memory_stat, "slab_reclaimable 1\nactive_file 2\ninactive_file 3\n"},
	{parse_mountinfo, "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,a=b"},
	{parse_zoneinfo, "Node 0, zone DMA\n  pages free 5\n  low 2\n"
			 "Node 0, zone Normal\n  pages free 7\n  low 3\n"},
};

/* A parser answers with one of its four codes and leaves the result alone when it fails. */
static int run(const struct parser *parser, const char *text, size_t len)
{
	_cleanup_free_ char *copy = text_exact(text, len);
	union result before, result;
	int err;

	memset(&before, 0x5a, sizeof(before));
	result = before;
	err = parser->parse(copy, len, &result);
	assert_true(err == 0 || err == -EINVAL || err == -ERANGE || err == -ENOENT);
	if (err)
		assert_memory_equal(&result, &before, sizeof(result));
	return err;
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(parsers); i++) {
		size_t len = strlen(parsers[i].good);

		for (size_t cut = 0; cut < len; cut++)
			run(&parsers[i], parsers[i].good, cut);
		assert_int_equal(run(&parsers[i], parsers[i].good, len), 0);
	}
}

static void test_replaced(void **state)
{
	static const char bytes[] = {'\0', '\n', ' ', '-', '.', '9', ':', '=', 'x', '\x7f', '\xff'};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(parsers); i++) {
		size_t len = strlen(parsers[i].good);
		_cleanup_free_ char *text = strdup(parsers[i].good);

		for (size_t at = 0; at < len; at++) {
			for (size_t b = 0; b < sizeof(bytes); b++) {
				text[at] = bytes[b];
				run(&parsers[i], text, len);
			}
			text[at] = parsers[i].good[at];
		}
	}
}

/* Pieces of all the formats in random order, from a fixed seed. */
static void test_shuffled(void **state)
{
	static const char *const pieces[] = {
		"\n",
		" ",
		"\t",
		"-",
		"0",
		"9223372036854775808",
		"18446744073709551616",
		"123456789012345678901234567890",
		"slabinfo - version: 2.1\n",
		"dentry",
		":",
		"slabdata",
		"allocstall",
		"_dma",
		"pgscan_direct",
		"drop_slab",
		"some",
		"full",
		"avg10=",
		"total=",
		"1.5",
		"MemTotal:",
		"kB",
		"Node 0, zone",
		"pages",
		"free",
		"low",
		"cpu",
		"procs_running",
		"\xff",
		"7",
	};
	uint32_t random = 1;
	char text[512];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = 0;

		for (int n = (int)(random >> 16) % 40; n >= 0; n--) {
			const char *piece;

			random = random * 1103515245 + 12345;
			piece = pieces[(random >> 16) % DCM_ARRAY_SIZE(pieces)];
			if (len + strlen(piece) > sizeof(text))
				break;
			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		for (size_t i = 0; i < DCM_ARRAY_SIZE(parsers); i++)
			run(&parsers[i], text, len);
	}
}

static void test_one_long_line(void **state)
{
	size_t len = 1u << 20;
	_cleanup_free_ char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, '9', len);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(parsers); i++)
		assert_true(run(&parsers[i], text, len) < 0);
	memset(text, ' ', len);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(parsers); i++)
		assert_true(run(&parsers[i], text, len) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_shuffled),
		cmocka_unit_test(test_one_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
