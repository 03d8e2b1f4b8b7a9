/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the walkers' kernel and user side share: commands, which are small numbers and handles, and
 * an output that user space may only read. The area, with every address that a walk follows, is the
 * kernel side's alone: no descriptor of it is kept and nobody maps it.
 */
#ifndef DCM_BPF_WALK_SHARED_H
#define DCM_BPF_WALK_SHARED_H

#include <linux/types.h>

#include "common/kernel/walk/bpf/sketch.h"

/* Buckets handled level by level in one go, at most: their nodes' cache lines fit the L2 cache. */
#define DCM_PAGE_BUCKETS  4096
#define DCM_HEADS	  16  /* a page is a multiple of this, and a loop body takes as many */
#define DCM_PIECE	  512 /* heads copied at once: they should fit the L1 cache */
#define DCM_CHUNK	  64  /* nodes per call of a loop body */
#define DCM_FEW		  8   /* the same, of a body with branches: the verifier sees each round */
#define DCM_FETCH	  8   /* loads in a row */
#define DCM_PAGE_ROOM	  (2 * DCM_PAGE_BUCKETS + DCM_FETCH)
#define DCM_PAGE_STEPS	  8192 /* most_steps of a slice of DCM_SLICE_NS */
#define DCM_LEVELS	  64   /* longer chains are handed over to the chain walker */
#define DCM_LEVEL_ROOM	  128  /* a power of two above DCM_LEVELS: masks satisfy any verifier */
#define DCM_RECENT	  64 /* ring of buckets per chain length, half of it trusted; a power of two */
#define DCM_DEFERRED	  8192
#define DCM_SB_SLOTS	  32768 /* superblock counts, open addressing; a power of two */
#define DCM_SB_PROBES	  16
#define DCM_SB_BATCH	  256
#define DCM_NETNS_BATCH	  2048
#define DCM_MAKERS	  512 /* a power of two */
#define DCM_PAIRS	  512
#define DCM_PROVE_BUCKETS 4096 /* looked at to prove that it is the table */
#define DCM_ANCHORS	  16   /* a power of two, half of the bits of a __u32 */
#define DCM_CANDIDATES	  4
#define DCM_PATH_ROOM	  4096 /* a power of two */
#define DCM_NUMA_NODES	  1024 /* CONFIG_NODES_SHIFT is at most 10 */
#define DCM_NAME_ROOM	  256
#define DCM_GROUP_ROOM	  96 /* a control group's name: that of a container's has 64 digits */

/* How long a run may take by default, and at most whatever is asked for. The clock is read every
 * few dozen nodes, and a virtual machine's pauses count as well, so there is a margin below the
 * promised millisecond. */
#define DCM_SLICE_NS 600000
#ifndef DCM_LONGEST_NS
#define DCM_LONGEST_NS 1000000
#endif

/* Why a run stopped. */
enum dcm_run_end {
	DCM_END_BUDGET, /* more to do */
	DCM_END_DONE,
	DCM_END_LOST, /* the element to continue from was removed meanwhile */
	DCM_END_BACK, /* came to an element a second time: it moved, or this is a circle */
};

struct dcm_bpf_superblock {
	__u64 address, root_dentry, fingerprint, bdi_id;
	__u64 oldest_mount, newest_mount;
	__u64 unused, magic;
	__u32 dev, reserved; /* kernel dev_t: major << 20 | minor */
	char fstype[32], subtype[32], id[32];
};

struct dcm_bpf_pair {
	__u64 bucket; /* address */
	__u32 hash, reserved;
};

/* A chain that the pass has not finished. */
struct dcm_bpf_deferred {
	__u32 bucket;  /* number */
	__u32 counted; /* nodes from its head that the pass has counted */
};

struct dcm_bpf_sb_count {
	__u64 address;	/* 0: free */
	__u64 count[2]; /* entries with inode, without */
};

struct dcm_bpf_candidate {
	__u64 parent, hash_len; /* parent dentry, hash and length of the name */
	__u64 weight;		/* Misra-Gries counter, then the exact count */
};

/* A walk round a circle of list_head in several runs. */
struct dcm_bpf_list {
	__u64 first;  /* the element where it started; 0: at the current task's */
	__u64 cursor; /* the last element seen */
	__u64 before; /* the one in front of it */
	__u32 count, end;
};

#include "common/kernel/walk/bpf/tables_shared.h"

