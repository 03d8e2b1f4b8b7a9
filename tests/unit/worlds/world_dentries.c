// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Dentries: their chains (include/linux/list_bl.h), their families, their memory (fs/dcache.c). */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"

#define LONG_NAME_IN 200 /* names, one has 255 bytes */

/* ---- chains ---- */

static __u64 node_of(int dentry)
{
	return dentry == WORLD_NONE
		       ? 0
		       : world.dentry[dentry].address + WORLD_OFFSET(struct dentry, d_hash);
}

/* Some buckets are locked at the moment. */
static void store_head(__u64 bucket)
{
	__u64 node = node_of(world.first[bucket]);

	world_store(world.table + bucket * 8, node | world_chance(10), 8);
}

void world_hash(int dentry)
{
	struct world_dentry *d = &world.dentry[dentry];
	__u64 bucket = world_bucket(d), head = world.table + bucket * 8;
	int first = world.first[bucket];

	d->front = WORLD_NONE;
	d->behind = first;
	d->hashed = true;
	d->hashed_at = ++world.changes;
	world.placed++;
	world.inserted[bucket]++;
	WORLD_PUT(struct hlist_bl_node, node_of(dentry), next, node_of(first));
	WORLD_PUT(struct hlist_bl_node, node_of(dentry), pprev, head);
	if (first != WORLD_NONE) {
		world.dentry[first].front = dentry;
		WORLD_PUT(struct hlist_bl_node, node_of(first), pprev, node_of(dentry));
	}
	world.first[bucket] = dentry;
	store_head(bucket);
}

/* Its way on stays, for those who are there at the moment. */
void world_unhash(int dentry)
{
	struct world_dentry *d = &world.dentry[dentry];
	__u64 bucket = world_bucket(d), back;

	if (d->front == WORLD_NONE) {
		world.first[bucket] = d->behind;
		store_head(bucket);
		back = world.table + bucket * 8;
	} else {
		world.dentry[d->front].behind = d->behind;
		WORLD_PUT(struct hlist_bl_node, node_of(d->front), next, node_of(d->behind));
		back = node_of(d->front);
	}
	if (d->behind != WORLD_NONE) {
		world.dentry[d->behind].front = d->front;
		WORLD_PUT(struct hlist_bl_node, node_of(d->behind), pprev, back);
	}
	WORLD_PUT(struct hlist_bl_node, node_of(dentry), pprev, 0);
	d->hashed = false;
	world.changes++;
	world.unplaced++;
}

/* ---- children: a list since 6.8, before a circle through the parent ---- */

static bool has_list(void)
{
	return world_layout.features & WORLD_CHILDREN;
}

static __u64 children_head(int parent)
{
	return world.dentry[parent].address +
	       (has_list() ? WORLD_OFFSET(struct dentry___children, d_children)
			   : WORLD_OFFSET(struct dentry___subdirs, d_subdirs));
}

static __u64 sibling_node(int dentry)
{
	return world.dentry[dentry].address +
	       (has_list() ? WORLD_OFFSET(struct dentry___children, d_sib)
			   : WORLD_OFFSET(struct dentry___subdirs, d_child));
}

/* The way on from @front, a head or a node, and the way back from what is there, are these. */
static void join_siblings(int parent, int younger, int older)
{
	__u64 head = children_head(parent);
	__u64 from = younger == WORLD_NONE ? head : sibling_node(younger);
	__u64 to = older != WORLD_NONE ? sibling_node(older) : has_list() ? 0 : head;

	world_store(from, to, 8);
	if (to)
		world_store(to + 8, from, 8);
}

void world_add_child(int parent, int dentry)
{
	struct world_dentry *d = &world.dentry[dentry], *p = &world.dentry[parent];

	d->parent = parent;
	d->depth = p->depth + 1;
	d->younger = WORLD_NONE;
	d->older = p->youngest;
	if (d->older != WORLD_NONE)
		world.dentry[d->older].younger = dentry;
	p->youngest = dentry;
	WORLD_PUT(struct dentry, d->address, d_parent, p->address);
	join_siblings(parent, dentry, d->older);
	join_siblings(parent, WORLD_NONE, dentry);
	world.changes++;
}

