/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Looks for long chains before the first pass over the table, in runs of a millisecond: in the
 * directories that the configuration names, among all of their children.
 */
#ifndef DCM_SAMPLING_CHAIN_SEARCH_H
#define DCM_SAMPLING_CHAIN_SEARCH_H

#include "common/kernel/walk/walk.h"
#include "common/model/config/config.h"

#define DCM_FOUND_CHAINS 16

/* All zero before the first step. */
struct dcm_chain_search {
	bool over;
	bool open;	  /* the visit of the directory has begun */
	size_t directory; /* of the configuration */
	struct dcm_chain_search_slot *slots;
	size_t used;
	struct dcm_walk_long_chain found[DCM_FOUND_CHAINS];
	size_t found_count;
};

void dcm_chain_search_deinit(struct dcm_chain_search *search);

/* One run. 0: more to do, 1: over. A directory that cannot be looked into is left out. */
int dcm_chain_search_step(struct dcm_chain_search *search, struct dcm_walk *walk,
			  const struct dcm_config *config);

/* The blocks of some of the chains found come next in the pass under way. */
void dcm_chain_search_prefer(const struct dcm_chain_search *search, struct dcm_walk *walk);

/* What it has found once it is over, most children first. Lengths are those of the part that was
 * met. Owned by @search. */
size_t dcm_chain_search_found(const struct dcm_chain_search *search,
			      const struct dcm_walk_long_chain **ret);

#endif
