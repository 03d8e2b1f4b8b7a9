// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Plants one hash chain: plant_chain DIR N looks up N missing names in DIR, the root of a mount
 * whose filesystem keeps negative dentries (overlay, ext4), all of which fall into one bucket.
 *
 * The kernel hashes a name of up to seven bytes, as a little-endian word a, in a directory whose
 * dentry lies at address s (fs/namei.c, hash_name and fold_hash since 4.7, 64 bit, word access):
 *
 *	hash = ((s ^ a * G) * G) >> 32        G = 0x61C8864680B583EB
 *
 * and the bucket is the upper part of it. G is odd, hence invertible: any product with the wanted
 * upper part gives a word, and one word in some 270 is a name. The address comes from a walk
 * whose handles it can turn back, so this needs root. Exits with 77 and the reason where there is
 * no BPF.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#if DCM_WITH_BPF

#include "tests/lib/bare_walk.h"

#define GOLDEN 0x61C8864680B583EBull

/* Newton's iteration doubles the good bits: 3, 6, 12, 24, 48, 96. */
static uint64_t inverse(uint64_t odd)
{
	uint64_t x = odd;

	for (int i = 0; i < 5; i++)
		x *= 2 - odd * x;
	return x;
}

static bool is_name(uint64_t word)
{
	if (word >> 56)
		return false;
	for (int i = 0; i < 7; i++, word >>= 8)
		if ((word & 0xff) == 0 || (word & 0xff) == '/')
			return false;
	return true;
}

static int find_root(struct dcm_walk *walk, dev_t dev, uint64_t *ret)
{
	const struct dcm_walk_superblock *sb;
	struct dcm_reason reason = {0};
	size_t n;

	if (dcm_walk_superblocks(walk, &reason, &sb, &n)) {
		fprintf(stderr, "plant_chain: %s\n", reason.text);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (sb[i].dev_major == major(dev) && sb[i].dev_minor == minor(dev)) {
			*ret = bare_walk_address(sb[i].root_dentry);
			return 0;
		}
	fprintf(stderr, "plant_chain: no such superblock\n");
	return -1;
}

static int plant(int fd, uint64_t salt, const struct dcm_walk_table *table, long n)
{
	unsigned bits = 32 + table->shift; /* below the bucket's number */
	uint64_t inv = inverse(GOLDEN), top = (table->buckets / 3) << bits;
	struct stat st;
	char name[8];

	for (uint64_t i = 0; n > 0; i++) {
		/* Scattered, so that the names differ in the rest of their hash. */
		uint64_t low = (i * GOLDEN) & ((1ull << bits) - 1);
		uint64_t word = ((top + low) * inv ^ salt) * inv;

		if (!is_name(word))
			continue;
		memcpy(name, &word, sizeof(name));
		if (fstatat(fd, name, &st, 0) == 0 || errno != ENOENT) {
			perror("plant_chain: fstatat");
			return 1;
		}
		n--;
	}
	puts("ready");
	return 0;
}

int main(int argc, char **argv)
{
	struct dcm_reason reason = {0};
	struct dcm_walk_table table;
	static struct dcm_walk walk;
	struct stat st;
	uint64_t salt;
	int fd, status;

	if (argc != 3) {
		fputs("usage: plant_chain DIR N\n", stderr);
		return 2;
	}
	if (bare_walk_open(&walk, &reason)) {
		printf("error open %s\n", reason.text);
		return 77;
	}
	fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		perror(argv[1]);
		return 1;
	}
	if (dcm_walk_hash_discover(&walk, &reason, &table)) {
		fprintf(stderr, "plant_chain: %s\n", reason.text);
		return 1;
	}
	if (find_root(&walk, st.st_dev, &salt))
		return 1;
	dcm_walk_unload(&walk);
	status = plant(fd, salt, &table, atol(argv[2]));
	close(fd);
	return status;
}

#else

int main(void)
{
	printf("error open built without BPF\n");
	return 77;
}

#endif
