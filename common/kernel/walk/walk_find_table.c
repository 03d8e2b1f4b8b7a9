// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Where the dentry hash table lies, without symbols. Any hashed dentry gives a pair (address of its
 * bucket, hash of its name). fs/dcache.c: bucket = dentry_hashtable + (hash >> d_hash_shift). So
 * for the right shift s every pair gives the same base = bucket - 8 * (hash >> s); a wrong one
 * scatters them. The answer must be unique, and is then proven on buckets all over the table.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

#define ENOUGH_PAIRS 400
#define LEAST_PAIRS  12
#define MAX_SHIFT    32
#define PER_FOLDER   24

/*
 * Folders whose own and whose entries' dentries are cached on every system, each below a mount that
 * is there on all. Nothing else that is mounted in them is entered: it may be a server that does
 * not answer.
 */
static const struct folder {
	const char *mount, *path;
} folders[] = {
	{"/proc", "sys/kernel"}, {"/proc", "sys/vm"}, {"/proc", "sys/fs"}, {"/proc", "sys"},
	{"/proc", "self"},	 {"/proc", "."},      {"/sys", "kernel"},  {"/sys", "."},
	{"/dev", "."},		 {"/", "etc"},	      {"/", "usr"},	   {"/", "usr/bin"},
	{"/", "usr/lib"},	 {"/", "var"},	      {"/", "."},
};

static bool is_kernels_own(int dirfd)
{
	struct statfs fs;

	return !fstatfs(dirfd, &fs) && (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC);
}

/*
 * Without leaving the mount of @dirfd (openat2(2): Linux 5.6). Where a filter of system calls has
 * not heard of openat2, the folders that no server is mounted in must do.
 */
static int open_within(int dirfd, const char *name, uint64_t flags)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV};
	int fd = (int)syscall(SYS_openat2, dirfd, name, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM) && is_kernels_own(dirfd))
		fd = openat(dirfd, name, (int)how.flags);
	return fd;
}

static int gather_from(struct dcm_walk *walk, int dirfd, const char *name,
		       struct dcm_reason *reason)
{
	_cleanup_close_ int fd = open_within(dirfd, name, O_PATH | O_NOFOLLOW);

	if (fd < 0)
		return 0;
	return dcm_walk_run(walk, DCM_PROG_PAIRS, DCM_OP_GO_ON, (uint64_t)fd, 0, reason);
}

/* The directory itself and some of its entries: names that exist, most of them cached already. */
static int gather_folder(struct dcm_walk *walk, const struct folder *folder,
			 struct dcm_reason *reason)
{
	_cleanup_close_ int mount = open(folder->mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = mount < 0 ? -1 : open_within(mount, folder->path, O_RDONLY | O_DIRECTORY);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int n = 0, err;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (n < PER_FOLDER && walk->out->pairs_found < ENOUGH_PAIRS && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, "."))
			continue;
		err = gather_from(walk, dirfd(dir), entry->d_name, reason);
		if (err)
			return err;
		n++;
	}
	return 0;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct dcm_bpf_pair *x = a, *y = b;

	if (x->bucket != y->bucket)
		return DCM_COMPARE(x->bucket, y->bucket);
	return DCM_COMPARE(x->hash, y->hash);
}

/* Ancestors repeat: a pair counts once. */
static unsigned distinct_pairs(struct dcm_bpf_pair *pairs, unsigned n)
{
	unsigned i, kept = 0;

	qsort(pairs, n, sizeof(*pairs), compare_pairs);
	for (i = 0; i < n; i++)
		if (!kept || compare_pairs(&pairs[i], &pairs[kept - 1]))
			pairs[kept++] = pairs[i];
	return kept;
}

/* The base that most pairs agree on for @shift, and how many do. */
static unsigned best_base(const struct dcm_bpf_pair *pairs, unsigned n, unsigned shift,
			  uint64_t *ret_base)
{
	unsigned i, j, best = 0;

	for (i = 0; i < n && best < n - i; i++) {
		uint64_t base = pairs[i].bucket - 8 * ((uint64_t)pairs[i].hash >> shift);
		unsigned agree = 0;

		for (j = 0; j < n; j++)
			agree += pairs[j].bucket - 8 * ((uint64_t)pairs[j].hash >> shift) == base;
		if (agree > best) {
			best = agree;
			*ret_base = base;
		}
	}
	return best;
}

