// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loads the programs, and proves that they read the right counter. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/files/cached_file.h"
#include "common/kernel/walk/walk_passed_over.h"
#include "common/kernel/who/who_internal.h"
#include "common/parse/dentry_state.h"

#include "who.skel.h"

static const struct {
	long number;
	enum dcm_who_argument argument;
} path_calls[] = {
#ifdef SYS_open
	{SYS_open, DCM_WHO_FIRST},
	{SYS_creat, DCM_WHO_FIRST},
	{SYS_stat, DCM_WHO_FIRST},
	{SYS_lstat, DCM_WHO_FIRST},
	{SYS_access, DCM_WHO_FIRST},
	{SYS_readlink, DCM_WHO_FIRST},
	{SYS_unlink, DCM_WHO_FIRST},
	{SYS_rmdir, DCM_WHO_FIRST},
	{SYS_mkdir, DCM_WHO_FIRST},
	{SYS_mknod, DCM_WHO_FIRST},
	{SYS_rename, DCM_WHO_FIRST},
	{SYS_link, DCM_WHO_FIRST},
	{SYS_symlink, DCM_WHO_SECOND},
	{SYS_chmod, DCM_WHO_FIRST},
	{SYS_chown, DCM_WHO_FIRST},
	{SYS_lchown, DCM_WHO_FIRST},
	{SYS_utime, DCM_WHO_FIRST},
	{SYS_utimes, DCM_WHO_FIRST},
	{SYS_futimesat, DCM_WHO_FIRST_AT},
#endif
	{SYS_openat, DCM_WHO_FIRST_AT},
	{SYS_faccessat, DCM_WHO_FIRST_AT},
#ifdef SYS_newfstatat
	{SYS_newfstatat, DCM_WHO_FIRST_AT},
#endif
#ifdef SYS_openat2
	{SYS_openat2, DCM_WHO_FIRST_AT},
#endif
#ifdef SYS_faccessat2
	{SYS_faccessat2, DCM_WHO_FIRST_AT},
#endif
#ifdef SYS_fchmodat2
	{SYS_fchmodat2, DCM_WHO_FIRST_AT},
#endif
#ifdef SYS_open_tree
	{SYS_open_tree, DCM_WHO_FIRST_AT},
#endif
#ifdef SYS_renameat
	{SYS_renameat, DCM_WHO_FIRST_AT},
#endif
	{SYS_renameat2, DCM_WHO_FIRST_AT},
	{SYS_statx, DCM_WHO_FIRST_AT},
	{SYS_readlinkat, DCM_WHO_FIRST_AT},
	{SYS_unlinkat, DCM_WHO_FIRST_AT},
	{SYS_mkdirat, DCM_WHO_FIRST_AT},
	{SYS_mknodat, DCM_WHO_FIRST_AT},
	{SYS_linkat, DCM_WHO_FIRST_AT},
	{SYS_symlinkat, DCM_WHO_SECOND_AT},
	{SYS_fchmodat, DCM_WHO_FIRST_AT},
	{SYS_fchownat, DCM_WHO_FIRST_AT},
	{SYS_utimensat, DCM_WHO_FIRST_AT},
	{SYS_name_to_handle_at, DCM_WHO_FIRST_AT},
	{SYS_execveat, DCM_WHO_FIRST_AT},
	{SYS_execve, DCM_WHO_FIRST},
	{SYS_chdir, DCM_WHO_FIRST},
	{SYS_chroot, DCM_WHO_FIRST},
	{SYS_truncate, DCM_WHO_FIRST},
	{SYS_statfs, DCM_WHO_FIRST},
	{SYS_getxattr, DCM_WHO_FIRST},
	{SYS_lgetxattr, DCM_WHO_FIRST},
	{SYS_setxattr, DCM_WHO_FIRST},
	{SYS_lsetxattr, DCM_WHO_FIRST},
	{SYS_listxattr, DCM_WHO_FIRST},
	{SYS_llistxattr, DCM_WHO_FIRST},
	{SYS_removexattr, DCM_WHO_FIRST},
	{SYS_lremovexattr, DCM_WHO_FIRST},
	{SYS_inotify_add_watch, DCM_WHO_SECOND},
	{SYS_connect, DCM_WHO_SOCKET},
	{SYS_bind, DCM_WHO_SOCKET},
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
	bpf_program__set_autoload(who->skeleton->progs.dentry_alloc, dentries);
	err = who__load(who->skeleton);
	if (!err && dentries) {
		/* Stays attached, and idle until "watching": before 5.13 (f3a95075549e) a program
		 * that was detached cannot be attached again. */
		who->link[DCM_WHO_ALLOC] = bpf_program__attach(who->skeleton->progs.dentry_alloc);
		err = who->link[DCM_WHO_ALLOC] ? 0 : -errno;
	}
	if (err) {
		who__destroy(who->skeleton);
		who->skeleton = NULL;
	}
	return err;
}

/* ---- the counter of negative dentries ---- */

/* Where @name lies among the per-CPU variables, by the kernel's BTF. */
static int per_cpu_offset(const struct btf *btf, const char *name, int64_t *ret)
{
	int32_t id = btf__find_by_name_kind(btf, ".data..percpu", BTF_KIND_DATASEC);
	const struct btf_type *section = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);

	if (!section)
		return -ENOENT;
	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *info = btf_var_secinfos(section) + i;
		const struct btf_type *var = btf__type_by_id(btf, info->type);

		if (var && strcmp(btf__name_by_offset(btf, var->name_off), name) == 0) {
			*ret = info->offset;
			return 0;
		}
	}
	return -ENOENT;
}

