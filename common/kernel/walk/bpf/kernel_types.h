/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structures that the walkers touch, with the few members they touch. Offsets are
 * relocated on load (CO-RE), so neither order nor size here matters, and no vmlinux.h of the
 * build machine is needed.
 *
 * Differences between kernels are here, as flavours ("struct x___y" relocates against "struct x")
 * and are told apart by bpf_core_*_exists, each citing the change that made the difference.
 */
#ifndef DCM_BPF_KERNEL_TYPES_H
#define DCM_BPF_KERNEL_TYPES_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __bpf__
#define relocated __attribute__((preserve_access_index))
#else
#define relocated
#endif

struct list_head {
	struct list_head *next, *prev;
} relocated;

struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
} relocated;

struct qstr {
	__u64 hash_len; /* hash_len_to_hash() reads the low half */
	const unsigned char *name;
} relocated;

struct inode {
	unsigned long i_ino;
} relocated;

struct kmem_cache_order_objects {
	unsigned int x;
} relocated;

struct kmem_cache {
	unsigned int size;
	struct kmem_cache_order_objects oo;
} relocated;

struct pt_regs {
	unsigned long bx;
} relocated;

struct lockref {
	int count;
} relocated;

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
	struct lockref d_lockref;
} relocated;

/* The children of a directory, since 6.8 (da549bdd15c2). */
struct dentry___children {
	struct hlist_head {
		struct hlist_node *first;
	} d_children;
	struct hlist_node {
		struct hlist_node *next;
	} d_sib;
} relocated;

struct dentry___subdirs {
	struct list_head d_subdirs, d_child;
} relocated;

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
} relocated;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} relocated;

struct fs_struct {
	struct path root;
} relocated;

struct file {
	struct path f_path;
} relocated;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} relocated;

struct files_struct {
	struct fdtable *fdt;
} relocated;

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	possible_net_t nd_net;
} relocated;

struct ns_common {
	__u32 inum; /* as /proc/PID/ns/net shows it */
} relocated;

struct net {
	struct list_head list;
	struct net_device *loopback_dev;
	__u64 net_cookie;
	struct ns_common ns;
} relocated;

struct nsproxy {
	struct net *net_ns;
} relocated;

struct kernfs_node {
	const char *name;
	struct kernfs_node *parent;
} relocated;

/* Since 6.15 (633488947ef6). */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
} relocated;

struct cgroup_root {
	int hierarchy_id;
} relocated;

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
} relocated;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} relocated;

enum cgroup_subsys_id {
	memory_cgrp_id = 1, /* relocated, too */
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
} relocated;

struct task_struct {
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct task_struct *real_parent;
	struct css_set *cgroups;
	char comm[16];
} relocated;

struct file_system_type {
	const char *name;
} relocated;

struct backing_dev_info {
	__u64 id;
} relocated;

struct list_lru_node {
	long nr_items;
} relocated;

/* nr_items became atomic_long_t in 6.13 (fb56fdf8b9a2 made the list_lru lock per memcg). */
typedef struct {
	__s64 counter;
} atomic_long_t;

struct list_lru_node___atomic {
	atomic_long_t nr_items;
} relocated;

struct list_lru {
	struct list_lru_node *node;
} relocated;

/* Before 5.12 (3d368ab87cf6) a cookie was made when somebody asked for it. */
struct net___lazy {
	__u32 hash_mix;
	atomic_long_t net_cookie;
} relocated;

struct super_block {
	struct list_head s_list;
	__u32 s_dev;
	struct file_system_type *s_type;
	unsigned long s_magic;
	struct dentry *s_root;
	struct backing_dev_info *s_bdi;
	char s_id[32];
	const char *s_subtype;
	struct list_lru s_dentry_lru;
	void *s_fs_info;
	__u32 s_nr_dentry_unused; /* before 3.12 and s_dentry_lru as a list_lru (f60415675224) */
} relocated;

/* mnt_id_unique: since 6.8 (98d2b4308197). */
struct mount {
	__u64 mnt_id_unique;
} relocated;

/* s_mounts: a chain through mnt_next_for_sb since 6.18, a list_head of mnt_instance before. */
struct mount___chained {
	__u64 mnt_id_unique;
	struct mount___chained *mnt_next_for_sb;
} relocated;

struct super_block___chained {
	struct mount___chained *s_mounts;
} relocated;

struct mount___listed {
	__u64 mnt_id_unique;
	struct list_head mnt_instance;
} relocated;

struct super_block___listed {
	struct list_head s_mounts;
} relocated;

#endif
