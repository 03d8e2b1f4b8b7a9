// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/who/who_watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/syscall.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/who/bpf/who_shared.h"
#include "common/kernel/who/who_internal.h"

#include "common/base/minmax.h"
#include "who.skel.h"

#define TICK_NS	   (10 * DCM_NSEC_PER_MSEC)
#define SEGMENT_NS (100 * DCM_NSEC_PER_MSEC)
/* Described events per nanosecond: 20,000 a second while the tracepoint is on for a part of the
 * time, fewer where allocations are watched all of it. */
#define DETAILS_PER_NS	      20e-6
#define DETAILS_PER_NS_ALWAYS 4e-6
#define MAX_ONE_OF	      (1u << 16)

struct dcm_who {
	struct who *skeleton;
	struct bpf_link *exit, *task, *alloc;
	struct ring_buffer *ring;
	struct dcm_who_paths *paths;
	struct dcm_who_counters *per_cpu, *before; /* of this tick and the one before */
	int cpus;

	dcm_who_event_fn *event;
	void *ctx;
	double scale; /* time passed per time watched, of the segment under way */
	uint64_t begin_ns, end_ns, watched_ns;
	uint64_t spent_ns; /* what the tracepoint cost the busiest CPU, estimated */
	struct dcm_who_counters sum;
};

/* ---- loading ---- */

static const struct {
	long number;
	unsigned char argument; /* of the path, from 1; 2 stands behind a descriptor */
} path_calls[] = {
#ifdef SYS_open
	{SYS_open, 1},	     {SYS_stat, 1},	  {SYS_lstat, 1},     {SYS_access, 1},
	{SYS_readlink, 1},   {SYS_unlink, 1},	  {SYS_rmdir, 1},     {SYS_chmod, 1},
	{SYS_chown, 1},	     {SYS_lchown, 1},	  {SYS_utime, 1},     {SYS_utimes, 1},
	{SYS_futimesat, 2},
#endif
	{SYS_openat, 2},     {SYS_faccessat, 2},
#ifdef SYS_newfstatat
	{SYS_newfstatat, 2},
#endif
#ifdef SYS_openat2
	{SYS_openat2, 2},
#endif
#ifdef SYS_faccessat2
	{SYS_faccessat2, 2},
#endif
	{SYS_statx, 2},	     {SYS_readlinkat, 2}, {SYS_unlinkat, 2},  {SYS_fchmodat, 2},
	{SYS_fchownat, 2},   {SYS_utimensat, 2},  {SYS_chdir, 1},     {SYS_truncate, 1},
	{SYS_statfs, 1},     {SYS_getxattr, 1},	  {SYS_lgetxattr, 1}, {SYS_listxattr, 1},
	{SYS_execve, 1},     {SYS_execveat, 2},
};

static int load(struct dcm_who *who, bool dentries)
{
	int err;

	who->skeleton = who__open();
	if (!who->skeleton)
		return -errno;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(path_calls); i++)
		if (path_calls[i].number < DCM_WHO_SYSCALLS)
			who->skeleton->rodata->path_argument[path_calls[i].number] =
				path_calls[i].argument;
	who->skeleton->rodata->unshare_number = SYS_unshare;
	bpf_program__set_autoload(who->skeleton->progs.dentry_alloc, dentries);
	err = who__load(who->skeleton);
	if (!err && dentries) {
		/* Stays attached, and idle until "watching": before 5.13 (f3a95075549e) a program
		 * that was detached cannot be attached again. */
		who->alloc = bpf_program__attach(who->skeleton->progs.dentry_alloc);
		err = who->alloc ? 0 : -errno;
	}
	if (err) {
		who__destroy(who->skeleton);
		who->skeleton = NULL;
	}
	return err;
}

static int take_record(void *ctx, void *data, size_t size);

static int prepare(struct dcm_who *who, struct dcm_reason *reason)
{
	int err;

	who->cpus = libbpf_num_possible_cpus();
	if (who->cpus <= 0)
		return dcm_reason_set(reason, -ENODEV, "cannot count the processors");
	who->per_cpu = calloc((size_t)who->cpus, sizeof(*who->per_cpu));
	who->before = calloc((size_t)who->cpus, sizeof(*who->before));
	who->ring =
		ring_buffer__new(bpf_map__fd(who->skeleton->maps.events), take_record, who, NULL);
	err = dcm_who_paths_create(&who->paths);
	if (!who->per_cpu || !who->before || !who->ring || err)
		return dcm_reason_no_memory(reason);
	return 0;
}

