// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * An attacker in the sampler's place: the same descriptors and memory, after the drop of all
 * privileges. Tries to make a walk follow an address of its own, and looks for addresses in all it
 * can see. Prints TAP; exits 77 with the reason where BPF is not to be had.
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#if DCM_WITH_BPF

#include <bpf/bpf.h>

#include "common/base/cleanup.h"
#include "common/kernel/walk/walk_internal.h"

#define NOBODY 65534

static int tests, failed;

static void check(bool good, const char *text)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, text);
	failed |= !good;
}

/* Descriptors of maps that this process has: the same after the drop, which hides them. */
static size_t count_maps(void)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	size_t count = 0;

	if (!dir)
		return SIZE_MAX;
	while ((entry = readdir(dir))) {
		char target[64];
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		count += strstr(target, "bpf-map") != NULL;
	}
	return count;
}

/* Maps of the programs by their numbers, which anybody may ask for. */
static bool opens_a_map(const struct dcm_walk *walk)
{
	for (size_t i = 0; i < DCM_PROG_COUNT; i++) {
		__u32 ids[8] = {0}, len = sizeof(struct bpf_prog_info);
		struct bpf_prog_info info = {.nr_map_ids = 8, .map_ids = (uintptr_t)ids};

		if (walk->program[i] < 0 ||
		    bpf_obj_get_info_by_fd(walk->program[i], &info, &len) < 0)
			continue;
		for (__u32 k = 0; k < info.nr_map_ids && k < 8; k++)
			if (bpf_map_get_fd_by_id(ids[k]) >= 0)
				return true;
	}
	return false;
}

/* Words that are addresses of the kernel's half. */
static size_t count_addresses(const struct dcm_walk *walk)
{
	const uint64_t *word = (const void *)walk->out;
	size_t count = 0;

	for (size_t i = 0; i < walk->out_size / sizeof(*word); i++)
		count += word[i] >> 47 == 0x1ffff && word[i] < 0xffffffffffff0000;
	return count;
}

/* Where the kernel can: on a big machine with few entries, random places meet some tens of them. */
static void sample_all(struct dcm_walk *walk)
{
	size_t met = 0, beyond = 0;
	struct dcm_walk_buckets now;
	struct dcm_reason reason;
	int err = dcm_walk_sample_begin(walk, &reason);

	if (err == -EOPNOTSUPP) {
		printf("ok %d - entries are sampled # SKIP %s\n", ++tests, reason.text);
		return;
	}
	while (!err) {
		err = dcm_walk_sample_step(walk, &reason, &now);
		for (size_t i = 0; i < now.count; i++)
			beyond += now.bucket[i] >= walk->table.buckets;
		met += now.count;
	}
	printf("# %zu entries met at random\n", met);
	check(err == 1 && met && !beyond, "entries are sampled");
}

/* A whole pass, its directories and its longest chain, as the sampler does it. */
static void walk_all(struct dcm_walk *walk)
{
	static struct dcm_walk_directory directory;
	static struct dcm_walk_pass pass;
	static struct dcm_walk_chain chain;
	struct dcm_walk_parent top[DCM_WALK_TOP_PARENTS];
	const struct dcm_walk_superblock *sb;
	struct dcm_walk_buckets met;
	struct dcm_reason reason;
	double fraction;
	size_t n;
	int err = dcm_walk_superblocks(walk, &reason, &sb, &n);

	if (!err)
		err = dcm_walk_pass_begin(walk, &reason);
	while (!err)
		err = dcm_walk_pass_step(walk, &reason, &fraction);
	check(err == 1, "a pass goes on after the drop");
	dcm_walk_pass_result(walk, &pass);
	n = dcm_walk_top_parents(walk, top);
	check(n && !dcm_walk_directory(walk, top[0].dentry, false, &reason, &directory),
	      "a directory is found by its handle");
	err = dcm_walk_chain_begin(walk, pass.top[0].bucket, &reason);
	while (!err)
		err = dcm_walk_chain_step(walk, &reason, &chain);
	check(err == 1 || err == -ENOENT, "a chain is described");
	err = dcm_walk_children_begin(walk, "/proc/sys/net", &reason);
	while (!err)
		err = dcm_walk_children_step(walk, &reason, &met);
	check(err == 1 && met.count, "the children of a directory are visited");
	sample_all(walk);
}

