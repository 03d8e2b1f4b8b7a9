/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The container of a row of a snapshot, in words. */
#ifndef DCM_MODEL_CONTAINER_TEXT_H
#define DCM_MODEL_CONTAINER_TEXT_H

#include "common/model/containers/container_cgroup.h"
#include "common/model/snapshot/snapshot.h"

/* Room for any; what is longer is cut. */
#define DCM_CONTAINER_TEXT_SIZE 512

/* Never NULL: "" for what is not known. Raw bytes. */
struct dcm_container_words {
	const char *runtime, *id, *name, *pod, *namespace;
};

struct dcm_container_words dcm_container_words(const struct dcm_snapshot *snapshot,
					       const struct dcm_snap_container *container);

/* The same of one that is in no snapshot. @id has room for its ID, as long as it is shown. */
struct dcm_container_words dcm_container_words_of(const struct dcm_container *container,
						  char id[DCM_CONTAINER_ID_SIZE]);

/*
 * "web-1 (docker 3f2a9c01b77e)", "shop/cart-5d9/nginx (containerd 3f2a9c01b77e)", "web1 (lxc)":
 * the name first, of what is known. "" where there is no container. Writes at most @size bytes,
 * terminated; 1 <= @size. Returns whether there is one.
 */
bool dcm_container_text(const struct dcm_container_words *words, char *out, size_t size);

/* The name alone: "web-1", "shop/cart-5d9/nginx". False, and "": it has none. */
bool dcm_container_name(const struct dcm_container_words *words, char *out, size_t size);

/* "of process 942 (podman pause)", for a superblock that the host has not mounted; "" where no
 * process is known, and false. Raw bytes too. */
bool dcm_process_text(const struct dcm_snapshot *snapshot,
		      const struct dcm_snap_superblock *superblock, char *out, size_t size);

#endif
