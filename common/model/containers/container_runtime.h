/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which runtime something is of that tells of no container: by names alone. Pure. */
#ifndef DCM_MODEL_CONTAINER_RUNTIME_H
#define DCM_MODEL_CONTAINER_RUNTIME_H

#include "common/model/containers/container.h"

/*
 * Of a process that makes namespaces for containers, by its comm (proc(5)). runc, crun and their
 * shims work for several: DCM_RUNTIME_UNKNOWN, as for all others.
 */
enum dcm_runtime dcm_runtime_of_command(const char *command);

/*
 * Of a mount of a network namespace, by its mount point: /run/docker/netns/ID is docker's,
 * .../netns/netns-UUID podman's (4.0 and later). Names in /run/netns such as "cni-UUID" are of
 * several runtimes.
 */
enum dcm_runtime dcm_runtime_of_netns(const char *mountpoint);

#endif
