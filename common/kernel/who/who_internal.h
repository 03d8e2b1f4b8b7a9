/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the who*.c files only. */
#ifndef DCM_KERNEL_WHO_INTERNAL_H
#define DCM_KERNEL_WHO_INTERNAL_H

#include "common/kernel/who/bpf/who_shared.h"
#include "common/kernel/who/who_clocks.h"
#include "common/kernel/who/who_watch.h"

/* What the tracepoint adds to a system call, and describing an event, in nanoseconds; and the share
 * of the busiest CPU's time that both may take together (tests/bench/who_overhead). */
#define DCM_WHO_CALL_NS	  200
#define DCM_WHO_DETAIL_NS 2000
#define DCM_WHO_SHARE	  0.010

struct bpf_link; /* of libbpf, which WITH_BPF=0 does without */
struct bpf_object;
struct ring_buffer;

enum dcm_who_link {
	DCM_WHO_EXIT,	/* sys_exit, while a window is open */
	DCM_WHO_ALLOC,	/* d_alloc_parallel; where the kernel allows it */
	DCM_WHO_SWITCH, /* sched_switch and reclaim, where the counter is found */
	DCM_WHO_SHRINK_START,
	DCM_WHO_SHRINK_END,
	DCM_WHO_MAKERS, /* percpu_alloc_percpu */
	DCM_WHO_LINKS,
};

struct dcm_who {
	struct who *skeleton;
	struct bpf_link *link[DCM_WHO_LINKS];
	struct ring_buffer *ring;
	struct dcm_who_paths *paths;
	struct dcm_who_counters *per_cpu, *before; /* as read last, and before that */
	int cpus;
	bool with_negative; /* the counter of negative dentries is found and proven */
	uint32_t self;	    /* this process, as records number it */
	bool own_pids;	    /* false: system calls here know other processes by their numbers */

	const struct dcm_who_sink *sink;
	uint64_t begin_ns, end_ns, watched_ns;
	uint64_t period_ns;   /* begin of the period under way */
	uint64_t window_ns;   /* begin of the window under way; 0 between windows */
	uint64_t spent_ns;    /* what the tracepoint cost the busiest CPU, estimated */
	uint64_t cost_ns;     /* of that, in this window */
	double cost;	      /* per nanosecond of a window, lately */
	double call_ns;	      /* measured: what a window adds to a call of this process */
	unsigned int windows; /* opened */
	struct dcm_who_counters sum;
	unsigned short random[3];
	bool is_whole; /* the window takes all of its period: its events stand for themselves */
	struct dcm_who_clocks clocks;
	double scale; /* period / window, of the window that was closed last */
};

/* ---- who_load.c ---- */

/* Attributes what the counters grew until now, on every CPU. */
void dcm_who_settle(const struct dcm_who *who);

/* Reads the counters of each CPU into @per_cpu. -errno. */
int dcm_who_read_counters(const struct dcm_who *who);

/* Whether /proc has processes by the numbers that records have, which know this one as @number: it
 * may be of another PID namespace than this process. */
bool dcm_who_is_in_proc(uint32_t number);

void dcm_who_detach(struct bpf_link **link);

/* Events that the kernel did not tell the programs of @object of. All kinds together: which ones
 * they would have counted is not known. */
uint64_t dcm_who_passed_over(const struct bpf_object *object);

/* ---- who_watch.c ---- */

/* For ring_buffer__new(): hands a record to the sink. */
int dcm_who_take_record(void *ctx, void *data, size_t size);

/* ---- who_paths.c ---- */

/* Turns records into directories and names as the host sees them. */
struct dcm_who_paths;

/* @in_proc: what records call a process by is its number in /proc. -ENOMEM. */
int dcm_who_paths_create(bool in_proc, struct dcm_who_paths **ret);
void dcm_who_paths_destroy(struct dcm_who_paths *paths);

/* Both strings are valid until the next call. */
void dcm_who_paths_split(struct dcm_who_paths *paths, const struct dcm_who_record *record,
			 const char **ret_directory, const char **ret_name);

/*
 * Path of a cgroup in its hierarchy, such as "/user.slice": by @id (cgroup2), and where that is
 * only the root, or gone, by process @pid while that lives. "" when neither is known. Kept.
 */
const char *dcm_who_paths_cgroup(struct dcm_who_paths *paths, uint64_t id, uint32_t pid);

#endif
