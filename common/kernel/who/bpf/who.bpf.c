/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who makes dentries.
 *
 * The kernel counts negative dentries per CPU (nr_dentry_negative, fs/dcache.c), and a counter only
 * moves on behalf of the thread that runs there. So its growth from one context switch to the next
 * is what that thread left behind: exact, at the price of one load per switch. What reclaim takes
 * away meanwhile does not count against whoever happens to do it.
 *
 * Where, and how many lookups failed, is seen at the end of system calls, within windows of time
 * and there for a sample; the growth since the thread's last call tells a name that was new from
 * one that the cache knew. New network namespaces and, where the kernel lets fentry programs load,
 * the allocation of dentries are watched all the time. The sums are made by user space.
 */
#include "common/kernel/walk/bpf/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "common/kernel/walk/bpf/netns_made.h"
#include "common/kernel/who/bpf/who_process.h"
#include "common/kernel/who/bpf/who_shared.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define ENOENT	  2
#define AT_FDCWD  -100
#define TS_COMPAT 2 /* arch/x86/include/asm/thread_info.h */

#define TIF_32BIT    22 /* arch/arm64/include/asm/thread_info.h */
#define AF_UNIX	     1
#define AF_UNIX_PATH 2 /* offset of sun_path (unix(7)) */

/* Registers of a system call. The first argument of arm64 is overwritten by the result. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs___who {
	unsigned long di, si, dx, orig_ax;
} relocated;
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, orig_ax)
#define CALL_FIRST(regs)  BPF_CORE_READ(regs, di)
#define CALL_SECOND(regs) BPF_CORE_READ(regs, si)
#define CALL_THIRD(regs)  BPF_CORE_READ(regs, dx)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs___who {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
} relocated;
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, syscallno)
#define CALL_FIRST(regs)  BPF_CORE_READ(regs, orig_x0)
#define CALL_SECOND(regs) BPF_CORE_READ(regs, regs[1])
#define CALL_THIRD(regs)  BPF_CORE_READ(regs, regs[2])
#else
struct pt_regs___who {
	unsigned long unknown;
};
#define CALL_NUMBER(regs) (~0UL)
#define CALL_FIRST(regs)  0UL
#define CALL_SECOND(regs) 0UL
#define CALL_THIRD(regs)  0UL
#endif

/* Per call number: enum dcm_who_argument. */
const volatile __u8 path_argument[DCM_WHO_SYSCALLS] = {0};

/* From the CPU's struct rq to its nr_dentry_negative, both per-CPU variables; 0: not known. */
__s64 rq_to_negative = 0;

/* Set while running: one event of so many (a power of two, minus 1) is described: failed lookups
 * of names that the cache knew, calls that left negative dentries, allocations. */
__u32 known_mask = 0, grew_mask = 0, created_mask = 0;

/* The number of the window under way; 0 between windows. */
__u32 window = 0;

/* From the begin of a watch on: some programs are attached before. */
bool watching = false;

/* By what number records know the process that loaded this, whatever PID namespace it is in. */
__u32 self = 0;

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

static __always_inline bool is_sampled(__u32 mask)
{
	return !mask || !(bpf_get_prandom_u32() & mask);
}

/* A record with the process filled in; NULL when the buffer is full. */
static __always_inline struct dcm_who_record *reserve(struct dcm_who_counters *c, __u32 kind,
						      __u32 one_of, __u64 negative)
{
	struct dcm_who_record *r = bpf_ringbuf_reserve(&events, sizeof(*r), 0);

	if (!r) {
		c->dropped++;
		return NULL;
	}
	fill_process(&r->process, kind, one_of, negative);
	r->dev = r->base_len = r->base_cut = 0;
	r->path[0] = 0;
	return r;
}

static __always_inline bool submit_process(__u32 kind, __u64 negative)
{
	struct dcm_who_process *p = bpf_ringbuf_reserve(&events, sizeof(*p), 0);

	if (!p)
		return false;
	fill_process(p, kind, 1, negative);
	bpf_ringbuf_submit(p, BPF_RB_NO_WAKEUP);
	return true;
}

/* ---- the counter of negative dentries ---- */

