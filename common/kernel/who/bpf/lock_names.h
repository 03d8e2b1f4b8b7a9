/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a lock belongs to, by its address alone: it is taken for that member of each structure in
 * turn, and the structure that this would be has to prove itself. All reads are fault-safe; while
 * somebody waits for the lock, what holds it stays allocated.
 */
#ifndef DCM_BPF_LOCK_NAMES_H
#define DCM_BPF_LOCK_NAMES_H

#include "common/kernel/walk/bpf/list_links.h"
#include "common/kernel/who/bpf/lock_types.h"
#include "common/kernel/who/bpf/locks_shared.h"
#include "common/kernel/who/bpf/who_process.h"

#define TRIES	   8  /* an LRU that is empty now may have a member later */
#define XA_LEVELS  4  /* lib/xarray.c: 64 slots each, for numbers of 16 bits and more */
#define XA_SLOTS   64 /* XA_CHUNK_SIZE */
#define XA_POINTER 2  /* xa_is_internal() */
#define XA_TAG	   3

/* nr_node_ids */
const volatile __u32 numa_nodes = 1;

/* ---- proofs ---- */

/* In the list of all superblocks and in that of its type, until the last of its inodes is gone. Its
 * root says less: an unmount takes that away first (fs/dcache.c, shrink_dcache_for_umount). */
static __always_inline bool is_superblock(struct super_block___lock *sb)
{
	struct hlist_node___lock *own =
		(void *)((__u64)sb + bpf_core_field_offset(struct super_block___lock, s_instances));
	struct hlist_node___lock **above = BPF_CORE_READ(own, pprev), *back = NULL;

	bpf_probe_read_kernel(&back, sizeof(back), above);
	return back == own &&
	       list_is_linked((void *)((__u64)sb +
				       bpf_core_field_offset(struct super_block___lock, s_list)));
}

static __always_inline bool is_dentry(struct dentry___lock *dentry)
{
	struct super_block___lock *sb = BPF_CORE_READ(dentry, d_sb);

	return sb && BPF_CORE_READ(dentry, d_parent, d_sb) == sb && is_superblock(sb);
}

static __always_inline bool is_inode(struct inode___lock *inode)
{
	return BPF_CORE_READ(inode, i_data.host) == inode &&
	       is_superblock(BPF_CORE_READ(inode, i_sb));
}

/* ---- what is found ---- */

static __always_inline void found(struct dcm_lock_entry *e, __u32 kind,
				  struct super_block___lock *sb)
{
	e->kind = kind;
	e->superblock = (__u64)sb;
	e->where.dev = BPF_CORE_READ(sb, s_dev);
	e->where.base_len = 0;
	bpf_probe_read_kernel_str(e->fstype, sizeof(e->fstype), BPF_CORE_READ(sb, s_type, name));
}

static __always_inline void found_dentry(struct dcm_lock_entry *e, struct dentry___lock *dentry)
{
	found(e, DCM_LOCK_DENTRY, BPF_CORE_READ(dentry, d_sb));
	add_base(&e->where, (void *)dentry);
}

static __always_inline struct dentry___lock *alias_of(struct inode___lock *inode)
{
	struct hlist_node___lock *first = BPF_CORE_READ(inode, i_dentry.first);

	if (!first)
		return NULL;
	if (bpf_core_field_exists(struct dentry___lock, d_u))
		return CONTAINER_OF(first, struct dentry___lock, d_u);
	return CONTAINER_OF(first, struct dentry___lock, d_alias);
}

static __always_inline void found_inode(struct dcm_lock_entry *e, __u32 kind,
					struct inode___lock *inode)
{
	struct dentry___lock *dentry = alias_of(inode);

	found(e, kind, BPF_CORE_READ(inode, i_sb));
	if (dentry && is_dentry(dentry))
		add_base(&e->where, (void *)dentry);
	else
		e->where.base_cut = 1; /* no name is known */
}

