/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's structures that hold the locks, with the members that are used. See kernel_types.h.
 */
#ifndef DCM_BPF_LOCK_TYPES_H
#define DCM_BPF_LOCK_TYPES_H

#include "common/kernel/walk/bpf/kernel_types.h"

/* Whatever kind it is: only its place counts. */
struct any_lock {
	int any;
};

struct hlist_node___lock {
	struct hlist_node___lock *next, **pprev;
} relocated;

struct hlist_head___lock {
	struct hlist_node___lock *first;
} relocated;

struct xarray___lock {
	void *xa_head;
} relocated;

struct xa_node___lock {
	__u8 shift;
	void *slots[64];
} relocated;

struct list_lru_one___lock {
	struct list_head list;
	struct any_lock lock; /* since 6.13 (fb56fdf8b9a2), one for each memory cgroup */
} relocated;

struct list_lru_node___lock {
	struct any_lock lock; /* before */
	struct list_lru_one___lock lru;
} relocated;

struct list_lru_memcg___lock {
	struct list_lru_one___lock node[1];
} relocated;

struct list_lru___lock {
	struct list_lru_node___lock *node;
	struct xarray___lock xa; /* of struct list_lru_memcg, by mem_cgroup.kmemcg_id */
} relocated;

struct super_block___lock {
	struct list_head s_list;
	__u32 s_dev;
	struct file_system_type *s_type;
	struct any_lock s_umount, s_inode_list_lock, s_vfs_rename_mutex;
	struct hlist_node___lock s_instances;
	struct list_lru___lock s_dentry_lru, s_inode_lru;
} relocated;

struct address_space___lock {
	struct inode___lock *host;
} relocated;

struct inode___lock {
	unsigned long i_ino;
	struct super_block___lock *i_sb;
	struct any_lock i_lock, i_rwsem;
	struct list_head i_lru;
	struct hlist_head___lock i_dentry;
	struct address_space___lock i_data;
} relocated;

/* An inode's aliases are linked here; in a union d_u up to 6.18 or so. */
struct dentry___lock {
	struct list_head d_lru;
	struct dentry___lock *d_parent;
	struct qstr d_name;
	struct super_block___lock *d_sb;
	struct any_lock d_lockref, d_u;
	struct hlist_node___lock d_alias;
} relocated;

struct kernfs_node___lock {
	__u64 id;
} relocated;

struct mem_cgroup___lock {
	struct cgroup_subsys_state css;
	int kmemcg_id;
} relocated;

#endif
