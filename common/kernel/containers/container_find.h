/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One container by what a person calls it, for commands that a person runs: it waits for files. */
#ifndef DCM_KERNEL_CONTAINER_FIND_H
#define DCM_KERNEL_CONTAINER_FIND_H

#include "common/base/reason.h"
#include "common/kernel/containers/container_spaces.h"

/* What its root directory is, and who is in it. */
struct dcm_container_root {
	uint32_t dev_major, dev_minor; /* of the superblock */
	bool part; /* the superblock is more than this container's: only @cgroup bounds it */
	pid_t pid; /* one of its processes */
	char cgroup[4096]; /* its control group, as in /proc/PID/cgroup; "": not known */
};

/*
 * @name is its name, in Kubernetes also NAMESPACE/POD/NAME, or its ID or at least the first 12
 * digits of that. Fails with a reason: -ENOENT, none is called so; -ENOTUNIQ, several are; -EACCES,
 * none of those that may be looked at; -ENOMEM.
 */
int dcm_container_find(const char *root, const struct dcm_config_containers *config,
		       const char *name, struct dcm_reason *reason, struct dcm_container_root *ret);

#endif