/* What a run for @a and @b of any program and command shows; true: @secret, or a directory. */
static bool leaks(struct dcm_walk *walk, uint64_t a, uint64_t b, const char *secret)
{
	static struct dcm_bpf_out before;
	struct dcm_reason reason;

	for (unsigned program = DCM_PROG_SUPERBLOCKS; program < DCM_PROG_COUNT; program++) {
		for (enum dcm_bpf_op op = DCM_OP_GO_ON; op <= DCM_OP_FORGET + 3; op++) {
			memcpy(&before, walk->out, sizeof(before));
			if (walk->program[program] < 0 ||
			    dcm_walk_run(walk, program, op, a, b, &reason))
				continue;
			if (memmem(walk->out, walk->out_size, secret, 8) &&
			    !memmem(&before, sizeof(before), secret, 8))
				return true;
			if (program == DCM_PROG_DIRECTORY && op != DCM_OP_PARENT &&
			    walk->out->directory.found)
				return true;
		}
	}
	return false;
}

/* Memory behind the table of descriptors, taken for more of them. */
static bool follows_beyond_descriptors(struct dcm_walk *walk)
{
	struct dcm_reason reason;

	for (uint64_t fd = 1 << 10; fd < 1 << 18; fd += 97)
		if (dcm_walk_run(walk, DCM_PROG_CHILDREN, DCM_OP_BEGIN, fd, 0, &reason) ||
		    walk->out->children.end != DCM_END_LOST)
			return true;
	return false;
}

/* Of /proc/kallsyms, while root. 0: not to be had. */
static uint64_t address_of_symbol(const char *wanted)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	uint64_t address;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 " %*c %255s", &address, name) == 2 &&
		    !strcmp(name, wanted))
			return address;
	return 0;
}

static bool drop(void)
{
	return !setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	       !setresuid(NOBODY, NOBODY, NOBODY) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int main(void)
{
	uint64_t banner = address_of_symbol("linux_banner"), seed = 1;
	struct dcm_reason reason = {""};
	struct dcm_walk *walk;
	size_t found;
	bool leak = false;

	if (dcm_walk_open("", DCM_WALK_AUTO, &reason, &walk)) {
		printf("1..0 # SKIP %s\n", reason.text);
		return 77;
	}
	check(count_maps() == 0, "no descriptor of a map is open");
	check(drop(), "an ordinary user without capabilities");
	walk_all(walk);
	check(!opens_a_map(walk), "none can be opened by its number");
	check(mprotect((void *)(uintptr_t)walk->out, walk->out_size, PROT_READ | PROT_WRITE) < 0,
	      "the output cannot be made writable");
	check(walk->program[DCM_PROG_SETUP] < 0 && walk->program[DCM_PROG_PAIRS] < 0 &&
		      walk->program[DCM_PROG_PROVE] < 0,
	      "the programs of the set-up are gone");
	check(!walk->table.base, "where the table lies is forgotten");
	found = count_addresses(walk);
	if (found) { /* one handle in 130,000 looks like an address, but not with two secrets */
		dcm_walk_close(walk);
		printf("# %zu words look like addresses\n", found);
		check(false, "no address is to be seen");
	} else {
		check(true, "no address is to be seen");
	}
	if (!banner)
		banner = 0xffffffff82000000;
	leak |= leaks(walk, banner, banner, "Linux ve");
	leak |= leaks(walk, banner / 8, banner / 8, "Linux ve");
	for (int i = 0; i < 300; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		leak |= leaks(walk, seed, seed >> (i % 64), "Linux ve");
	}
	check(!leak, "no command and no number makes a walk follow them");
	check(!follows_beyond_descriptors(walk), "nor does a descriptor that there is not");
	check(!count_addresses(walk), "and none of the runs shows an address");
	printf("1..%d\n", tests);
	return failed;
}

#else

int main(void)
{
	printf("error open built without BPF\n");
	return 77;
}

#endif
