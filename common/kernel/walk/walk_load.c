// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loading the BPF walkers: all at once, which takes one reading of the kernel's types, and where
 * that fails one by one. A member that a kernel no longer has then costs only the programs that
 * read it.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/walk/walk_internal.h"

/* The skeletons need the types of walk_shared.h. */
#include "walk_bounded.skel.h"
#include "walk_compat.skel.h"
#include "walk_fast.skel.h"
#include "walk_sample.skel.h"

#define ALL_PROGRAMS DCM_PROG_COUNT

#define MAP_BYTES (16u << 20) /* more than the maps and programs are */

static const char *const program_names[DCM_PROG_COUNT] = {
	[DCM_PROG_SETUP] = "setup",	  [DCM_PROG_SUPERBLOCKS] = "superblocks",
	[DCM_PROG_NETNS] = "netns",	  [DCM_PROG_PAIRS] = "pairs",
	[DCM_PROG_PROVE] = "prove",	  [DCM_PROG_PASS] = "pass",
	[DCM_PROG_CHAIN] = "chain",	  [DCM_PROG_DIRECTORY] = "directory",
	[DCM_PROG_CHILDREN] = "children", [DCM_PROG_TABLES] = "tables",
	[DCM_PROG_MADE] = "made",	  [DCM_PROG_SAMPLE] = "sample",
};

const char *dcm_walk_program_name(enum dcm_walk_program program)
{
	return program_names[program];
}

void dcm_walk_read_small(const char *root, const char *path, char *buf, size_t size)
{
	char full[4096];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	buf[0] = '\0';
	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
		return;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	n = read(fd, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
}

/* ---- why not ---- */

/* "struct net.net_cookie", the member, or the function that the last program was refused for; "":
 * another reason. */
static char missing[96];

/* From the end of @before to the next @after. */
static void note_missing(const char *text, const char *before, const char *after)
{
	const char *name = strstr(text, before), *end;

	if (!name)
		return;
	name += strlen(before);
	end = strstr(name, after);
	if (end && (size_t)(end - name) < sizeof(missing))
		memcpy(missing, name, (size_t)(end - name));
}

/*
 * libbpf's messages, of which one is of interest. A relocation without a target becomes an
 * instruction that the verifier refuses, unless it is in code that never runs; libbpf 0.8 and later
 * puts the name there: "failed to resolve CO-RE relocation <byte_off> [24] struct net.net_cookie
 * (0:2 @ offset 24)". Of a function: "extern (func ksym) 'bpf_get_kmem_cache': not found in kernel
 * or module BTFs"; of one that is there: "... 'bpf_rdonly_cast': resolved to vmlinux [124]".
 */
static int read_message(enum libbpf_print_level level __attribute__((unused)), const char *format,
			va_list args)
{
	_cleanup_free_ char *text = NULL;
	const char *relocation;

	if (*missing || vasprintf(&text, format, args) < 0)
		return 0;
	relocation = strstr(text, "failed to resolve CO-RE relocation");
	if (relocation)
		note_missing(relocation, "] ", " (");
	else if (strstr(text, "': not found"))
		note_missing(text, "extern (func ksym) '", "'");
	return 0;
}

static bool has_capability(unsigned int cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data))
		return false;
	return (data[cap / 32].effective & (1u << cap % 32)) != 0;
}

static bool has_helper(enum bpf_func_id helper)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, helper, NULL) != 0;
}

/* Before 5.11, maps count as locked memory of their user; libbpf raises the limit if it may. Such a
 * kernel has no bpf_loop either. */
static bool is_memory_short(const struct dcm_walk *walk)
{
	struct rlimit limit;

	return !walk->has_loop && !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur < MAP_BYTES;
}

/* What the flavour that was asked for takes of a kernel. */
static int explain_flavour(const struct dcm_walk *walk, enum dcm_walk_flavour flavour,
			   struct dcm_reason *reason)
{
	if (flavour == DCM_WALK_COMPAT && !walk->has_loop)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "kernel without bpf_loop (needs 5.17): the bounded flavour "
				      "may work");
	if (flavour == DCM_WALK_FAST)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "the kernel refused direct loads (bpf_rdonly_cast needs "
				      "6.2): another flavour may work");
	if (!has_helper(BPF_FUNC_probe_read_kernel))
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "kernel without bpf_probe_read_kernel: needs 5.10 or later");
	return 0;
}

