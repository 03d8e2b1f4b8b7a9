// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/worlds/world_change.h"

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"
#include "tests/unit/worlds/world_run.h"
#include "tests/unit/worlds/world_truth.h"

#define TRIES 20

__u64 world_focus;

/* ---- as the kernel does ---- */

static int draw_alive(void)
{
	for (int i = 0; i < TRIES; i++) {
		int dentry = (int)world_below((__u64)world.dentries);

		if (world.dentry[dentry].alive)
			return dentry;
	}
	return WORLD_NONE;
}

/* The member of the focus at @place from its head, or the last one. */
static int member_at(__u64 place)
{
	int dentry = world.first[world_focus];

	while (dentry != WORLD_NONE && place-- && world.dentry[dentry].behind != WORLD_NONE)
		dentry = world.dentry[dentry].behind;
	return dentry;
}

static int draw_leaf(void)
{
	int dentry = world_chance(50) ? member_at(world_below(200)) : draw_alive();
	const struct world_dentry *d;

	if (dentry == WORLD_NONE)
		return WORLD_NONE;
	d = &world.dentry[dentry];
	return d->youngest != WORLD_NONE || d->parent == dentry || d->cursor ? WORLD_NONE : dentry;
}

static __u32 draw_hash(void)
{
	__u32 hash = (__u32)world_random();

	if (world_chance(50) && world.shift)
		hash = (__u32)(world_focus << world.shift) | (hash & ((1u << world.shift) - 1));
	return hash;
}

static void add_entry(int parent)
{
	char name[WORLD_NAME_ROOM];
	int dentry;

	world_draw_name(name);
	dentry = world_add_dentry(world.dentry[parent].superblock, name, world_chance(50));
	world_set_name(dentry, name, draw_hash());
	world_add_child(parent, dentry);
	world_hash(dentry);
}

static void remove_entry(int dentry)
{
	if (world.dentry[dentry].hashed)
		world_unhash(dentry);
	if (!world.dentry[dentry].held && world_chance(80))
		world_bury(dentry);
}

/* d_move: another name, perhaps another directory of the same filesystem. */
static void rename_entry(int dentry)
{
	int to = world.directory[world_below((__u64)world.directories)];
	char name[WORLD_NAME_ROOM];

	if (to == dentry || world.dentry[to].superblock != world.dentry[dentry].superblock)
		to = world.dentry[dentry].parent;
	world_draw_name(name);
	if (world.dentry[dentry].hashed)
		world_unhash(dentry);
	world_remove_child(dentry);
	world_set_name(dentry, name, draw_hash());
	world_add_child(to, dentry);
	world_hash(dentry);
}

static bool may_be_unmounted(int superblock)
{
	int root = world.superblock[superblock].root;

	if (!world.superblock[superblock].alive || superblock == world.own_superblock)
		return false;
	return root == WORLD_NONE ||
	       (world.dentry[root].youngest == WORLD_NONE && !world.dentry[root].held);
}

static void change_mounts(void)
{
	int sb = (int)world_below((__u64)world.superblocks);

	if (world_chance(50)) {
		world_mount();
		return;
	}
	if (!may_be_unmounted(sb))
		return;
	if (world.superblock[sb].root == WORLD_NONE || world_chance(50))
		world_unmount(sb);
	else
		world_end_superblock(sb);
}

void world_change_at_cursor(void)
{
	const struct dcm_bpf_area *area = world_walkers.map[WORLD_AREA];

	for (int i = 0; i < world.superblocks; i++) {
		const struct world_superblock *sb = &world.superblock[i];
		__u64 node = sb->address + WORLD_OFFSET(struct super_block, s_list);

		if (!sb->alive || node != area->superblocks.cursor || !may_be_unmounted(i))
			continue;
		world_unmount(i);
		world_end_grace_period();
		world_mount();
		return;
	}
}

static void change_nets(void)
{
	int net = (int)world_below((__u64)world.nets);

	if (world_chance(50))
		world_add_net();
	else if (world.net[net].alive && net != world.own_net)
		world_remove_net(net);
}

