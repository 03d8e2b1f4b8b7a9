/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a kernel has the members of its structures, found out from names that are known to be in
 * its dentry cache: for kernels that do not describe their types. Each place is confirmed by all of
 * the names, and is the only one that they confirm: else it is not known, and nothing is guessed.
 */
#ifndef DCM_KERNEL_KCORE_CALIBRATE_H
#define DCM_KERNEL_KCORE_CALIBRATE_H

#include "common/kernel/kcore/kcore_cache.h"
#include "common/kernel/kcore/kcore_planted.h"

/* What is known: where the table is, and how many buckets it may have; addresses of lists and of a
 * variable, each 0 where it is not known. */
struct dcm_calibrate_table {
	uint64_t base, buckets; /* buckets at least */
	uint64_t super_blocks;	/* a list */
	uint64_t net_namespace_list, init_net;
	unsigned nodes; /* NUMA nodes; 0: unknown */
};

/* Where unused entries are counted: in the superblock itself (3.10), or in each struct
 * list_lru_node of an array that it points to. */
struct dcm_calibrated_unused {
	uint16_t own;	      /* in struct super_block; 0: not there */
	uint16_t array;	      /* in struct super_block, where it is not */
	uint16_t items, size; /* in struct list_lru_node; of it */
};

struct dcm_calibrated_net {
	uint16_t list, inum, device;
	uint16_t device_net; /* in the loopback device: back */
};

/* Offsets in bytes; of include/linux/dcache.h and include/linux/fs.h. */
struct dcm_calibrated {
	uint16_t d_hash, d_parent, d_name_hash, d_name, d_inode, d_iname, d_sb, d_count;
	uint16_t d_subdirs, d_child; /* or d_children and d_sib, */
	bool ends;		     /* which end with NULL (6.8) */
	uint16_t i_ino;
	uint16_t s_list, s_dev, s_type, s_root, s_id;
	uint16_t type_name;
	unsigned agreed; /* names that all of it agrees with */

	/* What a walk does without, when it was not found, and why not. */
	bool has_unused, has_net;
	struct dcm_calibrated_unused unused;
	struct dcm_calibrated_net net;
	struct dcm_reason why_unused, why_net;
};

/*
 * @cache reads @memory. Makes names unused beside those that are @planted. -EOPNOTSUPP with a
 * reason that says what was not found, or not once.
 */
int dcm_calibrate(struct dcm_kcore *memory, struct dcm_kcore_cache *cache,
		  const struct dcm_calibrate_table *table, struct dcm_planted *planted,
		  struct dcm_reason *reason, struct dcm_calibrated *ret);

#endif