int dcm_who_open(bool dentries, struct dcm_reason *reason, struct dcm_who **ret)
{
	struct dcm_who *who = calloc(1, sizeof(*who));
	libbpf_print_fn_t print;
	int err;

#if !defined(__x86_64__) && !defined(__aarch64__)
	free(who);
	return dcm_reason_set(reason, -EOPNOTSUPP, "not known for this processor");
#endif
	if (!who)
		return dcm_reason_no_memory(reason);
	print = libbpf_set_print(NULL); /* it says nothing */
	err = dentries ? load(who, true) : -EOPNOTSUPP;
	if (err)
		err = load(who, false);
	libbpf_set_print(print);
	malloc_trim(0);
	if (err)
		dcm_reason_set(reason, err,
			       "the kernel refused the BPF programs: %s; needs BTF, CAP_BPF and "
			       "CAP_PERFMON (root), see dcachemon doctor",
			       strerror(-err));
	else
		err = prepare(who, reason);
	if (err) {
		dcm_who_close(who);
		return err;
	}
	*ret = who;
	return 0;
}

static void detach(struct bpf_link **link)
{
	bpf_link__destroy(*link);
	*link = NULL;
}

void dcm_who_close(struct dcm_who *who)
{
	if (!who)
		return;
	detach(&who->exit);
	detach(&who->task);
	detach(&who->alloc);
	ring_buffer__free(who->ring);
	if (who->skeleton)
		who__destroy(who->skeleton);
	dcm_who_paths_destroy(who->paths);
	free(who->per_cpu);
	free(who->before);
	free(who);
}

/* ---- events ---- */

static int take_record(void *ctx, void *data, size_t size)
{
	static const enum dcm_who_what what[] = {
		[DCM_WHO_MISSING] = DCM_WHO_FAILED_LOOKUP,
		[DCM_WHO_CREATED] = DCM_WHO_DENTRY,
		[DCM_WHO_NETNS] = DCM_WHO_NAMESPACE,
	};
	const struct dcm_who_record *record = data;
	struct dcm_who *who = ctx;
	struct dcm_who_event event = {0};
	const char *directory = "", *name = "";
	char command[sizeof(record->comm) + 1];

	if (size < sizeof(*record) || record->kind >= DCM_ARRAY_SIZE(what))
		return 0;
	if (record->tgid == (uint32_t)getpid())
		return 0; /* asking for the cgroup of a process that has ended */
	if (record->kind != DCM_WHO_NETNS)
		dcm_who_paths_split(who->paths, record, &directory, &name);
	event.what = what[record->kind];
	event.pid = record->tgid;
	snprintf(command, sizeof(command), "%.16s", record->comm);
	event.command = command;
	event.cgroup = dcm_who_paths_cgroup(who->paths, record->cgroup, record->tgid);
	event.directory = directory;
	event.name = name;
	event.weight = record->one_of;
	if (record->kind == DCM_WHO_MISSING)
		event.weight *= who->scale;
	who->event(who->ctx, &event);
	return 0;
}

/* Adds up the counters; estimates what the tracepoint cost the busiest CPU since the last call. */
static int read_counters(struct dcm_who *who, struct dcm_who_counters *ret_sum)
{
	const uint32_t one_of = who->skeleton->bss->sample_mask + 1;
	struct dcm_who_counters sum = {0};
	uint64_t worst = 0;
	uint32_t zero = 0;
	int i;

	if (bpf_map_lookup_elem(bpf_map__fd(who->skeleton->maps.counters), &zero, who->per_cpu))
		return -errno;
	for (i = 0; i < who->cpus; i++) {
		const struct dcm_who_counters *now = &who->per_cpu[i], *before = &who->before[i];
		uint64_t cost = (now->calls - before->calls) * DCM_WHO_CALL_NS +
				(now->missing - before->missing) / one_of * DCM_WHO_DETAIL_NS;

		worst = DCM_MAX(cost, worst);
		sum.calls += now->calls;
		sum.missing += now->missing;
		sum.created += now->created;
		sum.dropped += now->dropped;
		who->before[i] = *now;
	}
	who->spent_ns += worst;
	*ret_sum = sum;
	return 0;
}

/* ---- the time on and off ---- */

static bool is_over(const struct dcm_who *who, const volatile bool *stop)
{
	return *stop || dcm_now_ns() >= who->end_ns;
}

