/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who makes dentries: path calls that fail with ENOENT, new network namespaces and, where the
 * kernel lets fentry programs load, the allocation itself. Everything that costs more than a few
 * nanoseconds is done for a sample only; the sum of it all is made by user space.
 */
#include "common/kernel/walk/bpf/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "common/kernel/who/bpf/who_shared.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define ENOENT	     2
#define AT_FDCWD     -100
#define CLONE_NEWNET 0x40000000
#define BASE_DEPTH   24
#define TS_COMPAT    2 /* arch/x86/include/asm/thread_info.h */

struct thread_info___who {
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
	struct path pwd;
} relocated;

struct task_struct___who {
	struct thread_info___who thread_info;
	struct nsproxy___who *nsproxy;
	struct fs_struct___who *fs;
	struct files_struct *files;
} relocated;

/* Registers of a system call. The first argument of arm64 is overwritten by the result. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs___who {
	unsigned long di, si, orig_ax;
} relocated;
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, orig_ax)
#define CALL_FIRST(regs)  BPF_CORE_READ(regs, di)
#define CALL_SECOND(regs) BPF_CORE_READ(regs, si)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs___who {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
} relocated;
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, syscallno)
#define CALL_FIRST(regs)  BPF_CORE_READ(regs, orig_x0)
#define CALL_SECOND(regs) BPF_CORE_READ(regs, regs[1])
#else
struct pt_regs___who {
	unsigned long unknown;
};
#define CALL_NUMBER(regs) (~0UL)
#define CALL_FIRST(regs)  0UL
#define CALL_SECOND(regs) 0UL
#endif

/* Per call number: 0 no path call, 1 the path is the first argument, 2 the second, after a
 * descriptor. */
const volatile __u8 path_argument[DCM_WHO_SYSCALLS] = {0};
const volatile __u32 unshare_number = 0;

/* Set while running: one event of so many (a power of two, minus 1) is described. */
__u32 sample_mask = 0;

/* From the begin of a watch on: the allocation's program is attached before. */
bool watching = false;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dcm_who_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, DCM_WHO_RING);
} events SEC(".maps");

static __always_inline struct dcm_who_counters *own_counters(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

static __always_inline bool is_sampled(void)
{
	return !sample_mask || !(bpf_get_prandom_u32() & sample_mask);
}

/* A record with the process filled in; NULL when the buffer is full. */
static __always_inline struct dcm_who_record *reserve(struct dcm_who_counters *c, __u32 kind)
{
	struct task_struct___who *task = (void *)bpf_get_current_task();
	struct dcm_who_record *r = bpf_ringbuf_reserve(&events, sizeof(*r), 0);

	if (!r) {
		c->dropped++;
		return NULL;
	}
	r->kind = kind;
	r->tgid = bpf_get_current_pid_tgid() >> 32;
	r->cgroup = bpf_get_current_cgroup_id();
	r->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	r->one_of = sample_mask + 1;
	r->dev = r->base_len = r->base_cut = 0;
	r->path[0] = 0;
	bpf_get_current_comm(r->comm, sizeof(r->comm));
	return r;
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

static __always_inline struct dentry *folder_of(int fd)
{
	struct task_struct___who *task = (void *)bpf_get_current_task();
	struct fdtable *table;
	struct file **slot, *file = NULL;

	if (fd == AT_FDCWD)
		return BPF_CORE_READ(task, fs, pwd.dentry);
	table = BPF_CORE_READ(task, files, fdt);
	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	slot = BPF_CORE_READ(table, fd) + fd;
	bpf_probe_read_kernel(&file, sizeof(file), slot);
	return file ? BPF_CORE_READ(file, f_path.dentry) : NULL;
}

static __always_inline void describe_missing(struct pt_regs___who *regs, __u32 argument,
					     struct dcm_who_counters *c)
{
	struct dcm_who_record *r = reserve(c, DCM_WHO_MISSING);
	struct dentry *folder = NULL;
	const void *path;

	if (!r)
		return;
	path = (const void *)(argument == 1 ? CALL_FIRST(regs) : CALL_SECOND(regs));
	if (bpf_probe_read_user_str(r->path, sizeof(r->path), path) < 0)
		r->path[0] = 0;
	if (r->path[0] != '/')
		folder = folder_of(argument == 1 ? AT_FDCWD : (int)CALL_FIRST(regs));
	if (folder)
		add_base(r, folder);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

/* 32-bit programs on x86 have other numbers. */
static __always_inline bool is_compat(void)
{
#if defined(__TARGET_ARCH_x86)
	struct task_struct___who *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	return false;
#endif
}

static __always_inline void submit_netns(struct dcm_who_counters *c)
{
	struct dcm_who_record *r = reserve(c, DCM_WHO_NETNS);

	if (!r)
		return;
	r->one_of = 1;
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

SEC("raw_tp/sys_exit")
int call_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs___who *regs = (void *)ctx->args[0];
	long result = (long)ctx->args[1];
	struct dcm_who_counters *c = own_counters();
	__u64 number;
	__u32 argument;

	if (!c)
		return 0;
	c->calls++;
	if (result != -ENOENT && result != 0)
		return 0;
	number = CALL_NUMBER(regs);
	if (result == 0) {
		if (number == unshare_number && !is_compat() && (CALL_FIRST(regs) & CLONE_NEWNET))
			submit_netns(c);
		return 0;
	}
	if (number >= DCM_WHO_SYSCALLS)
		return 0;
	argument = path_argument[number & (DCM_WHO_SYSCALLS - 1)];
	if (!argument || is_compat())
		return 0;
	c->missing++;
	if (is_sampled())
		describe_missing(regs, argument, c);
	return 0;
}

/* clone and clone3, whatever the way: task_newtask(task, clone_flags). */
SEC("raw_tp/task_newtask")
int new_task(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_who_counters *c = own_counters();

	if (c && (ctx->args[1] & CLONE_NEWNET))
		submit_netns(c);
	return 0;
}

/*
 * d_alloc_parallel(parent, name, wq), fs/dcache.c: what a lookup of a name that is not cached
 * calls. d_alloc() itself is inlined into it.
 */
SEC("fentry/d_alloc_parallel")
int dentry_alloc(__u64 *ctx)
{
	struct dentry *parent = (void *)ctx[0];
	struct qstr *name = (void *)ctx[1];
	struct dcm_who_counters *c = own_counters();
	struct dcm_who_record *r;

	if (!c || !watching)
		return 0;
	c->created++;
	if (!is_sampled())
		return 0;
	r = reserve(c, DCM_WHO_CREATED);
	if (!r)
		return 0;
	bpf_probe_read_kernel_str(r->path, sizeof(r->path), BPF_CORE_READ(name, name));
	add_base(r, parent);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}
