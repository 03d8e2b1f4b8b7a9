/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where each of the kernel's other hash tables is, without symbols: a member of the network
 * namespace points to it, or a node of it that the current task has leads back to its bucket, whose
 * number the kernel's own formula tells. And the proof: the first node of a bucket points back to
 * it, and hashes to it where that formula is known.
 */
#ifndef DCM_BPF_TABLES_FIND_H
#define DCM_BPF_TABLES_FIND_H

/* include/linux/hash.h */
#define GOLDEN_RATIO_32 0x61C88647U
#define GOLDEN_RATIO_64 0x61C8864680B583EBULL

/* arch/.../cache.h, L1_CACHE_BYTES */
#if defined(__TARGET_ARCH_s390)
#define L1_SHIFT 8
#elif defined(__TARGET_ARCH_powerpc)
#define L1_SHIFT 7
#else
#define L1_SHIFT 6
#endif

#define NETDEV_BUCKETS	256	   /* include/linux/netdevice.h, NETDEV_HASHENTRIES */
#define ADDRESS_BITS	8	   /* net/ipv4/devinet.c, IN4_ADDR_HSIZE_SHIFT */
#define ADDRESS_BUCKETS 256	   /* also include/net/addrconf.h, IN6_ADDR_HSIZE */
#define LISTEN_MARK	(1U << 29) /* include/net/inet_hashtables.h, LISTENING_NULLS_BASE */
#define CSS_SET_BITS	7	   /* kernel/cgroup/cgroup.c, CSS_SET_HASH_BITS */
#define CSS_SUBSYS_MOST 32
#define UCOUNTS_BITS	10 /* kernel/ucount.c, UCOUNTS_HASHTABLE_BITS */
#define UID_BITS	7  /* kernel/user.c, UIDHASH_BITS but with CONFIG_BASE_SMALL */

static __always_inline __u32 word_at(__u64 address)
{
	return dcm_first_int(load_word(address), DCM_BIG_ENDIAN);
}

#define MEMBER_U32(type, address, member) word_at((address) + bpf_core_field_offset(type, member))
#define HAS(type, member)		  bpf_core_field_exists(type, member)
#define NODE_OWNER(node, type, member)	  ((node)-bpf_core_field_offset(type, member))

/* 1 for a node, 0 at the end of a chain: NULL, or an odd number (include/linux/list_nulls.h). */
static __always_inline __u64 is_node(__u64 word)
{
	return is_set(word) & ((word & 1) ^ 1);
}

static __always_inline void lies_at(__u64 base, __u64 buckets, __u32 stride, __u32 head)
{
	struct dcm_bpf_table *t = &area.tables.now;

	t->base = base;
	t->buckets = buckets;
	t->stride = stride;
	t->head = head;
	t->why = base && buckets ? DCM_TABLE_REACHED : DCM_TABLE_NO_ANCHOR;
}

/* Of pointers, one after the other. */
static __always_inline void lies_plainly(__u64 base, __u64 buckets)
{
	lies_at(base, buckets, 8, 0);
}

/*
 * From a node of the table under way, which has the number @index there. Such a table stays where
 * it is: it is found once, as the way from the node back to its bucket may become too long.
 */
static __always_inline void lies_around(__u64 node, __u64 index, __u64 buckets)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 place = t->place[t->table & (DCM_TABLES_FOUND - 1)];

	t->now.shared = 1;
	if (!place && node) {
		place = bucket_of(node);
		place = place ? place - 8 * index : 0;
		t->place[t->table & (DCM_TABLES_FOUND - 1)] = place;
	}
	lies_plainly(place, buckets);
}

/* ---- formulas: the number of the bucket that something belongs to ---- */

static __always_inline __u64 index_of_ipv4(__u64 net, __u32 address)
{
	__u32 mixed = address ^ MEMBER_U32(struct net___tables, net, hash_mix);

	return mixed * GOLDEN_RATIO_32 >> (32 - ADDRESS_BITS);
}

/* kernel/cgroup/cgroup.c, css_set_hash() and hash_add(). */
static __always_inline __u64 index_of_css_set(__u64 set)
{
	__u64 key = 0, count = bpf_core_field_size(struct css_set___tables, subsys) / 8, i;
	__u64 subsys = set + bpf_core_field_offset(struct css_set___tables, subsys);

	for (i = 0; i < CSS_SUBSYS_MOST && i < count; i++)
		key += load_word(subsys + 8 * i);
	key = (key >> 16) ^ key;
	return key * GOLDEN_RATIO_64 >> (64 - CSS_SET_BITS);
}