/* Why loading failed, from what can be found out; the kernel's errno alone says little. */
static int explain(const struct dcm_walk *walk, enum dcm_walk_flavour flavour, int err,
		   struct dcm_reason *reason)
{
	const char *root = walk->root;
	char lockdown[128], full[4096];

	if (err == -ELIBACC) /* from collectd-plugin/libbpf_lazy.c */
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "libbpf.so.1 cannot be loaded: install libbpf 1.0 or later");
	snprintf(full, sizeof(full), "%s/sys/kernel/btf/vmlinux", root);
	if (access(full, R_OK))
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "kernel without BTF (/sys/kernel/btf/vmlinux): needs "
				      "CONFIG_DEBUG_INFO_BTF");
	dcm_walk_read_small(root, "/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (strstr(lockdown, "[confidentiality]"))
		return dcm_reason_set(reason, -EPERM,
				      "kernel lockdown is \"confidentiality\": BPF may not read "
				      "kernel memory; lockdown=integrity allows it");
	if (!has_capability(CAP_SYS_ADMIN) &&
	    !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON)))
		return dcm_reason_set(reason, -EPERM,
				      "needs CAP_BPF and CAP_PERFMON (or root) to load BPF");
	if (err == -EPERM && is_memory_short(walk))
		return dcm_reason_set(
			reason, err,
			"the limit of locked memory is too low for BPF on this kernel: "
			"needs %u MiB (ulimit -l, LimitMEMLOCK=)",
			MAP_BYTES >> 20);
	if (explain_flavour(walk, flavour, reason))
		return -EOPNOTSUPP;
	*reason = walk->why[*walk->why[DCM_PROG_SETUP].text ? DCM_PROG_SETUP : DCM_PROG_PASS];
	return reason->text[0]
		       ? err
		       : dcm_reason_set(reason, err, "the kernel refused BPF: %s", strerror(-err));
}

/* ---- one object ---- */

/* What the objects have in common: the output, and the area of the kernel side. */
enum { MAP_OUTPUT, MAP_AREA, MAPS };
static const char *const map_names[MAPS] = {[MAP_OUTPUT] = "output", [MAP_AREA] = ".bss"};

static struct bpf_map *find_map(struct bpf_object *object, const char *name)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		if (strstr(bpf_map__name(map), name))
			return map;
	}
	return NULL;
}

