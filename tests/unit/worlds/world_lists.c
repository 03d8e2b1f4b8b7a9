// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Superblocks (fs/super.c) and network namespaces (net/core/net_namespace.c), and whose they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"

#define MOST_MOUNTS   70
#define MOUNTS_LOOKED 64 /* bpf/list_steps.h: with more, the oldest is unknown */
#define SURROUNDINGS  1024
#define POISON	      0xdead000000000122ULL

/* ---- circles ---- */

static void join(__u64 before, __u64 after)
{
	WORLD_PUT(struct list_head, before, next, after);
	WORLD_PUT(struct list_head, after, prev, before);
}

static void add_tail(__u64 head, __u64 node)
{
	join(world_peek(head + 8, 8), node);
	join(node, head);
}

static void unlink_node(__u64 node)
{
	join(world_peek(node + 8, 8), world_peek(node, 8));
}

/* What surrounds it does not point back to it, or it would pass for a member. */
static __u64 make_head(void)
{
	return world_alloc(2 * SURROUNDINGS, 8) + SURROUNDINGS;
}

void world_make_lists(void)
{
	world.list_head = make_head();
	world.net_head = make_head();
	join(world.list_head, world.list_head);
	join(world.net_head, world.net_head);
}

/* ---- superblocks ---- */

static __u64 put_string(const char *text)
{
	__u64 address = world_alloc(strlen(text) + 1, 1);

	world_store_bytes(address, text, strlen(text) + 1);
	return address;
}

static void put_names(struct world_superblock *sb)
{
	__u64 type = world_alloc(WORLD_SIZE(struct file_system_type), 8);

	snprintf(sb->fstype, sizeof(sb->fstype), "fs%u", (unsigned)world_below(9));
	snprintf(sb->id, sizeof(sb->id), "id%d-%.*s", (int)(sb - world.superblock),
		 (int)world_below(17), "abcdefghijklmnop");
	WORLD_PUT(struct file_system_type, type, name, put_string(sb->fstype));
	WORLD_PUT(struct super_block, sb->address, s_type, type);
	world_store_bytes(sb->address + WORLD_OFFSET(struct super_block, s_id), sb->id,
			  sizeof(sb->id));
	if (world_chance(20))
		snprintf(sb->subtype, sizeof(sb->subtype), "sub%u", (unsigned)world_below(1000));
	WORLD_PUT(struct super_block, sb->address, s_subtype,
		  *sb->subtype ? put_string(sb->subtype) : 0);
}

static void put_numbers(struct world_superblock *sb)
{
	__u64 bdi = world_alloc(WORLD_SIZE(struct backing_dev_info), 8);

	sb->dev = (__u32)world_random();
	sb->magic = world_random();
	sb->bdi_id = world_below(3) ? world_below(1000) : 0;
	WORLD_PUT(struct super_block, sb->address, s_dev, sb->dev);
	WORLD_PUT(struct super_block, sb->address, s_magic, sb->magic);
	WORLD_PUT(struct super_block, sb->address, s_bdi, bdi);
	WORLD_PUT(struct super_block, sb->address, s_fs_info, world_random());
	WORLD_PUT(struct backing_dev_info, bdi, id, sb->bdi_id);
}

/* Sums are wrong for a moment while entries move between cgroups: below 0 counts as none. */
static void put_lru(struct world_superblock *sb)
{
	__u64 size = WORLD_SIZE(struct list_lru_node);
	__u64 array = world_chance(5) ? 0 : world_alloc(world.nodes * size, 8);

	WORLD_PUT(struct super_block, sb->address, s_dentry_lru.node, array);
	for (__u64 i = 0; array && i < world.nodes; i++) {
		__s64 items = world_chance(10) ? -3 : (__s64)world_below(100000);

		if (world_layout.features & WORLD_ATOMIC_ITEMS)
			WORLD_PUT(struct list_lru_node___atomic, array + i * size, nr_items.counter,
				  (__u64)items);
		else
			WORLD_PUT(struct list_lru_node, array + i * size, nr_items, (__u64)items);
		sb->unused += items > 0 ? (__u64)items : 0;
	}
}

