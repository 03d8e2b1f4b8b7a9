/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a person calls a container by. Texts come from runtimes and their users: raw bytes, escaped
 * (model/metrics/text.h) before they leave the process.
 */
#ifndef DCM_MODEL_CONTAINER_H
#define DCM_MODEL_CONTAINER_H

#include <stddef.h>

enum dcm_runtime {
	DCM_RUNTIME_UNKNOWN,
	DCM_RUNTIME_DOCKER,
	DCM_RUNTIME_PODMAN,
	DCM_RUNTIME_CONTAINERD,
	DCM_RUNTIME_CRIO,
	DCM_RUNTIME_LXC,
	DCM_RUNTIME_NSPAWN,
};

/* "docker" and so on; "" for DCM_RUNTIME_UNKNOWN. */
const char *dcm_runtime_name(enum dcm_runtime runtime);

/* Members that are not known are NULL; they belong to it. */
struct dcm_container {
	enum dcm_runtime runtime;
	char *id;	 /* all of it */
	char *name;	 /* of Kubernetes: of the container within its pod */
	char *image;	 /* as its user wrote it, such as "nginx:1.25" */
	char *pod;	 /* Kubernetes */
	char *namespace; /* that of the pod, in Kubernetes */
};

/* Frees the texts. */
void dcm_container_deinit(struct dcm_container *container);

/* -ENOMEM, and @ret as it was. */
int dcm_container_copy(const struct dcm_container *from, struct dcm_container *ret);

/* The @i-th of its texts, for what is done to each; NULL beyond the last. */
char **dcm_container_text_at(struct dcm_container *container, size_t i);

/* How many bytes of @id a person reads: 12 of 64 hexadecimal digits, all of another one. */
size_t dcm_container_id_shown(const char *id);

#endif
