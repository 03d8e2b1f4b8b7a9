// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loading the BPF walkers and running them. */
#include "common/kernel/walk/walk.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "common/base/cleanup.h"
#include "common/kernel/walk/walk_internal.h"

/* The skeletons need the types of walk_shared.h. */
#include "common/parse/number.h"
#include "walk_compat.skel.h"
#include "walk_fast.skel.h"

static const char *const program_names[DCM_PROG_COUNT] = {
	[DCM_PROG_SUPERBLOCKS] = "superblocks",
	[DCM_PROG_NETNS] = "netns",
	[DCM_PROG_PAIRS] = "pairs",
	[DCM_PROG_PROVE] = "prove",
	[DCM_PROG_PASS] = "pass",
	[DCM_PROG_CHAIN] = "chain",
	[DCM_PROG_DIRECTORY] = "directory",
};

/* Reads a small file of ROOT/sys; "" when that is not possible. */
static void read_small(const char *root, const char *path, char *buf, size_t size)
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

#define MAX_NUMA_NODES 1024 /* CONFIG_NODES_SHIFT is at most 10 */

/* The highest possible NUMA node ("0-3", "0" or "0-1,8") plus one: the length of list_lru's
 * per-node arrays (nr_node_ids). */
static uint32_t numa_nodes(const char *root)
{
	char text[256];
	const char *last = text, *next;
	uint64_t highest = 0;

	read_small(root, "/sys/devices/system/node/possible", text, sizeof(text));
	while ((next = strpbrk(last, "-,")))
		last = next + 1;
	dcm_number_leading(&last, &highest);
	return (uint32_t)highest + 1;
}

static bool has_capability(unsigned int cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data))
		return false;
	return (data[cap / 32].effective & (1u << cap % 32)) != 0;
}

/* Why loading failed, from what can be found out; the kernel's errno alone says little. */
static int explain_load(const char *root, enum dcm_walk_flavour flavour, int err,
			struct dcm_reason *reason)
{
	char lockdown[128], full[4096];

	if (err == -ELIBACC) /* from collectd-plugin/libbpf_lazy.c */
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "libbpf.so.1 cannot be loaded: install libbpf 1.0 or later");
	snprintf(full, sizeof(full), "%s/sys/kernel/btf/vmlinux", root);
	if (access(full, R_OK))
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "kernel without BTF (/sys/kernel/btf/vmlinux): needs "
				      "CONFIG_DEBUG_INFO_BTF");
	read_small(root, "/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (strstr(lockdown, "[confidentiality]"))
		return dcm_reason_set(reason, -EPERM,
				      "kernel lockdown is \"confidentiality\": BPF may not read "
				      "kernel memory; lockdown=integrity allows it");
	if (!has_capability(CAP_SYS_ADMIN) &&
	    !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON)))
		return dcm_reason_set(reason, -EPERM,
				      "needs CAP_BPF and CAP_PERFMON (or root) to load BPF");
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 0)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "kernel without bpf_loop: needs 5.17 or later");
	if (flavour == DCM_WALK_FAST)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "the kernel refused direct loads (bpf_rdonly_cast needs "
				      "6.2): the compat flavour may work");
	return dcm_reason_set(reason, err, "the kernel refused the BPF programs: %s",
			      strerror(-err));
}

/* Keeps what is needed to run: program descriptors and the mapped area. */
static int take_object(struct dcm_walk *walk, struct bpf_object *object)
{
	struct bpf_map *map;
	size_t i, size;
	void *area;

	bpf_object__for_each_map(map, object)
	{
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	}
	if (!map)
		return -ENOENT;
	size = bpf_map__value_size(map);
	area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (area == MAP_FAILED)
		return -errno;
	walk->area = area;
	walk->area_size = size;
	for (i = 0; i < DCM_PROG_COUNT; i++) {
		struct bpf_program *p = bpf_object__find_program_by_name(object, program_names[i]);

		walk->program[i] = p ? fcntl(bpf_program__fd(p), F_DUPFD_CLOEXEC, 3) : -1;
		if (walk->program[i] < 0)
			return p ? -errno : -ENOENT;
	}
	return 0;
}

