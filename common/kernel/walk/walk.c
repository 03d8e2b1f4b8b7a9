// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Opening the walk and running its programs. */
#include "common/kernel/walk/walk.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/base/cleanup.h"
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

/* The highest possible NUMA node ("0-3", "0" or "0-1,8") plus one: the length of list_lru's
 * per-node arrays (nr_node_ids). A kernel without NUMA has one and no such folder. 0: unknown. */
static uint32_t numa_nodes(const char *root)
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
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &command, .ctx_size_in = sizeof(command));
	int err;

	if (walk->program[program] < 0)
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s", walk->why[program].text);
	err = bpf_prog_test_run_opts(walk->program[program], &opts);
	if (err)
		return dcm_reason_set(reason, err, "BPF program %s did not run: %s",
				      dcm_walk_program_name(program), strerror(-err));
	if (walk->out->run_ns > walk->longest_ns)
		walk->longest_ns = walk->out->run_ns;
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
	walk->visit.fd = walk->made_fd = -1;
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
	walk->slice_ns = us ? us * (uint64_t)1000 : default_slice_ns(walk->root);
}

/* All that a walk follows comes from here. Afterwards nothing can change it: the programs that do
 * are gone, and the area has no descriptor. */
static int set_up(struct dcm_walk *walk, struct dcm_reason *reason)
{
	static const enum dcm_walk_program once[] = {DCM_PROG_SETUP, DCM_PROG_PAIRS,
						     DCM_PROG_PROVE};
	uint32_t nodes = numa_nodes(walk->root);
	uint64_t key[2];
	int err = getrandom(key, sizeof(key), 0) == sizeof(key) ? 0 : -errno;

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
	walk->has_nodes = nodes != 0;
	if (!err)
		err = dcm_walk_find_table(walk, reason);
	walk->table.base = 0; /* the kernel side has it */
	if (!err)
		err = dcm_walk_run(walk, DCM_PROG_SETUP, DCM_OP_FORGET, 0, 0, reason);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(once); i++) {
		if (walk->program[once[i]] >= 0)
			close(walk->program[once[i]]);
		walk->program[once[i]] = -1;
	}
	return err;
}

void dcm_walk_close(struct dcm_walk *walk)
{
	if (!walk)
		return;
	dcm_walk_children_end(walk);
	if (walk->made_fd >= 0)
		close(walk->made_fd);
	dcm_walk_unload(walk);
	dcm_walk_pass_deinit(walk);
	free(walk->superblocks);
	free(walk->cookies_now.cookies);
	free(walk->cookies_before.cookies);
	free(walk->root);
	free(walk);
}

DCM_DEFINE_CLEANUP(struct dcm_walk, dcm_walk_close)

int dcm_walk_open(const char *root, enum dcm_walk_flavour flavour, struct dcm_reason *reason,
		  struct dcm_walk **ret)
{
	_cleanup_(dcm_walk_closep) struct dcm_walk *walk = walk_new(root);
	int err;

	if (!walk)
		return dcm_reason_no_memory(reason);
	err = dcm_walk_load(walk, flavour, reason);
	if (err)
		return err;
	dcm_walk_set_slice(walk, 0);
	walk->sketch_every = 1;
	err = set_up(walk, reason);
	if (!err)
		*ret = dcm_take_ptr(walk);
	return err;
}

enum dcm_walk_flavour dcm_walk_flavour(const struct dcm_walk *walk)
{
	return walk->flavour;
}

uint64_t dcm_walk_longest_run_ns(const struct dcm_walk *walk)
{
	return walk->longest_ns;
}