void world_change(void)
{
	unsigned kind = (unsigned)world_below(100);
	int leaf = kind < 60 ? draw_leaf() : WORLD_NONE;

	if (kind < 35) {
		if (leaf != WORLD_NONE)
			remove_entry(leaf);
	} else if (kind < 60) {
		if (leaf != WORLD_NONE)
			rename_entry(leaf);
	} else if (kind < 85) {
		add_entry(world.directory[world_below((__u64)world.directories)]);
	} else if (kind < 93) {
		change_mounts();
	} else {
		change_nets();
	}
}

void world_change_behind(__u64 place)
{
	int dentry = member_at(place);

	for (unsigned n = (unsigned)world_below(24); n && dentry != WORLD_NONE; n--) {
		int front = world.dentry[dentry].front;

		if (world.dentry[dentry].youngest == WORLD_NONE && world_chance(90))
			world_chance(70) ? remove_entry(dentry) : rename_entry(dentry);
		dentry = front;
	}
}

/* ---- what a walk cannot tell ---- */

#define KNOWN (2 * DCM_ANCHORS)

/* What a chain's walk keeps of the nodes that it came to. */
static struct noted {
	__u64 node[KNOWN];    /* 0: none */
	__u64 seen_at[KNOWN]; /* the last change before it was kept */
} noted[DCM_CHAINS];

void world_note_anchors(const struct dcm_bpf_command *command)
{
	const struct dcm_bpf_private *private = world_walkers.map[WORLD_PRIVATE];
	bool begun = command->op != DCM_OP_GO_ON;
	size_t chain = command->op != DCM_OP_COUNT && (begun || command->a);
	const __u64 *known = private->saved[chain].state.known;
	struct noted *n = &noted[chain];

	if (command->op == DCM_OP_KEEP)
		return;
	if (begun)
		*n = (struct noted){0};
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i] != n->node[i])
			n->seen_at[i] = world.changes;
		n->node[i] = known[i];
	}
}

/* The entry of a chain that is where the noted one was, or none. */
static int entry_at(const struct noted *n, size_t place)
{
	__u64 node = n->node[place];
	int dentry = node ? world_find(node - WORLD_OFFSET(struct dentry, d_hash)) : WORLD_NONE;

	return dentry != WORLD_NONE && world.dentry[dentry].hashed ? dentry : WORLD_NONE;
}

static bool has_come_back(const struct noted *n, size_t place)
{
	int dentry = entry_at(n, place);

	return dentry != WORLD_NONE && world.dentry[dentry].hashed_at > n->seen_at[place];
}

static bool has_first_one(const struct noted *n)
{
	for (size_t i = 0; i < DCM_ANCHORS; i++)
		if (entry_at(n, i) != WORLD_NONE && !has_come_back(n, i))
			return true;
	return false;
}

static bool is_among(int dentry, const int *back)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (back[i] == dentry)
			return true;
	return false;
}

void world_part_anchors(void)
{
	for (size_t c = 0; c < DCM_CHAINS; c++) {
		int back[KNOWN];

		if (has_first_one(&noted[c]))
			continue;
		for (size_t i = 0; i < KNOWN; i++)
			back[i] = has_come_back(&noted[c], i) ? entry_at(&noted[c], i) : WORLD_NONE;
		for (size_t i = 0; i < KNOWN; i++) {
			int d = back[i];

			while (d != WORLD_NONE && world.dentry[d].hashed &&
			       world.dentry[d].front != WORLD_NONE &&
			       is_among(world.dentry[d].front, back))
				world_unhash(world.dentry[d].front);
		}
	}
}

void world_return_anchors(void)
{
	const struct dcm_bpf_private *private = world_walkers.map[WORLD_PRIVATE];

	for (size_t c = 0; c < DCM_CHAINS; c++) {
		const struct dcm_bpf_chain_state *s = &private->saved[c].state;
		int last, before;

		if (s->end != DCM_END_BUDGET || s->kept < KNOWN || s->kept > 100)
			continue;
		last = entry_at(&noted[c], DCM_ANCHORS + (s->kept - 1) % DCM_ANCHORS);
		before = last == WORLD_NONE ? WORLD_NONE : world.dentry[last].front;
		if (before == WORLD_NONE)
			continue;
		world_unhash(last);
		world_unhash(before);
		world_hash(last);
		world_hash(before);
	}
}

/* ---- as only broken memory is ---- */

