/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What runtimes write about their containers, as JSON. Pure: bytes in, texts out. Members that a
 * file does not have, that are no text, or are longer than DCM_CONTAINER_TEXT_MAX, stay NULL.
 * -EINVAL: no JSON object (array) of that shape; -ENOMEM. On failure @ret is as it was.
 */
#ifndef DCM_KERNEL_CONTAINER_JSON_H
#define DCM_KERNEL_CONTAINER_JSON_H

#include <stddef.h>

#include "common/model/containers/container.h"

#define DCM_CONTAINER_TEXT_MAX 512

/*
 * Docker: DATA-ROOT/containers/ID/config.v2.json
 *
 *   {"ID": "...", "Name": "/web-1", "Config": {"Image": "nginx:1.25",
 *    "Labels": {"io.kubernetes.pod.name": "...", "io.kubernetes.pod.namespace": "...",
 *               "io.kubernetes.container.name": "..."}}}
 *
 * Labels of Kubernetes are there with cri-dockerd; container "POD" is the one that holds the
 * namespaces of a pod: it has no name.
 */
int dcm_container_parse_docker(const char *text, size_t len, struct dcm_container *ret);

/*
 * config.json of an OCI bundle (runtime-spec, config.md): "annotations" of containerd's CRI
 * (io.kubernetes.cri.*) and of CRI-O (io.kubernetes.cri-o.*, io.kubernetes.pod.*).
 */
int dcm_container_parse_bundle(const char *text, size_t len, struct dcm_container *ret);

/*
 * The file of the network namespace that the container was given, in a new text, or NULL: it has
 * none such. Of docker {"NetworkSettings": {"SandboxKey": "/var/run/docker/netns/..."}}, of a
 * bundle
 * {"linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/cni-..."}]}}.
 */
int dcm_container_parse_docker_netns(const char *text, size_t len, char **ret);
int dcm_container_parse_bundle_netns(const char *text, size_t len, char **ret);

/* A container of containers/storage, which podman and CRI-O keep theirs with. */
struct dcm_stored_container {
	struct dcm_container container;
	char *layer; /* its writable one: a folder below overlay/ */
};

struct dcm_stored_containers {
	struct dcm_stored_container *item;
	size_t count;
};

void dcm_stored_containers_deinit(struct dcm_stored_containers *stored);

/*
 * STORAGE/overlay-containers/containers.json. containers/storage 1.45 and later has those that need
 * not outlive the host's next start in volatile-containers.json: all of CRI-O, podman run --rm.
 *
 *   [{"id": "...", "names": ["web-1"], "layer": "...", "metadata": "{\"image-name\": ...}"}]
 *
 * The metadata is JSON within a text; "pod-id" in it is CRI-O's. Entries without an id are left
 * out.
 */
int dcm_container_parse_storage(const char *text, size_t len, struct dcm_stored_containers *ret);

#endif
