/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What runtimes have on disk about a container, without asking their daemons:
 *
 *   docker      DATA-ROOT/containers/ID/config.v2.json
 *   containerd  STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json
 *   podman      STORAGE/overlay-containers/containers.json, volatile-containers.json
 *   CRI-O       the same, and STORAGE/overlay-containers/ID/userdata/config.json
 *   Kubernetes  /var/log/pods/NAMESPACE_POD_UID, folders of kubelet, where all else is silent
 *
 * Each file is looked at whenever it is asked for, and read again when it is another one: a new
 * name is seen at once, and what is gone is not remembered. All calls may wait for a filesystem,
 * so they belong to a thread that may be left behind.
 */
#ifndef DCM_KERNEL_CONTAINER_STATE_H
#define DCM_KERNEL_CONTAINER_STATE_H

#include "common/kernel/containers/container_layer.h"
#include "common/kernel/containers/pod_folders.h"
#include "common/model/containers/container_cgroup.h"

struct dcm_container_state;

/* Folders of @config below @root ("": of the live system). -ENOMEM. */
int dcm_container_state_create(const char *root, const struct dcm_config_containers *config,
			       struct dcm_container_state **ret);
void dcm_container_state_destroy(struct dcm_container_state *state);

/* A new round: forgets what the last one did not ask for. */
void dcm_container_state_begin(struct dcm_container_state *state);

/*
 * Who has @key: runtime and id in any case, and what its state says. @layer, of the container's
 * root, may name a folder that is not configured. -ENOENT: a guess that no runtime confirms.
 * -ENOMEM.
 */
int dcm_container_state_find(struct dcm_container_state *state, const struct dcm_container_key *key,
			     const struct dcm_container_layer *layer, struct dcm_container *ret);

/* Whose writable layer that is, in containers/storage. -ENOENT, -ENOMEM. */
int dcm_container_state_of_layer(struct dcm_container_state *state,
				 const struct dcm_container_layer *layer,
				 struct dcm_container *ret);

/* Pods that no container was made in yet (pod_folders.h). -ENOMEM. */
int dcm_container_state_waiting(struct dcm_container_state *state, dcm_pod_runs *runs,
				const void *ctx, struct dcm_waiting_pods *ret);

#endif
