// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What running programs takes once they are loaded. Before 5.19 (c8644cd0efe7), a kernel with
 * kernel.unprivileged_bpf_disabled refused every call of bpf(2) without CAP_BPF, and not only those
 * that make something. A thread that gives up its capabilities, which are its own, finds out.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/thread.h"
#include "common/kernel/walk/walk_internal.h"

/* Programs with something to do that leaves no trace. */
static const struct trial {
	enum dcm_walk_program program;
	enum dcm_bpf_op op;
} trials[] = {
	{DCM_PROG_PASS, DCM_OP_RESULT},
	{DCM_PROG_SUPERBLOCKS, DCM_OP_BEGIN},
	{DCM_PROG_NETNS, DCM_OP_BEGIN},
};

/* True when a run is refused for want of a capability. */
static bool is_refused(struct dcm_walk *walk)
{
	size_t i = 0;

	while (i < DCM_ARRAY_SIZE(trials) && !walk->has[trials[i].program])
		i++;
	return i < DCM_ARRAY_SIZE(trials) &&
	       dcm_walk_run(walk, trials[i].program, trials[i].op, 0, 0, NULL) == -EPERM;
}

static void *run_without(void *arg)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};
	struct dcm_walk *walk = arg;

	walk->run_capabilities = 0;
	if (!syscall(SYS_capset, &header, none) && is_refused(walk))
		walk->run_capabilities = 1ULL << CAP_BPF;
	return NULL;
}

uint64_t dcm_walk_capabilities(struct dcm_walk *walk)
{
	pthread_t thread;

	/* Without the thread nothing is known: rather one too many. */
	if (dcm_thread_start(run_without, walk, 0, &thread))
		return 1ULL << CAP_BPF;
	pthread_join(thread, NULL);
	return walk->run_capabilities;
}
