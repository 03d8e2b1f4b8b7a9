/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose superblocks are, at one time. A superblock is a container's when it is the root directory
 * of it alone, or when no other container has it, and the host has it not mounted, or in a folder
 * that is named after the container or its pod. What several share, such as a folder of the host
 * that is bound into them, is nobody's; what only containers of one pod share is the pod's.
 */
#ifndef DCM_KERNEL_CONTAINER_MAP_H
#define DCM_KERNEL_CONTAINER_MAP_H

#include "common/kernel/containers/container_spaces.h"

/* Containers that have ended and are asked for at a time. */
#define DCM_CONTAINERS_WANTED 64

struct dcm_container_map;

/* Of a superblock. Texts belong to the map. */
struct dcm_container_place {
	const struct dcm_container *container; /* NULL: none */
	pid_t pid;			       /* one of those who see it; 0: the host does */
	const char *command;		       /* of that process */
};

/* Copies what it needs of @found. -ENOMEM. */
int dcm_container_map_create(const struct dcm_spaces_found *found, struct dcm_container_map **ret);
void dcm_container_map_destroy(struct dcm_container_map *map);

/* -ENOENT: nothing is known about that device. */
int dcm_container_map_find(const struct dcm_container_map *map, uint32_t dev_major,
			   uint32_t dev_minor, struct dcm_container_place *ret);

/* Adds one that does not run; its texts become the map's. Of more than DCM_CONTAINERS_WANTED the
 * rest is left out. */
void dcm_container_map_add_ended(struct dcm_container_map *map, struct dcm_container *ended);

/* That of an ID, of @runtime or, if that is DCM_RUNTIME_UNKNOWN, of any. NULL: none is known. */
const struct dcm_container *dcm_container_map_by_id(const struct dcm_container_map *map,
						    enum dcm_runtime runtime, const char *id);

/*
 * Whose directory @path is, a path from the root of its superblock: that of the container whose
 * root directory it is below, else as the superblock. NULL: nobody's.
 */
const struct dcm_container *dcm_container_map_directory(const struct dcm_container_map *map,
							uint32_t dev_major, uint32_t dev_minor,
							const char *path);

#endif
