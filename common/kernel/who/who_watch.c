// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/who/who_watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/walk/walk_passed_over.h"
#include "common/kernel/who/who_internal.h"

#include "who.skel.h"

#define TICK_NS	      (10 * DCM_NSEC_PER_MSEC)
#define PERIOD_NS     (25 * DCM_NSEC_PER_MSEC)
#define WINDOW_MIN_NS (500 * DCM_NSEC_PER_USEC)
/* A window of at least this share of its period takes all of it. */
#define NEARLY_ALL 0.8
/* Described events per nanosecond: 20,000 a second of each kind within windows, fewer where
 * allocations are watched all of the time. */
#define DETAILS_PER_NS	      20e-6
#define DETAILS_PER_NS_ALWAYS 4e-6
#define FIRST_ONE_OF	      8 /* until the rate is known */
#define MAX_ONE_OF	      (1u << 16)
/* Of what a window adds to this process's plainest call, what it adds to a failed lookup. */
#define LOOKUP_FACTOR 2
#define DESCRIBE_NS   1000
/* Names that are made true after they were looked up: fewer than one of so many are none. */
#define UNDONE_PART 100

/* ---- events ---- */

/* The kernel ends each command with a NUL. */
static int take_netns(struct dcm_who *who, const struct dcm_who_netns *made)
{
	const struct dcm_who_process *process = &made->process;
	const char *above[DCM_WHO_ABOVE];
	const struct dcm_who_maker maker = {
		.pid = process->tgid,
		.command = process->comm,
		.above = above,
		.above_count = DCM_WHO_ABOVE,
		.cgroup = dcm_who_paths_cgroup(who->paths, process->cgroup, process->tgid),
	};

	for (size_t i = 0; i < DCM_WHO_ABOVE; i++)
		above[i] = made->above[i];
	who->sink->maker(who->sink->ctx, &maker);
	return 0;
}

/* Without clocks of processes all go by the time on the wall. */
static double scale_of(struct dcm_who *who, const struct dcm_who_event *event)
{
	double lost_ns = event->one_of * LOOKUP_FACTOR * who->call_ns + DESCRIBE_NS;

	return who->own_pids ? dcm_who_clocks_scale(&who->clocks, event->pid, lost_ns, who->scale)
			     : who->scale;
}

int dcm_who_take_record(void *ctx, void *data, size_t size)
{
	static const enum dcm_who_what what[] = {
		[DCM_WHO_MISSING] = DCM_WHO_FAILED_LOOKUP,
		[DCM_WHO_GREW] = DCM_WHO_OTHER_CALL,
		[DCM_WHO_CREATED] = DCM_WHO_DENTRY,
		[DCM_WHO_LEFT] = DCM_WHO_NEGATIVE_LEFT,
	};
	const struct dcm_who_process *process = data;
	struct dcm_who *who = ctx;
	struct dcm_who_event event = {.directory = "", .name = ""};
	char command[sizeof(process->comm) + 1];

	if (size < sizeof(*process) || process->kind >= DCM_ARRAY_SIZE(what))
		return 0;
	if (process->tgid == who->self)
		return 0; /* asking for the cgroup of a process that has ended */
	if (process->kind == DCM_WHO_NETNS)
		return size < sizeof(struct dcm_who_netns) ? 0 : take_netns(who, data);
	if (size >= sizeof(struct dcm_who_record))
		dcm_who_paths_split(who->paths, data, &event.directory, &event.name);
	event.what = what[process->kind];
	event.pid = process->tgid;
	snprintf(command, sizeof(command), "%.16s", process->comm);
	event.command = command;
	event.cgroup = dcm_who_paths_cgroup(who->paths, process->cgroup, process->tgid);
	event.one_of = process->one_of;
	event.negative = process->negative;
	event.scale = 1;
	if (!who->is_whole && (process->kind == DCM_WHO_MISSING || process->kind == DCM_WHO_GREW))
		event.scale = scale_of(who, &event);
	who->sink->event(who->sink->ctx, &event);
	return 0;
}

