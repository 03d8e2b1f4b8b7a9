/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a made-up kernel has the members of its structures: drawn by chance for each world, as are
 * the members that only some kernels have. The C declarations (bpf/kernel_types.h) only name them.
 */
#ifndef WORLD_LAYOUT_H
#define WORLD_LAYOUT_H

#include "common/kernel/walk/walk_layout.h"

/* What kernels differ in. */
enum world_feature {
	WORLD_CHILDREN = 1,	 /* d_children, d_sib */
	WORLD_SUBDIRS = 2,	 /* or d_subdirs, d_child */
	WORLD_MOUNT_IDS = 4,	 /* mnt_id_unique */
	WORLD_MOUNT_CHAIN = 8,	 /* mnt_next_for_sb */
	WORLD_MOUNT_LIST = 16,	 /* or mnt_instance */
	WORLD_ATOMIC_ITEMS = 32, /* nr_items.counter */
	WORLD_PLAIN_ITEMS = 64,	 /* or nr_items */
	WORLD_LAZY_COOKIES = 128,
	WORLD_COOKIES = 256,
	WORLD_CALL_SITE = 512, /* of the tracepoint for per-CPU memory */
};

struct world_layout {
	unsigned features; /* of enum world_feature */
	struct dcm_walk_layout kernel;
};

extern struct world_layout world_layout;

/* Draws one; a dentry has d_hash in front of d_parent in front of d_inode, as in every kernel. */
void world_layout_draw(void);

/* Of the member at @local in the declaration. Ends the test if this kernel has none: where that is
 * read, a kernel would refuse the program. */
__u32 world_offset(enum dcm_layout_type type, size_t local);

static inline bool world_has(enum dcm_layout_type type, size_t local)
{
	return dcm_layout_has(&world_layout.kernel, type, local);
}

#define WORLD_OFFSET(type, member) \
	world_offset(DCM_LAYOUT_TYPE((type *)NULL), offsetof(type, member))
#define WORLD_BYTES(type, member) sizeof(((type *)NULL)->member)

/* Writes a member of the structure at @address: a number or an address. */
#define WORLD_PUT(type, address, member, value)                      \
	world_store((address) + WORLD_OFFSET(type, member), (value), \
		    WORLD_BYTES(type, member) == 4 ? 4 : 8)

#define WORLD_SIZE(type) world_layout.kernel.size[DCM_LAYOUT_TYPE((type *)NULL)]

#endif
