/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A made-up kernel twice: as structures in world_memory, where the walkers find them, and as plain
 * arrays, which say what is true. Every function that changes one changes the other.
 */
#ifndef WORLD_H
#define WORLD_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define WORLD_NONE	(-1)
#define WORLD_NAME_ROOM 256
#define WORLD_FDS	64
#define WORLD_ID_ROOM	32

struct world_dentry {
	__u64 address;
	__u64 name_address, inode;
	__u32 hash, name_length;
	int parent; /* itself: a root */
	int superblock;
	int front, behind;	    /* neighbours in the chain, or none */
	int youngest;		    /* of its children */
	int older, younger;	    /* siblings */
	bool alive, hashed, cursor; /* a cursor is the place of a half-read directory */
	bool negative;
	bool directory; /* lookups happen in it */
	bool held;	/* by a descriptor */
	__s32 count;	/* d_lockref.count */
	unsigned depth;
	__u64 hashed_at; /* the change that put it into its chain */
	char name[WORLD_NAME_ROOM];
};

struct world_superblock {
	__u64 address;
	int root; /* or none: it is being unmounted */
	bool alive;
	__u64 listed_at; /* the change that put it into the list */
	__u32 dev;
	__u64 magic, bdi_id, unused;
	__u64 oldest_mount, newest_mount;
	char fstype[32], subtype[32], id[WORLD_ID_ROOM]; /* ids are unique */
};

struct world_net {
	__u64 address;
	bool alive, set_up; /* without its loopback device it is not one yet */
	__u64 listed_at;
};

#define WORLD_POOL 64

/* Memory of one kind of object that may be used again. */
struct world_pool {
	__u64 free[WORLD_POOL]; /* of those that died before this run */
	unsigned free_count;
	__u64 dying[WORLD_POOL]; /* of those that died since: RCU keeps it until the run is over */
	unsigned dying_count;
};

struct world {
	__u64 seed;
	/* the hash table */
	__u64 table, buckets;
	unsigned shift;
	int *first;	 /* of each chain */
	__u64 *inserted; /* how often something was put into it */
	__u64 changes;	 /* of anything so far */
	__u64 placed;	 /* entries put into chains, and taken out of them, so far */
	__u64 unplaced;
	struct world_dentry *dentry;
	int dentries, dentry_room;
	int *directory; /* alive ones */
	int directories, directory_room;
	struct world_superblock *superblock;
	int superblocks, superblock_room;
	int own_superblock; /* of the task's root */
	__u64 list_head;
	struct world_net *net;
	int nets, net_room;
	int own_net;
	__u64 net_head;
	__u64 nodes; /* NUMA */
	__u64 task;
	int fd[WORLD_FDS]; /* dentries, or none */
	struct world_pool dentry_pool, superblock_pool, net_pool;
};

extern struct world world;

/* What a world is like; drawn from its seed. */
struct world_plan {
	__u64 base; /* of its memory */
	bool big_endian;
	unsigned bucket_bits;
	unsigned entries, superblocks, nets;
	unsigned hot_chains, hot_length; /* chains of one name */
	bool crowded; /* more superblocks than there is room for want one place among the counts */
};

/* Makes the world of @plan; what there was is gone. */
void world_make(const struct world_plan *plan);
void world_free(void);

/* ---- memory of objects (world.c) ---- */

/* Mostly in cache lines of its own, often where another one was. */
__u64 world_pool_take(struct world_pool *pool, __u64 size);
void world_pool_give(struct world_pool *pool, __u64 address);

/* What was freed may be used again: a run is over. */
void world_end_grace_period(void);

/* Makes room for one more element of @size bytes in *@array, which has @count. */
void world_grow(void *array, int count, int *room, size_t size);

/* ---- dentries (world_dentries.c) ---- */

/* A dentry that is nobody's child yet and in no chain. */
int world_add_dentry(int superblock, const char *name, bool negative);
void world_set_name(int dentry, const char *name, __u32 hash);
void world_add_child(int parent, int dentry);
void world_remove_child(int dentry);
void world_hash(int dentry);
void world_unhash(int dentry);
void world_set_negative(int dentry, bool negative);
void world_set_count(int dentry, __s32 count);
void world_set_directory(int dentry);
void world_remove_directory(int dentry);

/* Frees a dentry without children that is in no chain. */
void world_bury(int dentry);

/* A random name of ordinary characters; sometimes of 255. */
void world_draw_name(char name[WORLD_NAME_ROOM]);

/* A child by chance of @parent, as a lookup makes one. */
int world_lookup(int parent);

static inline __u64 world_bucket(const struct world_dentry *d)
{
	return d->hash >> world.shift;
}

/* ---- lists (world_lists.c) ---- */

/* Empty lists. */
void world_make_lists(void);

/* A superblock with nothing but its root. */
int world_mount(void);

/* Takes the root away, as the kernel does first. */
void world_end_superblock(int superblock);

/* Takes it out of the list and frees it: one without dentries. */
void world_unmount(int superblock);
int world_add_net(void);
void world_remove_net(int net);

/* The task that the walkers run in: its root, its namespace, its open files. */
void world_make_task(void);

#endif
