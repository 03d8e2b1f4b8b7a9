/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which container a process is in, by its control groups (/proc/PID/cgroup, common/parse/cgroup.h):
 * runtimes name those after their containers.
 *
 *   docker-ID.scope, /docker/ID                    docker (drivers systemd and cgroupfs)
 *   libpod-ID.scope, libpod-ID                     podman; libpod-conmon-ID is its monitor's
 *   cri-containerd-ID.scope, ...:cri-containerd:ID containerd for Kubernetes
 *   crio-ID.scope, crio-ID                         CRI-O; crio-conmon-ID is its monitor's
 *   nerdctl-ID.scope                               containerd, namespace "default"
 *   /NAMESPACE/ID                                  containerd's default, such as of ctr
 *   /kubepods/.../podUID/ID                        Kubernetes, driver cgroupfs, any runtime
 *   lxc.payload.NAME, lxc.payload/NAME, /lxc/NAME  LXC and LXD
 *   systemd-nspawn@NAME.service, machine-NAME.scope  systemd-nspawn
 *
 * An ID is 64 hexadecimal digits, but that of containerd's default, which its user chooses.
 */
#ifndef DCM_MODEL_CONTAINER_CGROUP_H
#define DCM_MODEL_CONTAINER_CGROUP_H

#include <stdbool.h>

#include "common/model/containers/container.h"
#include "common/parse/span.h"

#define DCM_CONTAINER_ID_SIZE 129

struct dcm_container_key {
	enum dcm_runtime runtime; /* DCM_RUNTIME_UNKNOWN: only its state tells */
	bool guessed;		  /* other things have such paths: without a state it is none */
	char id[DCM_CONTAINER_ID_SIZE];
	char space[64];	  /* of containerd, or if the runtime is unknown: its namespace */
	char pod_uid[37]; /* of Kubernetes; "" when the path has none */
};

/*
 * The innermost container in the @len bytes of @text, where one runs inside another; of several
 * lines the first that has one, those with a known runtime before others. -ENOENT: none.
 */
int dcm_container_of_cgroup(const char *text, size_t len, struct dcm_container_key *ret);

/* The same of the path of a single group, "/docker/0123abcd". */
int dcm_container_of_group(const char *path, struct dcm_container_key *ret);

/* Whether it is an ID of 64 hexadecimal digits, in lower case. */
bool dcm_container_is_hex_id(struct dcm_span text);

/* The first directory of @path that is such an ID; at = NULL: none. */
struct dcm_span dcm_container_find_hex_id(struct dcm_span path);

/* UID in .../pods/UID/..., where kubelet mounts the volumes of a pod; at = NULL: none. */
struct dcm_span dcm_container_find_pod_uid(struct dcm_span path);

#endif
