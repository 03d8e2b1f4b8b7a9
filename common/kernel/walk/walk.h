/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads the kernel's superblocks, network namespaces and dentry hash table through BPF programs
 * of type raw_tp that run through BPF_PROG_TEST_RUN, that is inside one RCU read-side critical
 * section per run. Needs Linux 5.10, BTF and CAP_BPF + CAP_PERFMON (or CAP_SYS_ADMIN) while
 * opening, afterwards what dcm_walk_capabilities() says. No symbols, kprobes, fentry or modules.
 * One program is attached to a tracepoint when that is asked for, to count network namespaces.
 */
#ifndef DCM_KERNEL_WALK_H
#define DCM_KERNEL_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"
#include "common/base/statistics.h"
#include "common/model/snapshot/hash_tables.h"

struct dcm_walk;

enum dcm_walk_flavour {
	DCM_WALK_AUTO,	  /* the first of the three below, which load BPF programs */
	DCM_WALK_FAST,	  /* bpf_rdonly_cast (6.2): direct loads */
	DCM_WALK_COMPAT,  /* bpf_probe_read_kernel, and bpf_loop (5.17) as above */
	DCM_WALK_BOUNDED, /* the same without bpf_loop */
	DCM_WALK_KCORE,	  /* no BPF: /proc/kcore is read */
	DCM_WALK_ANY,	  /* the first of all of these that works */
};

/*
 * Loads and attaches nothing: programs are only run on request. @root prefixes /proc and /sys.
 * Fails with -EOPNOTSUPP (built without BPF, no BTF, too old), -EPERM (capabilities, lockdown) or
 * another errno, each with a reason a person can act on.
 */
int dcm_walk_open(const char *root, enum dcm_walk_flavour flavour, struct dcm_reason *reason,
		  struct dcm_walk **ret);
void dcm_walk_close(struct dcm_walk *walk);
enum dcm_walk_flavour dcm_walk_flavour(const struct dcm_walk *walk);

/* Mask of 1 << CAP_* that the caller has to keep to go on walking: 0, or CAP_BPF on some kernels
 * before 5.19. */
uint64_t dcm_walk_capabilities(struct dcm_walk *walk);

/* Runs end after @us microseconds, but for what is under way then, some tens of nodes: the kernel
 * does not preempt them. 0: the default, 600, and 50 where the kernel is PREEMPT_RT. */
void dcm_walk_set_slice(struct dcm_walk *walk, unsigned us);

/* Longest single BPF run so far, nanoseconds (as the kernel measured it). */
uint64_t dcm_walk_longest_run_ns(const struct dcm_walk *walk);

/* The highest possible NUMA node ("0-3", "0" or "0-1,8") plus one: the length of list_lru's
 * per-node arrays (nr_node_ids). A kernel without NUMA has one and no such folder. 0: unknown. */
uint32_t dcm_walk_numa_nodes(const char *root);

/* ---- superblocks ---- */

struct dcm_walk_superblock {
	uint64_t address;      /* of struct super_block, as a handle: equal for equal ones */
	uint64_t root_dentry;  /* a handle; with the next three: tells a reused address apart */
	uint64_t fingerprint;  /* of where it, its root and its data are; equal in every process */
	uint64_t bdi_id;       /* 0: the shared no-op device */
	uint64_t oldest_mount; /* mnt_id_unique of the first and last mount; 0 before 6.8 */
	uint64_t newest_mount; /* oldest_mount is also 0 if there are too many to examine */
	uint64_t unused;       /* sum of s_dentry_lru over the nodes, if has_unused */
	uint64_t magic;
	uint32_t dev_major, dev_minor;
	bool has_unused; /* the number of NUMA nodes is known */
	char fstype[32];
	char subtype[32]; /* fuse.SUBTYPE; "" */
	char id[32];	  /* s_id: raw bytes */
};

/*
 * Walks the circle of superblocks in runs of bounded length; restarts when an element was removed
 * under it. *@ret is an array of *@ret_count owned by @walk, valid until the next call. Without
 * "unused" @reason says why.
 */
int dcm_walk_superblocks(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_superblock **ret, size_t *ret_count);

/* ---- network namespaces ---- */

struct dcm_walk_namespaces {
	uint64_t count;
	uint64_t listed; /* newly met since the first call */
	uint64_t made;	 /* since the watch began: those of any life. At least as many as @listed */
	bool has_made;	 /* somebody watches */
	/* Allocations that the watch was not told of: so many more may have been made. */
	uint64_t passed_over;
};

/* The namespaces that there are now. */
int dcm_walk_namespaces(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_namespaces *ret);

/*
 * Counts each namespace when it is made, from now on until the walk is closed: a program on the
 * tracepoint percpu_alloc_percpu. -errno with a reason; a second call does nothing.
 */
int dcm_walk_watch_namespaces(struct dcm_walk *walk, struct dcm_reason *reason);

#define DCM_WALK_MAKERS 512

/* Who made one: names of the process and of its parent, and the end of the path of its control
 * group when it did: "/docker/3f2a...", "/"; raw bytes. */
