/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What rows of other sources say about containers (source_containers.c). */
#ifndef DCM_SAMPLING_CONTAINERS_ROWS_H
#define DCM_SAMPLING_CONTAINERS_ROWS_H

#include "common/kernel/containers/containers.h"
#include "common/sampling/source.h"

/* Whose the superblock is, or who sees it; false: not known. Valid until sources run. */
bool dcm_containers_superblock(const struct dcm_collector *collector,
			       const struct dcm_superblock *superblock,
			       struct dcm_container_place *ret);

/* Whose directory it is, by its path from the root of the superblock; NULL: nobody's. */
const struct dcm_container *dcm_containers_directory(const struct dcm_collector *collector,
						     const struct dcm_superblock *superblock,
						     const char *path);

/* What the last round has found; NULL: nothing yet. Valid until sources run. */
const struct dcm_container_map *dcm_containers_latest(const struct dcm_collector *collector);

/* Pods that no container was made in yet, as of the last round; NULL: not known, such as on a host
 * without Kubernetes. Valid until sources run. */
const struct dcm_waiting_pods *dcm_containers_waiting_pods(const struct dcm_collector *collector);

/* From the next round on it also finds out about those of @key that have ended: @count of them, at
 * most DCM_CONTAINERS_WANTED. */
void dcm_containers_want(struct dcm_collector *collector, const struct dcm_container_key *key,
			 size_t count);

/*
 * Stores what is known of @from in the member "container" of a row. Returns which texts that are,
 * as bits in their order: to be shifted to where the member's first one is in "has".
 */
uint64_t dcm_containers_put(const struct dcm_container *from, struct dcm_snapshot_builder *builder,
			    struct dcm_snap_container *ret);

#endif
