/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What benchmarks of passes have in common: a pass, CPU time, random places, medians. */
#ifndef DCM_TESTS_TIMED_PASSES_H
#define DCM_TESTS_TIMED_PASSES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/base/reason.h"
#include "common/kernel/walk/walk.h"

#define RANDOM_SEED 88172645463325252ULL

/* CPU time of this thread: other work on the machine is left out, as it is from a BPF run. */
static inline uint64_t thread_ns(void)
{
	return dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Places come from a generator (xorshift) and not from memory, so that loads don't wait for each
 * other. @state begins as RANDOM_SEED. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline int compare_double(const void *a, const void *b)
{
	return DCM_COMPARE(*(const double *)a, *(const double *)b);
}

/* Sorts @values, which are at least one. */
static inline double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_double);
	return values[n / 2];
}

/* A whole pass; -errno, after it has been told. */
static inline int one_pass(struct dcm_walk *walk, struct dcm_walk_pass *ret)
{
	struct dcm_reason reason = {0};
	double fraction;
	int err = dcm_walk_pass_begin(walk, &reason);

	while (!err)
		err = dcm_walk_pass_step(walk, &reason, &fraction);
	if (err < 0)
		fprintf(stderr, "pass: %s\n", reason.text);
	else
		dcm_walk_pass_result(walk, ret);
	return err < 0 ? err : 0;
}

#endif
