/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel and user side of "who" share: one event per sampled call. */
#ifndef DCM_BPF_WHO_SHARED_H
#define DCM_BPF_WHO_SHARED_H

#include <linux/types.h>

#define DCM_WHO_PATH	 256
#define DCM_WHO_BASE	 512 /* a power of two; names start in its first half */
#define DCM_WHO_SYSCALLS 512 /* a power of two above every system call's number */
#define DCM_WHO_RING	 (4u << 20)

enum dcm_who_kind {
	DCM_WHO_MISSING, /* a path call failed with ENOENT */
	DCM_WHO_CREATED, /* d_alloc(): a dentry was made */
	DCM_WHO_NETNS,	 /* unshare or clone with CLONE_NEWNET */
};

struct dcm_who_record {
	__u64 cgroup; /* id in the cgroup2 hierarchy */
	__u32 tgid, kind;
	__u32 mount_namespace; /* inode number */
	__u32 dev;	       /* kernel dev_t of the superblock that @base lies in */
	__u32 one_of;	       /* this event stands for that many */
	__u32 base_len;	       /* bytes used in @base */
	__u32 base_cut;	       /* 1: there are more names above */
	char comm[16];
	char path[DCM_WHO_PATH]; /* as the program gave it; the name for DCM_WHO_CREATED */
	char base[DCM_WHO_BASE]; /* names from the folder that it is relative to upwards */
};

struct dcm_who_counters {
	__u64 calls;   /* system calls seen */
	__u64 missing; /* of those: path calls that failed with ENOENT */
	__u64 created; /* dentries made */
	__u64 dropped; /* events that found no room */
};

#endif
