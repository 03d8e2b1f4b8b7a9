// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The vehicle without BPF: the walkers' programs, compiled for this machine, read /proc/kcore.
 * Where things are is told by kallsyms, what they look like by the kernel's types.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/kcore/kcore_symbols.h"
#include "common/kernel/walk/walk_image.h"
#include "common/kernel/walk/walk_layout.h"
#include "common/kernel/walk/walk_unguarded.h"

#define NAMES_SEEN   512 /* to learn how names are hashed */
#define BUCKETS_SEEN 8192
#define MOST_SIZES   3
#define MOST_BITS    28
#define ENOUGH_AGREE 9 /* of ten: filesystems may hash names in their own way */

struct dcm_walk_kcore {
	struct dcm_kcore *memory;
	struct dcm_kcore_symbols symbols;
	struct dcm_walk_layout layout;
	struct dcm_reason why_unused, why_net; /* what is not in it */
	struct dcm_unguarded unguarded;
};

/* What the programs keep is there once. */
static bool is_taken;

/* ---- running ---- */

#define OFFSET(kcore, type, member) DCM_LAYOUT_OFFSET(&(kcore)->layout, type, member)

static uint64_t word(const struct dcm_walk_kcore *kcore, uint64_t address)
{
	return dcm_kcore_cache_word(kcore->unguarded.cache, address);
}

/* Circles are walked from their first member: the list of superblocks begins at the oldest. */
static void find_starts(struct dcm_walk_kcore *kcore)
{
	dcm_kcore_cache_drop(kcore->unguarded.cache);
	kcore->unguarded.first_superblock = word(kcore, kcore->symbols.super_blocks) -
					    OFFSET(kcore, struct super_block, s_list);
	kcore->unguarded.first_namespace = kcore->symbols.init_net;
}

static int run(struct dcm_walk *walk, enum dcm_walk_program program,
	       struct dcm_bpf_command *command, struct dcm_reason *reason __attribute__((unused)))
{
	if (command->op == DCM_OP_BEGIN)
		find_starts(walk->kcore);
	dcm_unguarded_run(&walk->kcore->unguarded, program, command);
	return 0;
}

static void end_setup(struct dcm_walk *walk)
{
	walk->has[DCM_PROG_SETUP] = walk->has[DCM_PROG_PROVE] = false;
}

static void kcore_destroy(struct dcm_walk_kcore *kcore)
{
	if (!kcore)
		return;
	dcm_kcore_cache_destroy(kcore->unguarded.cache);
	dcm_kcore_window_destroy(kcore->unguarded.window);
	dcm_kcore_close(kcore->memory);
	free(kcore->unguarded.out);
	free(kcore);
}

DCM_DEFINE_CLEANUP(struct dcm_walk_kcore, kcore_destroy)

static void close_kcore(struct dcm_walk *walk)
{
	kcore_destroy(walk->kcore);
	walk->kcore = NULL;
	walk->out = NULL;
	is_taken = false;
}

/* ---- the table ---- */

/* The numbers of bits that the kernel's variables allow: since 4.16 (854d3e63438d) the shift is 32
 * less these. */
static size_t possible_bits(const struct dcm_walk_kcore *kcore, unsigned ret[MOST_SIZES])
{
	uint32_t shift = (uint32_t)word(kcore, kcore->symbols.d_hash_shift);
	uint32_t mask =
		kcore->symbols.d_hash_mask ? (uint32_t)word(kcore, kcore->symbols.d_hash_mask) : 0;
	size_t n = 0;

	if (mask && !(mask & (mask + 1)))
		ret[n++] = 32 - (unsigned)__builtin_clz(mask);
	if (shift < 32)
		ret[n++] = 32 - shift;
	if (shift && shift < 32 && shift != 16)
		ret[n++] = shift;
	return n;
}

/* One formula and size after the other: the table itself says which it is. */
static int find_table(struct dcm_walk *walk, struct dcm_reason *reason, struct dcm_walk_table *ret)
{
	struct dcm_walk_kcore *kcore = walk->kcore;
	struct dcm_walk_table table = {0};
	unsigned bits[MOST_SIZES];
	size_t sizes;

	dcm_kcore_cache_drop(kcore->unguarded.cache);
	table.base = word(kcore, kcore->symbols.dentry_hashtable);
	sizes = possible_bits(kcore, bits);
	for (size_t i = 0; i < sizes; i++) {
		table.shift = 32 - bits[i];
		table.buckets = 1ULL << bits[i];
		if (dcm_walk_check_size(&table, reason))
			continue;
		for (uint64_t formula = 0; formula < DCM_BUCKET_FORMULAS; formula++) {
			uint64_t shift = table.shift | formula << DCM_FORMULA_SHIFT;

			if (dcm_walk_prove_table(walk, table.base, shift, reason))
				continue;
			table.pairs = walk->out->checked;
			table.agreeing = walk->out->agreed;
			*ret = table;
			return 0;
		}
	}
	return dcm_reason_set(reason, -ENOENT,
			      "dentry hash table not proven: its symbols do not lead to it");
}

