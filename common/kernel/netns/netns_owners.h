/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose network namespaces are: each one by a process that lives in it, else by one that holds
 * it open, else by the mount that keeps it (ip netns), in whatever mount namespace. For
 * explanations on request: it reads /proc once, with every descriptor of every process and a table
 * of mounts per mount namespace, and takes milliseconds per thousand.
 */
#ifndef DCM_KERNEL_NETNS_OWNERS_H
#define DCM_KERNEL_NETNS_OWNERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/model/config/config.h"
#include "common/model/containers/container.h"

enum dcm_netns_hold {
	DCM_NETNS_INSIDE, /* a process lives in it */
	DCM_NETNS_HELD,	  /* a process has it open */
	DCM_NETNS_MOUNTED,
};

/* A container among those of an owner. */
struct dcm_netns_member {
	uint64_t namespaces;
	pid_t pid; /* one of its processes; 0 for mounts */
	struct dcm_container container;
};

struct dcm_netns_owner {
	enum dcm_netns_hold hold;
	uint64_t namespaces;
	pid_t pid;     /* one of the processes; 0 for mounts */
	char *command; /* comm of proc(5), raw bytes; the mount point's directory for mounts */
	char *cgroup;  /* of that process (parse/cgroup.h), raw bytes; "" when not known */
	/* If above 1: so many control groups of processes of that name, or of these containers, and
	 * @cgroup has "#" for the numbers in it: "/docker/#" (parse/cgroup.h). */
	uint64_t cgroups;
	/* Of one container all that is known, of several their runtime, image and namespace; of
	 * none the runtime that made the mount, if that is known. */
	struct dcm_container container;
	struct dcm_netns_member *member; /* most namespaces first */
	size_t members;
};

struct dcm_netns_owners {
	struct dcm_netns_owner *item; /* most namespaces first */
	size_t count;
	uint64_t namespaces; /* all that were found */
};

/*
 * Groups containers by runtime, image, namespace of Kubernetes and way of holding, other processes
 * by command, kind of cgroup and way of holding. Looks for containers with the folders of
 * @containers, and may wait for those; NULL: for none. What may not be read is left out. -errno.
 */
int dcm_netns_owners_find(const char *root, const struct dcm_config_containers *containers,
			  struct dcm_netns_owners *ret);
void dcm_netns_owners_deinit(struct dcm_netns_owners *owners);

#endif
