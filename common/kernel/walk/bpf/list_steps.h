/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Circles of list_head: superblocks (fs/super.c, super_blocks) and network namespaces
 * (net/core/net_namespace.c, net_namespace_list). The walk starts at the current task's own member.
 * The list head itself is no member and is recognised because its surroundings don't point
 * back to it. Removal leaves a node that points at itself (list_del_init) or at poison.
 */
#ifndef DCM_BPF_LIST_STEPS_H
#define DCM_BPF_LIST_STEPS_H

#include "common/kernel/walk/bpf/list_links.h"

#define MOUNTS_SEEN 64
#define LIST_STEPS  8192

/* Where to continue: NULL if that is unknown. The cursor's memory may have become another list's
 * element meanwhile, or one of this list elsewhere: its predecessor tells. */
static __always_inline struct list_head *list_resume(struct dcm_bpf_list *list)
{
	struct list_head *cursor = (struct list_head *)list->cursor;

	if (!list_is_linked(cursor) || (__u64)BPF_CORE_READ(cursor, prev) != list->before)
		return NULL;
	return BPF_CORE_READ(cursor, next);
}

/* Prepares the next run. So many steps without a full batch cannot have been in the list. */
static __always_inline void list_pause(struct dcm_bpf_list *list, long steps)
{
	struct list_head *cursor = (struct list_head *)list->cursor;

	if (list->end != DCM_END_BUDGET)
		return;
	if (steps >= LIST_STEPS)
		list->end = DCM_END_LOST;
	list->before = (__u64)BPF_CORE_READ(cursor, prev);
}

/* Behind @node, the element just looked at, for a batch of @room; returns 1 to end the run. */
static __always_inline long list_next(struct dcm_bpf_list *list, struct list_head *node, __u32 room)
{
	node = BPF_CORE_READ(node, next);
	if ((__u64)node == list->first) {
		list->end = DCM_END_DONE;
		return 1;
	}
	if (!node || (__u64)node == list->cursor) {
		list->end = DCM_END_LOST;
		return 1;
	}
	if (list->count >= room || time_is_over())
		return 1; /* the cursor stays on the element seen last */
	list->cursor = (__u64)node;
	return 0;
}

static __always_inline __u64 lru_items(struct list_lru_node *node)
{
	struct list_lru_node___atomic *atomic = (void *)node;

	if (bpf_core_field_exists(struct list_lru_node___atomic, nr_items.counter))
		return BPF_CORE_READ(atomic, nr_items.counter);
	return BPF_CORE_READ(node, nr_items);
}

LOOP(add_lru_node, DCM_NUMA_NODES)
{
	__u64 node = area.lru_nodes + (__u64)i * bpf_core_type_size(struct list_lru_node);
	__s64 items = lru_items((void *)node);

	area.lru_sum += items > 0 ? items : 0;
	return 0;
}

/* Unused entries: all memory cgroups of all NUMA nodes (mm/list_lru.c, list_lru_count_node). */
static __always_inline __u64 unused_entries(struct super_block *sb)
{
	if (bpf_core_field_exists(struct super_block, s_nr_dentry_unused))
		return BPF_CORE_READ(sb, s_nr_dentry_unused);
	area.lru_nodes = (__u64)BPF_CORE_READ(sb, s_dentry_lru.node);
	area.lru_sum = 0;
	if (area.lru_nodes)
		RUN_LOOP(add_lru_node, area.nodes);
	return area.lru_sum;
}

/* The newest comes first. The oldest is unknown if there were too many to examine. */
static __always_inline void mount_ids_chained(struct super_block *sb, __u64 *oldest, __u64 *newest)
{
	struct super_block___chained *s = (void *)sb;
	struct mount___chained *m = BPF_CORE_READ(s, s_mounts);
	__u32 i;

	for (i = 0; i < MOUNTS_SEEN && m; i++) {
		__u64 id = BPF_CORE_READ(m, mnt_id_unique);

		*oldest = i && *oldest < id ? *oldest : id;
		*newest = *newest > id ? *newest : id;
		m = BPF_CORE_READ(m, mnt_next_for_sb);
	}
	if (m)
		*oldest = 0;
}

static __always_inline __u64 listed_mount_id(struct list_head *node)
{
	struct mount___listed *m = CONTAINER_OF(node, struct mount___listed, mnt_instance);

	return BPF_CORE_READ(m, mnt_id_unique);
}

static __always_inline void mount_ids_listed(struct super_block *sb, __u64 *oldest, __u64 *newest)
{
	struct super_block___listed *s = (void *)sb;
	struct list_head *first = BPF_CORE_READ(s, s_mounts.next);

	if ((__u64)first == (__u64)s + bpf_core_field_offset(struct super_block___listed, s_mounts))
		return;
	*oldest = listed_mount_id(first);
	*newest = listed_mount_id(BPF_CORE_READ(s, s_mounts.prev));
}

static __always_inline void mount_ids(struct super_block *sb, __u64 *oldest, __u64 *newest)
{
	*oldest = *newest = 0;
	if (!bpf_core_field_exists(struct mount, mnt_id_unique))
		return;
	if (bpf_core_field_exists(struct mount___chained, mnt_next_for_sb))
		mount_ids_chained(sb, oldest, newest);
	else
		mount_ids_listed(sb, oldest, newest);
}