static __u64 draw_value(__u64 own)
{
	int dentry = (int)world_below((__u64)world.dentries);
	__u64 address = world.dentry[dentry].address;
	__u64 end = world_memory.base + world_memory.used;
	const __u64 values[] = {
		0,
		own,
		own & ~7ULL,
		address,
		address + WORLD_OFFSET(struct dentry, d_hash),
		address + 1 + world_below(15),
		world_random(),
		world_below(4096),
		world.table + world_below(world.buckets + 2) * 8,
		world.table + world.buckets * 8 - 4,
		end - 1 - world_below(16),
		end,
		world_memory.base - 8,
		world.list_head,
		world.superblock[world_below((__u64)world.superblocks)].address,
		0xdead000000000122ULL,
		~0ULL,
		~0ULL - 6,
	};

	return values[world_below(DCM_ARRAY_SIZE(values))];
}

static void break_word(__u64 address)
{
	world_store(address, draw_value(address), 8);
}

static void break_dentry(const struct world_dentry *d)
{
	bool list = world_layout.features & WORLD_CHILDREN;
	const __u32 offsets[] = {
		WORLD_OFFSET(struct dentry, d_hash),
		WORLD_OFFSET(struct dentry, d_hash),
		WORLD_OFFSET(struct dentry, d_hash) + 8,
		WORLD_OFFSET(struct dentry, d_parent),
		WORLD_OFFSET(struct dentry, d_sb),
		WORLD_OFFSET(struct dentry, d_inode),
		WORLD_OFFSET(struct dentry, d_name.hash_len),
		WORLD_OFFSET(struct dentry, d_name.name),
		list ? WORLD_OFFSET(struct dentry___children, d_children)
		     : WORLD_OFFSET(struct dentry___subdirs, d_subdirs),
		list ? WORLD_OFFSET(struct dentry___children, d_sib)
		     : WORLD_OFFSET(struct dentry___subdirs, d_child),
	};

	break_word(d->address + offsets[world_below(DCM_ARRAY_SIZE(offsets))]);
}

static void break_superblock(const struct world_superblock *sb)
{
	const __u32 offsets[] = {
		WORLD_OFFSET(struct super_block, s_list),
		WORLD_OFFSET(struct super_block, s_list) + 8,
		WORLD_OFFSET(struct super_block, s_root),
		WORLD_OFFSET(struct super_block, s_type),
		WORLD_OFFSET(struct super_block, s_bdi),
		WORLD_OFFSET(struct super_block, s_subtype),
		WORLD_OFFSET(struct super_block, s_dentry_lru.node),
		world_layout.features & WORLD_MOUNT_CHAIN
			? WORLD_OFFSET(struct super_block___chained, s_mounts)
			: WORLD_OFFSET(struct super_block___listed, s_mounts.next),
	};

	break_word(sb->address + offsets[world_below(DCM_ARRAY_SIZE(offsets))]);
}

static void break_task(void)
{
	const __u32 offsets[] = {
		WORLD_OFFSET(struct task_struct, fs),
		WORLD_OFFSET(struct task_struct, files),
		WORLD_OFFSET(struct task_struct, nsproxy),
	};

	break_word(world.task + offsets[world_below(DCM_ARRAY_SIZE(offsets))]);
}

void world_break(void)
{
	unsigned kind = (unsigned)world_below(100);
	__u64 net = world.net[world_below((__u64)world.nets)].address;

	if (kind < 60)
		break_dentry(&world.dentry[world_below((__u64)world.dentries)]);
	else if (kind < 80)
		break_word(world.table + world_below(world.buckets) * 8);
	else if (kind < 90)
		break_superblock(&world.superblock[world_below((__u64)world.superblocks)]);
	else if (kind < 98)
		break_word(net + (world_chance(50) ? WORLD_OFFSET(struct net, list)
						   : WORLD_OFFSET(struct net, loopback_dev)));
	else
		break_task();
}

void world_bend_chain(__u64 bucket)
{
	const int first = world.first[bucket];
	const __u32 node = WORLD_OFFSET(struct dentry, d_hash);
	int last = first;

	while (world.dentry[last].behind != WORLD_NONE)
		last = world.dentry[last].behind;
	world_store(world.dentry[last].address + node, world.dentry[first].address + node, 8);
}
