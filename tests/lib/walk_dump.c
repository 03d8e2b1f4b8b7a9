// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints what the BPF walkers see, one "key value..." per line, for the shell tests of the live
 * kernel. Usage: walk_dump [--fast|--compat|--bounded|--kcore] [--passes N] [--base]
 * [--sketch EVERY] [--root DIR] [--slice US] [--every-chain] [--image DIR [--types FILE] [--nodes
 * N]]; exits 77 with the reason where BPF is not to be had. Addresses are printed with --base
 * alone, for a test that compares them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DCM_WITH_BPF

#include "common/base/clock.h"
#include "tests/lib/bare_walk.h"
#include "tests/lib/walk_flavour.h"
#include "tests/lib/walk_of_image.h"

static void dump_superblocks(struct dcm_walk *walk)
{
	const struct dcm_walk_superblock *sb;
	struct dcm_reason reason = {0};
	uint64_t start = dcm_now_ns();
	size_t n, i;

	if (dcm_walk_superblocks(walk, &reason, &sb, &n)) {
		printf("error superblocks %s\n", reason.text);
		return;
	}
	printf("superblocks %zu ns %" PRIu64 "\n", n, dcm_now_ns() - start);
	if (*reason.text)
		printf("note superblocks %s\n", reason.text);
	for (i = 0; i < n; i++)
		if (!sb[i].has_unused && sb[i].unused)
			printf("error superblocks a count without the number of nodes\n");
	for (i = 0; i < n; i++)
		printf("superblock %u:%u %s id %s unused %" PRIu64 " mounts %" PRIu64 " %" PRIu64
		       " bdi %" PRIu64 " handle %" PRIx64 "\n",
		       sb[i].dev_major, sb[i].dev_minor, sb[i].fstype, sb[i].id, sb[i].unused,
		       sb[i].oldest_mount, sb[i].newest_mount, sb[i].bdi_id, sb[i].address);
}

static void dump_chain(struct dcm_walk *walk, const struct dcm_walk_long_chain *c)
{
	static struct dcm_walk_chain chain;
	struct dcm_reason reason = {0};
	int err = dcm_walk_chain_begin(walk, c->bucket, &reason);

	while (!err)
		err = dcm_walk_chain_step(walk, &reason, &chain);
	if (err < 0) {
		printf("error chain %s\n", reason.text);
		return;
	}
	printf("chain %" PRIu64 " now %" PRIu64 " same %" PRIu64 " negative %" PRIu64 " %s %s\n",
	       c->length, chain.length, chain.same_name, chain.negative, chain.parent, chain.name);
}

