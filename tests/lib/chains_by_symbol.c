// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts the chains of a hash table of the kernel in another way than the walkers do: the table by
 * its symbol (CONFIG_KALLSYMS_ALL), the nodes one by one through /proc/kcore, without a lock.
 *
 *   chains_by_symbol TABLE BUCKETS	an array of so many
 *   chains_by_symbol TABLE VARIABLE	TABLE points to it, VARIABLE has its size or its mask
 *
 * Prints "buckets N entries N longest N p99 N"; of the chains with entries, one in a hundred may be
 * longer than p99.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/kcore/kcore_map.h"
#include "common/parse/kallsyms.h"

#define LONGEST 10000000 /* a chain that is no circle */

DCM_DEFINE_CLEANUP(struct dcm_kcore, dcm_kcore_close)

/* 0: there is none. */
static uint64_t address_of(const char *name)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	struct dcm_kallsyms_symbol symbol;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (!dcm_kallsyms_line((struct dcm_span){line, strcspn(line, "\n")}, &symbol) &&
		    dcm_span_equals(symbol.name, name))
			return symbol.address;
	fprintf(stderr, "chains_by_symbol: no symbol %s\n", name);
	return 0;
}

static int read_word(const struct dcm_kcore *kcore, uint64_t address, void *to, size_t size)
{
	int err = address ? dcm_kcore_read(kcore, address, to, size) : -EFAULT;

	if (err)
		fprintf(stderr, "chains_by_symbol: %s at %" PRIx64 "\n", strerror(-err), address);
	return err;
}

/* Where the table is and how many buckets it has. */
static int find_table(const struct dcm_kcore *kcore, const char *table, const char *size,
		      uint64_t *ret_base, uint64_t *ret_buckets)
{
	uint64_t base = address_of(table);
	uint32_t buckets = (uint32_t)strtoul(size, NULL, 10);
	int err = base ? 0 : -ENOENT;

	if (!err && !buckets) {
		err = read_word(kcore, base, &base, sizeof(base));
		if (!err)
			err = read_word(kcore, address_of(size), &buckets, sizeof(buckets));
		buckets += buckets & 1; /* a mask is odd, a size is not */
	}
	*ret_base = base;
	*ret_buckets = buckets;
	return err;
}

/* NULL ends a chain, or an odd number (include/linux/list_nulls.h). */
static int count_chain(const struct dcm_kcore *kcore, uint64_t bucket, uint32_t *ret)
{
	uint64_t next;
	uint32_t n = 0;
	int err = read_word(kcore, bucket, &next, sizeof(next));

	while (!err && next && !(next & 1) && n++ < LONGEST)
		err = read_word(kcore, next, &next, sizeof(next));
	*ret = n;
	return err;
}

static int compare_down(const void *a, const void *b)
{
	return DCM_COMPARE(*(const uint32_t *)b, *(const uint32_t *)a);
}

static void print_lengths(uint32_t *lengths, uint64_t buckets)
{
	uint64_t entries = 0, nonempty = 0;

	qsort(lengths, buckets, sizeof(*lengths), compare_down);
	for (; nonempty < buckets && lengths[nonempty]; nonempty++)
		entries += lengths[nonempty];
	printf("buckets %" PRIu64 " entries %" PRIu64 " longest %" PRIu32 " p99 %" PRIu32 "\n",
	       buckets, entries, lengths[0], lengths[nonempty / 100]);
}

int main(int argc, char **argv)
{
	_cleanup_(dcm_kcore_closep) struct dcm_kcore *kcore = NULL;
	_cleanup_free_ uint32_t *lengths = NULL;
	struct dcm_reason reason = {""};
	uint64_t base, buckets;

	if (argc != 3)
		return 2;
	if (dcm_kcore_open("/proc/kcore", &reason, &kcore)) {
		fprintf(stderr, "chains_by_symbol: %s\n", reason.text);
		return 1;
	}
	if (find_table(kcore, argv[1], argv[2], &base, &buckets))
		return 1;
	lengths = calloc(buckets, sizeof(*lengths));
	if (!lengths)
		return 1;
	for (uint64_t i = 0; i < buckets; i++)
		if (count_chain(kcore, base + 8 * i, &lengths[i]))
			return 1;
	print_lengths(lengths, buckets);
	return 0;
}
