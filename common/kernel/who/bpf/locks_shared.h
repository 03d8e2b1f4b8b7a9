/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel and user side of "who --locks" share: the entries of the maps. */
#ifndef DCM_BPF_LOCKS_SHARED_H
#define DCM_BPF_LOCKS_SHARED_H

#include <linux/types.h>

#include "common/kernel/who/bpf/who_shared.h"
#include "common/model/who/lock_kinds.h"

#define DCM_LOCKS	    4096  /* that have a name */
#define DCM_LOCK_WAITERS    16384 /* pairs of a lock and a process */
#define DCM_LOCK_PLACES_LOG 14	  /* 2^N places for threads that sleep at one time */
#define DCM_LOCK_PLACES	    (1 << DCM_LOCK_PLACES_LOG)
#define DCM_LOCK_STACK	    16
#define DCM_LOCK_NEST	    4	/* a thread and three kinds of interrupts, each spinning */
#define DCM_LOCK_SB_BATCH   256 /* superblocks in one run */
#define DCM_LOCK_SB_FSTYPE  32

/* include/trace/events/lock.h, LCB_F_* */
#define DCM_LOCK_SPIN	1
#define DCM_LOCK_READ	2
#define DCM_LOCK_WRITE	4
#define DCM_LOCK_RT	8
#define DCM_LOCK_PERCPU 16
#define DCM_LOCK_MUTEX	32

/* A lock, by its address: what it belongs to, as its first waiter found it. */
struct dcm_lock_entry {
	__u32 kind;    /* enum dcm_lock_kind */
	__u32 flags;   /* DCM_LOCK_* of the first wait */
	__u32 tries;   /* to name it */
	__u32 several; /* 1: the memory was given to another object meanwhile */
	__u64 check;   /* tells that */
	__u64 checked_ns;
	__u64 superblock;
	__u64 memory_cgroup; /* id in the cgroup2 hierarchy; 0: not known */
	__s32 node;	     /* NUMA node of an LRU's lock; -1: not known */
	__u32 frames;	     /* in @stack */
	__u64 stack[DCM_LOCK_STACK];
	char fstype[DCM_LOCK_SB_FSTYPE];
	struct dcm_who_record where; /* .dev and .base: the superblock, and a path in it */
};

struct dcm_lock_waiter_key {
	__u64 lock;
	__u64 tgid;
};

struct dcm_lock_waiter {
	__u64 waits, reads, total_ns, longest_ns;
	struct dcm_who_process process;
};

/* A wait under way. */
struct dcm_lock_wait {
	__u64 lock, begin_ns;
	__u32 tgid, flags;
	__u32 thread, pad_; /* 0: this place is free */
};

/* Of one CPU. */
struct dcm_lock_cpu {
	__u64 waits;	   /* begun, since the watch began */
	__u64 second;	   /* that @in_second counts for, a number */
	__u64 in_second;   /* waits begun */
	__u64 unnamed;	   /* waits for locks that found no room */
	__u64 lost;	   /* waits that found no room */
	__u64 spins;	   /* of @waits: for spinning locks */
	__u32 depth, pad_; /* of @spin */
	struct dcm_lock_wait spin[DCM_LOCK_NEST];
};

struct dcm_lock_superblock {
	__u64 address;
	__u64 dentry_lru, inode_lru; /* arrays, an element per NUMA node */
	__u32 dev, pad_;
	char fstype[DCM_LOCK_SB_FSTYPE];
};

/* The walk over superblocks. All zero: from the beginning. */
struct dcm_lock_walk {
	__u64 first, next;
	__u32 count;	 /* in @batch, of the last run */
	__u32 end;	 /* 1: all of them; 2: lost, begin again */
	__u64 self;	 /* by what number records know the process that runs it */
	__u64 node_size; /* of an element of those arrays */
	struct dcm_lock_superblock batch[DCM_LOCK_SB_BATCH];
};

#endif
