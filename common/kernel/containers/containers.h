/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which container a superblock belongs to: processes, their control groups and mounts, and what
 * runtimes have on disk. A thread looks, because their folders may lie on a filesystem that does
 * not answer.
 */
#ifndef DCM_KERNEL_CONTAINERS_H
#define DCM_KERNEL_CONTAINERS_H

#include "common/kernel/containers/container_map.h"

struct dcm_containers;

/* What the last round has seen. */
struct dcm_containers_round {
	uint64_t cost_ns; /* CPU time of the thread */
	size_t denied;	  /* processes that must not be looked at (CAP_SYS_PTRACE) */
	bool cut;	  /* too many mount namespaces */
	struct dcm_waiting_pods waiting;
};

/* Looks below @root ("": the live system), with the folders of @config. -ENOMEM, -errno. */
int dcm_containers_create(const char *root, const struct dcm_config_containers *config,
			  struct dcm_containers **ret);
void dcm_containers_destroy(struct dcm_containers *containers);

/* Begins a round, which also finds out about those of @wanted that have ended: @count of them, at
 * most DCM_CONTAINERS_WANTED. -EBUSY: the last one was not taken; -errno: no thread. */
int dcm_containers_start(struct dcm_containers *containers, const struct dcm_container_key *wanted,
			 size_t count);

/* The end of a round: its map replaces the last one. -EAGAIN: it is not over; -errno: it failed,
 * and there is no map until the next one. */
int dcm_containers_take(struct dcm_containers *containers, struct dcm_containers_round *ret);

/* NULL before the first round. Belongs to @containers, until the next round is taken. */
const struct dcm_container_map *dcm_containers_map(const struct dcm_containers *containers);

#endif