/* kernel/ucount.c, ucounts_hashfn(). */
static __always_inline __u64 index_of_ucounts(__u64 ucounts)
{
	__u64 sum =
		MEMBER_U32(struct ucounts, ucounts, uid.val) + MEMBER(struct ucounts, ucounts, ns);

	return sum * GOLDEN_RATIO_64 >> (64 - UCOUNTS_BITS);
}

/* kernel/user.c, __uidhashfn(). */
static __always_inline __u64 index_of_user(__u64 user)
{
	__u32 uid = MEMBER_U32(struct user_struct, user, uid.val);

	return ((uid >> UID_BITS) + uid) & ((1 << UID_BITS) - 1);
}

/* fs/inode.c, hash(), before the size of the table comes in. */
static __always_inline __u64 fold_inode(__u64 inode)
{
	__u64 ino = MEMBER(struct inode___tables, inode, i_ino);
	__u64 sb = MEMBER(struct inode___tables, inode, i_sb);

	return (ino * sb) ^ (GOLDEN_RATIO_64 + ino) >> L1_SHIFT;
}

static __always_inline __u64 index_of_inode(__u64 folded, __u32 shift)
{
	return (folded ^ ((folded ^ GOLDEN_RATIO_64) >> shift)) & ((1ULL << shift) - 1);
}

/* fs/namespace.c, m_hash(), likewise. */
static __always_inline __u64 fold_mount(__u64 mount)
{
	__u64 parent = MEMBER(struct mount___tables, mount, mnt_parent) +
		       bpf_core_field_offset(struct mount___tables, mnt);

	return (parent >> L1_SHIFT) +
	       (MEMBER(struct mount___tables, mount, mnt_mountpoint) >> L1_SHIFT);
}

static __always_inline __u64 index_of_mount(__u64 folded, __u32 shift)
{
	return (folded + (folded >> shift)) & ((1ULL << shift) - 1);
}

/* ---- tables of the boot, whose size has to be solved ---- */

#define FEWEST_BITS   4
#define MOST_BITS     30
#define TRIALS	      ((MOST_BITS - FEWEST_BITS) * DCM_TABLE_PAIRS)
#define INODES_OF_ONE 4 /* of one superblock: those of some hash by another number */
#define SUPERBLOCKS   64
#define CHILD_MOUNTS  64
#define FEWEST_PAIRS  4 /* that agree: by chance two hardly do */

static __always_inline void add_pair(__u64 node, __u64 folded)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 bucket = bucket_of(node);
	__u32 n = t->pairs;

	if (!bucket || n >= DCM_TABLE_PAIRS)
		return;
	t->bucket[n & (DCM_TABLE_PAIRS - 1)] = bucket;
	t->folded[n & (DCM_TABLE_PAIRS - 1)] = folded;
	t->pairs = n + 1;
}

static __always_inline __u64 solved_base(__u32 pair, __u32 shift, bool inodes)
{
	__u64 folded = area.tables.folded[pair & (DCM_TABLE_PAIRS - 1)];
	__u64 index = inodes ? index_of_inode(folded, shift) : index_of_mount(folded, shift);

	return area.tables.bucket[pair & (DCM_TABLE_PAIRS - 1)] - 8 * index;
}

/*
 * 1 when pair number @pair also says that a table of @shift bits begins at @base. (A global
 * function, and no branch on what it returns: the verifier looks at it once, and does not count
 * along. Linux 7.2 gave up after a million instructions of that.)
 */
DCM_GLOBAL __noinline int is_agreeing(__u32 pair, __u32 shift, __u64 base, __u32 inodes)
{
	return solved_base(pair, shift, inodes) == base;
}

/* The size that most pairs agree about. @i: size, and the pair that is compared with all. */
static __always_inline long try_size(__u32 i, struct dcm_bpf_solved *ret, bool inodes)
{
	__u32 shift = FEWEST_BITS + i / DCM_TABLE_PAIRS, first = i % DCM_TABLE_PAIRS, j;
	__u64 base = solved_base(first, shift, inodes);
	__u32 agreeing = 0;

	if (first >= area.tables.pairs)
		return 0;

	for (j = 0; j < DCM_TABLE_PAIRS && j < area.tables.pairs; j++)
		agreeing += is_agreeing(j, shift, base, inodes);
	if (agreeing > area.tables.best) {
		area.tables.best = agreeing;
		ret->base = base;
		ret->shift = shift;
	}
	return 0;
}