/* Adds up the counters; estimates what the tracepoint cost the busiest CPU since the last call. */
static int add_up(struct dcm_who *who, uint64_t *ret_cost)
{
	struct dcm_who_counters sum = {0};
	uint64_t worst = 0;
	int i, err = dcm_who_read_counters(who);

	if (err)
		return err;
	for (i = 0; i < who->cpus; i++) {
		const struct dcm_who_counters *now = &who->per_cpu[i], *before = &who->before[i];
		uint64_t cost = (now->calls - before->calls) * DCM_WHO_CALL_NS +
				(now->described - before->described) * DCM_WHO_DETAIL_NS;

		worst = DCM_MAX(cost, worst);
		sum.calls += now->calls;
		sum.missing += now->missing;
		sum.grew += now->grew;
		sum.fell += now->fell;
		sum.created += now->created;
		sum.left += now->left;
		sum.left_lost += now->left_lost;
		sum.netns_lost += now->netns_lost;
		sum.dropped += now->dropped;
		who->before[i] = *now;
	}
	who->sum = sum;
	*ret_cost = worst;
	return 0;
}

/* How many events the next one described shall stand for, a power of two. It falls slowly: a storm
 * that comes back would fill the buffer. */
static uint32_t choose_mask(uint32_t mask, uint64_t events, uint64_t ns, double rate)
{
	double wanted = (double)events / ((double)ns * rate + 1);
	uint32_t one_of = mask / 2 + 1;

	while (one_of < wanted && one_of < MAX_ONE_OF)
		one_of *= 2;
	return one_of - 1;
}

static void choose_sampling(struct dcm_who *who, const struct dcm_who_counters *before, uint64_t ns,
			    bool in_window)
{
	const struct dcm_who_counters *now = &who->sum;
	struct who__bss *bss = who->skeleton->bss;
	uint64_t grew = now->grew - before->grew, missing = now->missing - before->missing;

	bss->created_mask = choose_mask(bss->created_mask, now->created - before->created, ns,
					DETAILS_PER_NS_ALWAYS);
	if (!in_window)
		return;
	bss->grew_mask = choose_mask(bss->grew_mask, grew, ns, DETAILS_PER_NS);
	bss->known_mask = choose_mask(bss->known_mask, missing > grew ? missing - grew : 0, ns,
				      DETAILS_PER_NS);
}

/* ---- windows ---- */

static bool is_over(const struct dcm_who *who, const volatile sig_atomic_t *stop)
{
	return *stop || dcm_now_ns() >= who->end_ns;
}

/* Looks at what @ns brought, a tick or less. */
static int account(struct dcm_who *who, uint64_t ns)
{
	const struct dcm_who_counters before = who->sum;
	bool in_window = who->window_ns != 0;
	uint64_t cost;
	int err = add_up(who, &cost);

	if (err)
		return err;
	who->spent_ns += cost;
	if (in_window)
		who->cost_ns += cost;
	choose_sampling(who, &before, ns, in_window);
	if (!in_window || who->is_whole)
		ring_buffer__consume(who->ring); /* else with the window, when its scale is known */
	return 0;
}

/* Sleeps until @when, the end or a signal, and looks at what comes meanwhile. Ends early when a
 * window has cost more than @allowed nanoseconds. */
static int watch_until(struct dcm_who *who, uint64_t when, double allowed,
		       const volatile sig_atomic_t *stop)
{
	uint64_t now = dcm_now_ns();
	int err = 0;

	when = DCM_MIN(when, who->end_ns);
	while (!err && !*stop && now < when && (double)who->cost_ns <= allowed) {
		const struct timespec ts = dcm_timespec_until(DCM_MIN(when, now + TICK_NS));
		uint64_t begin = now;

		nanosleep(&ts, NULL);
		now = dcm_now_ns();
		err = account(who, now - begin);
	}
	return err;
}

/* The quickest of a few series of calls, nanoseconds for one. */
static double time_call(void)
{
	enum { SERIES = 8, CALLS = 64 };
	double best = INFINITY;

	for (int i = 0; i < SERIES; i++) {
		uint64_t begin = dcm_now_ns();

		for (int call = 0; call < CALLS; call++)
			(void)syscall(SYS_getppid);
		best = fmin(best, (double)(dcm_now_ns() - begin) / CALLS);
	}
	return best;
}

