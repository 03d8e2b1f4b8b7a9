/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which container a file of a network namespace was made for, by what its runtime has on disk: also
 * where no process lives in it any more.
 *
 *   docker      "SandboxKey" of its state
 *   containerd  the namespace in the config.json of its bundle; CRI gives a pod's to its sandbox
 *   podman, CRI-O  the same, below STORAGE/overlay-containers
 *
 * Folders are listed and files read as container_files.h has it: it may wait for a filesystem.
 */
#ifndef DCM_KERNEL_CONTAINER_NETNS_H
#define DCM_KERNEL_CONTAINER_NETNS_H

#include "common/model/config/config.h"
#include "common/model/containers/container_cgroup.h"

struct dcm_container_netns;

/* Reads them once, of at most 4,096 containers in each folder, below @root ("": the live system).
 * What cannot be read is left out. -ENOMEM. */
int dcm_container_netns_read(const char *root, const struct dcm_config_containers *config,
			     struct dcm_container_netns **ret);
void dcm_container_netns_destroy(struct dcm_container_netns *netns);

/* Whose the file @mountpoint is; of those in a pod the first, which holds it. NULL: none is known.
 * Belongs to @netns, which may be NULL. */
const struct dcm_container_key *dcm_container_netns_find(const struct dcm_container_netns *netns,
							 const char *mountpoint);

#endif