/* Changes with the object that has the memory. */
static __always_inline __u64 check_of(__u64 lock, __u32 kind)
{
	struct super_block___lock *sb;
	struct dentry___lock *dentry;
	struct inode___lock *inode;

	switch (kind) {
	case DCM_LOCK_UMOUNT:
		sb = CONTAINER_OF(lock, struct super_block___lock, s_umount);
		return BPF_CORE_READ(sb, s_dev);
	case DCM_LOCK_DENTRY:
		dentry = CONTAINER_OF(lock, struct dentry___lock, d_lockref);
		return BPF_CORE_READ(dentry, d_name.hash_len) + (__u64)BPF_CORE_READ(dentry, d_sb);
	case DCM_LOCK_INODE:
		inode = CONTAINER_OF(lock, struct inode___lock, i_lock);
		break;
	case DCM_LOCK_DIRECTORY:
		inode = CONTAINER_OF(lock, struct inode___lock, i_rwsem);
		break;
	default:
		return 0;
	}
	return BPF_CORE_READ(inode, i_ino) + (__u64)BPF_CORE_READ(inode, i_sb);
}

/* ---- LRU lists ---- */

static __always_inline bool has_own_lock(void)
{
	return bpf_core_field_exists(struct list_lru_one___lock, lock);
}

/* The list that @lock is for, and, before 6.13, that of the root control group. */
static __always_inline struct list_lru_one___lock *list_of(__u64 lock)
{
	struct list_lru_node___lock *node;

	if (has_own_lock())
		return CONTAINER_OF(lock, struct list_lru_one___lock, lock);
	node = CONTAINER_OF(lock, struct list_lru_node___lock, lock);
	return (void *)((__u64)node + bpf_core_field_offset(struct list_lru_node___lock, lru));
}

/* Which of @size bytes each from @base on has @lock; -1: none. */
static __always_inline __s32 index_in(__u64 lock, __u64 base, __u64 size)
{
	__u64 i = (lock - base) / size;

	return base && lock >= base && i < numa_nodes ? (__s32)i : -1;
}

/* xa_load() of @number. */
static __always_inline __u64 find_in(struct list_lru___lock *lru, __u32 number)
{
	__u64 entry = (__u64)BPF_CORE_READ(lru, xa.xa_head);
	__u32 i;

	for (i = 0; i < XA_LEVELS && (entry & XA_TAG) == XA_POINTER; i++) {
		struct xa_node___lock *node = (void *)(entry - XA_POINTER);
		__u64 slot = number >> (BPF_CORE_READ(node, shift) & 31) & (XA_SLOTS - 1);

		slot = (__u64)node + bpf_core_field_offset(struct xa_node___lock, slots) +
		       slot * sizeof(void *);
		if (bpf_probe_read_kernel(&entry, sizeof(entry), (void *)slot))
			return 0;
	}
	return entry & XA_TAG ? 0 : entry;
}

/* The lists of each memory cgroup are memory of their own: is it that of the current process? */
static __always_inline void find_memory_cgroup(struct dcm_lock_entry *e, __u64 lock,
					       struct list_lru___lock *lru)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *css = NULL;
	struct mem_cgroup___lock *group;
	struct kernfs_node___lock *node;
	struct cgroup *own;
	__u64 lists;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id) ||
	    !bpf_core_type_exists(struct list_lru_memcg___lock))
		return;
	bpf_probe_read_kernel(&css, sizeof(css),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) *
					      sizeof(css));
	group = CONTAINER_OF(css, struct mem_cgroup___lock, css);
	lists = find_in(lru, BPF_CORE_READ(group, kmemcg_id));
	if (!lists)
		return;
	e->node = index_in(lock, lists + bpf_core_field_offset(struct list_lru_memcg___lock, node),
			   bpf_core_type_size(struct list_lru_one___lock));
	own = BPF_CORE_READ(css, cgroup);
	node = (void *)BPF_CORE_READ(own, kn);
	if (e->node >= 0 && BPF_CORE_READ(own, root) == BPF_CORE_READ(set, dfl_cgrp, root))
		e->memory_cgroup = BPF_CORE_READ(node, id);
}