static int64_t rq_to_negative(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int64_t rq, negative, distance = 0;

	if (libbpf_get_error(btf))
		return 0;
	if (per_cpu_offset(btf, "runqueues", &rq) == 0 &&
	    per_cpu_offset(btf, "nr_dentry_negative", &negative) == 0)
		distance = negative - rq;
	btf__free(btf);
	return distance;
}

/* In the context of whatever runs on each CPU; of those that are not online nothing. */
void dcm_who_settle(const struct dcm_who *who)
{
	for (int cpu = 0; cpu < who->cpus; cpu++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU,
			    .cpu = (unsigned int)cpu);

		(void)bpf_prog_test_run_opts(bpf_program__fd(who->skeleton->progs.thread_switch),
					     &opts);
	}
}

int dcm_who_read_counters(const struct dcm_who *who)
{
	const uint32_t zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(who->skeleton->maps.counters), &zero, who->per_cpu)
		       ? -errno
		       : 0;
}

static int read_total(int64_t *ret)
{
	_cleanup_(dcm_cached_file_deinit) struct dcm_cached_file file;
	_cleanup_free_ char *text = NULL;
	struct dcm_dentry_state state;
	size_t size = 0, len;
	int err = dcm_cached_file_init(&file, "", "/proc/sys/fs/dentry-state");

	if (!err)
		err = dcm_cached_file_read(&file, &text, &size, 4096, &len);
	if (!err)
		err = dcm_dentry_state_parse(text, len, true, &state);
	if (!err)
		*ret = state.negative;
	return err;
}

/* What the programs read on all CPUs is the number that the kernel gives, but for what happens
 * between the reads. */
static bool is_counter_right(struct dcm_who *who)
{
	int64_t before, after, sum = 0, slack;
	unsigned int found = 0;

	if (read_total(&before))
		return false;
	dcm_who_settle(who);
	if (dcm_who_read_counters(who) || read_total(&after))
		return false;
	for (int cpu = 0; cpu < who->cpus; cpu++) {
		found += who->per_cpu[cpu].counter != 0;
		sum += who->per_cpu[cpu].at_switch;
	}
	slack = 2000 + after / 100;
	return found && sum > DCM_MIN(before, after) - slack &&
	       sum < DCM_MAX(before, after) + slack;
}

/* Without it the programs leave the counter alone. */
static void find_counter(struct dcm_who *who)
{
	const uint32_t zero = 0;

	who->skeleton->bss->rq_to_negative = rq_to_negative();
	who->with_negative = who->skeleton->bss->rq_to_negative && is_counter_right(who);
	if (who->with_negative)
		return;
	who->skeleton->bss->rq_to_negative = 0;
	memset(who->per_cpu, 0, (size_t)who->cpus * sizeof(*who->per_cpu));
	(void)bpf_map_update_elem(bpf_map__fd(who->skeleton->maps.counters), &zero, who->per_cpu,
				  BPF_ANY);
}

/* ---- opening ---- */

/* Programs are run for user space since Linux 5.10 (1b4d60ec162f). */
static void find_self(struct dcm_who *who)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	(void)bpf_prog_test_run_opts(bpf_program__fd(who->skeleton->progs.find_self), &opts);
	who->self = who->skeleton->bss->self ? who->skeleton->bss->self : (uint32_t)getpid();
	who->own_pids = who->self == (uint32_t)getpid();
}

bool dcm_who_is_in_proc(uint32_t number)
{
	char target[16], self[16];
	ssize_t n = readlink("/proc/self", target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	snprintf(self, sizeof(self), "%u", number);
	return strcmp(target, self) == 0;
}

static int prepare(struct dcm_who *who, struct dcm_reason *reason)
{
	int err;

	who->cpus = libbpf_num_possible_cpus();
	if (who->cpus <= 0)
		return dcm_reason_set(reason, -ENODEV, "cannot count the processors");
	who->per_cpu = calloc((size_t)who->cpus, sizeof(*who->per_cpu));
	who->before = calloc((size_t)who->cpus, sizeof(*who->before));
	who->ring = ring_buffer__new(bpf_map__fd(who->skeleton->maps.events), dcm_who_take_record,
				     who, NULL);
	find_self(who);
	err = dcm_who_paths_create(dcm_who_is_in_proc(who->self), &who->paths);
	if (!who->per_cpu || !who->before || !who->ring || err)
		return dcm_reason_no_memory(reason);
	find_counter(who);
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

void dcm_who_detach(struct bpf_link **link)
{
	bpf_link__destroy(*link);
	*link = NULL;
}

void dcm_who_close(struct dcm_who *who)
{
	if (!who)
		return;
	for (size_t i = 0; i < DCM_WHO_LINKS; i++)
		dcm_who_detach(&who->link[i]);
	ring_buffer__free(who->ring);
	if (who->skeleton)
		who__destroy(who->skeleton);
	dcm_who_paths_destroy(who->paths);
	free(who->per_cpu);
	free(who->before);
	free(who);
}

uint64_t dcm_who_passed_over(const struct bpf_object *object)
{
	struct bpf_program *program;
	uint64_t sum = 0;

	bpf_object__for_each_program(program, object)
	{
		if (bpf_program__fd(program) >= 0)
			sum += dcm_walk_passed_over(bpf_program__fd(program));
	}
	return sum;
}