struct dcm_bpf_pass {
	__u64 next; /* bucket number to continue with */
	__u64 stop; /* where the block ends that next is in */
	__u64 nonempty, entries, negative, uncounted;
	__u64 lengths[DCM_LEVEL_ROOM];
	__u64 ended;   /* chains that ended within DCM_LEVELS: the sum of lengths from 1 on */
	__u64 waiting; /* nodes still to be visited, of buckets in front of next */
	__u32 page_buckets, deferred, end, sb_used;
	__u32 sketch_every; /* DCM_PAGE_BUCKETS in this many times as many feeds the sketch; 2^n, 0:
			       none */
	__u32 reserved;
};

/* The last chains of each length, in rings; the slot after the newest may have one that went on. */
struct dcm_bpf_recent {
	__u32 bucket[DCM_LEVEL_ROOM][DCM_RECENT];
};

/* How the kernel finds the bucket of a name's hash (fs/dcache.c, d_hash). BPF walkers know the
 * first alone. */
enum dcm_bucket_formula {
	DCM_BUCKET_TOP,	   /* hash >> shift; the parent is part of the hash (8387ff2577eb, 4.8) */
	DCM_BUCKET_GOLDEN, /* hash_32(hash + parent / 64), 4.7 */
	DCM_BUCKET_PRIME,  /* the same with the factor before (ef703f49a6c5, 4.7) */
	DCM_BUCKET_FOLDED, /* h = hash + parent / 64; (h + (h >> bits)) & mask, as 3.10 has it */
	DCM_BUCKET_FORMULAS,
};

#define DCM_FORMULA_SHIFT 8

/* One of the older formulas. A cache line has 64 bytes where those kernels run. */
static inline __u64 dcm_old_bucket(__u32 formula, __u32 hash, __u64 parent, __u32 shift)
{
	__u32 h = hash + (__u32)(parent / 64);

	if (formula == DCM_BUCKET_FOLDED)
		return (h + (h >> (32 - shift))) & (0xffffffffu >> shift);
	return h * (formula == DCM_BUCKET_PRIME ? 0x9e370001u : 0x61c88647u) >> shift;
}

/* A block of a pass, in a word that is not 0: its first bucket, and above it the binary logarithm
 * of its length. */
#define DCM_BLOCK_SHIFT 56

enum dcm_chain_mode {
	DCM_CHAIN_COUNT,    /* continue after a deferred node, with superblock counts */
	DCM_CHAIN_SURVEY,   /* length, negatives, candidates for the most frequent name */
	DCM_CHAIN_DESCRIBE, /* exact count per candidate; name and path of the best */
};

/* What is kept between the runs of one chain's walk. */
struct dcm_bpf_chain_state {
	__u64 bucket;
	__u64 length, negative;	      /* nodes visited, also those that left the chain since */
	__u64 unused;		      /* without a reference: what a shrink would free */
	__u64 kept;		      /* of the nodes visited, up to the one to continue after */
	__u64 known[2 * DCM_ANCHORS]; /* the first of these and the last, see resume_steps.h */
	__u64 mark;		      /* the last one visited behind 2^n others; 0: none */
	__u32 mode, end;
};

/* What a look along the head of a chain finds of what is known; bits are places. */
struct dcm_bpf_order {
	__u64 first[DCM_ANCHORS]; /* nodes of the chain */
	__u32 wanted;		  /* in the chain, not met yet */
	__u32 met, last;	  /* in their order, so far */
	__u32 moved;		  /* met in front of one that they were behind */
	__u32 steps;
	__u32 at, found, reserved; /* where @newest is kept; whether @before is there, too */
	__u64 visited;		   /* nodes of the chain so far */
	__u64 newest, before;	   /* the newest one that is in its place, and its pprev */
};

struct dcm_bpf_chain {
	struct dcm_bpf_chain_state state;
	__u64 node; /* next to visit, within a run */
	struct dcm_bpf_candidate candidates[DCM_CANDIDATES];
	__u64 superblock;
	__u32 best, described, path_len, path_complete;
	char name[DCM_NAME_ROOM];
	char path[DCM_PATH_ROOM + DCM_NAME_ROOM]; /* components from the parent upwards */
};

#define DCM_NAME_SAMPLES 32 /* a power of two */

struct dcm_bpf_directory {
	__u64 dentry, superblock;
	__u64 node; /* next child, within a run */
	__u32 want_negative, found, names, reserved;
	char name[DCM_NAME_SAMPLES][DCM_NAME_ROOM];
};

/* A place in a chain; four words, so that no division is needed between numbers and addresses. */
struct dcm_bpf_node {
	__u64 address, next, bucket;
	__u64 parent; /* the dentry's, plus DCM_POSITIVE if it has an inode */
};

#define DCM_POSITIVE 1ULL

