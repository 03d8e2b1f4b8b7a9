/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The members of kernel structures that lead to hash tables (see kernel_types.h). */
#ifndef DCM_BPF_TABLES_TYPES_H
#define DCM_BPF_TABLES_TYPES_H

#include "common/kernel/walk/bpf/kernel_types.h"

/* ---- sysctls (fs/proc/proc_sysctl.c) ---- */

struct rb_node {
	struct rb_node *rb_right, *rb_left;
} relocated;

struct rb_root {
	struct rb_node *rb_node;
} relocated;

struct ctl_table {
	const char *procname;
	void *data;
} relocated;

struct ctl_node {
	struct rb_node node;
	struct ctl_table_header *header;
} relocated;

struct ctl_table_header {
	struct ctl_table *ctl_table;
	struct ctl_node *node;
} relocated;

struct ctl_dir {
	struct ctl_table_header header;
	struct rb_root root;
} relocated;

struct ctl_table_set {
	struct ctl_dir dir;
} relocated;

/* ---- per network namespace ---- */

/*
 * inet_addr_lst: since 6.14 (87173021f1f5), before that a table for all namespaces; inet6_addr_lst:
 * since 5.18 (8805d13ff1b2); tcp_death_row with hashinfo: not from 5.19 to 6.0; udp_table: since
 * 6.2 (67fb43308f4b), 6.1 has it in the protocol's sockets only.
 */
struct net___tables {
	void *dev_name_head, *dev_index_head;
	__u32 hash_mix;
	struct list_head dev_base_head;
	struct ctl_table_set sysctls;
	struct {
		__u32 inum;
	} ns;
	struct {
		void *inet_addr_lst;
		struct {
			void *hashinfo;
		} tcp_death_row;
		void *udp_table;
	} ipv4;
	struct {
		void *inet6_addr_lst;
	} ipv6;
} relocated;

struct net_device___tables {
	struct list_head dev_list;
	int ifindex;
	struct hlist_node index_hlist;
	struct netdev_name_node *name_node;
	void *ip_ptr;
} relocated;

/* The member of a device's own name is the list of its alternative ones. */
struct netdev_name_node {
	struct list_head list;
} relocated;

struct in_device {
	struct net_device *dev;
	void *ifa_list;
} relocated;

struct in_ifaddr {
	struct in_ifaddr *ifa_next;
	struct in_device *ifa_dev;
	__u32 ifa_local;
} relocated;

/* Before 6.14; addr_lst since. */
struct in_ifaddr___hash {
	struct hlist_node hash;
} relocated;

struct hlist_nulls_head {
	void *first;
} relocated;

struct inet_ehash_bucket {
	struct hlist_nulls_head chain;
} relocated;

struct inet_bind_hashbucket {
	struct hlist_head chain;
} relocated;

/* nulls_head since 6.0 (cae3873c5b3a), head before. */
struct inet_listen_hashbucket {
	struct hlist_nulls_head nulls_head;
} relocated;

struct inet_hashinfo {
	void *ehash;
	__u32 ehash_mask;
	void *bhash;
	__u32 bhash_size;
	void *bhash2; /* since 6.1 (28044fc1d495) */
	__u32 lhash2_mask;
	void *lhash2;
} relocated;

struct udp_hslot {
	struct hlist_head head;
} relocated;

struct udp_table {
	void *hash, *hash2, *hash4; /* hash4: since 6.13 (78c91ae2c6de) */
	__u32 mask;
} relocated;

/* ---- of the host ---- */

struct css_set___tables {
	void *subsys[1];
	struct hlist_node hlist;
} relocated;

typedef struct {
	__u32 val;
} kuid_t;

struct ucounts {
	void *ns;
	kuid_t uid;
	struct hlist_node node; /* nulls since 6.15 (5f01a22c5b23) */
} relocated;

struct user_struct {
	struct hlist_node uidhash_node;
	kuid_t uid;
} relocated;

struct cred {
	void *ucounts; /* since 5.14 (905ae01c4ae2) */
	void *user;
} relocated;

struct task_struct___tables {
	struct cred *cred;
} relocated;

struct inode___tables {
	unsigned long i_ino;
	struct super_block *i_sb;
	struct hlist_node i_hash;
	struct list_head i_sb_list;
} relocated;

struct super_block___inodes {
	struct list_head s_inodes;
} relocated;

struct mount___tables {
	struct hlist_node mnt_hash;
	void *mnt_parent;
	void *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_mounts, mnt_child;
} relocated;

#endif