/* A name may have an end of line in it. */
static const char *on_one_line(char *name)
{
	for (char *c = name; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	return name;
}

/* One bucket after the other. */
static void dump_every_chain(struct dcm_walk *walk, uint64_t buckets)
{
	static struct dcm_walk_chain chain;
	struct dcm_reason reason;

	for (uint64_t bucket = 0; bucket < buckets; bucket++) {
		int err = dcm_walk_chain_begin(walk, bucket, &reason);

		while (!err)
			err = dcm_walk_chain_step(walk, &reason, &chain);
		if (err == 1)
			printf("bucket %" PRIu64 " length %" PRIu64 " negative %" PRIu64
			       " same %" PRIu64 " %s %s\n",
			       bucket, chain.length, chain.negative, chain.same_name,
			       on_one_line(chain.parent), on_one_line(chain.name));
		else if (err != -ENOENT)
			printf("error bucket %" PRIu64 " %s\n", bucket, reason.text);
	}
}

static void dump_directories(struct dcm_walk *walk)
{
	static struct dcm_walk_directory directory;
	struct dcm_walk_parent top[DCM_WALK_TOP_PARENTS];
	size_t n = dcm_walk_top_parents(walk, top), i;
	struct dcm_reason reason = {0};

	for (i = 0; i < n; i++) {
		if (dcm_walk_directory(walk, top[i].dentry, top[i].negative * 2 > top[i].children,
				       &reason, &directory))
			printf("error directory %s\n", reason.text);
		else
			printf("directory children %" PRIu64 " negative %" PRIu64 " error %" PRIu64
			       " %s %s\n",
			       top[i].children, top[i].negative, top[i].error, directory.path,
			       directory.names ? directory.name[0] : "");
	}
}

static int dump_pass(struct dcm_walk *walk)
{
	struct dcm_reason reason = {0};
	struct dcm_walk_pass pass;
	uint64_t start = dcm_now_ns();
	double fraction;
	size_t i;
	int err = dcm_walk_pass_begin(walk, &reason);

	while (!err)
		err = dcm_walk_pass_step(walk, &reason, &fraction);
	if (err < 0) {
		printf("error pass %s\n", reason.text);
		return 1;
	}
	dcm_walk_pass_result(walk, &pass);
	printf("pass entries %" PRIu64 " negative %" PRIu64 " nonempty %" PRIu64 " max %" PRIu64
	       " truncated %" PRIu64 " runs %" PRIu64 " run_ns %" PRIu64 " wall_ns %" PRIu64
	       " per_entry %.1f longest_ns %" PRIu64 "\n",
	       pass.entries, pass.negative, pass.nonempty, pass.max_chain, pass.truncated,
	       pass.runs, pass.run_ns, dcm_now_ns() - start,
	       (double)pass.run_ns / (double)pass.entries, dcm_walk_longest_run_ns(walk));
	for (i = 0; i < pass.superblock_count; i++)
		printf("count %" PRIx64 " hashed %" PRIu64 " negative %" PRIu64 "\n",
		       pass.superblocks[i].address, pass.superblocks[i].hashed,
		       pass.superblocks[i].negative);
	for (i = 0; i < pass.top_count; i++)
		dump_chain(walk, &pass.top[i]);
	dump_directories(walk);
	return 0;
}

static void dump_namespaces(struct dcm_walk *walk)
{
	struct dcm_walk_namespaces ns;
	struct dcm_reason reason;

	if (dcm_walk_namespaces(walk, &reason, &ns))
		printf("error netns %s\n", reason.text);
	else
		printf("netns %" PRIu64 "\n", ns.count);
}

/* An open walk has forgotten it: found once more, as opening does. */
static void print_base(void)
{
	struct dcm_reason reason = {""};
	static struct dcm_walk walk;

	if (bare_walk_open(&walk, &reason))
		return;
	if (walk.table_known)
		printf("base %" PRIx64 "\n", walk.table.base);
	dcm_walk_unload(&walk);
}

int main(int argc, char **argv)
{
	enum dcm_walk_flavour flavour = DCM_WALK_AUTO;
	struct dcm_walk_table table = {0};
	struct dcm_reason reason = {0};
	struct dcm_walk *walk;
	int passes = 1, every = 1, slice = 0, i, failed = 0;
	const char *root = "";
	const char *image = NULL, *types = NULL;
	unsigned nodes = IMAGE_NODES;
	bool base = false, every_chain = false;

	for (i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--", 2) && walk_flavour_named(argv[i] + 2))
			flavour = walk_flavour_named(argv[i] + 2);
		else if (!strcmp(argv[i], "--base"))
			base = true;
		else if (!strcmp(argv[i], "--passes") && i + 1 < argc)
			passes = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--sketch") && i + 1 < argc)
			every = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--slice") && i + 1 < argc)
			slice = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--root") && i + 1 < argc)
			root = argv[++i];
		else if (!strcmp(argv[i], "--image") && i + 1 < argc)
			image = argv[++i];
		else if (!strcmp(argv[i], "--types") && i + 1 < argc)
			types = argv[++i];
		else if (!strcmp(argv[i], "--nodes") && i + 1 < argc)
			nodes = (unsigned)atoi(argv[++i]);
		else if (!strcmp(argv[i], "--every-chain"))
			every_chain = true;
	}
	if (image ? walk_of_image(image, types, nodes, &reason, &walk)
		  : dcm_walk_open(root, flavour, &reason, &walk)) {
		printf("error open %s\n", reason.text);
		return 77;
	}
	dcm_walk_set_slice(walk, (unsigned)slice);
	printf("flavour %s\n", walk_flavours[dcm_walk_flavour(walk)]);
	if (dcm_walk_hash_discover(walk, &reason, &table))
		printf("error table %s\n", reason.text);
	else
		printf("table buckets %" PRIu64 " pairs %u agreeing %u\n", table.buckets,
		       table.pairs, table.agreeing);
	if (base)
		print_base();
	dump_superblocks(walk);
	dcm_walk_set_sketch(walk, (unsigned)every);
	dump_namespaces(walk);
	for (i = 0; i < passes; i++)
		failed |= dump_pass(walk);
	if (every_chain)
		dump_every_chain(walk, table.buckets);
	dcm_walk_close(walk);
	return failed;
}

#else

int main(void)
{
	printf("error open built without BPF\n");
	return 77;
}

#endif
