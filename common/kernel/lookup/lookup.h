/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Times path lookups in a thread of its own, because a lookup may block for ever on a dead
 * filesystem. Results are those of this process's network namespace: /proc/sys/net/... has dentries
 * of its own in each, so a chain costs this process what it costs every process here.
 *
 * A missing name is not looked up again for ten minutes: each look-up of one makes a negative
 * dentry. All calls belong to one thread; none waits for a lookup, except destroy (bounded).
 */
#ifndef DCM_KERNEL_LOOKUP_H
#define DCM_KERNEL_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/units.h"

#define DCM_LOOKUP_MISSING_HOLD_NS (600 * DCM_NSEC_PER_SEC)

struct dcm_lookup;

struct dcm_lookup_state {
	bool busy;
	uint64_t busy_since_ns; /* CLOCK_MONOTONIC of the request under way; only when busy */
	size_t busy_index;	/* path that the worker is at; only when busy */
	uint64_t rounds;	/* requests completed */
	uint64_t finished_ns;	/* CLOCK_MONOTONIC of the last one's end; only when rounds > 0 */
	uint64_t cost_ns;	/* CPU time of the last one; only when rounds > 0 */
};

struct dcm_lookup_result {
	bool has_time;
	uint64_t time_ns;     /* one lookup of the whole path: the best of up to five */
	uint64_t measured_ns; /* CLOCK_MONOTONIC of that measurement */
	int error;	      /* 0, or the negative errno of the last attempt */
	char error_text[96];  /* "" without error */
};

/* @paths are @count absolute paths, copied; they are timed as they are. The thread begins with the
 * first request. -EINVAL for a relative path, -ENOMEM, -errno (no eventfd). */
int dcm_lookup_create(const char *const *paths, size_t count, struct dcm_lookup **ret);

/* Waits for a lookup under way for a second at most (see worker.h). NULL is allowed. */
void dcm_lookup_destroy(struct dcm_lookup *lookup);

/* Asks for one measurement of every path. -EBUSY while the last one is under way; -errno: no
 * thread. Does not wait. */
int dcm_lookup_request(struct dcm_lookup *lookup);

void dcm_lookup_poll(struct dcm_lookup *lookup, struct dcm_lookup_state *ret);

/* Newest result of path @index (also while another request is under way): -ENODATA none yet,
 * -EINVAL no such path. */
int dcm_lookup_result(struct dcm_lookup *lookup, size_t index, struct dcm_lookup_result *ret);

#endif
