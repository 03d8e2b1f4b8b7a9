/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A thread for calls that the kernel may keep for seconds or for ever (a dead file server, the RTNL
 * lock): the caller starts one run, does other work, takes its result. When the thread does not
 * come back in time it is abandoned: it frees what it uses if the kernel ever returns, so the
 * object that holds this code must stay mapped (a plugin: -z nodelete). All calls belong to one
 * thread.
 */
#ifndef DCM_KERNEL_WORKER_H
#define DCM_KERNEL_WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct dcm_worker;

struct dcm_worker_job {
	/* One run, in the thread; returns what dcm_worker_take() will. Long ones look at
	 * dcm_worker_stopping() on the way. @ctx is the thread's alone until it is taken, but for
	 * what the job guards by itself. */
	int (*run)(const struct dcm_worker *worker, void *ctx);
	/* Frees @ctx: in destroy, or in an abandoned thread that has come back. */
	void (*release)(void *ctx);
	size_t stack_size; /* 0: the default */
};

/* Starts no thread yet: it begins with the first run. @job is copied; @ctx is taken over when this
 * succeeds. -ENOMEM, -errno (no eventfd). */
int dcm_worker_create(const struct dcm_worker_job *job, void *ctx, struct dcm_worker **ret);

/* Ends the thread, after waiting for a run under way for @patience_ms at most. NULL is allowed. */
void dcm_worker_destroy(struct dcm_worker *worker, unsigned patience_ms);

/* Becomes readable when a run ends, until it is read; belongs to the worker. */
int dcm_worker_fd(const struct dcm_worker *worker);

/* Whether a run was started and not taken: then its @ctx is the thread's. */
bool dcm_worker_busy(const struct dcm_worker *worker);

/* Begins a run. -EBUSY: the last one was not taken; -errno: no thread. */
int dcm_worker_start(struct dcm_worker *worker);

/* What the run returned, once; then the next one may start. -EAGAIN: it is not over, or none was
 * started (so a run must not return that). */
int dcm_worker_take(struct dcm_worker *worker);

/* For a run: whether nobody waits for its result any more. */
bool dcm_worker_stopping(const struct dcm_worker *worker);

#endif
