/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Watches for a bounded time which processes make dentries: the negative dentries that each process
 * leaves in the cache (the kernel's own counter, at context switches), path calls that fail with
 * ENOENT (tracepoint sys_exit), the allocation itself where the kernel lets fentry programs load
 * (d_alloc_parallel), and new network namespaces. All programs are gone when the session is closed;
 * nothing is pinned.
 *
 * A tracepoint of every system call slows them all down, so it is on in short windows at random
 * times only: as long as the calls of the busiest CPU times DCM_WHO_CALL_NS stay below a share of
 * the time. The other programs are on all the time.
 */
#ifndef DCM_KERNEL_WHO_WATCH_H
#define DCM_KERNEL_WHO_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"
#include "common/model/who/who_makers.h"
#include "common/model/who/who_table.h"

struct dcm_who;

/* Where what is seen goes, from the watching thread. */
struct dcm_who_sink {
	/* The event's strings are valid during the call. */
	void (*event)(void *ctx, const struct dcm_who_event *event);
	/* A network namespace was made, at any time. */
	void (*maker)(void *ctx, const struct dcm_who_maker *maker);
	/* A window of @watched seconds ended, which stands for @period; its events were handed
	 * over. */
	void (*window)(void *ctx, double period, double watched);
	void *ctx;
};

struct dcm_who_totals {
	double elapsed_seconds, watched_seconds; /* the windows make the latter */
	double call_seconds;			 /* what a window adds to a call, at most */
	uint64_t calls, failed_lookups;		 /* seen in windows */
	uint64_t dentries;	/* made by lookups, whole time; only with_dentries */
	uint64_t negative;	/* left by anything, whole time; only with_negative */
	uint64_t negative_lost; /* of those: in no row, for want of room */
	uint64_t netns_lost;	/* network namespaces whose makers are not known for want of room */
	uint64_t dropped;	/* other events lost for want of room */
	uint64_t passed_over;	/* events of any kind that came while the kernel told of others */
	uint64_t netns_passed_over; /* of those: up to so many network namespaces */
	bool with_dentries;	    /* the kernel lets the allocation be watched */
	bool with_negative;	    /* the kernel's counter is found */
	bool all_is_left;	    /* in windows hardly a call took negative dentries away */
};

/*
 * Loads the programs. -EOPNOTSUPP (built without BPF, no BTF, unknown processor), -EPERM or other,
 * with a reason. @dentries false leaves the allocation alone even where it could be watched; else
 * its program is attached from here on, idle until the watch begins.
 */
int dcm_who_open(bool dentries, struct dcm_reason *reason, struct dcm_who **ret);
void dcm_who_close(struct dcm_who *who);

/*
 * Watches for at most @seconds or until *@stop is not 0, handing what it sees to @sink. Every
 * program is detached when it returns, whatever it returns. 0 or -errno with a reason.
 */
int dcm_who_watch(struct dcm_who *who, double seconds, const volatile sig_atomic_t *stop,
		  const struct dcm_who_sink *sink, struct dcm_reason *reason);

void dcm_who_totals(const struct dcm_who *who, struct dcm_who_totals *ret);

#endif