static int open_window(struct dcm_who *who)
{
	double before = who->windows ? 0 : time_call();

	if (who->window_ns)
		return 0; /* still, from the period before */
	who->link[DCM_WHO_EXIT] =
		bpf_program__attach_raw_tracepoint(who->skeleton->progs.call_exit, "sys_exit");
	if (!who->link[DCM_WHO_EXIT])
		return -errno;
	if (!who->windows)
		who->call_ns = fmax(time_call() - before, 0);
	dcm_who_clocks_open(&who->clocks);
	who->window_ns = dcm_now_ns();
	__atomic_store_n(&who->skeleton->bss->window, ++who->windows, __ATOMIC_RELAXED);
	return 0;
}

/* Ends a window together with its period. @go_on: and begins the next ones in the same moment. */
static int close_window(struct dcm_who *who, bool go_on)
{
	uint64_t now, watched, period;
	int err;

	if (!go_on)
		__atomic_store_n(&who->skeleton->bss->window, 0, __ATOMIC_RELAXED);
	now = dcm_now_ns();
	dcm_who_clocks_close(&who->clocks, now - who->window_ns);
	if (go_on)
		dcm_who_clocks_open(&who->clocks);
	watched = now - who->window_ns;
	period = now - who->period_ns;
	who->scale = (double)period / (double)watched;
	err = account(who, watched);
	ring_buffer__consume(who->ring);
	who->sink->window(who->sink->ctx, (double)period / 1e9, (double)watched / 1e9);
	who->period_ns = now;
	who->window_ns = go_on ? now : 0;
	if (!go_on)
		dcm_who_detach(&who->link[DCM_WHO_EXIT]);
	/* A quiet window does not make a storm forgotten at once. */
	who->cost = fmax((double)who->cost_ns / (double)watched, who->cost / 2);
	who->cost_ns = 0;
	who->watched_ns += watched;
	return err;
}

/* ---- periods ---- */

struct plan {
	uint64_t period, window; /* nanoseconds */
	uint64_t gap;		 /* before the window; twice what it should be, times 0 to 1 */
	double allowed;		 /* cost */
};

/* A gap, and a window at its end: long enough to be of use, and within the means. */
static struct plan make_plan(struct dcm_who *who)
{
	double passed = (double)(who->period_ns - who->begin_ns);
	double left = (double)(who->end_ns - who->period_ns), period = PERIOD_NS, window;
	double least = ((double)who->spent_ns + who->cost * WINDOW_MIN_NS) / DCM_WHO_SHARE - passed;
	struct plan plan;

	period = fmin(fmax(period, least), left);
	plan.allowed = fmax(DCM_WHO_SHARE * (passed + period) - (double)who->spent_ns, 0);
	window = who->cost > 0 ? fmin(plan.allowed / who->cost, period) : period;
	if (window > NEARLY_ALL * period)
		window = period;
	plan.period = (uint64_t)period;
	plan.window = (uint64_t)window;
	plan.gap = (uint64_t)(2 * (period - window) * erand48(who->random));
	return plan;
}

/* All of the period is watched, in one piece with whole ones before and after. */
static int run_whole(struct dcm_who *who, const struct plan *plan,
		     const volatile sig_atomic_t *stop)
{
	bool first = !who->window_ns;
	int err = open_window(who);

	if (err)
		return err;
	if (first)
		who->period_ns = who->window_ns;
	who->is_whole = true;
	err = watch_until(who, who->period_ns + plan->period, plan->allowed, stop);
	if (err)
		return err;
	return close_window(who, (double)who->cost_ns <= plan->allowed && !is_over(who, stop));
}

static int run_part(struct dcm_who *who, const struct plan *plan, const volatile sig_atomic_t *stop)
{
	int err = who->window_ns ? close_window(who, false) : 0;

	if (!err)
		err = watch_until(who, who->period_ns + plan->gap, INFINITY, stop);
	if (err || is_over(who, stop))
		return err;
	who->is_whole = false;
	err = open_window(who);
	if (!err)
		err = watch_until(who, who->window_ns + plan->window, INFINITY, stop);
	return err ? err : close_window(who, false);
}

