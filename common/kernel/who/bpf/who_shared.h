/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel and user side of "who" share: the records in the ring, and the counters. */
#ifndef DCM_BPF_WHO_SHARED_H
#define DCM_BPF_WHO_SHARED_H

#include <linux/types.h>

#define DCM_WHO_PATH	 256
#define DCM_WHO_BASE	 512 /* a power of two; names start in its first half */
#define DCM_WHO_SYSCALLS 512 /* a power of two above every system call's number */
#define DCM_WHO_ABOVE	 4   /* processes above the maker of a namespace */
#define DCM_WHO_RING	 (4u << 20)

/* Where a system call has its path. */
enum dcm_who_argument {
	DCM_WHO_NO_PATH,
	DCM_WHO_FIRST,	   /* the first argument, from the working directory */
	DCM_WHO_FIRST_AT,  /* the second, from the descriptor before it */
	DCM_WHO_SECOND,	   /* the second, from the working directory */
	DCM_WHO_SECOND_AT, /* the third, from the descriptor before it */
	DCM_WHO_SOCKET,	   /* in the socket address that is the second */
};

enum dcm_who_kind {
	DCM_WHO_MISSING, /* a path call failed with ENOENT */
	DCM_WHO_GREW,	 /* another call after which there were more negative dentries */
	DCM_WHO_CREATED, /* d_alloc(): a dentry was made */
	DCM_WHO_NETNS,	 /* a network namespace was made */
	DCM_WHO_LEFT,	 /* a thread left the CPU with more negative dentries than it found */
};

/* What each record begins with; all there is of DCM_WHO_LEFT. */
struct dcm_who_process {
	__u64 cgroup; /* id in the cgroup2 hierarchy */
	__u32 tgid, kind;
	__u32 mount_namespace; /* inode number */
	__u32 one_of;	       /* number of events that this one represents */
	__u64 negative; /* negative dentries that it left in the cache; not DCM_WHO_CREATED */
	char comm[16];
};

/* Of DCM_WHO_NETNS. */
struct dcm_who_netns {
	struct dcm_who_process process;
	char above[DCM_WHO_ABOVE][16]; /* commands: parent, its parent ...; "" beyond PID 1 */
};

struct dcm_who_record {
	struct dcm_who_process process;
	__u32 dev;		 /* kernel dev_t of the superblock that @base lies in */
	__u32 base_len;		 /* bytes used in @base */
	__u32 base_cut;		 /* 1: there are more names above */
	char path[DCM_WHO_PATH]; /* as the program gave it; the name for DCM_WHO_CREATED */
	char base[DCM_WHO_BASE]; /* names from the directory that it is relative to upwards */
};

/* Of one CPU. All but the last line only grow. */
struct dcm_who_counters {
	__u64 calls;	  /* system calls seen */
	__u64 missing;	  /* of those, within a window: path calls that failed with ENOENT */
	__u64 grew;	  /* of those, within a window: calls that left negative dentries */
	__u64 fell;	  /* and calls that took some away */
	__u64 created;	  /* dentries made */
	__u64 left;	  /* negative dentries left, as records say */
	__u64 left_lost;  /* and those whose record found no room */
	__u64 netns_lost; /* network namespaces whose record found no room */
	__u64 described;  /* of the calls above */
	__u64 dropped;	  /* other events that found no room */

	__u64 counter;	 /* address of this CPU's nr_dentry_negative; 0: not known yet */
	__s64 at_switch; /* the counter when the thread came */
	__s64 at_call;	 /* and when it last left a call */
	__s64 at_shrink; /* and when it began to reclaim */
	__s64 shrunk;	 /* what reclaim has changed in all, subtracted from the above */
	__u32 is_shrinking;
	__u32 window; /* that at_call belongs to */
};

#endif
