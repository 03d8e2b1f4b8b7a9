// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/worlds/world_layout.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "tests/unit/worlds/world_memory.h"

#define MOST_MEMBERS 32 /* of a structure */

struct world_layout world_layout;

/* clang-format off */
#define MEMBER_OF(holder, name, member, bytes, needs) \
	{DCM_TYPE_##holder, DCM_TYPE_##name, offsetof(struct name, member), bytes, 0, needs}
#define ALIAS(holder, name, member, plus, needs) \
	{DCM_TYPE_##holder, DCM_TYPE_##name, offsetof(struct name, member), 0, plus, needs}
/* clang-format on */

/* A member; one without bytes is @plus behind the one in front of it, under another name. */
static const struct member {
	enum dcm_layout_type holder, type;
	__u16 local, bytes, plus;
	unsigned needs; /* features */
} members[] = {
	MEMBER_OF(inode, inode, i_ino, 8, 0),
	MEMBER_OF(dentry, dentry, d_hash, 16, 0),
	MEMBER_OF(dentry, dentry, d_parent, 8, 0),
	MEMBER_OF(dentry, dentry, d_inode, 8, 0),
	MEMBER_OF(dentry, dentry, d_name.hash_len, 8, 0),
	MEMBER_OF(dentry, dentry, d_name.name, 8, 0),
	MEMBER_OF(dentry, dentry, d_sb, 8, 0),
	MEMBER_OF(dentry, dentry, d_lockref.count, 4, 0),
	MEMBER_OF(dentry, dentry___children, d_children, 8, WORLD_CHILDREN),
	MEMBER_OF(dentry, dentry___children, d_sib, 16, WORLD_CHILDREN),
	MEMBER_OF(dentry, dentry___subdirs, d_subdirs, 16, WORLD_SUBDIRS),
	MEMBER_OF(dentry, dentry___subdirs, d_child, 16, WORLD_SUBDIRS),
	MEMBER_OF(vfsmount, vfsmount, mnt_root, 8, 0),
	MEMBER_OF(vfsmount, vfsmount, mnt_sb, 8, 0),
	MEMBER_OF(fs_struct, fs_struct, root.mnt, 8, 0),
	MEMBER_OF(file, file, f_path.dentry, 8, 0),
	MEMBER_OF(fdtable, fdtable, max_fds, 4, 0),
	MEMBER_OF(fdtable, fdtable, fd, 8, 0),
	MEMBER_OF(files_struct, files_struct, fdt, 8, 0),
	MEMBER_OF(net_device, net_device, nd_net.net, 8, 0),
	MEMBER_OF(net, net, list, 16, 0),
	MEMBER_OF(net, net, loopback_dev, 8, 0),
	MEMBER_OF(net, net, net_cookie, 8, WORLD_COOKIES),
	MEMBER_OF(net, net___lazy, hash_mix, 4, WORLD_LAZY_COOKIES),
	MEMBER_OF(net, net___lazy, net_cookie.counter, 8, WORLD_LAZY_COOKIES),
	MEMBER_OF(nsproxy, nsproxy, net_ns, 8, 0),
	MEMBER_OF(task_struct, task_struct, fs, 8, 0),
	MEMBER_OF(task_struct, task_struct, files, 8, 0),
	MEMBER_OF(task_struct, task_struct, nsproxy, 8, 0),
	MEMBER_OF(task_struct, task_struct, real_parent, 8, 0),
	MEMBER_OF(task_struct, task_struct, comm, 16, 0),
	MEMBER_OF(file_system_type, file_system_type, name, 8, 0),
	MEMBER_OF(backing_dev_info, backing_dev_info, id, 8, 0),
	MEMBER_OF(list_lru_node, list_lru_node, nr_items, 8, WORLD_PLAIN_ITEMS),
	MEMBER_OF(list_lru_node, list_lru_node___atomic, nr_items.counter, 8, WORLD_ATOMIC_ITEMS),
	MEMBER_OF(super_block, super_block, s_list, 16, 0),
	MEMBER_OF(super_block, super_block, s_dev, 4, 0),
	MEMBER_OF(super_block, super_block, s_type, 8, 0),
	MEMBER_OF(super_block, super_block, s_magic, 8, 0),
	MEMBER_OF(super_block, super_block, s_root, 8, 0),
	MEMBER_OF(super_block, super_block, s_bdi, 8, 0),
	MEMBER_OF(super_block, super_block, s_id, 32, 0),
	MEMBER_OF(super_block, super_block, s_subtype, 8, 0),
	MEMBER_OF(super_block, super_block, s_dentry_lru.node, 8, 0),
	MEMBER_OF(super_block, super_block, s_fs_info, 8, 0),
	MEMBER_OF(super_block, super_block___chained, s_mounts, 8, WORLD_MOUNT_CHAIN),
	MEMBER_OF(super_block, super_block___listed, s_mounts.next, 16, WORLD_MOUNT_LIST),
	ALIAS(super_block, super_block___listed, s_mounts.prev, 8, WORLD_MOUNT_LIST),
	MEMBER_OF(mount, mount, mnt_id_unique, 8, WORLD_MOUNT_IDS),
	ALIAS(mount, mount___chained, mnt_id_unique, 0, WORLD_MOUNT_IDS),
	ALIAS(mount, mount___listed, mnt_id_unique, 0, WORLD_MOUNT_IDS),
	MEMBER_OF(mount, mount___chained, mnt_next_for_sb, 8, WORLD_MOUNT_CHAIN),
	MEMBER_OF(mount, mount___listed, mnt_instance, 16, WORLD_MOUNT_LIST),
};

__u32 world_offset(enum dcm_layout_type type, size_t local)
{
	if (type < DCM_LAYOUT_TYPE_COUNT && world_has(type, local))
		return world_layout.kernel.at[type][local / 4];
	fprintf(stderr, "structure %d has no member %zu in this kernel\n", (int)type, local);
	abort();
}

static void draw_features(void)
{
	unsigned f = world_chance(50) ? WORLD_CHILDREN : WORLD_SUBDIRS;

	f |= world_chance(50) ? WORLD_ATOMIC_ITEMS : WORLD_PLAIN_ITEMS;
	f |= world_chance(70) ? WORLD_COOKIES : WORLD_LAZY_COOKIES;
	f |= world_chance(70) ? WORLD_MOUNT_IDS : 0;
	f |= world_chance(50) ? WORLD_MOUNT_CHAIN : WORLD_MOUNT_LIST;
	f |= world_chance(50) ? WORLD_CALL_SITE : 0;
	world_layout.features = f;
}

static bool is_there(const struct member *m)
{
	return (m->needs & ~world_layout.features) == 0;
}

static void swap(__u8 *a, __u8 *b)
{
	__u8 keep = *a;

	*a = *b;
	*b = keep;
}

/* Two members into the order that the walkers rely on. */
static void put_in_front(__u8 *order, size_t count, __u16 first, __u16 second)
{
	__u8 *a = NULL, *b = NULL;

	for (size_t i = 0; i < count; i++) {
		if (members[order[i]].type != DCM_TYPE_dentry)
			continue;
		if (members[order[i]].local == first)
			a = &order[i];
		else if (members[order[i]].local == second)
			b = &order[i];
	}
	if (a && b && a > b)
		swap(a, b);
}

static size_t shuffled_members(enum dcm_layout_type holder, __u8 order[MOST_MEMBERS])
{
	size_t count = 0;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(members); i++)
		if (members[i].holder == holder && members[i].bytes && is_there(&members[i]))
			order[count++] = (__u8)i;
	for (size_t i = count; i > 1; i--)
		swap(&order[i - 1], &order[world_below(i)]);
	if (holder == DCM_TYPE_dentry) {
		const __u16 hash = offsetof(struct dentry, d_hash);
		const __u16 parent = offsetof(struct dentry, d_parent);
		const __u16 inode = offsetof(struct dentry, d_inode);

		put_in_front(order, count, hash, parent);
		put_in_front(order, count, hash, inode);
		put_in_front(order, count, parent, inode);
	}
	return count;
}

/* Members one after the other, with gaps between most; numbers of 4 bytes in either half. */
static void place(enum dcm_layout_type holder)
{
	__u8 order[MOST_MEMBERS];
	size_t count = shuffled_members(holder, order);
	unsigned at = 0;

	for (size_t i = 0; i < count; i++) {
		const struct member *m = &members[order[i]];

		at += (unsigned)world_below(4) * 8;
		world_layout.kernel.at[m->type][m->local / 4] =
			(__u16)(m->bytes == 4 ? at + 4 * world_below(2) : at);
		at += (m->bytes + 7u) & ~7u;
	}
	world_layout.kernel.size[holder] = (__u16)(at + 8 * world_below(8));
}

void world_layout_draw(void)
{
	struct dcm_walk_layout *l = &world_layout.kernel;

	memset(l->at, 0xff, sizeof(l->at));
	draw_features();
	for (unsigned type = 0; type < DCM_LAYOUT_TYPE_COUNT; type++)
		place(type);
	for (size_t i = 1; i < DCM_ARRAY_SIZE(members); i++) {
		const struct member *m = &members[i], *main = m;

		while (!main->bytes)
			main--;
		if (main != m && is_there(m))
			l->at[m->type][m->local / 4] =
				(__u16)(l->at[main->type][main->local / 4] + m->plus);
	}
	l->at[DCM_TYPE_list_head][0] = l->at[DCM_TYPE_hlist_bl_node][0] = 0;
	l->at[DCM_TYPE_list_head][2] = l->at[DCM_TYPE_hlist_bl_node][2] = 8;
	l->size[DCM_TYPE_list_head] = 16;
	l->size[DCM_TYPE_linux_mib] = (__u16)(8 * (100 + world_below(50)));
	if (world_layout.features & WORLD_CALL_SITE)
		l->at[DCM_TYPE_trace_event_raw_percpu_alloc_percpu][0] = 0;
}