/* Children of one parent, not yet counted for their superblock. */
struct dcm_bpf_family {
	__u64 parent;
	__u64 children; /* DCM_CHILD for each, plus 1 if it has an inode */
	__u64 child;	/* the node of one of them */
	__u64 reserved; /* four words, as a node */
};

/* Entries of one superblock, or, before this is known, of one parent. */
struct dcm_bpf_house {
	__u64 superblock; /* before: the node of one of them */
	__u64 children;	  /* as a family's */
};

#define DCM_CHILD	   (1ULL << 32)
#define DCM_FAMILIES	   128	/* a power of two: few enough to be counted in each short run */
#define DCM_HOUSES	   64	/* a power of two: superblocks summed up at a time */
#define DCM_HOUSE_SHIFT	   11	/* a superblock takes 2 KiB */
#define DCM_DISPLACED_ROOM 8192 /* a power of two, twice DCM_PAGE_BUCKETS */

#define DCM_CHILDREN_ROOM 4096 /* a power of two */

/* The buckets of a directory's children that a run met. */
struct dcm_bpf_children {
	__u32 found, end;
	__u32 bucket[DCM_CHILDREN_ROOM];
};

/* How far a walk over them is. */
struct dcm_bpf_children_state {
	__u64 dentry; /* the directory */
	__u64 node;   /* next one, within a run */
	__u64 anchor; /* the last one visited; 0: none */
};

#define DCM_SAMPLE_ROOM	 1024 /* a power of two */
#define DCM_WINDOWS	 4096 /* a power of two */
#define DCM_WINDOW_SLOTS 8192 /* a power of two */

/* The buckets of the dentries that a run met at random. */
struct dcm_bpf_sample {
	__u32 found, places; /* dentries in chains; places looked at for them */
	__u32 known;	     /* whether it knew how to look */
	__u32 bucket[DCM_SAMPLE_ROOM];
};

/* A window of memory in which a run has met a dentry; another run: it has not. */
struct dcm_bpf_window {
	__u64 number, run;
};

struct dcm_bpf_sample_state {
	__u64 run;	   /* number of it, from 1 on */
	__u64 head, cache; /* a dentry's node, and what it was allocated from */
	__u64 object_bytes, slab_bytes;
	__u32 objects; /* of a slab */
	__u32 windows;
	__u64 window[DCM_WINDOWS];
	struct dcm_bpf_window slot[DCM_WINDOW_SLOTS];
};

struct dcm_bpf_area {
	/* set by user space */
	__u64 base, buckets; /* of the table: address and number, a power of two */
	__u64 max_ns;	     /* of one run */
	__u64 most_steps;    /* nodes of a page before its rest is handed over as well */
	__u32 shift;	     /* bucket = hash >> shift */
	__u32 nodes;	     /* NUMA nodes */
	__u32 formula;	     /* of the bucket, of enum dcm_bucket_formula */
	__u32 pairs_found, checked, agreed;
	__u64 run_ns; /* how long the last run took */
	struct dcm_bpf_list superblocks, netns;
	struct dcm_bpf_tables tables;
	struct dcm_bpf_pass pass;
	struct dcm_bpf_recent recent;
	struct dcm_bpf_chain chain;
	struct dcm_bpf_directory directory;
	struct dcm_bpf_children children;
	struct dcm_bpf_children_state children_state;
	struct dcm_bpf_sample sample;
	struct dcm_bpf_sample_state sample_state;
	struct dcm_bpf_pair pairs[DCM_PAIRS];
	struct dcm_bpf_deferred deferred[DCM_DEFERRED];
	struct dcm_bpf_superblock sb_batch[DCM_SB_BATCH];
	__u64 netns_batch[DCM_NETNS_BATCH];
	__u32 sb_used[DCM_SB_SLOTS]; /* slots taken, in order */
	struct dcm_bpf_sb_count sb[DCM_SB_SLOTS];
	struct dcm_sketch sketch;
	/* scratch, kernel side only */
	__u64 lru_nodes, lru_sum;
	__u32 live, level, ended, page_buckets;
	__u64 kept, longer; /* chains longer than this level, so far */
	__u64 page_steps, started_ns, displaced_count;
	__u64 back[2];
	struct dcm_bpf_order order;
	__u64 heads[DCM_PIECE];
	struct dcm_bpf_node node[DCM_PAGE_ROOM];
	struct dcm_bpf_family family[DCM_FAMILIES];
	struct dcm_bpf_house house[DCM_HOUSES];
	struct dcm_bpf_house displaced[DCM_DISPLACED_ROOM + DCM_CHUNK];
};

#ifndef DCM_BIG_ENDIAN /* of the memory that is walked */
#define DCM_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#endif