void world_remove_child(int dentry)
{
	struct world_dentry *d = &world.dentry[dentry];

	if (d->younger != WORLD_NONE)
		world.dentry[d->younger].older = d->older;
	else
		world.dentry[d->parent].youngest = d->older;
	if (d->older != WORLD_NONE)
		world.dentry[d->older].younger = d->younger;
	join_siblings(d->parent, d->younger, d->older);
	world.changes++;
}

/* ---- one dentry ---- */

void world_draw_name(char name[WORLD_NAME_ROOM])
{
	size_t length = world_below(LONG_NAME_IN) ? 1 + world_below(40) : WORLD_NAME_ROOM - 1;

	for (size_t i = 0; i < length; i++)
		name[i] = (char)('a' + world_below(26));
	name[length] = '\0';
}

void world_set_name(int dentry, const char *name, __u32 hash)
{
	struct world_dentry *d = &world.dentry[dentry];
	size_t length = strlen(name);

	if (!d->name_address || length > d->name_length)
		d->name_address = world_alloc(length + 1, 1);
	world_store_bytes(d->name_address, name, length + 1);
	memcpy(d->name, name, length + 1);
	d->name_length = (__u32)length;
	d->hash = hash;
	/* HASH_LEN_DECLARE: as one number, the hash is the low half in both byte orders. */
	WORLD_PUT(struct dentry, d->address, d_name.hash_len, (__u64)length << 32 | hash);
	WORLD_PUT(struct dentry, d->address, d_name.name, d->name_address);
}

void world_set_negative(int dentry, bool negative)
{
	struct world_dentry *d = &world.dentry[dentry];

	d->negative = negative;
	if (!negative && !d->inode) {
		d->inode = world_alloc(WORLD_SIZE(struct inode), 8);
		WORLD_PUT(struct inode, d->inode, i_ino, world_below(1000));
	}
	WORLD_PUT(struct dentry, d->address, d_inode, negative ? 0 : d->inode);
}

void world_set_count(int dentry, __s32 count)
{
	world.dentry[dentry].count = count;
	WORLD_PUT(struct dentry, world.dentry[dentry].address, d_lockref.count, (__u32)count);
}

int world_add_dentry(int superblock, const char *name, bool negative)
{
	int dentry = world.dentries++;
	struct world_dentry *d;

	world_grow(&world.dentry, dentry, &world.dentry_room, sizeof(*world.dentry));
	d = &world.dentry[dentry];
	memset(d, 0, offsetof(struct world_dentry, name));
	d->address = world_pool_take(&world.dentry_pool, WORLD_SIZE(struct dentry));
	d->parent = dentry;
	d->superblock = superblock;
	d->front = d->behind = d->youngest = d->older = d->younger = WORLD_NONE;
	d->alive = true;
	world_set_name(dentry, name, (__u32)world_random());
	world_set_negative(dentry, negative);
	world_set_count(dentry, world_chance(30) ? 1 + (__s32)world_below(5) : 0);
	WORLD_PUT(struct dentry, d->address, d_parent, d->address);
	WORLD_PUT(struct dentry, d->address, d_sb, world.superblock[superblock].address);
	WORLD_PUT(struct hlist_bl_node, node_of(dentry), pprev, 0);
	join_siblings(dentry, WORLD_NONE, WORLD_NONE);
	return dentry;
}

void world_set_directory(int dentry)
{
	world_grow(&world.directory, world.directories, &world.directory_room,
		   sizeof(*world.directory));
	world.dentry[dentry].directory = true;
	world.directory[world.directories++] = dentry;
}

void world_remove_directory(int dentry)
{
	for (int i = 0; i < world.directories; i++)
		if (world.directory[i] == dentry)
			world.directory[i--] = world.directory[--world.directories];
	world.dentry[dentry].directory = false;
}

int world_lookup(int parent)
{
	char name[WORLD_NAME_ROOM];
	int dentry;

	world_draw_name(name);
	dentry = world_add_dentry(world.dentry[parent].superblock, name, world_chance(40));
	world_add_child(parent, dentry);
	world_hash(dentry);
	return dentry;
}

void world_bury(int dentry)
{
	struct world_dentry *d = &world.dentry[dentry];

	if (d->parent != dentry)
		world_remove_child(dentry);
	if (d->directory)
		world_remove_directory(dentry);
	d->alive = false;
	world_set_count(dentry, -128);
	world_pool_give(&world.dentry_pool, d->address);
}
