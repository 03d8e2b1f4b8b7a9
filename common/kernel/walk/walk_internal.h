/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the walk_*.c files only. */
#ifndef DCM_KERNEL_WALK_INTERNAL_H
#define DCM_KERNEL_WALK_INTERNAL_H

#include "common/kernel/walk/bpf/walk_shared.h"
#include "common/kernel/walk/walk.h"

/* A slice on a kernel whose users want more (PREEMPT_RT): a run is not preempted. */
#define DCM_SLICE_RT_NS 50000

/* Nobody is kept off a CPU by reading /proc/kcore; a run reads its memory afresh. */
#define DCM_SLICE_KCORE_NS 5000000

#define DCM_NODES_FILE "/sys/devices/system/node/possible"

enum dcm_walk_program {
	DCM_PROG_SETUP,
	DCM_PROG_SUPERBLOCKS,
	DCM_PROG_NETNS,
	DCM_PROG_PAIRS,
	DCM_PROG_PROVE,
	DCM_PROG_PASS,
	DCM_PROG_CHAIN,
	DCM_PROG_DIRECTORY,
	DCM_PROG_CHILDREN,
	DCM_PROG_TABLES,
	DCM_PROG_MADE,	 /* not run, but attached */
	DCM_PROG_SAMPLE, /* the last: in an object of its own */
	DCM_PROG_COUNT,
};

/* The bucket whose most frequent keys the kernel side keeps; that saves the next survey. */
struct dcm_chain_hint {
	uint64_t bucket;
	bool kept;
};

/* Some hundred million entries of one chain; later ones are left out. */
#define DCM_MAX_CHAIN_RUNS (1u << 17)

/* The description of one chain, between its runs. */
struct dcm_chain_walk {
	bool active, by_hint;
	unsigned runs;	    /* in this mode */
	enum dcm_bpf_op op; /* of the next run */
	uint64_t bucket, hint;
};

#define DCM_WALK_BLOCKS 256 /* at most */

/* The table in blocks of equal size, and the order in which a pass takes them. */
struct dcm_walk_blocks {
	uint16_t order[DCM_WALK_BLOCKS];
	uint64_t buckets; /* of a block */
	struct dcm_block_sample done;
	size_t ahead;	  /* the next ones in the order that are certain */
	size_t under_way; /* that are being counted, together */
	bool certain;	  /* these are */
};

struct dcm_walk_pass_state {
	bool active;
	struct dcm_walk_blocks blocks;
	bool watch_blocks;
	bool block_ended; /* with the last step */
	size_t joining;	  /* blocks to be counted with those under way */
	uint64_t before;  /* entries, at the begin of these */
	double fraction;
	uint64_t entries, negative, truncated, max_chain; /* of the chains walked one by one */
	uint64_t runs, run_ns;
	struct dcm_bpf_deferred pending[DCM_DEFERRED];
	size_t pending_count, pending_next;
	bool chain_active;
	unsigned chain_runs;
	uint32_t page; /* buckets */
	uint64_t lengths[DCM_WALK_EXACT_LENGTHS], longer[DCM_WALK_LENGTH_BITS];
	struct dcm_walk_long_chain top[DCM_WALK_TOP_CHAINS]; /* of these, longest first */
	size_t top_count;
	struct dcm_walk_superblock_count *superblocks;
	size_t superblock_count, superblock_room;
};

/* Identities of network namespaces, sorted once the walk is complete. */
struct dcm_walk_cookies {
	uint64_t *cookies;
	size_t count, room;
};

/* The visit of a directory's children, between its runs. */
struct dcm_walk_visit {
	int fd; /* of the directory; -1: none under way */
	bool begun;
	uint64_t found, runs;
};

/* The vehicle of a walk: what runs the walkers' programs, each for a command. All else, which chain
 * is long, what is to be looked at again, is the same with each. */
struct dcm_walk_ops {
	/* -errno with a reason when a program that there is does not run. */
	int (*run)(struct dcm_walk *walk, enum dcm_walk_program program,
		   struct dcm_bpf_command *command, struct dcm_reason *reason);
	/* Finds the table and hands it over to the programs. -errno with a reason. */
	int (*find_table)(struct dcm_walk *walk, struct dcm_reason *reason,
			  struct dcm_walk_table *ret);
	/* What only setting up needs is given up. */
	void (*end_setup)(struct dcm_walk *walk);
	void (*close)(struct dcm_walk *walk);
};

struct dcm_walk_kcore;

/* The sample of dentries, between its runs. */
struct dcm_walk_sampling {
	bool under_way;
	uint64_t met, places, runs;
};

struct dcm_walk {
	const struct dcm_walk_ops *ops;
	struct dcm_walk_kcore *kcore; /* of that vehicle */
	enum dcm_walk_flavour flavour;
	bool has_loop; /* the kernel has bpf_loop, or cannot be asked */
	char *root;
	bool has[DCM_PROG_COUNT];	       /* the programs that can be run */
	struct dcm_reason why[DCM_PROG_COUNT]; /* the others cannot */
	int program[DCM_PROG_COUNT];	       /* their descriptors, with BPF; -1: none */
	const struct dcm_bpf_out *out;	       /* mapped to read, and only that */
	size_t out_size;
	uint64_t slice_ns;
	bool has_unused;	      /* it is known where unused entries are counted */
	struct dcm_reason why_unused; /* or why not */
	bool has_nodes;		      /* and the number of NUMA nodes is, too */
	uint64_t longest_ns;
	uint64_t run_capabilities;