/* ---- names ---- */

/* The votes of one dentry's name. False: it has none that can be read. */
static bool vote(const struct dcm_walk_kcore *kcore, uint64_t dentry,
		 unsigned votes[DCM_NAME_HASHES])
{
	uint64_t hash_len = word(kcore, dentry + OFFSET(kcore, struct dentry, d_name.hash_len));
	uint64_t at = word(kcore, dentry + OFFSET(kcore, struct dentry, d_name.name));
	uint64_t parent = word(kcore, dentry + OFFSET(kcore, struct dentry, d_parent));
	uint64_t length = hash_len >> 32;
	char name[256];

	if (!length || length > 255 ||
	    !dcm_kcore_cache_read(kcore->unguarded.cache, at, name, length))
		return false;
	for (unsigned i = 0; i < DCM_NAME_HASHES; i++)
		votes[i] += dcm_kcore_name_hash(i, parent, name, length) == (uint32_t)hash_len;
	return true;
}

/* How this kernel hashes names, from the first ones of the table. */
static void learn_names(struct dcm_walk_kcore *kcore, uint64_t base, uint64_t buckets)
{
	const uint64_t node_at = OFFSET(kcore, struct dentry, d_hash);
	unsigned votes[DCM_NAME_HASHES] = {0}, seen = 0;

	kcore->unguarded.name_hash = DCM_NAME_HASHES;
	for (uint64_t i = 0; i < buckets && i < BUCKETS_SEEN && seen < NAMES_SEEN; i++) {
		uint64_t first = word(kcore, base + i * sizeof(uint64_t)) & ~1ULL;

		seen += first && vote(kcore, first - node_at, votes);
	}
	for (unsigned i = 0; i < DCM_NAME_HASHES; i++)
		if (seen && votes[i] * 10 >= seen * ENOUGH_AGREE)
			kcore->unguarded.name_hash = i;
}

static int find_table_and_names(struct dcm_walk *walk, struct dcm_reason *reason,
				struct dcm_walk_table *ret)
{
	int err = find_table(walk, reason, ret);

	if (!err)
		learn_names(walk->kcore, ret->base, ret->buckets);
	return err;
}

static const struct dcm_walk_ops kcore_ops = {
	.run = run,
	.find_table = find_table_and_names,
	.end_setup = end_setup,
	.close = close_kcore,
};

/* ---- opening ---- */

static void refuse(struct dcm_walk *walk, enum dcm_walk_program program, const char *why)
{
	walk->has[program] = false;
	dcm_reason_set(&walk->why[program], 0, "%s", why);
}

/* What can be walked with what is known of the kernel. */
static void choose_programs(struct dcm_walk *walk)
{
	const struct dcm_walk_kcore *kcore = walk->kcore;
	const struct dcm_walk_layout *l = &kcore->layout;

	for (unsigned i = 0; i < DCM_PROG_COUNT; i++)
		walk->has[i] = true;
	refuse(walk, DCM_PROG_PAIRS, "not needed with symbols");
	refuse(walk, DCM_PROG_CHILDREN, "needs BPF");
	refuse(walk, DCM_PROG_TABLES, "other hash tables are found by BPF alone");
	refuse(walk, DCM_PROG_MADE, "new network namespaces are told of by BPF alone");
	refuse(walk, DCM_PROG_SAMPLE, "a sample needs BPF");
	if (!kcore->symbols.init_net ||
	    !dcm_layout_has(l, DCM_TYPE_net, offsetof(struct net, list)) ||
	    !dcm_layout_has(l, DCM_TYPE_net_device, offsetof(struct net_device, nd_net.net)))
		refuse(walk, DCM_PROG_NETNS, kcore->why_net.text);
	walk->has_unused = dcm_layout_has(l, DCM_TYPE_super_block,
					  offsetof(struct super_block, s_dentry_lru.node)) ||
			   dcm_layout_has(l, DCM_TYPE_super_block,
					  offsetof(struct super_block, s_nr_dentry_unused));
	walk->why_unused = kcore->why_unused;
}

static int by_size(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return DCM_COMPARE(x, y);
}

