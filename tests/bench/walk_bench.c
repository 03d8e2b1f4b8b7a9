// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Times the walkers beside the floor under them: independent random loads from user space, as many
 * as there are dentries and spread over as much memory as the dentries take. Passes and loads
 * alternate, so that a machine whose speed drifts treats both alike; medians are printed.
 * Usage: walk_bench [ROUNDS [fast|compat|bounded]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/reason.h"
#include "common/base/units.h"
#include "tests/lib/timed_passes.h"
#include "tests/lib/walk_flavour.h"

#define DENTRY_SIZE 192 /* bytes; objsize of /proc/slabinfo on x86-64 */
#define MAX_ROUNDS  50
#define MAX_ITEMS \
	(1u << 23) /* 1.5 GiB of each kind of page: far more than any cache or TLB holds */

static volatile uint64_t sink;

static double random_loads(const char *memory, uint64_t items, uint64_t count)
{
	uint64_t state = RANDOM_SEED, sum = 0, i, start = thread_ns();

	for (i = 0; i < count; i++)
		sum += *(const uint64_t *)(memory + next_random(&state) % items * DENTRY_SIZE);
	sink = sum;
	return (double)(thread_ns() - start) / (double)count;
}

static int bench_passes(struct dcm_walk *walk, int rounds)
{
	double pass_ns[MAX_ROUNDS], small[MAX_ROUNDS], huge[MAX_ROUNDS];
	struct dcm_walk_pass pass;
	char *plain, *big;
	size_t size, items;
	int i;

	if (one_pass(walk, &pass))
		return 1;
	items = pass.entries < MAX_ITEMS ? pass.entries : MAX_ITEMS;
	size = items * DENTRY_SIZE;
	plain = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	big = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (plain == MAP_FAILED || big == MAP_FAILED)
		return 1;
	madvise(plain, size, MADV_NOHUGEPAGE);
	madvise(big, size, MADV_HUGEPAGE);
	memset(plain, 1, size);
	memset(big, 1, size);
	for (i = 0; i < rounds; i++) {
		small[i] = random_loads(plain, items, pass.entries);
		if (one_pass(walk, &pass))
			return 1;
		pass_ns[i] = (double)pass.run_ns / (double)pass.entries;
		huge[i] = random_loads(big, items, pass.entries);
	}
	printf("dentries            %12" PRIu64 "   buckets %" PRIu64 "\n", pass.entries,
	       pass.buckets);
	printf("pass                %12.1f ns per dentry (median of %d)\n",
	       median(pass_ns, (size_t)rounds), rounds);
	printf("random loads        %12.1f ns each, 4 KiB pages     ratio %.2f\n",
	       median(small, (size_t)rounds),
	       median(pass_ns, (size_t)rounds) / median(small, (size_t)rounds));
	printf("random loads        %12.1f ns each, huge pages      ratio %.2f\n",
	       median(huge, (size_t)rounds),
	       median(pass_ns, (size_t)rounds) / median(huge, (size_t)rounds));
	munmap(plain, size);
	munmap(big, size);
	return 0;
}

static int bench_superblocks(struct dcm_walk *walk, int rounds)
{
	const struct dcm_walk_superblock *sb;
	struct dcm_reason reason = {0};
	double ns[MAX_ROUNDS];
	size_t count = 0;
	int i;

	for (i = 0; i < rounds; i++) {
		uint64_t start = dcm_now_ns();

		if (dcm_walk_superblocks(walk, &reason, &sb, &count)) {
			fprintf(stderr, "superblocks: %s\n", reason.text);
			return 1;
		}
		ns[i] = (double)(dcm_now_ns() - start);
	}
	printf("superblocks         %12zu   walk %.3f ms (median), %.0f ns each\n", count,
	       median(ns, (size_t)rounds) / 1e6, median(ns, (size_t)rounds) / (double)count);
	return 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 15, failed;
	struct dcm_reason reason = {0};
	enum dcm_walk_flavour flavour = DCM_WALK_AUTO;
	struct dcm_walk *walk;

	if (rounds < 1 || rounds > MAX_ROUNDS)
		rounds = 15;
	if (argc > 2)
		flavour = walk_flavour_named(argv[2]);
	if (dcm_walk_open("", flavour, &reason, &walk)) {
		fprintf(stderr, "walk_bench: %s\n", reason.text);
		return 77;
	}
	failed = bench_passes(walk, rounds) || bench_superblocks(walk, rounds);
	printf("longest BPF run     %12.3f ms\n", (double)dcm_walk_longest_run_ns(walk) / 1e6);
	dcm_walk_close(walk);
	return failed;
}