LONG_LOOP(try_inode_size, TRIALS)
{
	return try_size(i, &area.tables.inodes, true);
}

LONG_LOOP(try_mount_size, TRIALS)
{
	return try_size(i, &area.tables.mounts, false);
}

/* area.back is in use by bucket_of(): the way along is in tables.back. */
LOOP(pair_of_inode, INODES_OF_ONE)
{
	__u64 node = area.tables.back, inode = NODE_OWNER(node, struct inode___tables, i_sb_list);

	add_pair(inode + bpf_core_field_offset(struct inode___tables, i_hash), fold_inode(inode));
	area.tables.back = load_word(node);
	return !area.tables.back;
}

LOOP(pairs_of_superblock, SUPERBLOCKS)
{
	__u64 sb = area.tables.back_sb;

	area.tables.back = MEMBER(struct super_block___inodes, sb, s_inodes);
	RUN_LOOP(pair_of_inode, INODES_OF_ONE);
	area.tables.back_sb =
		NODE_OWNER(MEMBER(struct super_block, sb, s_list), struct super_block, s_list);
	return area.tables.pairs >= DCM_TABLE_PAIRS;
}

LOOP(pair_of_mount, CHILD_MOUNTS)
{
	__u64 node = area.tables.back, mount = NODE_OWNER(node, struct mount___tables, mnt_child);

	add_pair(mount + bpf_core_field_offset(struct mount___tables, mnt_hash), fold_mount(mount));
	area.tables.back = load_word(node);
	return !area.tables.back;
}

static __always_inline __u64 root_mount(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return (__u64)BPF_CORE_READ(task, fs, root.mnt);
}

static __always_inline void begin_pairs(void)
{
	area.tables.pairs = area.tables.best = 0;
}

/* Such a table stays where it is. */
static __always_inline void end_pairs(struct dcm_bpf_solved *ret)
{
	if (area.tables.best < FEWEST_PAIRS)
		ret->base = 0;
	ret->done = area.tables.best >= FEWEST_PAIRS;
}

static __always_inline void solve_inodes(void)
{
	begin_pairs();
	area.tables.back_sb = MEMBER(struct vfsmount, root_mount(), mnt_sb);
	RUN_LOOP(pairs_of_superblock, SUPERBLOCKS);
	RUN_LOOP(try_inode_size, TRIALS);
	end_pairs(&area.tables.inodes);
}

static __always_inline void solve_mounts(void)
{
	__u64 root = NODE_OWNER(root_mount(), struct mount___tables, mnt);

	begin_pairs();
	area.tables.back = MEMBER(struct mount___tables, root, mnt_mounts);
	RUN_LOOP(pair_of_mount, CHILD_MOUNTS);
	RUN_LOOP(try_mount_size, TRIALS);
	end_pairs(&area.tables.mounts);
}

static __always_inline void lies_solved(const struct dcm_bpf_solved *solved)
{
	lies_plainly(solved->base, 1ULL << (solved->shift & 63));
	area.tables.now.shared = 1;
	if (!solved->base)
		area.tables.now.why = DCM_TABLE_UNSOLVED;
}

#include "common/kernel/walk/bpf/tables_conntrack.h"

/* ---- where each is, seen from the namespace @net ---- */

/* A member of the namespace that points to it; the table is not described where there is none. */
#define FROM_NET(net, member) \
	(HAS(struct net___tables, member) ? MEMBER(struct net___tables, net, member) : 0)

static __always_inline void find_ipv4(__u64 net)
{
	__u64 lo, device, address;

	if (HAS(struct net___tables, ipv4.inet_addr_lst)) {
		lies_plainly(MEMBER(struct net___tables, net, ipv4.inet_addr_lst), ADDRESS_BUCKETS);
	} else if (HAS(struct in_ifaddr___hash, hash)) {
		lo = MEMBER(struct net, net, loopback_dev);
		device = lo ? MEMBER(struct net_device___tables, lo, ip_ptr) : 0;
		address = device ? MEMBER(struct in_device, device, ifa_list) : 0;
		if (address)
			lies_around(address + bpf_core_field_offset(struct in_ifaddr___hash, hash),
				    index_of_ipv4(net,
						  MEMBER_U32(struct in_ifaddr, address, ifa_local)),
				    ADDRESS_BUCKETS);
		else
			area.tables.now.why = DCM_TABLE_NO_ANCHOR;
		area.tables.now.shared = 1;
	}
}