static void close_maps(int fds[MAPS])
{
	for (size_t i = 0; i < MAPS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* Those of the first object, which made them, or of this one. Nobody maps the area. */
static int share_maps(struct bpf_object *object, const int fds[MAPS])
{
	for (size_t i = 0; i < MAPS; i++) {
		struct bpf_map *map = find_map(object, map_names[i]);
		int err = map ? 0 : -ENOENT;

		if (!err && fds[i] >= 0)
			err = bpf_map__reuse_fd(map, fds[i]);
		else if (!err && i == MAP_AREA)
			err = bpf_map__set_map_flags(map, 0);
		if (err)
			return err;
	}
	return 0;
}

static int keep_maps(struct dcm_walk *walk, struct bpf_object *object, int fds[MAPS])
{
	void *out;

	if (walk->out)
		return 0;
	for (size_t i = 0; i < MAPS; i++) {
		fds[i] = fcntl(bpf_map__fd(find_map(object, map_names[i])), F_DUPFD_CLOEXEC, 3);
		if (fds[i] < 0)
			return -errno;
	}
	walk->out_size = sizeof(*walk->out);
	out = mmap(NULL, walk->out_size, PROT_READ, MAP_SHARED, fds[MAP_OUTPUT], 0);
	if (out == MAP_FAILED)
		return -errno;
	walk->out = out;
	return 0;
}

static int take_program(struct dcm_walk *walk, struct bpf_object *object,
			enum dcm_walk_program program)
{
	struct bpf_program *p = bpf_object__find_program_by_name(object, program_names[program]);

	if (!p && program == DCM_PROG_TABLES) { /* not in the flavour without bpf_loop */
		dcm_reason_set(&walk->why[program], 0, "kernel without bpf_loop: needs 5.17");
		return 0;
	}
	if (!p)
		return -ENOENT;
	walk->program[program] = fcntl(bpf_program__fd(p), F_DUPFD_CLOEXEC, 3);
	walk->has[program] = walk->program[program] >= 0;
	return walk->has[program] ? 0 : -errno;
}

/* All others are left out when @only is not ALL_PROGRAMS. */
static void choose(struct bpf_object *object, enum dcm_walk_program only)
{
	for (unsigned i = 0; only < ALL_PROGRAMS && i < DCM_PROG_COUNT; i++) {
		struct bpf_program *p = bpf_object__find_program_by_name(object, program_names[i]);

		if (p)
			bpf_program__set_autoload(p, i == only);
	}
}

static int load_opened(struct dcm_walk *walk, struct bpf_object *object, enum dcm_walk_program only,
		       int fds[MAPS])
{
	int err = share_maps(object, fds);

	choose(object, only);
	if (!err)
		err = bpf_object__load(object);
	if (!err)
		err = keep_maps(walk, object, fds);
	for (unsigned i = 0; !err && i < DCM_PROG_COUNT; i++)
		if (only == ALL_PROGRAMS ? i != DCM_PROG_SAMPLE : i == only)
			err = take_program(walk, object, i);
	return err;
}

static const void *object_of(enum dcm_walk_flavour flavour, enum dcm_walk_program only,
			     size_t *ret_size)
{
	if (only == DCM_PROG_SAMPLE)
		return walk_sample__elf_bytes(ret_size);
	if (flavour == DCM_WALK_FAST)
		return walk_fast__elf_bytes(ret_size);
	if (flavour == DCM_WALK_COMPAT)
		return walk_compat__elf_bytes(ret_size);
	return walk_bounded__elf_bytes(ret_size);
}

static int load_object(struct dcm_walk *walk, enum dcm_walk_flavour flavour,
		       enum dcm_walk_program only, int fds[MAPS])
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct bpf_object *object;
	char types[4096];
	const void *bytes;
	size_t size;
	int err;

	/* With a root, the host's kernel is described there. */
	snprintf(types, sizeof(types), "%s/sys/kernel/btf/vmlinux", walk->root);
	if (*walk->root && !access(types, R_OK))
		opts.btf_custom_path = types;
	bytes = object_of(flavour, only, &size);
	object = bpf_object__open_mem(bytes, size, &opts);
	if (!object)
		return -errno;
	err = load_opened(walk, object, only, fds);
	/* The descriptors and the mapping keep programs and maps alive; the parsed BTF may go. */
	bpf_object__close(object);
	if (!err)
		walk->flavour = flavour;
	return err;
}

static void drop_program(struct dcm_walk *walk, enum dcm_walk_program program)
{
	if (walk->program[program] >= 0)
		close(walk->program[program]);
	walk->program[program] = -1;
	walk->has[program] = false;
}

void dcm_walk_unload(struct dcm_walk *walk)
{
	for (unsigned i = 0; i < DCM_PROG_COUNT; i++)
		drop_program(walk, i);
	if (walk->out)
		munmap((void *)(uintptr_t)walk->out, walk->out_size);
	walk->out = NULL;
}

/* ---- all of them ---- */

static bool is_wanted(const struct dcm_walk *walk, enum dcm_walk_flavour wanted,
		      enum dcm_walk_flavour flavour)
{
	if (wanted != DCM_WALK_AUTO)
		return wanted == flavour;
	return (flavour == DCM_WALK_BOUNDED) == !walk->has_loop;
}

static int load_all(struct dcm_walk *walk, enum dcm_walk_flavour wanted, int fds[MAPS])
{
	int err = -EOPNOTSUPP;

	for (enum dcm_walk_flavour f = DCM_WALK_FAST; err && f <= DCM_WALK_BOUNDED; f++) {
		if (!is_wanted(walk, wanted, f))
			continue;
		err = load_object(walk, f, ALL_PROGRAMS, fds);
		if (err) {
			dcm_walk_unload(walk);
			close_maps(fds);
		}
	}
	return err;
}

/* Of one program alone. E2BIG: more than a million instructions (kernel/bpf/verifier.c, 7.2). */
static void explain_refusal(enum dcm_walk_program program, int err, struct dcm_reason *ret)
{
	if (*missing)
		dcm_reason_set(ret, 0, "the kernel has no %s", missing);
	else
		dcm_reason_set(ret, 0, "the kernel refused the BPF program \"%s\": %s",
			       program_names[program],
			       err == -E2BIG ? "its verifier gave up" : strerror(-err));
}

static int load_one(struct dcm_walk *walk, enum dcm_walk_flavour wanted,
		    enum dcm_walk_program program, int fds[MAPS])
{
	int err = -EOPNOTSUPP;

	for (enum dcm_walk_flavour f = DCM_WALK_FAST; err && f <= DCM_WALK_BOUNDED; f++) {
		if (!is_wanted(walk, wanted, f))
			continue;
		memset(missing, 0, sizeof(missing));
		err = load_object(walk, f, program, fds);
	}
	if (err)
		explain_refusal(program, err, &walk->why[program]);
	return err;
}

/* 0 when any of them can be run: none can without the one that sets up what they start from. */
static int load_each(struct dcm_walk *walk, enum dcm_walk_flavour wanted, int fds[MAPS])
{
	int err = load_one(walk, wanted, DCM_PROG_SETUP, fds), any = -EOPNOTSUPP;

	for (unsigned i = DCM_PROG_SETUP + 1; !err && i < DCM_PROG_SAMPLE; i++) {
		int alone = load_one(walk, wanted, i, fds);

		any = any && alone ? alone : 0;
	}
	return err ? err : any;
}

/* ---- the vehicle ---- */

static int run(struct dcm_walk *walk, enum dcm_walk_program program,
	       struct dcm_bpf_command *command, struct dcm_reason *reason)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = command, .ctx_size_in = sizeof(*command));
	int err = bpf_prog_test_run_opts(walk->program[program], &opts);

	if (err)
		return dcm_reason_set(reason, err, "BPF program %s did not run: %s",
				      dcm_walk_program_name(program), strerror(-err));
	return 0;
}