	struct dcm_walk_superblock *superblocks;
	size_t superblock_room;

	struct dcm_walk_cookies cookies_now, cookies_before; /* of the walk under way, the last */
	uint64_t listed;
	bool netns_seen;
	int made_fd;	     /* the watch for new ones; -1: none */
	uint64_t made_taken; /* of those, up to which makers were taken */

	bool table_known;
	int table_err; /* why it is not */
	struct dcm_reason table_reason;
	struct dcm_walk_table table;
	struct dcm_walk_pass_state pass;
	unsigned sketch_every;
	bool watch_blocks; /* as of the next pass */
	struct dcm_chain_hint hints[DCM_HINTS];
	size_t next_hint;
	struct dcm_chain_walk describing;
	struct dcm_walk_visit visit;
	bool tables_begun;
	struct dcm_walk_hash_table tables[DCM_TABLE_RESULTS]; /* of the last run */
	struct dcm_walk_sampling sampling;
};

/* ---- walk_load.c ---- */

/* Loads what the kernel takes of the programs: @flavour, and maps the area. One that is refused
 * does not take the others with it: a run of it says why. -errno with a reason when none loads. The
 * vehicle is then BPF. */
int dcm_walk_load(struct dcm_walk *walk, enum dcm_walk_flavour flavour, struct dcm_reason *reason);
void dcm_walk_unload(struct dcm_walk *walk);

const char *dcm_walk_program_name(enum dcm_walk_program program);

/* Reads a small file below @root; "" when that is not possible. */
void dcm_walk_read_small(const char *root, const char *path, char *buf, size_t size);

/* ---- walk.c ---- */

/* Without a vehicle; NULL: no memory. Released by dcm_walk_close(). */
struct dcm_walk *dcm_walk_new(const char *root);

/* The walk has its vehicle: gives the programs all that they follow. -errno with a reason. */
int dcm_walk_set_up(struct dcm_walk *walk, uint32_t nodes, struct dcm_reason *reason);

/* Runs a program once, for @op with @a and @b; -errno with a reason when the kernel refuses. */
int dcm_walk_run(struct dcm_walk *walk, enum dcm_walk_program program, enum dcm_bpf_op op,
		 uint64_t a, uint64_t b, struct dcm_reason *reason);

/* The table is at @base, its buckets are found by @shift (and, above it, another formula): tells
 * the programs, and proves it on buckets all over the table. -ENOENT with a reason: it is not. */
int dcm_walk_prove_table(struct dcm_walk *walk, uint64_t base, uint64_t shift,
			 struct dcm_reason *reason);

/* -EOPNOTSUPP with a reason: a table that is too small for a pass. */
int dcm_walk_check_size(const struct dcm_walk_table *table, struct dcm_reason *reason);

/* Finds the table from dentries at hand. */
int dcm_walk_solve_table(struct dcm_walk *walk, struct dcm_reason *reason,
			 struct dcm_walk_table *ret);

/* Finds the hash table, before the process gives up what that needs; keeps what came of it.
 * -EOPNOTSUPP with a reason: no walk at all works on this kernel. */
int dcm_walk_find_table(struct dcm_walk *walk, struct dcm_reason *reason);

/* A list that is walked whole. */
struct dcm_walk_list {
	const struct dcm_bpf_list *list; /* in the output */
	enum dcm_walk_program program;
	const char *members, *verb; /* "superblocks", "list": for reasons */
	size_t max;		    /* members */
	/* Takes a batch of @count members after the first @before. -ENOMEM. */
	int (*take)(struct dcm_walk *walk, size_t before, size_t count);
};

/*
 * Walks the list once around, from the start again when it moved under the walk. -EAGAIN when it
 * keeps moving, -E2BIG, -ENOMEM or what the kernel said, all with a reason.
 */
int dcm_walk_list(struct dcm_walk *walk, const struct dcm_walk_list *kind,
		  struct dcm_reason *reason, size_t *ret_count);

/* Makes room for @count elements of @size bytes in *@array; keeps what is there. -ENOMEM. */
int dcm_walk_room(void **array, size_t *room, size_t count, size_t size);

/* Joins the components of area.chain.path, parent first, into "/sys/net"; false: cut. */
bool dcm_walk_build_path(const struct dcm_bpf_chain *chain, char *out, size_t size);

/* Cuts a table into blocks and orders them by chance. */
void dcm_walk_blocks_begin(struct dcm_walk_blocks *blocks, uint64_t buckets);

/* Begins the next block, together with those under way: its first bucket. False after the last one,
 * and where it is certain and these are not, or these are. */
bool dcm_walk_blocks_next(struct dcm_walk_blocks *blocks, uint64_t *ret_first);

/* The blocks under way are counted. */
void dcm_walk_blocks_end(struct dcm_walk_blocks *blocks);

/* Moves the block of a bucket to the front of those that are left, as certain. */
void dcm_walk_blocks_prefer(struct dcm_walk_blocks *blocks, uint64_t bucket);

/* Ends the visit of a directory that is under way, if one is. */
void dcm_walk_children_end(struct dcm_walk *walk);

/* Releases what the pass holds. */
void dcm_walk_pass_deinit(struct dcm_walk *walk);

#endif
