/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the mounts of a container tell of it. Pure. */
#ifndef DCM_KERNEL_CONTAINER_LAYER_H
#define DCM_KERNEL_CONTAINER_LAYER_H

#include "common/model/config/config.h"
#include "common/parse/mountinfo.h"

/*
 * The writable layer of an overlay, by the option "upperdir=": ROOT/overlay2/LAYER/diff is
 * docker's, ROOT/overlay/LAYER/diff that of containers/storage (podman, CRI-O). So the folder of a
 * user's podman is found without asking who that user is.
 */
struct dcm_container_layer {
	enum dcm_layer_kind { DCM_LAYER_NONE, DCM_LAYER_DOCKER, DCM_LAYER_STORAGE } kind;
	char root[DCM_PATH_SIZE];
	char id[128];
};

/* DCM_LAYER_NONE for all that is not known. */
void dcm_container_layer(const struct dcm_mountinfo *mount, struct dcm_container_layer *ret);

/*
 * The ID in .../overlay-containers/ID/userdata/FILE, from where podman binds files into its
 * containers, whatever their control groups are called. at = NULL: none.
 */
struct dcm_span dcm_container_userdata_id(struct dcm_span fs_root);

/*
 * The name in .../systemd/nspawn/propagate/NAME, a folder that systemd-nspawn binds into its
 * containers, whatever unit it runs in. at = NULL: none.
 */
struct dcm_span dcm_container_machine(struct dcm_span fs_root);

#endif