/* Nothing can change afterwards what a walk follows: the programs that do are gone, and the area
 * has no descriptor. */
static void end_setup(struct dcm_walk *walk)
{
	drop_program(walk, DCM_PROG_SETUP);
	drop_program(walk, DCM_PROG_PAIRS);
	drop_program(walk, DCM_PROG_PROVE);
}

static const struct dcm_walk_ops bpf_ops = {
	.run = run,
	.find_table = dcm_walk_solve_table,
	.end_setup = end_setup,
	.close = dcm_walk_unload,
};

/* Without it, long chains are found in other ways. */
static void load_sample(struct dcm_walk *walk, int fds[MAPS])
{
	struct dcm_reason *why = &walk->why[DCM_PROG_SAMPLE];
	int err;

	if (walk->flavour != DCM_WALK_FAST) {
		dcm_reason_set(why, 0,
			       "a sample takes direct loads and bpf_get_kmem_cache (Linux 6.13)");
		return;
	}
	memset(missing, 0, sizeof(missing));
	err = load_object(walk, DCM_WALK_FAST, DCM_PROG_SAMPLE, fds);
	if (err)
		explain_refusal(DCM_PROG_SAMPLE, err, why);
}

int dcm_walk_load(struct dcm_walk *walk, enum dcm_walk_flavour flavour, struct dcm_reason *reason)
{
	libbpf_print_fn_t print = libbpf_set_print(read_message);
	int err, fds[MAPS] = {-1, -1};

	walk->ops = &bpf_ops;
	/* Now: with maps made, there may be no memory left to ask. */
	walk->has_loop = has_helper(BPF_FUNC_loop);
	err = load_all(walk, flavour, fds);

	/* Without the library or the right to load anything, each alone would fail the same way. */
	if (err && err != -ELIBACC && err != -EPERM)
		err = load_each(walk, flavour, fds);
	if (!err)
		load_sample(walk, fds);
	close_maps(fds);
	if (err) {
		dcm_walk_unload(walk);
		err = explain(walk, flavour, err, reason);
	}
	libbpf_set_print(print);
	malloc_trim(0); /* the kernel's BTF took tens of megabytes for a moment */
	return err;
}
