/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a made-up kernel has the members of its structures: drawn by chance for each world, as are
 * the members that only some kernels have. The C declarations (bpf/kernel_types.h) only name them.
 */
#ifndef WORLD_LAYOUT_H
#define WORLD_LAYOUT_H

#include "common/kernel/walk/bpf/kernel_types.h"

struct linux_mib;
struct trace_event_raw_percpu_alloc_percpu;

#define WORLD_TYPES(X)            \
	X(list_head)              \
	X(hlist_bl_node)          \
	X(inode)                  \
	X(dentry)                 \
	X(dentry___children)      \
	X(dentry___subdirs)       \
	X(vfsmount)               \
	X(fs_struct)              \
	X(file)                   \
	X(fdtable)                \
	X(files_struct)           \
	X(net_device)             \
	X(net)                    \
	X(net___lazy)             \
	X(nsproxy)                \
	X(task_struct)            \
	X(file_system_type)       \
	X(backing_dev_info)       \
	X(list_lru_node)          \
	X(list_lru_node___atomic) \
	X(super_block)            \
	X(super_block___chained)  \
	X(super_block___listed)   \
	X(mount)                  \
	X(mount___chained)        \
	X(mount___listed)         \
	X(linux_mib)              \
	X(trace_event_raw_percpu_alloc_percpu)

enum world_type {
#define WORLD_NAME(type) WORLD_##type,
	WORLD_TYPES(WORLD_NAME) WORLD_TYPE_COUNT
#undef WORLD_NAME
};

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

#define WORLD_ABSENT 0xffff
#define WORLD_LOCAL  64 /* words of 4 bytes of a declaration, at most */

struct world_layout {
	unsigned features; /* of enum world_feature */
	__u16 at[WORLD_TYPE_COUNT][WORLD_LOCAL];
	__u16 size[WORLD_TYPE_COUNT];
};

extern struct world_layout world_layout;

/* Draws one; a dentry has d_hash in front of d_parent in front of d_inode, as in every kernel. */
void world_layout_draw(void);

/* Of the member at @local in the declaration. Ends the test if this kernel has none: where that is
 * read, a kernel would refuse the program. */
__u32 world_offset(enum world_type type, size_t local);

static inline bool world_has(enum world_type type, size_t local)
{
	return world_layout.at[type][local / 4] != WORLD_ABSENT;
}

#define WORLD_CASE(name)	   struct name * : WORLD_##name,
#define WORLD_TYPE(pointer)	   _Generic((pointer), WORLD_TYPES(WORLD_CASE) default : WORLD_TYPE_COUNT)
#define WORLD_OFFSET(type, member) world_offset(WORLD_TYPE((type *)NULL), offsetof(type, member))
#define WORLD_BYTES(type, member)  sizeof(((type *)NULL)->member)

/* Writes a member of the structure at @address: a number or an address. */
#define WORLD_PUT(type, address, member, value)                      \
	world_store((address) + WORLD_OFFSET(type, member), (value), \
		    WORLD_BYTES(type, member) == 4 ? 4 : 8)

#define WORLD_SIZE(type) world_layout.size[WORLD_TYPE((type *)NULL)]

#endif
