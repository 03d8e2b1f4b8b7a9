// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who waits for which lock (include/trace/events/lock.h, since 5.19): both tracepoints are in the
 * slow paths, where a thread spins or sleeps already. A lock is named when it is first waited for
 * (lock_names.h), by what it belongs to or else by the stack. The sums are made per lock and
 * process; what still waits when the watch ends is left in "waiting".
 */
#include "common/kernel/walk/bpf/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "common/kernel/who/bpf/lock_names.h"
#include "common/kernel/who/bpf/locks_shared.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NSEC_PER_SEC 1000000000ull
#define CHECK_NS     1000000ull
#define PROBES	     4 /* with 1,000 threads that wait one in 50,000 finds no place */

/* Waits in a second on one CPU that end the watch. */
const volatile __u32 most_in_second = 50000;

/* Set by user space. */
bool watching = false;

/* More waits than may be watched. */
bool too_many = false;

/* The walk over superblocks. */
struct dcm_lock_walk walk = {0};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dcm_lock_cpu);
} cpus SEC(".maps");

/* For an entry that is being made. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dcm_lock_entry);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DCM_LOCKS);
	__type(key, __u64);
	__type(value, struct dcm_lock_entry);
} locks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DCM_LOCK_WAITERS);
	__type(key, struct dcm_lock_waiter_key);
	__type(value, struct dcm_lock_waiter);
} waiters SEC(".maps");

/* Threads that sleep, each near the place that its number hashes to: unlike a map's, such entries
 * come and go without a lock, within waits for whatever lock. Those that spin are in @cpus. */
struct dcm_lock_wait waiting[DCM_LOCK_PLACES] = {0};

static __always_inline struct dcm_lock_cpu *own_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

/* ---- the beginning of a wait ---- */

static __always_inline bool is_allowed(struct dcm_lock_cpu *cpu, __u64 now)
{
	__u64 second = now / NSEC_PER_SEC;

	cpu->waits++;
	if (cpu->second != second)
		cpu->in_second = 0;
	cpu->second = second;
	if (++cpu->in_second > most_in_second)
		too_many = true;
	return !too_many;
}

static __always_inline void add_lock(void *ctx, struct dcm_lock_cpu *cpu,
				     const struct dcm_lock_wait *wait)
{
	__u32 zero = 0;
	struct dcm_lock_entry *e = bpf_map_lookup_elem(&scratch, &zero);
	long size;

	if (!e)
		return;
	e->kind = DCM_LOCK_OTHER;
	e->flags = wait->flags;
	e->checked_ns = wait->begin_ns;
	e->tries = e->several = e->frames = 0;
	e->superblock = e->memory_cgroup = 0;
	e->node = -1;
	e->fstype[0] = 0;
	e->where.dev = e->where.base_len = e->where.base_cut = 0;
	e->where.path[0] = 0;
	fill_process(&e->where.process, DCM_WHO_CREATED, 1, 0);
	name_lock(e, wait->lock, wait->flags);
	if (e->kind == DCM_LOCK_OTHER) {
		size = bpf_get_stack(ctx, e->stack, sizeof(e->stack), 0);
		e->frames = size > 0 ? size / sizeof(e->stack[0]) : 0;
	}
	if (bpf_map_update_elem(&locks, &wait->lock, e, BPF_NOEXIST) < 0 &&
	    !bpf_map_lookup_elem(&locks, &wait->lock))
		cpu->unnamed++;
}

/* To look at what holds the lock costs as much as the rest, and nobody needs it for each wait: a
 * dentry's or inode's memory is another's only after a grace period of RCU. */
static __always_inline void check_lock(struct dcm_lock_entry *e, const struct dcm_lock_wait *wait)
{
	if (wait->begin_ns - e->checked_ns < CHECK_NS)
		return;
	e->checked_ns = wait->begin_ns;
	if (e->check != check_of(wait->lock, e->kind))
		e->several = 1;
}