static bool is_overspent(const struct dcm_who *who)
{
	return (double)who->spent_ns > DCM_WHO_SHARE * (double)(dcm_now_ns() - who->begin_ns);
}

/* Until a tick, or the end, has passed; a signal ends it early. */
static void sleep_tick(const struct dcm_who *who)
{
	struct timespec ts = dcm_timespec_until(DCM_MIN(who->end_ns, dcm_now_ns() + TICK_NS));

	nanosleep(&ts, NULL);
}

/* How many events the next one described shall stand for, a power of two. */
static void choose_sampling(struct dcm_who *who, uint64_t events, uint64_t ns)
{
	double rate = who->alloc ? DETAILS_PER_NS_ALWAYS : DETAILS_PER_NS;
	double wanted = (double)events / ((double)ns * rate + 1);
	uint32_t one_of = 1;

	while (one_of < wanted && one_of < MAX_ONE_OF)
		one_of *= 2;
	who->skeleton->bss->sample_mask = one_of - 1;
}

static int tick(struct dcm_who *who)
{
	uint64_t events = who->sum.missing + who->sum.created, begin = dcm_now_ns();
	int err;

	sleep_tick(who);
	err = read_counters(who, &who->sum);
	choose_sampling(who, who->sum.missing + who->sum.created - events, dcm_now_ns() - begin);
	return err;
}

/* Watches until the segment ends or has cost too much; then hands its events over. */
static int run_segment(struct dcm_who *who, uint64_t off_ns, const volatile bool *stop)
{
	uint64_t begin = dcm_now_ns(), on_ns;
	int err;

	do {
		err = tick(who);
		on_ns = dcm_now_ns() - begin;
	} while (!err && on_ns < SEGMENT_NS && !is_over(who, stop) && !is_overspent(who));
	who->watched_ns += on_ns;
	who->scale = (double)(off_ns + on_ns) / (double)on_ns;
	ring_buffer__consume(who->ring);
	return err;
}

static int watch(struct dcm_who *who, const volatile bool *stop)
{
	uint64_t off_since = dcm_now_ns();
	int err = 0;

	while (!err && !is_over(who, stop)) {
		if (is_overspent(who)) {
			detach(&who->exit);
			err = tick(who);
			ring_buffer__consume(who->ring); /* allocations go on */
			continue;
		}
		if (!who->exit) {
			who->exit = bpf_program__attach_raw_tracepoint(
				who->skeleton->progs.call_exit, "sys_exit");
			if (!who->exit)
				return -errno;
		}
		err = run_segment(who, dcm_now_ns() - off_since, stop);
		off_since = dcm_now_ns();
	}
	return err;
}

int dcm_who_watch(struct dcm_who *who, double seconds, const volatile bool *stop,
		  dcm_who_event_fn *event, void *ctx, struct dcm_reason *reason)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int err = 0;

	who->event = event;
	who->ctx = ctx;
	who->scale = 1;
	who->skeleton->bss->sample_mask = 7; /* until the rate is known */
	who->begin_ns = dcm_now_ns();
	who->end_ns = who->begin_ns + (uint64_t)(seconds * 1e9);
	who->task =
		bpf_program__attach_raw_tracepoint(who->skeleton->progs.new_task, "task_newtask");
	who->skeleton->bss->watching = true;
	if (!who->alloc && bpf_program__fd(who->skeleton->progs.dentry_alloc) >= 0) {
		who->alloc = bpf_program__attach(who->skeleton->progs.dentry_alloc);
		err = who->alloc ? 0 : -errno;
	}
	if (!err)
		err = who->task ? watch(who, stop) : -errno;
	detach(&who->exit);
	detach(&who->task);
	detach(&who->alloc);
	ring_buffer__consume(who->ring);
	who->end_ns = dcm_now_ns();
	libbpf_set_print(print);
	return err ? dcm_reason_set(reason, err, "cannot watch: %s", strerror(-err)) : 0;
}

void dcm_who_totals(const struct dcm_who *who, struct dcm_who_totals *ret)
{
	*ret = (struct dcm_who_totals){
		.elapsed_seconds = (double)(who->end_ns - who->begin_ns) / 1e9,
		.watched_seconds = (double)who->watched_ns / 1e9,
		.calls = who->sum.calls,
		.failed_lookups = who->sum.missing,
		.dentries = who->sum.created,
		.dropped = who->sum.dropped,
		.with_dentries = bpf_program__fd(who->skeleton->progs.dentry_alloc) >= 0,
	};
}
