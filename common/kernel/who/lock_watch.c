// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/who/lock_watch.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/walk/walk.h"
#include "common/kernel/who/lock_internal.h"
#include "common/kernel/who/who_internal.h"

#include "who_locks.skel.h"

#define TICK_NS (50 * DCM_NSEC_PER_MSEC)

/* ---- opening ---- */

/* By the kernel's BTF: attaching to what is not there says less. */
static int find_tracepoints(struct dcm_reason *reason)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err = (int)libbpf_get_error(btf), id;

	if (err)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "the kernel has no BTF, see dcachemon "
				      "doctor");
	id = btf__find_by_name_kind(btf, "btf_trace_contention_begin", BTF_KIND_TYPEDEF);
	btf__free(btf);
	return id >= 0 ? 0
		       : dcm_reason_set(reason, -EOPNOTSUPP,
					"this kernel does not tell of waits for locks: "
					"lock:contention_begin came with Linux 5.19");
}

static int load(struct dcm_locks *locks, struct dcm_reason *reason)
{
	int err = find_tracepoints(reason);

	if (err)
		return err;
	locks->nodes = DCM_MAX(dcm_walk_numa_nodes(""), 1u);
	locks->skeleton = who_locks__open();
	if (!locks->skeleton)
		return dcm_reason_no_memory(reason);
	locks->skeleton->rodata->numa_nodes = locks->nodes;
	locks->skeleton->rodata->most_in_second = DCM_LOCK_MOST_A_SECOND;
	err = who_locks__load(locks->skeleton);
	if (err)
		dcm_reason_set(reason, err,
			       "the kernel refused the BPF programs: %s; needs BTF, CAP_BPF and "
			       "CAP_PERFMON (root), see dcachemon doctor",
			       strerror(-err));
	return err;
}

/* By what number records know this process: what a first run finds is found once more. */
static uint32_t find_self(const struct dcm_locks *locks)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	(void)bpf_prog_test_run_opts(bpf_program__fd(locks->skeleton->progs.superblocks), &opts);
	return (uint32_t)locks->skeleton->bss->walk.self;
}

static int prepare(struct dcm_locks *locks, struct dcm_reason *reason)
{
	int err;

	locks->cpus = libbpf_num_possible_cpus();
	if (locks->cpus <= 0)
		return dcm_reason_set(reason, -ENODEV, "cannot count the processors");
	locks->per_cpu = calloc((size_t)locks->cpus, sizeof(*locks->per_cpu));
	err = dcm_who_paths_create(dcm_who_is_in_proc(find_self(locks)), &locks->paths);
	return locks->per_cpu && !err ? 0 : dcm_reason_no_memory(reason);
}

int dcm_locks_open(struct dcm_reason *reason, struct dcm_locks **ret)
{
	struct dcm_locks *locks = calloc(1, sizeof(*locks));
	libbpf_print_fn_t print;
	int err;

	if (!locks)
		return dcm_reason_no_memory(reason);
	print = libbpf_set_print(NULL); /* it says nothing */
	err = load(locks, reason);
	libbpf_set_print(print);
	malloc_trim(0);
	if (!err)
		err = prepare(locks, reason);
	if (err) {
		dcm_locks_close(locks);
		return err;
	}
	*ret = locks;
	return 0;
}

static void detach(struct dcm_locks *locks)
{
	for (size_t i = DCM_LOCK_LINKS; i-- > 0;)
		dcm_who_detach(&locks->link[i]);
}

void dcm_locks_close(struct dcm_locks *locks)
{
	if (!locks)
		return;
	detach(locks);
	if (locks->skeleton)
		who_locks__destroy(locks->skeleton);
	dcm_lock_places_free(locks);
	dcm_who_paths_destroy(locks->paths);
	free(locks->per_cpu);
	free(locks);
}

/* ---- watching ---- */

/* The end first: each wait whose beginning is seen ends in sight. */
static int attach(struct dcm_locks *locks)
{
	const struct {
		enum dcm_lock_link link;
		const struct bpf_program *program;
		const char *tracepoint;
	} tracepoints[] = {
		{DCM_LOCK_LINK_END, locks->skeleton->progs.wait_end, "contention_end"},
		{DCM_LOCK_LINK_BEGIN, locks->skeleton->progs.wait_begin, "contention_begin"},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(tracepoints); i++) {
		struct bpf_link **link = &locks->link[tracepoints[i].link];

		*link = bpf_program__attach_raw_tracepoint(tracepoints[i].program,
							   tracepoints[i].tracepoint);
		if (!*link)
			return -errno;
	}
	return 0;
}

/* More than DCM_LOCK_MOST_A_SECOND on all CPUs together; of one CPU the program knows. */
static bool are_too_many(const struct dcm_locks *locks)
{
	uint64_t second = 0, waits = 0;

	for (int cpu = 0; cpu < locks->cpus; cpu++)
		second = DCM_MAX(second, locks->per_cpu[cpu].second);
	for (int cpu = 0; cpu < locks->cpus; cpu++)
		waits += locks->per_cpu[cpu].second == second ? locks->per_cpu[cpu].in_second : 0;
	return locks->skeleton->bss->too_many || waits > DCM_LOCK_MOST_A_SECOND;
}

static int watch(struct dcm_locks *locks, uint64_t until, const volatile sig_atomic_t *stop,
		 enum dcm_lock_end *ret_end)
{
	int err = 0;

	*ret_end = DCM_LOCK_END_TIME;
	while (!err && dcm_now_ns() < until) {
		const struct timespec ts =
			dcm_timespec_until(DCM_MIN(until, dcm_now_ns() + TICK_NS));

		nanosleep(&ts, NULL);
		err = dcm_lock_read_cpus(locks);
		if (*stop || are_too_many(locks)) {
			*ret_end = *stop ? DCM_LOCK_END_SIGNAL : DCM_LOCK_END_RATE;
			break;
		}
	}
	return err;
}

static int run(struct dcm_locks *locks, double seconds, const volatile sig_atomic_t *stop)
{
	int err = attach(locks);

	locks->begin_ns = dcm_now_ns();
	locks->skeleton->bss->watching = !err;
	if (!err)
		err = watch(locks, locks->begin_ns + (uint64_t)(seconds * 1e9), stop,
			    &locks->totals.end);
	locks->skeleton->bss->watching = false;
	locks->end_ns = dcm_now_ns();
	detach(locks);
	return err;
}

int dcm_locks_watch(struct dcm_locks *locks, double seconds, const volatile sig_atomic_t *stop,
		    struct dcm_lock_table *table, struct dcm_reason *reason)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int err = dcm_lock_places_look(locks);

	if (!err)
		err = run(locks, seconds, stop);
	libbpf_set_print(print);
	if (!err)
		err = dcm_lock_places_look(locks); /* and those that came meanwhile */
	if (!err)
		err = dcm_lock_results(locks, table);
	return err ? dcm_reason_set(reason, err, "cannot watch: %s", strerror(-err)) : 0;
}

void dcm_locks_totals(const struct dcm_locks *locks, struct dcm_lock_totals *ret)
{
	*ret = locks->totals;
	ret->passed_over = dcm_who_passed_over(locks->skeleton->obj);
	ret->elapsed_seconds = (double)(locks->end_ns - locks->begin_ns) / 1e9;
	for (int cpu = 0; cpu < locks->cpus; cpu++) {
		ret->waits += locks->per_cpu[cpu].waits;
		ret->spinning += locks->per_cpu[cpu].spins;
		ret->lost += locks->per_cpu[cpu].lost;
	}
}
