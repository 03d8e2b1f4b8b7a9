// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Opening the walk and running its programs. */
#include "common/kernel/walk/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/walk/walk_image.h"
#include "common/kernel/walk/walk_internal.h"
#include "common/parse/number.h"

/* include/linux/errno.h: an operation that a program's type does not have. */
#define KERNEL_ENOTSUPP 524

static bool exists(const char *root, const char *path)
{
	char full[4096];

	return (size_t)snprintf(full, sizeof(full), "%s%s", root, path) < sizeof(full) &&
	       access(full, F_OK) == 0;
}

uint32_t dcm_walk_numa_nodes(const char *root)
{
	char text[256];
	const char *last = text, *next;
	uint64_t highest;

	dcm_walk_read_small(root, DCM_NODES_FILE, text, sizeof(text));
	while ((next = strpbrk(last, "-,")))
		last = next + 1;
	if (!dcm_number_leading(&last, &highest) && highest < DCM_NUMA_NODES)
		return (uint32_t)highest + 1;
	return exists(root, "/sys/devices/system/cpu") && !exists(root, "/sys/devices/system/node");
}

int dcm_walk_run(struct dcm_walk *walk, enum dcm_walk_program program, enum dcm_bpf_op op,
		 uint64_t a, uint64_t b, struct dcm_reason *reason)
{
	struct dcm_bpf_command command = {op, a, b, walk->slice_ns};
	int err;

	if (!walk->has[program])
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s", walk->why[program].text);
	err = walk->ops->run(walk, program, &command, reason);
	if (err)
		return err;
	if (walk->out->run_ns > walk->longest_ns)
		walk->longest_ns = walk->out->run_ns;
	return 0;
}

struct dcm_walk *dcm_walk_new(const char *root)
{
	struct dcm_walk *walk = calloc(1, sizeof(*walk));
	size_t i;

	if (!walk)
		return NULL;
	for (i = 0; i < DCM_PROG_COUNT; i++)
		walk->program[i] = -1;
	walk->visit.fd = walk->made_fd = -1;
	walk->sketch_every = 1;
	walk->root = strdup(root);
	if (!walk->root) {
		free(walk);
		return NULL;
	}
	return walk;
}

/* "1" on a kernel with PREEMPT_RT, no such file on others. */
static uint64_t default_slice_ns(const char *root)
{
	char text[8];

	dcm_walk_read_small(root, "/sys/kernel/realtime", text, sizeof(text));
	return *text == '1' ? DCM_SLICE_RT_NS : DCM_SLICE_NS;
}

void dcm_walk_set_slice(struct dcm_walk *walk, unsigned us)
{
	if (!us && walk->flavour == DCM_WALK_KCORE)
		walk->slice_ns = DCM_SLICE_KCORE_NS;
	else
		walk->slice_ns = us ? us * (uint64_t)1000 : default_slice_ns(walk->root);
}

int dcm_walk_set_up(struct dcm_walk *walk, uint32_t nodes, struct dcm_reason *reason)
{
	uint64_t key[2];
	int err = getrandom(key, sizeof(key), 0) == sizeof(key) ? 0 : -errno;

	dcm_walk_set_slice(walk, 0);
	if (err)
		return dcm_reason_set(reason, err, "no random numbers: %s", strerror(-err));
	err = dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_KEY, key[0], key[1], reason);
	explicit_bzero(key, sizeof(key));
	if (err == -KERNEL_ENOTSUPP)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "the kernel does not run such BPF programs on request: needs "
				      "5.10 or later");
	if (!err)
		err = dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_NODES, nodes, 0, reason);
	walk->has_nodes = nodes != 0 && walk->has_unused;
	if (!err)
		err = dcm_walk_find_table(walk, reason);
	walk->table.base = 0; /* the kernel side has it */
	if (!err)
		err = dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_FORGET, 0, 0, reason);
	walk->ops->end_setup(walk);
	return err;
}

void dcm_walk_close(struct dcm_walk *walk)
{
	if (!walk)
		return;
	dcm_walk_children_end(walk);
	if (walk->made_fd >= 0)
		close(walk->made_fd);
	if (walk->ops)
		walk->ops->close(walk);
	dcm_walk_pass_deinit(walk);
	free(walk->superblocks);
	free(walk->cookies_now.cookies);
	free(walk->cookies_before.cookies);
	free(walk->root);
	free(walk);
}

DCM_DEFINE_CLEANUP(struct dcm_walk, dcm_walk_close)

static int open_bpf(const char *root, enum dcm_walk_flavour flavour, struct dcm_reason *reason,
		    struct dcm_walk **ret)
{
	_cleanup_(dcm_walk_closep) struct dcm_walk *walk = dcm_walk_new(root);
	int err;

	if (!walk)
		return dcm_reason_no_memory(reason);
	walk->has_unused = true;
	err = dcm_walk_load(walk, flavour, reason);
	if (!err)
		err = dcm_walk_set_up(walk, dcm_walk_numa_nodes(root), reason);
	if (!err)
		*ret = dcm_take_ptr(walk);
	return err;
}

static int open_kcore(const char *root, struct dcm_reason *reason, struct dcm_walk **ret)
{
	char core[4096], symbols[4096], types[4096];
	const struct dcm_walk_image image = {.core = core,
					     .symbols = symbols,
					     .types = types,
					     .nodes = dcm_walk_numa_nodes(root)};

	snprintf(core, sizeof(core), "%s/proc/kcore", root);
	snprintf(symbols, sizeof(symbols), "%s/proc/kallsyms", root);
	snprintf(types, sizeof(types), "%s/sys/kernel/btf/vmlinux", root);
	return dcm_walk_open_image(&image, reason, ret);
}

int dcm_walk_open(const char *root, enum dcm_walk_flavour flavour, struct dcm_reason *reason,
		  struct dcm_walk **ret)
{
	struct dcm_reason bpf = {""}, kcore = {""};
	int err;

	if (flavour == DCM_WALK_KCORE)
		return open_kcore(root, reason, ret);
	if (flavour != DCM_WALK_ANY)
		return open_bpf(root, flavour, reason, ret);
	err = open_bpf(root, DCM_WALK_AUTO, &bpf, ret);
	if (!err || !open_kcore(root, &kcore, ret))
		return 0;
	return dcm_reason_set(reason, err, "%.95s; %.95s", bpf.text, kcore.text);
}

enum dcm_walk_flavour dcm_walk_flavour(const struct dcm_walk *walk)
{
	return walk->flavour;
}

uint64_t dcm_walk_longest_run_ns(const struct dcm_walk *walk)
{
	return walk->longest_ns;
}