struct dcm_walk_maker {
	char command[16], parent[16];
	char group[200];
};

/*
 * The makers since the last call, if somebody watches: how many namespaces were made in *@ret_made,
 * and of the last ones, at most DCM_WALK_MAKERS, each maker in @ret. Returns how many.
 */
size_t dcm_walk_namespace_makers(struct dcm_walk *walk, struct dcm_walk_maker *ret,
				 uint64_t *ret_made);

/* ---- the dentry hash table ---- */

struct dcm_walk_table {
	uint64_t base; /* address of the first bucket; 0 once the walk is open */
	uint64_t buckets;
	unsigned shift;		  /* bucket = d_name.hash >> shift */
	unsigned pairs, agreeing; /* evidence */
};

/* Base and size as dcm_walk_open found them from dentries at hand and proved them on a sample of
 * buckets. With a reason: -ENOENT, no unique answer was found; -EOPNOTSUPP, too small a table. */
int dcm_walk_hash_discover(struct dcm_walk *walk, struct dcm_reason *reason,
			   struct dcm_walk_table *ret);

#define DCM_WALK_EXACT_LENGTHS 65 /* lengths 0..64 are counted one by one */
#define DCM_WALK_LENGTH_BITS   64
#define DCM_WALK_TOP_CHAINS    32

struct dcm_walk_superblock_count {
	uint64_t address;
	uint64_t hashed, negative;
};

struct dcm_walk_long_chain {
	uint64_t bucket, length;
	bool truncated; /* length is a lower bound */
	bool guessed;	/* length is not known: about so much */
};

/*
 * A pass takes the table in up to 256 blocks of buckets, in random order: as long as it is not
 * complete, the blocks counted are a random sample of all. Without BPF, several are counted
 * together.
 */

/* Result of the last complete pass. Arrays belong to the walk, valid until the next begin. */
struct dcm_walk_pass {
	uint64_t buckets, nonempty, entries, negative, max_chain, truncated;
	uint64_t lengths[DCM_WALK_EXACT_LENGTHS]; /* chains of exactly that length */
	uint64_t longer[DCM_WALK_LENGTH_BITS];	  /* chains of more than 64: [n] up to 2^n */
	struct dcm_walk_long_chain top[DCM_WALK_TOP_CHAINS]; /* the longest, of any length */
	size_t top_count;
	const struct dcm_walk_superblock_count *superblocks;
	size_t superblock_count;
	uint64_t uncounted;    /* entries of superblocks for which there was no room among those */
	uint64_t runs, run_ns; /* BPF runs and their summed time */
};

/* Starts a pass; discovers the table first when needed. */
int dcm_walk_pass_begin(struct dcm_walk *walk, struct dcm_reason *reason);

/* One run of at most a millisecond. 0: more to do, 1: complete, -errno. *@ret_fraction 0..1. */
int dcm_walk_pass_step(struct dcm_walk *walk, struct dcm_reason *reason, double *ret_fraction);

/* Whether superblocks are counted up to the end of each block, and not only up to that of the pass.
 * Without BPF, all blocks are counted together otherwise. Takes effect with the next pass. */
void dcm_walk_watch_blocks(struct dcm_walk *walk, bool watch);

/* What the pass under way, or the one just completed, has found so far. */
void dcm_walk_pass_result(const struct dcm_walk *walk, struct dcm_walk_pass *ret);

/* The blocks counted so far. True when the last step ended one, or several that are counted
 * together: only then is the result theirs. */
bool dcm_walk_pass_blocks(const struct dcm_walk *walk, struct dcm_block_sample *ret);

/*
 * The block of @bucket is next, as one that is counted in any case: it holds a chain known to be
 * long. May be called during a pass for several; nothing happens when it is counted already.
 */
void dcm_walk_pass_prefer(struct dcm_walk *walk, uint64_t bucket);

#define DCM_WALK_PATH_SIZE 4096

/* The entries of one chain. Names are raw bytes, as in the kernel. */
struct dcm_walk_chain {
	uint64_t length;
	uint64_t negative;
	uint64_t unused;     /* members without a reference: what a shrink would free */
	uint64_t same_name;  /* members with the most frequent (parent, name) */
	uint64_t superblock; /* handle of that member's superblock */
	bool truncated;
	bool parent_complete; /* false: the path has more than DCM_WALK_PATH_SIZE bytes above */
	char name[256];
	char parent[DCM_WALK_PATH_SIZE]; /* path from the superblock's root, "/" or "/sys/net" */
};

/*
 * Describes the chain of one bucket in runs of at most a millisecond, from _begin() until _step()
 * returns something else than 0. One at a time: a new begin drops the one under way. Passes and
 * directories may run in between.
 */
int dcm_walk_chain_begin(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason);

/* One run. 0: more to do, 1: complete, in @ret; -ENOENT: the chain is empty; another -errno. */
int dcm_walk_chain_step(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_chain *ret);

/* ---- chains that a pass has not come to ---- */