/* The int at the address of which a whole word was loaded. */
static inline __s32 dcm_first_int(__u64 word, int big_endian)
{
	return (__s32)(big_endian ? word >> 32 : word);
}

/* What a run is asked to do; not every program knows each. */
enum dcm_bpf_op {
	DCM_OP_GO_ON,  /* pass: @a buckets of a page, @b the block to begin, 0: none */
	DCM_OP_BEGIN,  /* list; tables; pairs, proof; pass, @a sketch_every; children of descriptor
			  @a */
	DCM_OP_JOIN,   /* pass, unguarded: as DCM_OP_GO_ON, and another block is to be begun with
			  the next run as soon as all buckets of this one are taken */
	DCM_OP_RESULT, /* pass: superblocks from number @a on */
	DCM_OP_SKETCH, /* pass: part @a of the sketch's counts */
	DCM_OP_COUNT,  /* chain @b, @a nodes of it are counted */
	DCM_OP_SURVEY, /* chain @b */
	DCM_OP_DESCRIBE, /* the chain surveyed, by its heaviest candidate */
	DCM_OP_HINTED,	 /* chain @b, by those kept as number @a */
	DCM_OP_KEEP,	 /* the candidates, as number @a; nothing is walked */
	DCM_OP_PARENT,	 /* directory: the handle of slot @a of the sketch */
	DCM_OP_KEY,	 /* set-up: @a and @b are the secret of the handles */
	DCM_OP_TABLE,	 /* set-up: base @a, shift @b, and above it the formula */
	DCM_OP_NODES,	 /* set-up: @a NUMA nodes */
	DCM_OP_FORGET,	 /* set-up, the last: what it was made from leaves the output */
};

/* Arguments of each program (struct bpf_raw_tracepoint_args). */
struct dcm_bpf_command {
	__u64 op, a, b;
	__u64 max_ns; /* of this run */
};

/* Chains under way: the one that a pass counts, the one that is described. */
#define DCM_CHAINS 2
#define DCM_HINTS  32

#define DCM_SKETCH_PARTS  16 /* of its counts, so that a run that copies one is short */
#define DCM_PART_SETS	  (DCM_SKETCH_SETS / DCM_SKETCH_PARTS)
#define DCM_SB_RESULTS	  256
#define DCM_CIPHER_ROUNDS 27

/* Beside the area, of the kernel side alone. */
struct dcm_bpf_private {
	__u32 round_key[DCM_CIPHER_ROUNDS];
	struct dcm_bpf_chain saved[DCM_CHAINS];
	struct dcm_bpf_candidate hint[DCM_HINTS][DCM_CANDIDATES];
	__u32 at; /* in loops */
	__u32 end;
};

/* The process that made a network namespace, its parent, and the names of its control group and of
 * the one above; each a 0-terminated name. */
struct dcm_bpf_maker {
	char command[16], parent[16];
	char group[DCM_GROUP_ROOM], group_above[DCM_GROUP_ROOM];
};

/* Network namespaces made while somebody watches: how many, and the makers of the last ones, that
 * of number n at n % DCM_MAKERS. */
struct dcm_bpf_made {
	__u64 count;
	struct dcm_bpf_maker recent[DCM_MAKERS];
};

/* Addresses in it are handles: numbers that only the kernel side can turn back. */
struct dcm_bpf_out {
	__u64 run_ns, two_pointers;
	__u32 pairs_found, checked, agreed, sb_results;
	__u64 handle, sketch_total;
	struct dcm_bpf_list superblocks, netns; /* count and end */
	struct dcm_bpf_pass pass;
	struct dcm_bpf_recent recent; /* after DCM_OP_RESULT */
	struct dcm_bpf_chain chain;
	struct dcm_bpf_directory directory;
	struct dcm_bpf_children children;
	struct dcm_bpf_sample sample;
	struct dcm_bpf_pair pairs[DCM_PAIRS]; /* during set-up */
	struct dcm_bpf_deferred deferred[DCM_DEFERRED];
	struct dcm_bpf_superblock sb_batch[DCM_SB_BATCH];
	__u64 netns_batch[DCM_NETNS_BATCH];
	struct dcm_bpf_sb_count sb[DCM_SB_RESULTS];
	struct dcm_sketch_count sketch[DCM_PART_SETS][DCM_SKETCH_WAYS]; /* one part */
	struct dcm_bpf_made made;
	struct dcm_bpf_tables_out tables;
};

static inline __u32 dcm_sb_slot(__u64 address)
{
	return (__u32)((address >> 6) * 0x9e3779b97f4a7c15ULL >> 40) & (DCM_SB_SLOTS - 1);
}

#endif