static int watch(struct dcm_who *who, const volatile sig_atomic_t *stop)
{
	int err = 0;

	while (!err && !is_over(who, stop)) {
		const struct plan plan = make_plan(who);

		err = plan.window < plan.period ? run_part(who, &plan, stop)
						: run_whole(who, &plan, stop);
	}
	return err;
}

/* ---- the whole ---- */

static int attach(struct dcm_who *who)
{
	const struct {
		enum dcm_who_link link;
		const struct bpf_program *program;
		const char *tracepoint;
	} tracepoints[] = {
		{DCM_WHO_MAKERS, who->skeleton->progs.netns_made, "percpu_alloc_percpu"},
		{DCM_WHO_SWITCH, who->skeleton->progs.thread_switch, "sched_switch"},
		{DCM_WHO_SHRINK_START, who->skeleton->progs.shrink_start, "mm_shrink_slab_start"},
		{DCM_WHO_SHRINK_END, who->skeleton->progs.shrink_end, "mm_shrink_slab_end"},
	};

	for (size_t i = 0; i < (who->with_negative ? DCM_ARRAY_SIZE(tracepoints) : 1); i++) {
		struct bpf_link **link = &who->link[tracepoints[i].link];

		*link = bpf_program__attach_raw_tracepoint(tracepoints[i].program,
							   tracepoints[i].tracepoint);
		if (!*link)
			return -errno;
	}
	return 0;
}

static void begin(struct dcm_who *who, double seconds)
{
	struct who__bss *bss = who->skeleton->bss;

	bss->known_mask = bss->grew_mask = bss->created_mask = FIRST_ONE_OF - 1;
	who->begin_ns = who->period_ns = dcm_now_ns();
	who->end_ns = who->begin_ns + (uint64_t)(seconds * 1e9);
	memcpy(who->random, &who->begin_ns, sizeof(who->random));
	if (who->with_negative)
		dcm_who_settle(who); /* what was before is nobody's */
	bss->watching = true;
}

static void end(struct dcm_who *who)
{
	uint64_t cost;

	if (who->with_negative)
		dcm_who_settle(who);
	who->end_ns = dcm_now_ns();
	who->skeleton->bss->watching = false;
	for (size_t i = 0; i < DCM_WHO_LINKS; i++)
		dcm_who_detach(&who->link[i]);
	ring_buffer__consume(who->ring);
	(void)add_up(who, &cost);
}

int dcm_who_watch(struct dcm_who *who, double seconds, const volatile sig_atomic_t *stop,
		  const struct dcm_who_sink *sink, struct dcm_reason *reason)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int err;

	who->sink = sink;
	begin(who, seconds);
	err = attach(who);
	if (!err)
		err = watch(who, stop);
	end(who);
	libbpf_set_print(print);
	return err ? dcm_reason_set(reason, err, "cannot watch: %s", strerror(-err)) : 0;
}

void dcm_who_totals(const struct dcm_who *who, struct dcm_who_totals *ret)
{
	*ret = (struct dcm_who_totals){
		.elapsed_seconds = (double)(who->end_ns - who->begin_ns) / 1e9,
		.watched_seconds = (double)who->watched_ns / 1e9,
		.call_seconds = LOOKUP_FACTOR * who->call_ns / 1e9,
		.calls = who->sum.calls,
		.failed_lookups = who->sum.missing,
		.all_is_left = who->sum.fell * UNDONE_PART <= who->sum.grew && !who->sum.left_lost,
		.dentries = who->sum.created,
		.negative = who->sum.left + who->sum.left_lost,
		.negative_lost = who->sum.left_lost,
		.netns_lost = who->sum.netns_lost,
		.dropped = who->sum.dropped,
		.passed_over = dcm_who_passed_over(who->skeleton->obj),
		.netns_passed_over =
			dcm_walk_passed_over(bpf_program__fd(who->skeleton->progs.netns_made)),
		.with_dentries = bpf_program__fd(who->skeleton->progs.dentry_alloc) >= 0,
		.with_negative = who->with_negative,
	};
}