static void put_listed_mount(struct world_superblock *sb, __u64 mount)
{
	__u64 head = sb->address + WORLD_OFFSET(struct super_block___listed, s_mounts.next);

	add_tail(head, mount + WORLD_OFFSET(struct mount___listed, mnt_instance));
}

/* The newest comes first. */
static void put_chained_mount(struct world_superblock *sb, __u64 mount)
{
	__u64 head = sb->address + WORLD_OFFSET(struct super_block___chained, s_mounts);

	WORLD_PUT(struct mount___chained, mount, mnt_next_for_sb, world_peek(head, 8));
	world_store(head, mount, 8);
}

static void put_mounts(struct world_superblock *sb)
{
	unsigned mounts = (unsigned)world_below(world_chance(5) ? MOST_MOUNTS : 4);
	bool chained = world_layout.features & WORLD_MOUNT_CHAIN;
	bool has_ids = world_layout.features & WORLD_MOUNT_IDS;
	__u64 id = 1 + world_below(1000);

	if (chained) {
		WORLD_PUT(struct super_block___chained, sb->address, s_mounts, 0);
	} else {
		__u64 head = sb->address + WORLD_OFFSET(struct super_block___listed, s_mounts.next);

		join(head, head);
	}
	for (unsigned i = 0; i < mounts; i++, id += 1 + world_below(5)) {
		__u64 mount = world_alloc(WORLD_SIZE(struct mount), 8);

		if (has_ids) {
			WORLD_PUT(struct mount, mount, mnt_id_unique, id);
			sb->oldest_mount = i ? sb->oldest_mount : id;
			sb->newest_mount = id;
		}
		if (chained)
			put_chained_mount(sb, mount);
		else
			put_listed_mount(sb, mount);
	}
	if (chained && mounts > MOUNTS_LOOKED)
		sb->oldest_mount = 0;
}

static __u64 list_node(int superblock)
{
	return world.superblock[superblock].address + WORLD_OFFSET(struct super_block, s_list);
}

int world_mount(void)
{
	int n = world.superblocks++;
	struct world_superblock *sb;

	world_grow(&world.superblock, n, &world.superblock_room, sizeof(*world.superblock));
	sb = &world.superblock[n];
	memset(sb, 0, sizeof(*sb));
	sb->address = world_pool_take(&world.superblock_pool, WORLD_SIZE(struct super_block));
	put_names(sb);
	put_numbers(sb);
	put_lru(sb);
	put_mounts(sb);
	sb->root = world_add_dentry(n, "/", false);
	world_set_directory(sb->root);
	WORLD_PUT(struct super_block, sb->address, s_root, world.dentry[sb->root].address);
	sb->alive = true;
	sb->listed_at = ++world.changes;
	add_tail(world.list_head, list_node(n));
	return n;
}

void world_end_superblock(int superblock)
{
	struct world_superblock *sb = &world.superblock[superblock];

	WORLD_PUT(struct super_block, sb->address, s_root, 0);
	world_bury(sb->root);
	sb->root = WORLD_NONE;
	world.changes++;
}

/* list_del_init */
void world_unmount(int superblock)
{
	struct world_superblock *sb = &world.superblock[superblock];

	if (sb->root != WORLD_NONE)
		world_end_superblock(superblock);
	unlink_node(list_node(superblock));
	join(list_node(superblock), list_node(superblock));
	sb->alive = false;
	world_pool_give(&world.superblock_pool, sb->address);
	world.changes++;
}

/* ---- network namespaces ---- */

