/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Watches for a bounded time who waits for which lock in the kernel, by its tracepoints of lock
 * contention (lock:contention_begin and _end, since 5.19). Programs are gone when the session is
 * closed; nothing is pinned.
 *
 * Not seen: waits that began before; a thread that spins for a lock which nobody else waits for
 * (kernel/locking/qspinlock.c, the "pending" bit), and one that gets a rwsem by spinning for it
 * (kernel/locking/rwsem.c, rwsem_optimistic_spin); bit locks such as those of hash buckets; and
 * spinning locks in a virtual machine whose hypervisor offers no paravirtual ones (virt_spin_lock).
 */
#ifndef DCM_KERNEL_LOCK_WATCH_H
#define DCM_KERNEL_LOCK_WATCH_H

#include <signal.h>
#include <stdint.h>

#include "common/base/reason.h"
#include "common/model/who/lock_table.h"

/* More waits in a second, as far as they are in it, end the watch: each costs up to a microsecond.
 */
#define DCM_LOCK_MOST_A_SECOND 50000

enum dcm_lock_end {
	DCM_LOCK_END_TIME,
	DCM_LOCK_END_SIGNAL,
	DCM_LOCK_END_RATE, /* DCM_LOCK_MOST_A_SECOND */
};

struct dcm_lock_totals {
	double elapsed_seconds;
	enum dcm_lock_end end;
	uint64_t waits;	      /* begun */
	uint64_t spinning;    /* of those, for locks that are spun for */
	uint64_t lost;	      /* in no row, for want of room */
	uint64_t passed_over; /* begins and ends that came while the kernel told of others */
	bool has_symbols;     /* /proc/kallsyms told addresses, or there was none to tell */
};

struct dcm_locks;

/* Loads the programs. -EOPNOTSUPP (built without BPF, no BTF, no such tracepoints), -EPERM or
 * other, with a reason. */
int dcm_locks_open(struct dcm_reason *reason, struct dcm_locks **ret);
void dcm_locks_close(struct dcm_locks *locks);

/*
 * Watches for @seconds, until *@stop is not 0 or for as long as the waits stay below
 * DCM_LOCK_MOST_A_SECOND, then adds up what was seen in @table. The programs are detached when it
 * returns, whatever it returns. 0 or -errno with a reason.
 */
int dcm_locks_watch(struct dcm_locks *locks, double seconds, const volatile sig_atomic_t *stop,
		    struct dcm_lock_table *table, struct dcm_reason *reason);

void dcm_locks_totals(const struct dcm_locks *locks, struct dcm_lock_totals *ret);

#endif
