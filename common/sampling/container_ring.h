/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The containers that got network namespaces of late, each once: of a burst of failed ones more
 * than the last is told. Pure. */
#ifndef DCM_SAMPLING_CONTAINER_RING_H
#define DCM_SAMPLING_CONTAINER_RING_H

#include "common/sampling/maker_containers.h"

#define DCM_CONTAINER_RING DCM_CONTAINERS_WANTED

/* All zeros at the beginning. */
struct dcm_container_ring {
	struct {
		struct dcm_maker_container of;
		uint64_t seen_ns;
	} item[DCM_CONTAINER_RING]; /* the one seen last first */
	size_t count;
};

void dcm_container_ring_deinit(struct dcm_container_ring *ring);

/*
 * Takes those of @maker, @count of them, the newest last, whose ID is told, at @now_ns
 * (CLOCK_MONOTONIC). Names come from @map, which may be NULL, then or with a later call, and stay
 * when the container is gone. Forgets those that were seen two minutes ago, then the oldest ones.
 */
void dcm_container_ring_take(struct dcm_container_ring *ring, uint64_t now_ns,
			     const struct dcm_walk_maker *maker, size_t count,
			     const struct dcm_container_map *map);

/* Keys of those that have no name yet; returns how many, at most DCM_CONTAINER_RING. */
size_t dcm_container_ring_unnamed(const struct dcm_container_ring *ring,
				  struct dcm_container_key *ret);

/* "web-1, web-2 and 6 more": the last ones with a name, then by ID, raw bytes. False, and "": fewer
 * than two are known. 1 <= @size. */
bool dcm_container_ring_text(const struct dcm_container_ring *ring, char *out, size_t size);

#endif
