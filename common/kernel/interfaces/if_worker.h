/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A thread that runs the rounds of an interface sampler: dumps of thousands of interfaces take tens
 * of milliseconds, and for longer than that one may wait for the kernel's RTNL lock. One round at a
 * time; its result is a copy.
 */
#ifndef DCM_KERNEL_IF_WORKER_H
#define DCM_KERNEL_IF_WORKER_H

#include "common/kernel/interfaces/if_round.h"

struct dcm_if_worker;

/* One round: for whom, until when (CLOCK_MONOTONIC). */
struct dcm_if_job {
	uint64_t now_ns;
	int64_t realtime_ns;   /* CLOCK_REALTIME */
	uint64_t own_until_ns; /* the own namespace is wanted until then; 0: it is not */
	uint64_t until_ns[DCM_MAX_CONTEXTS]; /* the same of those of the contexts */
	struct dcm_contexts_config contexts;
};

/* Starts no thread yet: it begins with the first round, when the process has given up what it does
 * not need. */
int dcm_if_worker_create(const struct dcm_if_sampler_options *options, struct dcm_reason *reason,
			 struct dcm_if_worker **ret);

/* Waits for a round under way, for a second at most: a thread that the kernel keeps longer frees
 * what it uses when it comes back. NULL is allowed. */
void dcm_if_worker_destroy(struct dcm_if_worker *worker);

/* Becomes readable when a round ends, until it is read; belongs to the worker. */
int dcm_if_worker_fd(const struct dcm_if_worker *worker);

/* Begins a round. -EBUSY: the result of the last one was not taken; -errno: no thread. */
int dcm_if_worker_start(struct dcm_if_worker *worker, const struct dcm_if_job *job);

/* Takes the result of the round that was started. -EAGAIN: it is not over; -ENOMEM. After 0
 * and -ENOMEM the next one may start. */
int dcm_if_worker_take(struct dcm_if_worker *worker, struct dcm_if_round **ret);

#endif
