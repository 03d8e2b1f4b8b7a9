/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The SNMP contexts and where their namespaces are at the moment. A context stays while its
 * namespace goes and comes back under the same name.
 */
#ifndef DCM_KERNEL_IF_CONTEXTS_H
#define DCM_KERNEL_IF_CONTEXTS_H

#include "common/kernel/interfaces/if_sampler.h"
#include "common/model/config/snmp_contexts.h"
#include "common/model/snapshot/snapshot.h"

struct dcm_if_context {
	struct dcm_context_config config;
	enum dcm_context_state state; /* STARTING: not looked for yet */
	uint32_t netns;		      /* index in the set; 0: it is not there */
	uint64_t checked_ns;	      /* CLOCK_MONOTONIC of the last look */
	uint64_t changed_ns; /* when it became another namespace, or none; 0: not since the first
				look */
	int64_t seen_ns;     /* CLOCK_REALTIME; 0: never */
	bool wanted;	     /* in this round */
	bool has_interfaces;
	uint32_t interfaces; /* rows when it was last sampled */
	struct dcm_reason error;
};

struct dcm_if_contexts {
	struct dcm_if_context list[DCM_MAX_CONTEXTS];
	size_t count;
};

/* Takes the contexts of @config; what is known of those that stay, stays. -ENOMEM. */
int dcm_if_contexts_configure(struct dcm_if_contexts *contexts,
			      const struct dcm_contexts_config *config,
			      struct dcm_if_sampler *sampler);

/* Looks where the namespaces are: opens each once. Nothing is sampled. */
void dcm_if_contexts_look(struct dcm_if_contexts *contexts, struct dcm_if_sampler *sampler,
			  uint64_t now_ns, int64_t realtime_ns);

/* Wants the namespace of context @i sampled until @until_ns; in vain where there is none. */
void dcm_if_contexts_want(struct dcm_if_contexts *contexts, size_t i,
			  struct dcm_if_sampler *sampler, uint64_t until_ns);

/* Takes from a round what it says of the namespaces. */
void dcm_if_contexts_sampled(struct dcm_if_contexts *contexts, const struct dcm_if_sampler *sampler,
			     uint64_t now_ns);

#endif