static __always_inline void found_list(struct dcm_lock_entry *e, __u64 lock, __u32 kind,
				       struct super_block___lock *sb, struct list_lru___lock *lru)
{
	found(e, kind, sb);
	e->node = index_in(lock, (__u64)BPF_CORE_READ(lru, node),
			   bpf_core_type_size(struct list_lru_node___lock));
	if (e->node < 0 && has_own_lock())
		find_memory_cgroup(e, lock, lru);
}

/* By a member of it. */
static __always_inline bool name_list(struct dcm_lock_entry *e, __u64 lock)
{
	struct list_lru_one___lock *one = list_of(lock);
	struct list_head *item = BPF_CORE_READ(one, list.next);
	struct dentry___lock *dentry;
	struct super_block___lock *sb;
	struct inode___lock *inode;

	if (!item || (__u64)item == (__u64)one) /* the list comes first */
		return false;
	dentry = CONTAINER_OF(item, struct dentry___lock, d_lru);
	if (is_dentry(dentry)) {
		sb = BPF_CORE_READ(dentry, d_sb);
		found_list(e, lock, DCM_LOCK_DENTRY_LRU, sb,
			   (void *)((__u64)sb + bpf_core_field_offset(struct super_block___lock,
								      s_dentry_lru)));
		return true;
	}
	inode = CONTAINER_OF(item, struct inode___lock, i_lru);
	if (!is_inode(inode))
		return false;
	sb = BPF_CORE_READ(inode, i_sb);
	found_list(e, lock, DCM_LOCK_INODE_LRU, sb,
		   (void *)((__u64)sb +
			    bpf_core_field_offset(struct super_block___lock, s_inode_lru)));
	return true;
}

/* ---- which of all ---- */

static __always_inline void name_spinning(struct dcm_lock_entry *e, __u64 lock)
{
	struct dentry___lock *dentry = CONTAINER_OF(lock, struct dentry___lock, d_lockref);
	struct inode___lock *inode = CONTAINER_OF(lock, struct inode___lock, i_lock);
	struct super_block___lock *sb =
		CONTAINER_OF(lock, struct super_block___lock, s_inode_list_lock);

	if (is_dentry(dentry))
		found_dentry(e, dentry);
	else if (is_inode(inode))
		found_inode(e, DCM_LOCK_INODE, inode);
	else if (is_superblock(sb))
		found(e, DCM_LOCK_INODES, sb);
	else
		name_list(e, lock);
}

static __always_inline void name_sleeping(struct dcm_lock_entry *e, __u64 lock)
{
	struct inode___lock *inode = CONTAINER_OF(lock, struct inode___lock, i_rwsem);
	struct super_block___lock *sb = CONTAINER_OF(lock, struct super_block___lock, s_umount);

	if (is_inode(inode))
		found_inode(e, DCM_LOCK_DIRECTORY, inode);
	else if (is_superblock(sb))
		found(e, DCM_LOCK_UMOUNT, sb);
}

static __always_inline void name_mutex(struct dcm_lock_entry *e, __u64 lock)
{
	struct super_block___lock *sb =
		CONTAINER_OF(lock, struct super_block___lock, s_vfs_rename_mutex);

	if (is_superblock(sb))
		found(e, DCM_LOCK_RENAME, sb);
}

/* A spinning lock of PREEMPT_RT sleeps. */
static __always_inline void name_lock(struct dcm_lock_entry *e, __u64 lock, __u32 flags)
{
	e->tries++;
	if (flags == 0 || flags & DCM_LOCK_MUTEX)
		name_mutex(e, lock);
	else if (flags & (DCM_LOCK_SPIN | DCM_LOCK_RT))
		name_spinning(e, lock);
	else if (!(flags & DCM_LOCK_PERCPU))
		name_sleeping(e, lock);
	e->check = check_of(lock, e->kind);
}

#endif