static void put_cookie(struct world_net *net)
{
	if (world_layout.features & WORLD_COOKIES) {
		WORLD_PUT(struct net, net->address, net_cookie, world_random());
		return;
	}
	WORLD_PUT(struct net___lazy, net->address, net_cookie.counter, 0);
	WORLD_PUT(struct net___lazy, net->address, hash_mix, (__u32)world_random());
}

int world_add_net(void)
{
	__u64 device = world_alloc(WORLD_SIZE(struct net_device), 8);
	int n = world.nets++;
	struct world_net *net;

	world_grow(&world.net, n, &world.net_room, sizeof(*world.net));
	net = &world.net[n];
	net->address = world_pool_take(&world.net_pool, WORLD_SIZE(struct net));
	net->alive = true;
	net->set_up = !n || world_chance(90);
	net->listed_at = ++world.changes;
	put_cookie(net);
	WORLD_PUT(struct net_device, device, nd_net.net, net->address);
	WORLD_PUT(struct net, net->address, loopback_dev, net->set_up ? device : 0);
	add_tail(world.net_head, net->address + WORLD_OFFSET(struct net, list));
	return n;
}

/* list_del_rcu */
void world_remove_net(int net)
{
	__u64 node = world.net[net].address + WORLD_OFFSET(struct net, list);

	unlink_node(node);
	WORLD_PUT(struct list_head, node, prev, POISON);
	world.net[net].alive = false;
	world_pool_give(&world.net_pool, world.net[net].address);
	world.changes++;
}

/* ---- the task ---- */

static __u64 make_files(void)
{
	__u64 array = world_alloc(WORLD_FDS * 8, 8);
	__u64 table = world_alloc(WORLD_SIZE(struct fdtable), 8);
	__u64 files = world_alloc(WORLD_SIZE(struct files_struct), 8);

	for (int i = 0; i < WORLD_FDS; i++) {
		__u64 file = world_alloc(WORLD_SIZE(struct file), 8);

		world.fd[i] = i % 8 ? (int)world_below((__u64)world.dentries) : WORLD_NONE;
		if (world.fd[i] != WORLD_NONE && !world.dentry[world.fd[i]].alive)
			world.fd[i] = WORLD_NONE;
		if (world.fd[i] != WORLD_NONE) {
			world.dentry[world.fd[i]].held = true;
			WORLD_PUT(struct file, file, f_path.dentry,
				  world.dentry[world.fd[i]].address);
		}
		world_store(array + (__u64)i * 8, world.fd[i] == WORLD_NONE ? 0 : file, 8);
	}
	WORLD_PUT(struct fdtable, table, max_fds, WORLD_FDS);
	WORLD_PUT(struct fdtable, table, fd, array);
	WORLD_PUT(struct files_struct, files, fdt, table);
	return files;
}

static __u64 make_root(void)
{
	__u64 mount = world_alloc(WORLD_SIZE(struct vfsmount), 8);
	__u64 fs = world_alloc(WORLD_SIZE(struct fs_struct), 8);

	WORLD_PUT(struct vfsmount, mount, mnt_sb, world.superblock[world.own_superblock].address);
	WORLD_PUT(struct fs_struct, fs, root.mnt, mount);
	return fs;
}

static __u64 make_task(const char *command)
{
	__u64 task = world_alloc(WORLD_SIZE(struct task_struct), 8);

	world_store_bytes(task + WORLD_OFFSET(struct task_struct, comm), command,
			  strlen(command) + 1);
	return task;
}

void world_make_task(void)
{
	__u64 nsproxy = world_alloc(WORLD_SIZE(struct nsproxy), 8);

	world.task = make_task("maker");
	WORLD_PUT(struct task_struct, world.task, real_parent, make_task("its-parent"));
	WORLD_PUT(struct task_struct, world.task, fs, make_root());
	WORLD_PUT(struct task_struct, world.task, files, make_files());
	WORLD_PUT(struct task_struct, world.task, nsproxy, nsproxy);
	WORLD_PUT(struct nsproxy, nsproxy, net_ns, world.net[world.own_net].address);
}