static __always_inline void find_listening(__u64 info)
{
	__u64 base = MEMBER(struct inet_hashinfo, info, lhash2);
	__u64 buckets = MEMBER_U32(struct inet_hashinfo, info, lhash2_mask) + 1ULL;

	if (!HAS(struct inet_listen_hashbucket, nulls_head))
		return;
	lies_at(base, buckets, bpf_core_type_size(struct inet_listen_hashbucket),
		bpf_core_field_offset(struct inet_listen_hashbucket, nulls_head));
	area.tables.now.has_mark = 1;
	area.tables.now.mark = LISTEN_MARK;
}

static __always_inline void find_tcp(__u64 net, __u32 table)
{
	__u64 info = FROM_NET(net, ipv4.tcp_death_row.hashinfo);
	const __u32 stride = bpf_core_type_size(struct inet_bind_hashbucket);
	const __u32 head = bpf_core_field_offset(struct inet_bind_hashbucket, chain);

	if (!info)
		return;
	area.tables.now.shared = 1;
	if (table == DCM_TABLE_TCP_CONNECTED) {
		lies_at(MEMBER(struct inet_hashinfo, info, ehash),
			MEMBER_U32(struct inet_hashinfo, info, ehash_mask) + 1ULL,
			bpf_core_type_size(struct inet_ehash_bucket),
			bpf_core_field_offset(struct inet_ehash_bucket, chain));
		area.tables.now.has_mark = 1;
	} else if (table == DCM_TABLE_TCP_LISTENING) {
		find_listening(info);
	} else if (table == DCM_TABLE_TCP_PORTS) {
		lies_at(MEMBER(struct inet_hashinfo, info, bhash),
			MEMBER_U32(struct inet_hashinfo, info, bhash_size), stride, head);
	} else if (HAS(struct inet_hashinfo, bhash2)) {
		lies_at(MEMBER(struct inet_hashinfo, info, bhash2),
			MEMBER_U32(struct inet_hashinfo, info, bhash_size), stride, head);
	}
}

/*
 * A slot of hash2 has been a struct udp_hslot_main since 6.13 (accdd51dc74f): a slot and a number,
 * aligned as two longs. Not by that type's size: where the kernel lacks a type, libbpf looks for it
 * in the modules, up to 1.2 it needs CAP_SYS_ADMIN for that, and nothing would load without.
 */
static __always_inline __u32 stride_of_bound(__u32 slot)
{
	return HAS(struct udp_table, hash4) ? (slot + 4 + 15) & ~15U : slot;
}

static __always_inline void find_udp(__u64 net, __u32 table)
{
	__u64 udp = FROM_NET(net, ipv4.udp_table), base, buckets;
	__u32 stride = bpf_core_type_size(struct udp_hslot);

	if (!udp)
		return;
	buckets = MEMBER_U32(struct udp_table, udp, mask) + 1ULL;
	base = MEMBER(struct udp_table, udp, hash);
	if (table == DCM_TABLE_UDP_BOUND) {
		base = MEMBER(struct udp_table, udp, hash2);
		stride = stride_of_bound(stride);
	}
	lies_at(base, buckets, stride, bpf_core_field_offset(struct udp_hslot, head));
	area.tables.now.shared = 1;
}

static __always_inline __u64 current_cred(void)
{
	return MEMBER(struct task_struct___tables, bpf_get_current_task(), cred);
}

static __always_inline void find_of_task(__u32 table)
{
	__u64 css_set = MEMBER(struct task_struct, bpf_get_current_task(), cgroups), user;

	if (table == DCM_TABLE_CSS_SETS && HAS(struct css_set___tables, hlist)) {
		lies_around(css_set + bpf_core_field_offset(struct css_set___tables, hlist),
			    index_of_css_set(css_set), 1 << CSS_SET_BITS);
	} else if (table == DCM_TABLE_UCOUNTS && HAS(struct cred, ucounts)) {
		user = MEMBER(struct cred, current_cred(), ucounts);
		lies_around(user + bpf_core_field_offset(struct ucounts, node),
			    index_of_ucounts(user), 1 << UCOUNTS_BITS);
	} else if (table == DCM_TABLE_USERS && HAS(struct user_struct, uidhash_node)) {
		user = MEMBER(struct cred, current_cred(), user);
		lies_around(user + bpf_core_field_offset(struct user_struct, uidhash_node),
			    index_of_user(user), 1 << UID_BITS);
	}
}

