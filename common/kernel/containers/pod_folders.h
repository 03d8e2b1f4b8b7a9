/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pods of Kubernetes by the folders that kubelet makes for their logs:
 * /var/log/pods/NAMESPACE_POD_UID. Namespaces and pods have no "_" in their names.
 */
#ifndef DCM_KERNEL_POD_FOLDERS_H
#define DCM_KERNEL_POD_FOLDERS_H

#include "common/model/containers/container.h"

struct dcm_pod_folders;

/* @folder below @root; "" finds no pods. -ENOMEM. */
int dcm_pod_folders_create(const char *root, const char *folder, struct dcm_pod_folders **ret);
void dcm_pod_folders_destroy(struct dcm_pod_folders *pods);

/* Sets pod and namespace of the pod @uid where they are known. Reads the folder when it has
 * changed. 0 or -ENOMEM. */
int dcm_pod_folders_find(struct dcm_pod_folders *pods, const char *uid,
			 struct dcm_container *container);

#endif