/* The run queue of a thread that runs is that of its CPU, and lies at a known distance. */
static __always_inline void find_counter(struct dcm_who_counters *c)
{
	struct task_struct___who *task = (void *)bpf_get_current_task();
	struct rq___who *rq;

	if (!rq_to_negative || !bpf_core_field_exists(struct cfs_rq___who, rq))
		return;
	rq = BPF_CORE_READ(task, se.cfs_rq, rq);
	if (!rq || BPF_CORE_READ(rq, cpu) != (int)bpf_get_smp_processor_id())
		return;
	c->counter = (__u64)rq + rq_to_negative;
}

/* What it would be without reclaim. False if unknown. */
static __always_inline bool read_counter(struct dcm_who_counters *c, __s64 *ret)
{
	__s64 now;

	if (!c->counter) {
		find_counter(c);
		if (!c->counter || bpf_probe_read_kernel(&now, sizeof(now), (void *)c->counter))
			return false;
		c->at_switch = c->at_call = now;
		c->shrunk = c->is_shrinking = 0;
	} else if (bpf_probe_read_kernel(&now, sizeof(now), (void *)c->counter)) {
		return false;
	}
	*ret = now - c->shrunk;
	return true;
}

static __always_inline void end_shrink(struct dcm_who_counters *c)
{
	__s64 now;

	if (c->is_shrinking && read_counter(c, &now))
		c->shrunk += now - c->at_shrink;
	c->is_shrinking = 0;
}

/* Puts what the counter grew since the last time down to the current thread. */
static __always_inline void settle(struct dcm_who_counters *c)
{
	__s64 now, grown;

	end_shrink(c);
	if (!read_counter(c, &now))
		return;
	grown = now - c->at_switch;
	c->at_switch = c->at_call = now;
	if (grown <= 0 || !watching)
		return;
	if (submit_process(DCM_WHO_LEFT, grown))
		c->left += grown;
	else
		c->left_lost += grown;
}

/* The current thread is the one that leaves. Also run by user space, on each CPU. */
SEC("raw_tp/sched_switch")
int thread_switch(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_who_counters *c = own_counters();

	if (c)
		settle(c);
	return 0;
}

/* Run by user space alone, and attached nowhere. */
SEC("raw_tp/sched_switch")
int find_self(struct bpf_raw_tracepoint_args *ctx)
{
	self = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

SEC("raw_tp/mm_shrink_slab_start")
int shrink_start(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_who_counters *c = own_counters();

	if (c && read_counter(c, &c->at_shrink))
		c->is_shrinking = 1;
	return 0;
}

SEC("raw_tp/mm_shrink_slab_end")
int shrink_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_who_counters *c = own_counters();

	if (c)
		end_shrink(c);
	return 0;
}

/* Negative dentries left since the last call's end, in this window. */
static __always_inline __s64 grown_by_call(struct dcm_who_counters *c)
{
	__s64 now, grown;

	if (!read_counter(c, &now))
		return 0;
	grown = c->window == window ? now - c->at_call : 0;
	c->at_call = now;
	c->window = window;
	return grown;
}

/* ---- describing ---- */

/* What a path begins at: the root directory of the process if @absolute, else what @fd is. */
static __always_inline struct dentry *folder_of(int fd, bool absolute)
{
	struct task_struct___who *task = (void *)bpf_get_current_task();
	struct fdtable *table;
	struct file **slot, *file = NULL;

	if (absolute)
		return BPF_CORE_READ(task, fs, root.dentry);
	if (fd == AT_FDCWD)
		return BPF_CORE_READ(task, fs, pwd.dentry);
	table = BPF_CORE_READ(task, files, fdt);
	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	slot = BPF_CORE_READ(table, fd) + fd;
	bpf_probe_read_kernel(&file, sizeof(file), slot);
	return file ? BPF_CORE_READ(file, f_path.dentry) : NULL;
}

static __always_inline void describe_call(struct pt_regs___who *regs, __u32 argument,
					  struct dcm_who_record *r)
{
	struct dentry *folder;
	int from = AT_FDCWD;
	__u64 path;