static __always_inline void find_of_boot(__u32 table)
{
	if (table == DCM_TABLE_INODES && HAS(struct super_block___inodes, s_inodes)) {
		if (!area.tables.inodes.done)
			solve_inodes();
		lies_solved(&area.tables.inodes);
	} else if (table == DCM_TABLE_MOUNTS && HAS(struct mount___tables, mnt_mounts)) {
		if (!area.tables.mounts.done)
			solve_mounts();
		lies_solved(&area.tables.mounts);
	}
}

/* Fills area.tables.now for a table of area.tables.net. */
__noinline int find_table(__u32 table)
{
	__u64 net = area.tables.net;

	__builtin_memset(&area.tables.now, 0, sizeof(area.tables.now));
	area.tables.now.why = DCM_TABLE_NO_MEMBER;
	if (table == DCM_TABLE_DEVICE_NAMES && HAS(struct net___tables, dev_name_head))
		lies_plainly(MEMBER(struct net___tables, net, dev_name_head), NETDEV_BUCKETS);
	else if (table == DCM_TABLE_DEVICE_INDEXES && HAS(struct net___tables, dev_index_head))
		lies_plainly(MEMBER(struct net___tables, net, dev_index_head), NETDEV_BUCKETS);
	else if (table == DCM_TABLE_IPV4_ADDRESSES)
		find_ipv4(net);
	else if (table == DCM_TABLE_IPV6_ADDRESSES && HAS(struct net___tables, ipv6.inet6_addr_lst))
		lies_plainly(MEMBER(struct net___tables, net, ipv6.inet6_addr_lst),
			     ADDRESS_BUCKETS);
	else if (table <= DCM_TABLE_TCP_BOUND)
		find_tcp(net, table);
	else if (table <= DCM_TABLE_UDP_BOUND)
		find_udp(net, table);
	else if (table <= DCM_TABLE_USERS)
		find_of_task(table);
	else if (table <= DCM_TABLE_MOUNTS)
		find_of_boot(table);
	else
		find_conntrack(net);
	return 0;
}

/* ---- the proof ---- */

/* Where one table is for all namespaces, by which it was found; since then the formula varies. */
static __always_inline __u64 expected_of_ipv4(__u64 node)
{
	__u64 address, device;

	if (HAS(struct net___tables, ipv4.inet_addr_lst) || !HAS(struct in_ifaddr___hash, hash))
		return ~0ULL;
	address = NODE_OWNER(node, struct in_ifaddr___hash, hash);
	device = MEMBER(struct in_device, MEMBER(struct in_ifaddr, address, ifa_dev), dev);
	return index_of_ipv4(MEMBER(struct net_device, device, nd_net.net),
			     MEMBER_U32(struct in_ifaddr, address, ifa_local));
}

/* The number of the bucket that a node of @table belongs to; ~0: only its back pointer tells. */
static __always_inline __u64 expected_index(__u32 table, __u64 node)
{
	switch (table) {
	case DCM_TABLE_DEVICE_INDEXES:
		return MEMBER_U32(struct net_device___tables,
				  NODE_OWNER(node, struct net_device___tables, index_hlist),
				  ifindex) &
		       (NETDEV_BUCKETS - 1);
	case DCM_TABLE_CSS_SETS:
		return index_of_css_set(NODE_OWNER(node, struct css_set___tables, hlist));
	case DCM_TABLE_UCOUNTS:
		return index_of_ucounts(NODE_OWNER(node, struct ucounts, node));
	case DCM_TABLE_USERS:
		return index_of_user(NODE_OWNER(node, struct user_struct, uidhash_node));
	case DCM_TABLE_IPV4_ADDRESSES:
		return expected_of_ipv4(node);
	default:
		return ~0ULL;
	}
}

static __always_inline bool is_proven(__u32 table, __u64 node, __u64 number)
{
	const struct dcm_bpf_table *t = &area.tables.now;
	__u64 expected = expected_index(table, node);

	return MEMBER(struct hlist_bl_node, node, pprev) ==
		       t->base + number * t->stride + t->head &&
	       (expected == ~0ULL || expected == number);
}

#endif
