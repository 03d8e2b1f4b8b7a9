/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mount namespaces other than the host's: which container each belongs to, and what is mounted in
 * it. Each is seen through one process that lives in it, the one of the lowest number.
 */
#ifndef DCM_KERNEL_CONTAINER_SPACES_H
#define DCM_KERNEL_CONTAINER_SPACES_H

#include <stdint.h>
#include <sys/types.h>

#include "common/base/cleanup.h"
#include "common/kernel/containers/container_state.h"
#include "common/kernel/worker/worker.h"

#define DCM_COMMAND_SIZE 16 /* TASK_COMM_LEN */

/* A superblock in a namespace, once. */
struct dcm_space_mount {
	uint32_t dev_major, dev_minor;
	bool top;	/* all of it is the root directory there */
	uint64_t named; /* hash of the ID that its mount point has in it; 0: none */
	uint64_t pod;	/* likewise, of the UID of a pod */
};

struct dcm_space {
	uint64_t inode; /* of the namespace */
	pid_t pid;
	char command[DCM_COMMAND_SIZE];
	bool contained;
	struct dcm_container container; /* if so */
	uint64_t pod;			/* hash of the UID of its pod; 0: none */
	struct dcm_space_mount *mount;	/* by device */
	size_t count;
	/* Of a superblock that the root directory is only a part of: that part; "" otherwise. */
	char top_root[DCM_PATH_SIZE];
	uint32_t top_major, top_minor;
};

struct dcm_spaces;

/* What a round found; valid until the next one. */
struct dcm_spaces_found {
	const struct dcm_space *const *space; /* by pid; not the host's */
	size_t count;
	const struct dcm_space *host; /* that of PID 1, else one's own; NULL: not readable */
	size_t denied;		      /* processes that must not be looked at */
	bool cut;		      /* there are more namespaces than this keeps */
};

/* -ENOMEM */
int dcm_spaces_create(const char *root, const struct dcm_config_containers *config,
		      struct dcm_spaces **ret);
void dcm_spaces_destroy(struct dcm_spaces *spaces);
DCM_DEFINE_CLEANUP(struct dcm_spaces, dcm_spaces_destroy)

/*
 * Looks at all processes. Who is in a namespace is asked in each round, what is mounted there when
 * it is new and then every minute or so (@now_ns). Ends early with -ECANCELED when @worker, which
 * may be NULL, is stopping. -errno when there is no /proc, -ENOMEM.
 */
int dcm_spaces_scan(struct dcm_spaces *spaces, uint64_t now_ns, const struct dcm_worker *worker,
		    struct dcm_spaces_found *ret);

/* The namespace of that number, as the last round has seen it; NULL: it has not. */
const struct dcm_space *dcm_spaces_find(const struct dcm_spaces *spaces, uint64_t inode);

/* Who has @key, also if it has ended: what its state says (container_state.h). -ENOENT: a guess
 * that no runtime confirms. -ENOMEM. */
int dcm_spaces_look_up(struct dcm_spaces *spaces, const struct dcm_container_key *key,
		       struct dcm_container *ret);

/* Pods that no container was made in yet (pod_folders.h), and that none of @found is of: where
 * processes must not be looked at, some may wait for an image. -ENOMEM. */
int dcm_spaces_waiting_pods(struct dcm_spaces *spaces, const struct dcm_spaces_found *found,
			    struct dcm_waiting_pods *ret);

/* The mount of that device; NULL: none there. */
const struct dcm_space_mount *dcm_space_find(const struct dcm_space *space, uint32_t dev_major,
					     uint32_t dev_minor);

/* The hash of an ID or UID, never 0. */
uint64_t dcm_space_hash_id(struct dcm_span id);

#endif