	if (argument == DCM_WHO_FIRST_AT)
		from = (int)CALL_FIRST(regs);
	else if (argument == DCM_WHO_SECOND_AT)
		from = (int)CALL_SECOND(regs);
	if (argument == DCM_WHO_FIRST)
		path = CALL_FIRST(regs);
	else if (argument == DCM_WHO_SECOND_AT)
		path = CALL_THIRD(regs);
	else
		path = CALL_SECOND(regs);
	if (argument == DCM_WHO_SOCKET)
		path += AF_UNIX_PATH;
	if (bpf_probe_read_user_str(r->path, sizeof(r->path), (const void *)path) < 0)
		r->path[0] = 0;
	folder = folder_of(from, r->path[0] == '/');
	if (folder)
		add_base(r, folder);
}

/* Other addresses have no path; one with a NUL in front is abstract. */
static __always_inline bool is_unix_path(struct pt_regs___who *regs)
{
	struct {
		__u16 family;
		char first;
	} address = {0};

	bpf_probe_read_user(&address, AF_UNIX_PATH + 1, (const void *)CALL_SECOND(regs));
	return address.family == AF_UNIX && address.first;
}

/* The calls of 32-bit programs have other numbers. */
static __always_inline bool is_compat(void)
{
#if defined(__TARGET_ARCH_x86)
	struct task_struct___who *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#elif defined(__TARGET_ARCH_arm64)
	struct task_struct___who *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.flags) >> TIF_32BIT & 1;
#else
	return false;
#endif
}

/* Within a window: a call that failed to find a path, or left negative dentries, or both. */
static __always_inline void count_call(struct dcm_who_counters *c, struct pt_regs___who *regs,
				       bool missing, __u32 argument, __s64 grown)
{
	__u32 mask = grown > 0 ? grew_mask : known_mask;
	struct dcm_who_record *r;

	if (missing)
		c->missing++;
	if (grown > 0)
		c->grew++;
	if (!is_sampled(mask))
		return;
	r = reserve(c, missing ? DCM_WHO_MISSING : DCM_WHO_GREW, mask + 1, grown > 0 ? grown : 0);
	if (!r)
		return;
	c->described++;
	if (argument)
		describe_call(regs, argument, r);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

SEC("raw_tp/sys_exit")
int call_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs___who *regs = (void *)ctx->args[0];
	long result = (long)ctx->args[1];
	struct dcm_who_counters *c = own_counters();
	__u32 argument = 0;
	__s64 grown = 0;
	__u64 number;

	if (!c)
		return 0;
	c->calls++;
	if (window)
		grown = grown_by_call(c);
	if (grown < 0)
		c->fell++;
	if (!window || (grown <= 0 && result != -ENOENT))
		return 0;
	number = CALL_NUMBER(regs);
	if (number < DCM_WHO_SYSCALLS && !is_compat())
		argument = path_argument[number & (DCM_WHO_SYSCALLS - 1)];
	if (argument == DCM_WHO_SOCKET && !is_unix_path(regs))
		argument = DCM_WHO_NO_PATH;
	if (grown > 0 || argument)
		count_call(c, regs, result == -ENOENT && argument, argument, grown);
	return 0;
}

/* Runtimes leave the work to children: the programs above tell who wanted it. */
static __always_inline void add_above(struct dcm_who_netns *made)
{
	struct task_struct___who *task = (void *)bpf_get_current_task();

	for (__u32 i = 0; i < DCM_WHO_ABOVE; i++) {
		task = BPF_CORE_READ(task, real_parent, group_leader);
		made->above[i][0] = 0;
		if (BPF_CORE_READ(task, tgid))
			bpf_probe_read_kernel_str(made->above[i], sizeof(made->above[i]),
						  task->comm);
	}
}

SEC("raw_tp/percpu_alloc_percpu")
int netns_made(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_who_counters *c = is_netns_made(ctx) ? own_counters() : NULL;
	struct dcm_who_netns *made;

	if (!c)
		return 0;
	made = bpf_ringbuf_reserve(&events, sizeof(*made), 0);
	if (!made) {
		c->netns_lost++;
		return 0;
	}
	fill_process(&made->process, DCM_WHO_NETNS, 1, 0);
	add_above(made);
	bpf_ringbuf_submit(made, BPF_RB_NO_WAKEUP);
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
	if (!is_sampled(created_mask))
		return 0;
	r = reserve(c, DCM_WHO_CREATED, created_mask + 1, 0);
	if (!r)
		return 0;
	bpf_probe_read_kernel_str(r->path, sizeof(r->path), BPF_CORE_READ(name, name));
	add_base(r, parent);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}