/* The buckets that entries met in one run are in; valid until the next run. */
struct dcm_walk_buckets {
	const uint32_t *bucket;
	size_t count;
	double each; /* of a sample: about how many entries one met stands for */
};

/*
 * Visits the cached children of a directory below /proc/sys, at most some 260,000 of them, from
 * _begin() until _step() returns something else than 0, in runs of at most a millisecond. -errno
 * with a reason when it cannot be opened.
 */
int dcm_walk_children_begin(struct dcm_walk *walk, const char *path, struct dcm_reason *reason);

/* One run. 0: more to do, 1: complete, or as far as it went before children were removed under the
 * walk. -errno. */
int dcm_walk_children_step(struct dcm_walk *walk, struct dcm_reason *reason,
			   struct dcm_walk_buckets *ret);

/*
 * About how many entries the table has, from what the last pass has counted so far. Before the
 * first, from the share of empty buckets among those that proved the table, as names hash evenly;
 * 0 while it is not known.
 */
double dcm_walk_expected_entries(const struct dcm_walk *walk);

#define DCM_WALK_SAMPLE_ENTRIES (3u << 12) /* of a sample; fewer are one, too */

/*
 * Draws so many hashed dentries at random from the memory that dentries are in, or fewer when a
 * million random places hold fewer, from _begin() until _step() returns something else than 0, in
 * runs of at most a millisecond. Each dentry is as likely as any other, but for those in a window
 * of 128 MiB (16 MiB on powerpc) that has hardly any others. -EOPNOTSUPP with a reason where the
 * kernel cannot, as all before 6.13.
 */
int dcm_walk_sample_begin(struct dcm_walk *walk, struct dcm_reason *reason);

/* One run. 0: more to do, 1: complete. -errno with a reason. */
int dcm_walk_sample_step(struct dcm_walk *walk, struct dcm_reason *reason,
			 struct dcm_walk_buckets *ret);

/* ---- directories ---- */

/*
 * Passes count children per parent in a sketch of fixed size (bpf/sketch.h). One bucket in @every
 * feeds it; a power of two, 0 for none, 1 for all (the default). In a table of more than a million
 * entries at most one in 8 does, and the error says so. Takes effect with the next pass.
 */
void dcm_walk_set_sketch(struct dcm_walk *walk, unsigned every);

struct dcm_walk_parent {
	uint64_t dentry;	     /* a handle */
	uint64_t children, negative; /* scaled up to the whole table when only part of it was fed */
	uint64_t
		error; /* children are at most this far off (two standard deviations when scaled) */
};

#define DCM_WALK_TOP_PARENTS 32

/* The parents with the most negative children in the pass just completed, then those with the
 * most children; returns how many of at most DCM_WALK_TOP_PARENTS. */
size_t dcm_walk_top_parents(struct dcm_walk *walk, struct dcm_walk_parent *ret);

#define DCM_WALK_NAME_SAMPLES 32

struct dcm_walk_directory {
	uint64_t superblock;		       /* a handle */
	bool complete;			       /* false: the path has more above */
	char path[DCM_WALK_PATH_SIZE];	       /* from the superblock's root */
	char name[DCM_WALK_NAME_SAMPLES][256]; /* of some children, raw bytes */
	size_t names;
};

/* Looks a parent up; only negative children's names with @negative. -ENOENT: it is gone, or
 * has no children any more. */
int dcm_walk_directory(struct dcm_walk *walk, uint64_t dentry, bool negative,
		       struct dcm_reason *reason, struct dcm_walk_directory *ret);

/* ---- other hash tables ---- */

/* What is known of one table of one namespace, or of all. */
struct dcm_walk_hash_table {
	enum dcm_hash_table table;
	const char *missing; /* why there is nothing to be said of it; NULL: there is */
	uint64_t netns;	     /* identity of the namespace that was asked; never that of another */
	uint32_t inode;	     /* of that namespace, as in the link /proc/PID/ns/net */
	bool own;	/* of the calling thread; all others are left out while chains are short */
	bool shared;	/* a single one for all namespaces */
	bool truncated; /* the longest chain, at least, is longer than counted */
	bool unproven;	/* nodes are not where they should be: the numbers mean nothing */
	uint64_t buckets, nonempty, entries, longest;
	uint64_t p99; /* 99 of 100 chains with entries are at most as long; to an eighth above 64 */
	uint64_t ns;  /* that the walk over it took */
};

/*
 * Walks the kernel's other hash tables: all that can be reached from the calling thread's own
 * network namespace, and those that each other namespace has for itself. From _begin() until
 * _step() returns something else than 0, in runs of at most a millisecond. -EOPNOTSUPP with a
 * reason.
 */
int dcm_walk_tables_begin(struct dcm_walk *walk, struct dcm_reason *reason);

/*
 * One run. 0: more to do, 1: complete, -EAGAIN: the namespace under way has gone, begin again;
 * another -errno. *@ret are the tables that it has completed, *@ret_count of them, valid until the
 * next run.
 */
int dcm_walk_tables_step(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_hash_table **ret, size_t *ret_count);

#endif
