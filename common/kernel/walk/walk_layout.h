/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a kernel has the members that the walkers read, for walkers that are compiled for this
 * machine: there, nobody relocates. The C declarations (bpf/kernel_types.h) only name members; a
 * place in them is what an offset is kept by.
 */
#ifndef DCM_KERNEL_WALK_LAYOUT_H
#define DCM_KERNEL_WALK_LAYOUT_H

#include "common/base/reason.h"
#include "common/kernel/kcore/kcore_calibrate.h"
#include "common/kernel/walk/bpf/kernel_types.h"

struct linux_mib;
struct trace_event_raw_percpu_alloc_percpu;

#define DCM_LAYOUT_TYPES(X)       \
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

enum dcm_layout_type {
#define DCM_LAYOUT_NAME(type) DCM_TYPE_##type,
	DCM_LAYOUT_TYPES(DCM_LAYOUT_NAME) DCM_LAYOUT_TYPE_COUNT
#undef DCM_LAYOUT_NAME
};

#define DCM_LAYOUT_CASE(name) struct name * : DCM_TYPE_##name,
#define DCM_LAYOUT_TYPE(pointer) \
	_Generic((pointer), DCM_LAYOUT_TYPES(DCM_LAYOUT_CASE) default : DCM_LAYOUT_TYPE_COUNT)

#define DCM_LAYOUT_ABSENT 0xffff
#define DCM_LAYOUT_LOCAL  64 /* words of 4 bytes of a declaration, at most */

struct dcm_walk_layout {
	__u16 at[DCM_LAYOUT_TYPE_COUNT][DCM_LAYOUT_LOCAL];
	__u16 size[DCM_LAYOUT_TYPE_COUNT];
};

/* Added to any address of a kernel it leads to where nothing is: what is absent reads as 0. */
#define DCM_LAYOUT_NOWHERE (1ULL << 62)

/* Of the member at @local in the declaration. */
static inline __u64 dcm_layout_offset(const struct dcm_walk_layout *layout,
				      enum dcm_layout_type type, size_t local)
{
	__u16 at = layout->at[type][local / 4];

	return at == DCM_LAYOUT_ABSENT ? DCM_LAYOUT_NOWHERE : at;
}

static inline bool dcm_layout_has(const struct dcm_walk_layout *layout, enum dcm_layout_type type,
				  size_t local)
{
	return layout->at[type][local / 4] != DCM_LAYOUT_ABSENT;
}

#define DCM_LAYOUT_OFFSET(layout, type, member) \
	dcm_layout_offset(layout, DCM_LAYOUT_TYPE((type *)NULL), offsetof(type, member))
#define DCM_LAYOUT_SET(layout, type, member, offset) \
	((layout)->at[DCM_LAYOUT_TYPE((type *)NULL)][offsetof(type, member) / 4] = (__u16)(offset))

/* Nothing is known but the circles that never change. */
void dcm_layout_init(struct dcm_walk_layout *layout);

/*
 * From the kernel's types at @path (/sys/kernel/btf/vmlinux). What it does not have is absent.
 * -EOPNOTSUPP with a reason: no types there, or not those of the dentry cache.
 */
int dcm_layout_from_btf(const char *path, struct dcm_reason *reason, struct dcm_walk_layout *ret);

/* From what a calibration has found. */
void dcm_layout_from_calibration(const struct dcm_calibrated *found, struct dcm_walk_layout *ret);

#endif