/* With the smallest table first: what lies behind a table is not read as one. */
static int calibrate(struct dcm_walk_kcore *kcore, uint32_t nodes, struct dcm_planted *planted,
		     struct dcm_reason *reason)
{
	struct dcm_calibrate_table table = {
		.super_blocks = kcore->symbols.super_blocks,
		.net_namespace_list = kcore->symbols.net_namespace_list,
		.init_net = kcore->symbols.init_net,
		.nodes = nodes,
	};
	struct dcm_calibrated found;
	unsigned bits[MOST_SIZES];
	size_t sizes = possible_bits(kcore, bits);
	int err = dcm_reason_set(reason, -EOPNOTSUPP, "the dentry hash table's size is not known");

	table.base = word(kcore, kcore->symbols.dentry_hashtable);
	qsort(bits, sizes, sizeof(bits[0]), by_size);
	for (size_t i = 0; err && i < sizes && bits[i] <= MOST_BITS; i++) {
		table.buckets = 1ULL << bits[i];
		err = dcm_calibrate(kcore->memory, kcore->unguarded.cache, &table, planted, reason,
				    &found);
	}
	if (err)
		return err;
	dcm_layout_from_calibration(&found, &kcore->layout);
	kcore->why_unused = found.why_unused;
	kcore->why_net = found.why_net;
	return 0;
}

/* From the kernel's own types, or from names that are known: those of the image, or new ones. */
static int find_layout(struct dcm_walk_kcore *kcore, const struct dcm_walk_image *image,
		       struct dcm_reason *reason)
{
	_cleanup_free_ struct dcm_planted *planted = NULL;
	int err;

	dcm_reason_set(&kcore->why_unused, 0, "this kernel has no such count");
	dcm_reason_set(&kcore->why_net, 0, "this kernel has no network namespaces");
	if (image->types && !dcm_layout_from_btf(image->types, reason, &kcore->layout))
		return 0;
	planted = calloc(1, sizeof(*planted));
	if (!planted)
		return dcm_reason_no_memory(reason);
	err = image->planted ? dcm_planted_read(image->planted, reason, planted)
			     : dcm_planted_make(reason, planted);
	if (err)
		return err;
	err = calibrate(kcore, image->nodes, planted, reason);
	dcm_planted_remove(planted);
	return err;
}

static int open_parts(struct dcm_walk_kcore *kcore, const struct dcm_walk_image *image,
		      struct dcm_reason *reason)
{
	int err = dcm_kcore_symbols_read(image->symbols, reason, &kcore->symbols);

	if (!err)
		err = dcm_kcore_open(image->core, reason, &kcore->memory);
	if (err)
		return err;
	kcore->unguarded.layout = &kcore->layout;
	kcore->unguarded.cache = dcm_kcore_cache_create(kcore->memory);
	kcore->unguarded.window = dcm_kcore_window_create(kcore->memory);
	kcore->unguarded.out = calloc(1, sizeof(*kcore->unguarded.out));
	if (!kcore->unguarded.cache || !kcore->unguarded.window || !kcore->unguarded.out)
		return dcm_reason_no_memory(reason);
	return find_layout(kcore, image, reason);
}

static int take_vehicle(struct dcm_walk *walk, const struct dcm_walk_image *image,
			struct dcm_reason *reason)
{
	_cleanup_(kcore_destroyp) struct dcm_walk_kcore *kcore = calloc(1, sizeof(*kcore));
	int err;

	if (!kcore)
		return dcm_reason_no_memory(reason);
	if (is_taken)
		return dcm_reason_set(reason, -EBUSY,
				      "this process reads the kernel's memory already");
	err = open_parts(kcore, image, reason);
	if (err)
		return err;
	is_taken = true;
	dcm_unguarded_reset();
	walk->kcore = dcm_take_ptr(kcore);
	walk->out = walk->kcore->unguarded.out;
	walk->ops = &kcore_ops;
	walk->flavour = DCM_WALK_KCORE;
	choose_programs(walk);
	return 0;
}

DCM_DEFINE_CLEANUP(struct dcm_walk, dcm_walk_close)

int dcm_walk_open_image(const struct dcm_walk_image *image, struct dcm_reason *reason,
			struct dcm_walk **ret)
{
	_cleanup_(dcm_walk_closep) struct dcm_walk *walk = dcm_walk_new("");
	int err;

	if (!walk)
		return dcm_reason_no_memory(reason);
	err = take_vehicle(walk, image, reason);
	if (!err)
		err = dcm_walk_set_up(walk, image->nodes, reason);
	if (!err)
		*ret = dcm_take_ptr(walk);
	return err;
}