/* Root numbers repeat: each overlay over a filesystem of its own counts from 1. */
static __always_inline __u64 fingerprint(struct super_block *sb, struct dentry *root)
{
	struct inode *inode = BPF_CORE_READ(root, d_inode);
	__u64 memory = one_way((__u64)root, (__u64)inode, (__u64)sb);

	return one_way(memory, (__u64)BPF_CORE_READ(sb, s_fs_info), BPF_CORE_READ(inode, i_ino));
}

static __always_inline void emit_superblock(struct super_block *sb)
{
	__u32 n = area.superblocks.count;
	struct dcm_bpf_superblock *out;
	struct dentry *root;
	const char *subtype;

	if (n >= DCM_SB_BATCH)
		return;
	out = &area.sb_batch[n];
	/* As a pointer, which every verifier knows again from the stack: before 5.11 it forgot the
	 * limits of a number. */
	barrier_var(out);
	root = BPF_CORE_READ(sb, s_root);
	out->address = (__u64)sb;
	out->root_dentry = (__u64)root;
	out->fingerprint = fingerprint(sb, root);
	out->bdi_id = BPF_CORE_READ(sb, s_bdi, id);
	out->unused = unused_entries(sb);
	out->magic = BPF_CORE_READ(sb, s_magic);
	out->dev = BPF_CORE_READ(sb, s_dev);
	mount_ids(sb, &out->oldest_mount, &out->newest_mount);
	bpf_probe_read_kernel_str(out->fstype, sizeof(out->fstype),
				  BPF_CORE_READ(sb, s_type, name));
	BPF_CORE_READ_STR_INTO(&out->id, sb, s_id);
	out->subtype[0] = 0;
	subtype = BPF_CORE_READ(sb, s_subtype);
	if (subtype)
		bpf_probe_read_kernel_str(out->subtype, sizeof(out->subtype), subtype);
	/* Its unmounting takes the root away first and frees the LRU's array much later
	 * (fs/super.c, generic_shutdown_super and destroy_super_work): with a root the sum was of
	 * that array. */
	if (BPF_CORE_READ(sb, s_root))
		area.superblocks.count = n + 1;
}

/* One element; returns 1 to end the run. */
LONG_LOOP(superblock_step, LIST_STEPS)
{
	struct dcm_bpf_list *list = &area.superblocks;
	struct list_head *node = (struct list_head *)list->cursor;
	struct super_block *sb = CONTAINER_OF(node, struct super_block, s_list);

	if (BPF_CORE_READ(sb, s_root, d_sb) == sb)
		emit_superblock(sb);
	return list_next(list, node, DCM_SB_BATCH);
}

/* Prepares @list: from @own on the first run, after the cursor later. False: ended already. */
static __always_inline bool list_start(struct dcm_bpf_list *list, struct list_head *own)
{
	struct list_head *node = own;

	list->count = 0;
	list->end = DCM_END_BUDGET;
	if (!list->first)
		list->first = (__u64)own;
	else
		node = list_resume(list);
	if (!node) {
		list->end = DCM_END_LOST;
		return false;
	}
	if (list->cursor && (__u64)node == list->first) {
		list->end = DCM_END_DONE;
		return false;
	}
	list->cursor = (__u64)node;
	return true;
}

static __always_inline void walk_superblocks(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct super_block *own = BPF_CORE_READ(task, fs, root.mnt, mnt_sb);

	if (list_start(&area.superblocks,
		       (void *)((__u64)own + bpf_core_field_offset(struct super_block, s_list))))
		list_pause(&area.superblocks, RUN_LOOP(superblock_step, LIST_STEPS));
}

/* Equal for one namespace, and never again for another. A cookie that is made on demand is 0 for
 * most: there, the number that each draws at random. Where neither is known, the number that
 * processes see, which another one may have once this one is gone. */
static __always_inline __u64 net_identity(struct net *net)
{
	struct net___lazy *lazy = (void *)net;

	if (bpf_core_field_exists(struct net___lazy, net_cookie.counter))
		return one_way((__u64)net, BPF_CORE_READ(lazy, hash_mix),
			       (__u64)BPF_CORE_READ(net, loopback_dev));
#if DCM_UNGUARDED /* its places may have been found without types */
	if (!bpf_core_field_exists(struct net, net_cookie))
		return one_way((__u64)net, BPF_CORE_READ(net, ns.inum),
			       (__u64)BPF_CORE_READ(net, loopback_dev));
#endif
	return BPF_CORE_READ(net, net_cookie);
}

LONG_LOOP(netns_step, LIST_STEPS)
{
	struct dcm_bpf_list *list = &area.netns;
	struct list_head *node = (struct list_head *)list->cursor;
	struct net *net = CONTAINER_OF(node, struct net, list);
	__u32 n = list->count;

	if (BPF_CORE_READ(net, loopback_dev, nd_net.net) == net && n < DCM_NETNS_BATCH) {
		area.netns_batch[n] = net_identity(net);
		list->count = n + 1;
	}
	return list_next(list, node, DCM_NETNS_BATCH);
}

static __always_inline void walk_netns(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct net *own = BPF_CORE_READ(task, nsproxy, net_ns);

	if (list_start(&area.netns, (void *)((__u64)own + bpf_core_field_offset(struct net, list))))
		list_pause(&area.netns, RUN_LOOP(netns_step, LIST_STEPS));
}

#endif
