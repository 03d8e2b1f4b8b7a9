/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one round of an interface sampler found, as a copy: one thread continues to sample while
 * another publishes.
 */
#ifndef DCM_KERNEL_IF_ROUND_H
#define DCM_KERNEL_IF_ROUND_H

#include "common/kernel/interfaces/if_contexts.h"

struct dcm_if_round {
	size_t count;
	struct dcm_if_view *views; /* by ascending namespace index */
	bool pending;		   /* of dcm_if_sampler_run() */
	uint64_t cpu_ns;	   /* that the round took, in all threads */
	struct dcm_if_contexts contexts;
};

/* Copies the namespaces that are wanted beyond @now_ns; no contexts. -ENOMEM. */
int dcm_if_round_copy(const struct dcm_if_sampler *sampler, uint64_t now_ns,
		      struct dcm_if_round **ret);

/* NULL is allowed. */
void dcm_if_round_destroy(struct dcm_if_round *views);

/* NULL when the namespace @index (of netns_set) is not among them; @views may be NULL. */
const struct dcm_if_view *dcm_if_round_find(const struct dcm_if_round *views, uint32_t index);

#endif
