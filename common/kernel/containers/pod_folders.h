/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pods of Kubernetes by the folders that kubelet makes for their logs:
 * /var/log/pods/NAMESPACE_POD_UID. Namespaces and pods have no "_" in their names.
 *
 * kubelet makes the folder before it asks the runtime for the pod's sandbox, and one in it for each
 * container before it asks for that (createPodSandbox and generateContainerConfig in
 * pkg/kubelet/kuberuntime). It keeps the folder for as long as there is the pod. So of a pod whose
 * sandbox fails again and again there is an empty folder all the time.
 */
#ifndef DCM_KERNEL_POD_FOLDERS_H
#define DCM_KERNEL_POD_FOLDERS_H

#include "common/model/containers/container_text.h"
#include "common/parse/span.h"

struct dcm_pod_folders;

/* @folder below @root; "" finds no pods. -ENOMEM. */
int dcm_pod_folders_create(const char *root, const char *folder, struct dcm_pod_folders **ret);
void dcm_pod_folders_destroy(struct dcm_pod_folders *pods);

/* Sets pod and namespace of the pod @uid where they are known. Reads the folder when it has
 * changed. 0 or -ENOMEM. */
int dcm_pod_folders_find(struct dcm_pod_folders *pods, const char *uid,
			 struct dcm_container *container);

/* Pods that no container was ever made in. */
struct dcm_waiting_pods {
	bool known; /* the folder of pods could be read */
	size_t count;
	char names[DCM_CONTAINER_TEXT_SIZE]; /* "shop/cart-1, shop/cart-2 and 6 more", raw bytes:
						those that wait longest */
};

/* Whether a process runs in the pod @uid. */
typedef bool dcm_pod_runs(const void *ctx, struct dcm_span uid);

/*
 * The pods whose folders are empty and that nothing runs in, by @runs. A pod that holds its
 * namespaces by a process and still waits for an image is so told from one that has no sandbox. A
 * pod that had containers before its node was started again is not found. 0 or -ENOMEM.
 */
int dcm_pod_folders_waiting(struct dcm_pod_folders *pods, dcm_pod_runs *runs, const void *ctx,
			    struct dcm_waiting_pods *ret);

#endif