static __always_inline void know_lock(void *ctx, struct dcm_lock_cpu *cpu,
				      const struct dcm_lock_wait *wait)
{
	struct dcm_lock_entry *e = bpf_map_lookup_elem(&locks, &wait->lock);

	if (!e)
		add_lock(ctx, cpu, wait);
	else if (e->kind == DCM_LOCK_OTHER && e->tries < TRIES)
		name_lock(e, wait->lock, wait->flags);
	else
		check_lock(e, wait);
}

static __always_inline struct dcm_lock_waiter *find_waiter(struct dcm_lock_cpu *cpu, __u64 lock)
{
	const struct dcm_lock_waiter_key key = {lock, bpf_get_current_pid_tgid() >> 32};
	struct dcm_lock_waiter *waiter = bpf_map_lookup_elem(&waiters, &key), new = {0};

	if (waiter)
		return waiter;
	fill_process(&new.process, DCM_WHO_LEFT, 1, 0);
	bpf_map_update_elem(&waiters, &key, &new, BPF_NOEXIST);
	waiter = bpf_map_lookup_elem(&waiters, &key);
	if (!waiter)
		cpu->lost++;
	return waiter;
}

/* A CPU waits for a lock once. What is deeper than interrupts go was lost on the way. */
static __always_inline void begin_spinning(struct dcm_lock_cpu *cpu,
					   const struct dcm_lock_wait *wait)
{
	__u32 depth = cpu->depth < DCM_LOCK_NEST ? cpu->depth : 0;

	cpu->spins++;
	cpu->spin[depth & (DCM_LOCK_NEST - 1)] = *wait;
	cpu->depth = depth + 1;
}

/* The multiplier is 2^32 divided by the golden ratio. */
static __always_inline struct dcm_lock_wait *place_of(__u32 thread, __u32 i)
{
	__u32 place = thread * 0x9e3779b1u >> (32 - DCM_LOCK_PLACES_LOG);

	return &waiting[(place + i) & (DCM_LOCK_PLACES - 1)];
}

static __always_inline struct dcm_lock_wait *find_place(__u32 thread)
{
	__u32 i;

	for (i = 0; i < PROBES; i++)
		if (thread && place_of(thread, i)->thread == thread)
			return place_of(thread, i);
	return NULL;
}

static __always_inline struct dcm_lock_wait *take_place(__u32 thread)
{
	__u32 i;

	for (i = 0; i < PROBES; i++) {
		struct dcm_lock_wait *place = place_of(thread, i);

		if (!place->thread && !__sync_val_compare_and_swap(&place->thread, 0, thread))
			return place;
	}
	return NULL;
}

/* A mutex says so once more when it goes from spinning to sleeping: the first counts. */
static __always_inline void begin_sleeping(struct dcm_lock_cpu *cpu,
					   const struct dcm_lock_wait *wait)
{
	struct dcm_lock_wait *place = find_place(wait->thread);

	if (place && place->lock == wait->lock)
		return;
	if (!place)
		place = take_place(wait->thread);
	if (!place) {
		cpu->lost++;
		return;
	}
	*place = *wait;
	find_waiter(cpu, wait->lock); /* so that one that never ends has a name */
}

SEC("raw_tp/contention_begin")
int wait_begin(struct bpf_raw_tracepoint_args *ctx)
{
	struct dcm_lock_wait wait = {.lock = ctx->args[0], .flags = (__u32)ctx->args[1]};
	struct dcm_lock_cpu *cpu = watching ? own_cpu() : NULL;
	__u64 id;

	if (!cpu)
		return 0;
	wait.begin_ns = bpf_ktime_get_ns();
	if (!is_allowed(cpu, wait.begin_ns))
		return 0;
	id = bpf_get_current_pid_tgid();
	wait.thread = (__u32)id;
	wait.tgid = id >> 32;
	know_lock(ctx, cpu, &wait);
	if ((wait.flags & (DCM_LOCK_SPIN | DCM_LOCK_MUTEX)) == DCM_LOCK_SPIN)
		begin_spinning(cpu, &wait);
	else
		begin_sleeping(cpu, &wait);
	return 0;
}

/* ---- its end ---- */