/* Outliers exist (disconnected roots hang on sb->s_roots): nine in ten must agree on one shift,
 * and on no other as well. */
static int solve(struct dcm_bpf_pair *pairs, unsigned n, struct dcm_walk_table *ret)
{
	unsigned shift, second = 0;
	struct dcm_walk_table best = {0};

	for (shift = 0; shift < MAX_SHIFT; shift++) {
		uint64_t base = 0;
		unsigned agree = best_base(pairs, n, shift, &base);

		if (agree > best.agreeing) {
			second = best.agreeing;
			best.base = base;
			best.shift = shift;
			best.agreeing = agree;
		} else if (agree > second) {
			second = agree;
		}
	}
	if (best.agreeing < LEAST_PAIRS || best.agreeing * 10 < n * 9 ||
	    second * 2 > best.agreeing || best.base % 8)
		return -ENOENT;
	best.buckets = 1ULL << (32 - best.shift);
	best.pairs = n;
	*ret = best;
	return 0;
}

/* Thousands of buckets: the first entry of each must point back and hash to it. An entry may be
 * inserted or removed between the loads, so one in a hundred may disagree. */
int dcm_walk_prove_table(struct dcm_walk *walk, uint64_t base, uint64_t shift,
			 struct dcm_reason *reason)
{
	const struct dcm_bpf_out *out = walk->out;
	int err = dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_TABLE, base, shift, reason);

	if (!err)
		err = dcm_walk_run(walk, DCM_PROG_PROVE, DCM_OP_BEGIN, 0, 0, reason);
	if (err)
		return err;
	if (!out->checked || out->agreed * 100ULL < out->checked * 99ULL)
		return dcm_reason_set(reason, -ENOENT,
				      "dentry hash table not proven: %u of %u buckets agree",
				      out->agreed, out->checked);
	return 0;
}

/* Solves a copy of the pairs, of which nothing stays behind. */
static int solve_gathered(const struct dcm_walk *walk, unsigned *ret_n, struct dcm_walk_table *ret)
{
	struct dcm_bpf_pair pairs[DCM_PAIRS];
	int err;

	memcpy(pairs, walk->out->pairs, sizeof(pairs));
	*ret_n = distinct_pairs(pairs, DCM_MIN(walk->out->pairs_found, (uint32_t)DCM_PAIRS));
	err = solve(pairs, *ret_n, ret);
	explicit_bzero(pairs, sizeof(pairs));
	return err;
}

int dcm_walk_check_size(const struct dcm_walk_table *table, struct dcm_reason *reason)
{
	if (table->buckets >= DCM_HEADS)
		return 0;
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "the dentry hash table has %llu buckets: fewer than %u are not "
			      "walked (dhash_entries= on the kernel's command line?)",
			      (unsigned long long)table->buckets, DCM_HEADS);
}

int dcm_walk_solve_table(struct dcm_walk *walk, struct dcm_reason *reason,
			 struct dcm_walk_table *ret)
{
	struct dcm_walk_table table;
	unsigned n;
	size_t i;
	int err;

	for (i = 0; i < DCM_ARRAY_SIZE(folders) && walk->out->pairs_found < ENOUGH_PAIRS; i++) {
		err = gather_folder(walk, &folders[i], reason);
		if (err)
			return err;
	}
	if (solve_gathered(walk, &n, &table))
		return dcm_reason_set(reason, -ENOENT,
				      "dentry hash table not found: %u dentries give no unique "
				      "answer",
				      n);
	err = dcm_walk_check_size(&table, reason);
	if (!err)
		err = dcm_walk_prove_table(walk, table.base, table.shift, reason);
	if (err)
		return err;
	*ret = table;
	return 0;
}

int dcm_walk_find_table(struct dcm_walk *walk, struct dcm_reason *reason)
{
	walk->table_err = walk->ops->find_table(walk, &walk->table_reason, &walk->table);
	walk->table_known = !walk->table_err;
	/* The walkers load whole words; 0: no program has run. */
	if (walk->out->two_pointers && walk->out->two_pointers != 2 * sizeof(uint64_t))
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "a 32-bit kernel: its structures are not walked");
	return 0;
}

int dcm_walk_hash_discover(struct dcm_walk *walk, struct dcm_reason *reason,
			   struct dcm_walk_table *ret)
{
	if (!walk->table_known) {
		*reason = walk->table_reason;
		return walk->table_err;
	}
	*ret = walk->table;
	return 0;
}