static void drop_object(struct dcm_walk *walk)
{
	size_t i;

	for (i = 0; i < DCM_PROG_COUNT; i++) {
		if (walk->program[i] >= 0)
			close(walk->program[i]);
		walk->program[i] = -1;
	}
	if (walk->area)
		munmap(walk->area, walk->area_size);
	walk->area = NULL;
}

static int load_flavour(struct dcm_walk *walk, enum dcm_walk_flavour flavour)
{
	struct bpf_object *object;
	const void *bytes;
	size_t size;
	int err;

	bytes = flavour == DCM_WALK_FAST ? walk_fast__elf_bytes(&size)
					 : walk_compat__elf_bytes(&size);
	object = bpf_object__open_mem(bytes, size, NULL);
	if (!object)
		return -errno;
	err = bpf_object__load(object);
	if (!err)
		err = take_object(walk, object);
	/* The descriptors and the mapping keep programs and map alive; the parsed BTF may go. */
	bpf_object__close(object);
	if (err)
		drop_object(walk);
	else
		walk->flavour = flavour;
	return err;
}

int dcm_walk_run(struct dcm_walk *walk, enum dcm_walk_program program, struct dcm_reason *reason)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = bpf_prog_test_run_opts(walk->program[program], &opts);

	if (err)
		return dcm_reason_set(reason, err, "BPF program %s did not run: %s",
				      program_names[program], strerror(-err));
	if (walk->area->run_ns > walk->longest_ns)
		walk->longest_ns = walk->area->run_ns;
	return 0;
}

static struct dcm_walk *walk_new(const char *root)
{
	struct dcm_walk *walk = calloc(1, sizeof(*walk));
	size_t i;

	if (!walk)
		return NULL;
	for (i = 0; i < DCM_PROG_COUNT; i++)
		walk->program[i] = -1;
	walk->root = strdup(root);
	if (!walk->root) {
		free(walk);
		return NULL;
	}
	return walk;
}

int dcm_walk_open(const char *root, enum dcm_walk_flavour flavour, struct dcm_reason *reason,
		  struct dcm_walk **ret)
{
	struct dcm_walk *walk = walk_new(root);
	libbpf_print_fn_t print;
	int err = -EOPNOTSUPP;

	if (!walk)
		return dcm_reason_no_memory(reason);
	print = libbpf_set_print(NULL); /* it says nothing */
	if (flavour != DCM_WALK_COMPAT)
		err = load_flavour(walk, DCM_WALK_FAST);
	if (err && flavour != DCM_WALK_FAST)
		err = load_flavour(walk, DCM_WALK_COMPAT);
	if (err)
		err = explain_load(root, flavour, err, reason);
	libbpf_set_print(print);
	malloc_trim(0); /* the kernel's BTF took tens of megabytes for a moment */
	if (err) {
		dcm_walk_close(walk);
		return err;
	}
	walk->area->nodes = numa_nodes(root);
	if (walk->area->nodes > MAX_NUMA_NODES)
		walk->area->nodes = MAX_NUMA_NODES;
	walk->area->max_ns = DCM_RUN_NS;
	walk->sketch_every = 1;
	*ret = walk;
	return 0;
}

void dcm_walk_close(struct dcm_walk *walk)
{
	if (!walk)
		return;
	drop_object(walk);
	dcm_walk_pass_deinit(walk);
	free(walk->superblocks);
	free(walk->cookies_now.cookies);
	free(walk->cookies_before.cookies);
	free(walk->root);
	free(walk);
}

enum dcm_walk_flavour dcm_walk_flavour(const struct dcm_walk *walk)
{
	return walk->flavour;
}

uint64_t dcm_walk_longest_run_ns(const struct dcm_walk *walk)
{
	return walk->longest_ns;
}
