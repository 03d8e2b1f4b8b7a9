// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints the offsets that a calibration finds, "dentry.d_parent 24" a line, and those of the
 * kernel's types beside them. Usage: calibrate BUCKETS CORE SYMBOLS PLANTED|- TYPES|-; "-": names
 * are made here; no types. Exits 1 when an offset is another one, 77 with the reason when none are
 * found.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DCM_WITH_BPF

#include "common/kernel/kcore/kcore_symbols.h"
#include "common/kernel/walk/walk.h"
#include "common/kernel/walk/walk_layout.h"
#include "tests/lib/walk_of_image.h"

static struct dcm_planted planted;
static struct dcm_walk_layout found, types;
static struct dcm_kcore_symbols symbols;

static const struct {
	const char *name;
	enum dcm_layout_type type;
	size_t local;
} members[] = {
#define MEMBER(type, member)                                                      \
	{                                                                         \
#type "." #member, DCM_TYPE_##type, offsetof(struct type, member) \
	}
	MEMBER(dentry, d_hash),
	MEMBER(dentry, d_parent),
	MEMBER(dentry, d_name.hash_len),
	MEMBER(dentry, d_name.name),
	MEMBER(dentry, d_inode),
	MEMBER(dentry, d_sb),
	MEMBER(dentry, d_lockref.count),
	MEMBER(dentry___children, d_children),
	MEMBER(dentry___children, d_sib),
	MEMBER(dentry___subdirs, d_subdirs),
	MEMBER(dentry___subdirs, d_child),
	MEMBER(inode, i_ino),
	MEMBER(super_block, s_list),
	MEMBER(super_block, s_dev),
	MEMBER(super_block, s_type),
	MEMBER(super_block, s_root),
	MEMBER(super_block, s_id),
	MEMBER(super_block, s_dentry_lru.node),
	MEMBER(super_block, s_nr_dentry_unused),
	MEMBER(list_lru_node, nr_items),
	MEMBER(net, list),
	MEMBER(net, loopback_dev),
	MEMBER(net, ns.inum),
	MEMBER(net_device, nd_net.net),
	MEMBER(file_system_type, name),
};

/* Of one member under two names: nr_items became atomic in 6.13. */
static unsigned in_types(enum dcm_layout_type type, size_t local)
{
	if (type == DCM_TYPE_list_lru_node && !dcm_layout_has(&types, type, local))
		return types.at[DCM_TYPE_list_lru_node___atomic][local / 4];
	return types.at[type][local / 4];
}

/* The size of a structure of which there is one for each NUMA node. */
static int compare_sizes(bool has_types)
{
	unsigned size = found.size[DCM_TYPE_list_lru_node];
	unsigned true_size = types.size[DCM_TYPE_list_lru_node];

	if (!size)
		return 0;
	printf("size of list_lru_node %u", size);
	if (has_types)
		printf(" types %u", true_size);
	printf("\n");
	return has_types && dcm_walk_numa_nodes("") > 1 && size != true_size;
}

static int compare(bool has_types)
{
	int differ = compare_sizes(has_types);

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		unsigned at = found.at[members[i].type][members[i].local / 4];
		unsigned true_at = in_types(members[i].type, members[i].local);

		if (at == DCM_LAYOUT_ABSENT)
			continue;
		printf("%s %u", members[i].name, at);
		if (has_types)
			printf(" types %u", true_at);
		printf("\n");
		differ |= has_types && at != true_at;
	}
	return differ;
}

static int calibrate(uint64_t buckets, const char *core, struct dcm_reason *reason)
{
	struct dcm_calibrate_table table = {
		.buckets = buckets,
		.super_blocks = symbols.super_blocks,
		.net_namespace_list = symbols.net_namespace_list,
		.init_net = symbols.init_net,
		.nodes = planted.fd < 0 ? IMAGE_NODES : dcm_walk_numa_nodes(""),
	};
	struct dcm_calibrated result;
	struct dcm_kcore_cache *cache;
	struct dcm_kcore *kcore;
	int err = dcm_kcore_open(core, reason, &kcore);

	if (err)
		return err;
	cache = dcm_kcore_cache_create(kcore);
	if (!cache)
		abort();
	table.base = dcm_kcore_cache_word(cache, symbols.dentry_hashtable);
	err = dcm_calibrate(kcore, cache, &table, &planted, reason, &result);
	if (!err) {
		printf("agreed %u of %zu, read %" PRIu64 " times, %" PRIu64 " bytes\n",
		       result.agreed, planted.count, dcm_kcore_cache_counts(cache).reads,
		       dcm_kcore_cache_counts(cache).bytes);
		dcm_layout_from_calibration(&result, &found);
		if (!result.has_unused)
			printf("unknown %s\n", result.why_unused.text);
		if (!result.has_net)
			printf("unknown %s\n", result.why_net.text);
	}
	dcm_kcore_cache_destroy(cache);
	dcm_kcore_close(kcore);
	return err;
}

int main(int argc, char **argv)
{
	struct dcm_reason reason = {""};
	bool has_types;
	int err;

	if (argc != 6)
		return 2;
	has_types = strcmp(argv[5], "-") != 0;
	err = dcm_kcore_symbols_read(argv[3], &reason, &symbols);
	if (!err)
		err = strcmp(argv[4], "-") ? dcm_planted_read(argv[4], &reason, &planted)
					   : dcm_planted_make(&reason, &planted);
	if (!err) {
		err = calibrate(strtoull(argv[1], NULL, 0), argv[2], &reason);
		dcm_planted_remove(&planted);
	}
	if (!err && has_types)
		err = dcm_layout_from_btf(argv[5], &reason, &types);
	if (err) {
		printf("error %s\n", reason.text);
		return 77;
	}
	return compare(has_types);
}

#else

int main(void)
{
	printf("error built without BPF\n");
	return 77;
}

#endif
