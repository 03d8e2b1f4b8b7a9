/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the two sides of the walk over the kernel's other hash tables share. User space says only
 * "begin" and "go on"; where a table is and how it is read is found by the kernel side each time,
 * from the current task, the list of network namespaces and relocated offsets, and stays there.
 */
#ifndef DCM_BPF_TABLES_SHARED_H
#define DCM_BPF_TABLES_SHARED_H

#include <linux/types.h>

#include "common/model/snapshot/hash_tables.h"

#define DCM_TABLE_PAGE	  512 /* buckets at a time, at most: heads copied at once (DCM_PIECE) */
#define DCM_TABLE_RESULTS 16  /* of one run */
#define DCM_TABLE_SHOWN	  8   /* length of a chain from which another namespace's table is shown */
#define DCM_TABLE_PROOFS  16  /* chains of a table whose first node is examined */
#define DCM_TABLE_PAIRS	  64  /* a power of two */
#define DCM_TABLES_FOUND  32  /* a power of two, DCM_TABLE_COUNT at least */
#define DCM_SYSCTL_NAME	  32

/*
 * Classes of lengths: one for each up to 64, and above eight to every doubling, so that the upper
 * end of a class is at most an eighth too high.
 */
#define DCM_TABLE_EXACT	  64
#define DCM_TABLE_CLASSES 256 /* a power of two */

/* Why a table is not there. */
enum dcm_table_why {
	DCM_TABLE_REACHED,
	DCM_TABLE_NO_MEMBER, /* this kernel has no member that leads to it, or no such table */
	DCM_TABLE_NO_ANCHOR, /* what would lead to it is not there at the moment */
	DCM_TABLE_UNSOLVED,  /* its size or place did not come out */
};

/* What was found in one table. */
struct dcm_bpf_table_result {
	__u64 netns;   /* identity of the namespace */
	__u64 buckets; /* 0: see why */
	__u64 entries, nonempty, longest;
	__u64 ns;	  /* that it took */
	__u32 table, why; /* enum dcm_hash_table, enum dcm_table_why */
	__u32 inode;	  /* of the namespace, in nsfs */
	__u32 own;	  /* of the task that walks */
	__u32 shared;	  /* of all namespaces */
	__u32 truncated;  /* chains that are longer than what was counted */
	__u32 strayed;	  /* chains whose end was that of another bucket */
	__u32 checked, agreed;
	__u32 reserved;
	__u32 lengths[DCM_TABLE_CLASSES];
};

/* Where a table is and how it is read. */
struct dcm_bpf_table {
	__u64 base, buckets;
	__u32 stride, head; /* of a bucket: its size, and where in it the pointer is */
	__u32 has_mark;	    /* ends in the number of its bucket and not in NULL */
	__u32 mark;	    /* that of the first bucket */
	__u32 why, shared;
	__u64 pointer; /* 0, or where the kernel keeps the base of a table that may move */
};

/* On the way to a sysctl. */
struct dcm_bpf_sysctl {
	__u64 node; /* of a directory's tree: 0, not found */
	__u64 header, entry;
	char wanted[DCM_SYSCTL_NAME], name[DCM_SYSCTL_NAME];
};

/* A table whose place is computed once. */
struct dcm_bpf_solved {
	__u64 base;
	__u32 shift, done;
};

/* A walk over all of them, in several runs. */
struct dcm_bpf_tables {
	struct dcm_bpf_list list; /* of namespaces */
	__u64 namespaces;	  /* met so far */
	__u32 table;		  /* of the namespace under the cursor */
	__u32 under_way;	  /* that table */
	__u64 next;		  /* its bucket to continue with */
	/* chains that the last run has not come to the end of: their next nodes */
	__u64 held[DCM_TABLE_PAGE];
	__u32 held_bucket[DCM_TABLE_PAGE];
	__u32 held_count;
	__u32 resumed; /* how often they, or the chain below, have been gone on with */
	__u64 depth;   /* nodes of each that are counted */
	/* those whose next node left them meanwhile, to be walked again one by one */
	__u32 deferred[DCM_TABLE_PAGE];
	__u32 deferred_count, deferred_next;
	__u64 at, walked; /* within one: the last node, and how many until there */
	__u32 late;
	__u64 own[DCM_TABLE_COUNT];    /* where the own namespace's are */
	__u64 place[DCM_TABLES_FOUND]; /* of those that were found by a node and stay there; or 0 */
	__u64 own_tcp, own_udp;	       /* what leads to those of sockets */
	__u32 has_few;		       /* devices and IPv4 addresses */
	__u32 has_own_sockets;	       /* those of the own namespace's tables */
	struct dcm_bpf_table now;
	struct dcm_bpf_table_result found; /* in the table under way */
	struct dcm_bpf_solved inodes, mounts;
	/* scratch */
	struct dcm_bpf_sysctl sysctl;
	__u64 net, back, back_sb, variable;
	__u64 folded[DCM_TABLE_PAIRS], bucket[DCM_TABLE_PAIRS];
	__u32 pairs, best;
};

struct dcm_bpf_tables_out {
	struct dcm_bpf_list list; /* count and end */
	__u64 namespaces;	  /* met so far */
	struct dcm_bpf_table_result found[DCM_TABLE_RESULTS];
};

/* The class of a length from 1 on. */
static inline __u32 dcm_table_class(__u64 length)
{
	__u32 power = 0, i;

	if (length <= DCM_TABLE_EXACT)
		return length;
	/* the binary logarithm of what is below 2^32 */
	for (i = 16; i; i >>= 1)
		if (length >> (power + i))
			power += i;
	i = DCM_TABLE_EXACT + 1 + (power - 6) * 8 + (length >> (power - 3) & 7);
	return i < DCM_TABLE_CLASSES ? i : DCM_TABLE_CLASSES - 1;
}

/* The longest of a class. */
static inline __u64 dcm_table_class_end(__u32 class)
{
	__u32 above;

	if (class <= DCM_TABLE_EXACT)
		return class;
	above = class - DCM_TABLE_EXACT - 1;
	return (((above & 7) + 9ULL) << (above / 8 + 3)) - 1;
}

#endif
