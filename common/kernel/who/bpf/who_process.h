/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Describes a process, and a directory by the names above it: what both watches put into records.
 */
#ifndef DCM_BPF_WHO_PROCESS_H
#define DCM_BPF_WHO_PROCESS_H

#include "common/kernel/walk/bpf/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "common/kernel/who/bpf/who_shared.h"

#define BASE_DEPTH 24

struct thread_info___who {
	unsigned long flags;
	__u32 status;
} relocated;

struct ns_common___who {
	__u32 inum;
} relocated;

struct mnt_namespace___who {
	struct ns_common___who ns;
} relocated;

struct nsproxy___who {
	struct mnt_namespace___who *mnt_ns;
} relocated;

struct fs_struct___who {
	struct path root, pwd;
} relocated;

struct rq___who {
	int cpu;
} relocated;

struct cfs_rq___who {
	struct rq___who *rq; /* with CONFIG_FAIR_GROUP_SCHED */
} relocated;

struct sched_entity___who {
	struct cfs_rq___who *cfs_rq;
} relocated;

struct task_struct___who {
	struct thread_info___who thread_info;
	struct sched_entity___who se;
	struct nsproxy___who *nsproxy;
	struct fs_struct___who *fs;
	struct files_struct *files;
	struct task_struct___who *real_parent, *group_leader;
	int tgid;
	char comm[16];
} relocated;

/* The process that runs now. */
static __always_inline void fill_process(struct dcm_who_process *p, __u32 kind, __u32 one_of,
					 __u64 negative)
{
	struct task_struct___who *task = (void *)bpf_get_current_task();

	p->kind = kind;
	p->tgid = bpf_get_current_pid_tgid() >> 32;
	p->cgroup = bpf_get_current_cgroup_id();
	p->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	p->one_of = one_of;
	p->negative = negative;
	bpf_get_current_comm(p->comm, sizeof(p->comm));
}

/* The names from @dentry up to the root of its superblock. */
static __always_inline void add_base(struct dcm_who_record *r, struct dentry *dentry)
{
	__u32 at = 0, i;

	r->dev = BPF_CORE_READ(dentry, d_sb, s_dev);
	for (i = 0; i < BASE_DEPTH; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		long n;

		if (parent == dentry || !parent)
			break;
		if (at >= DCM_WHO_BASE / 2) {
			r->base_cut = 1;
			break;
		}
		n = bpf_probe_read_kernel_str(&r->base[at & (DCM_WHO_BASE / 2 - 1)],
					      DCM_WHO_BASE / 2, BPF_CORE_READ(dentry, d_name.name));
		if (n <= 0)
			break;
		at += n;
		dentry = parent;
	}
	if (i == BASE_DEPTH)
		r->base_cut = 1;
	r->base_len = at;
}

#endif