/* The innermost of these spinning waits that is for @lock, with what is further in. */
static __always_inline bool end_spinning(struct dcm_lock_cpu *cpu, __u64 lock,
					 struct dcm_lock_wait *ret)
{
	__u32 i, depth;

	for (i = 0; i < DCM_LOCK_NEST; i++) {
		depth = DCM_LOCK_NEST - 1 - i;
		if (depth < cpu->depth && cpu->spin[depth].lock == lock) {
			*ret = cpu->spin[depth];
			cpu->depth = depth;
			return true;
		}
	}
	return false;
}

static __always_inline bool end_sleeping(__u64 lock, struct dcm_lock_wait *ret)
{
	struct dcm_lock_wait *place = find_place((__u32)bpf_get_current_pid_tgid());

	if (!place || place->lock != lock)
		return false;
	*ret = *place;
	place->thread = 0;
	return true;
}

static __always_inline void set_longest(__u64 *longest, __u64 ns)
{
	__u32 i;

	for (i = 0; i < 4; i++) {
		__u64 before = *longest;

		if (ns <= before || __sync_val_compare_and_swap(longest, before, ns) == before)
			return;
	}
}

SEC("raw_tp/contention_end")
int wait_end(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 lock = ctx->args[0], ns;
	struct dcm_lock_cpu *cpu = watching ? own_cpu() : NULL;
	struct dcm_lock_waiter *waiter;
	struct dcm_lock_wait wait;

	if (!cpu || (!end_spinning(cpu, lock, &wait) && !end_sleeping(lock, &wait)))
		return 0;
	waiter = find_waiter(cpu, lock);
	if (!waiter)
		return 0;
	ns = bpf_ktime_get_ns() - wait.begin_ns;
	__sync_fetch_and_add(&waiter->waits, 1);
	__sync_fetch_and_add(&waiter->total_ns, ns);
	if (wait.flags & DCM_LOCK_READ)
		__sync_fetch_and_add(&waiter->reads, 1);
	set_longest(&waiter->longest_ns, ns);
	return 0;
}

/* ---- superblocks, with the addresses of their LRU lists ---- */

static __always_inline void emit_superblock(struct super_block___lock *sb)
{
	struct dcm_lock_superblock *out;
	__u32 n = walk.count;

	if (n >= DCM_LOCK_SB_BATCH)
		return;
	out = &walk.batch[n];
	out->address = (__u64)sb;
	out->dentry_lru = (__u64)BPF_CORE_READ(sb, s_dentry_lru.node);
	out->inode_lru = (__u64)BPF_CORE_READ(sb, s_inode_lru.node);
	out->dev = BPF_CORE_READ(sb, s_dev);
	bpf_probe_read_kernel_str(out->fstype, sizeof(out->fstype),
				  BPF_CORE_READ(sb, s_type, name));
	walk.count = n + 1;
}

static long take_superblock(__u32 i, void *ctx)
{
	struct list_head *node = (void *)walk.next;
	struct super_block___lock *sb = CONTAINER_OF(node, struct super_block___lock, s_list);

	if (is_superblock(sb))
		emit_superblock(sb);
	walk.next = (__u64)BPF_CORE_READ(node, next);
	walk.end = walk.next == walk.first ? 1 : 0;
	return walk.end;
}

/* Run by user space until there is an end: by BPF_PROG_TEST_RUN, within an RCU section. */
SEC("raw_tp")
int superblocks(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	walk.count = 0;
	walk.self = bpf_get_current_pid_tgid() >> 32;
	walk.node_size = bpf_core_type_size(struct list_lru_node___lock);
	if (!walk.next)
		walk.first = walk.next = (__u64)BPF_CORE_READ(task, fs, root.mnt, mnt_sb) +
					 bpf_core_field_offset(struct super_block___lock, s_list);
	else if (!list_is_linked((void *)walk.next))
		walk.end = 2;
	if (!walk.end)
		bpf_loop(DCM_LOCK_SB_BATCH, take_superblock, NULL, 0);
	return 0;
}
