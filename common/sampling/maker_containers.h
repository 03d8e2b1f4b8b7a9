/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Containers that network namespaces are made for, by who makes them. Pure. */
#ifndef DCM_SAMPLING_MAKER_CONTAINERS_H
#define DCM_SAMPLING_MAKER_CONTAINERS_H

#include "common/kernel/containers/container_map.h"
#include "common/kernel/walk/walk.h"

/* The latest one; all zeros: none. */
struct dcm_maker_container {
	bool known;
	struct dcm_container_key key;	/* id is "" where only the runtime is known */
	struct dcm_container container; /* what is known of it, also when it has ended */
};

void dcm_maker_container_deinit(struct dcm_maker_container *latest);

/*
 * The runtime of the container that @maker was in: runc has its control group before it makes the
 * container's namespaces. DCM_RUNTIME_UNKNOWN: it was in none, or the group does not tell.
 */
enum dcm_runtime dcm_maker_runtime(const struct dcm_walk_maker *maker);

/*
 * Takes the newest of @maker, @count of them, that tells of a container or a runtime. What else is
 * known of the container comes from @map, which may be NULL: now, or with a later call.
 */
void dcm_maker_container_take(struct dcm_maker_container *latest,
			      const struct dcm_walk_maker *maker, size_t count,
			      const struct dcm_container_map *map);

#endif
