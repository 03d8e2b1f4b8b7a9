/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Looks for long chains where a pass over the table has not been, in runs of a millisecond: in the
 * directories that the configuration names among all of their children; elsewhere by a random
 * sample of all entries, which meets a chain that holds one in a thousand of them some 12 times.
 */
#ifndef DCM_SAMPLING_CHAIN_SEARCH_H
#define DCM_SAMPLING_CHAIN_SEARCH_H

#include "common/kernel/walk/walk.h"
#include "common/model/config/config.h"

#define DCM_FOUND_CHAINS 32

/* The most often met of one kind of search, in no order. */
struct dcm_chain_list {
	struct dcm_walk_long_chain chain[DCM_FOUND_CHAINS / 2];
	size_t count;
};

/* All zero before the first search. */
struct dcm_chain_search {
	bool under_way, everywhere;
	size_t part;   /* a directory of the configuration; after the last one: the sample */
	bool open;     /* what is looked into has begun */
	bool sampling; /* that is the sample */
	struct dcm_chain_search_slot *slots;
	size_t size, used;
	uint32_t most, met; /* of the sample: entries that are enough, and so far */
	double each;	    /* of the sample: entries that one met stands for */
	struct dcm_chain_list in_directories, in_sample;
	bool no_sample;
	struct dcm_reason why; /* there is none */
	struct dcm_walk_long_chain found[DCM_FOUND_CHAINS];
	size_t found_count;
};

void dcm_chain_search_deinit(struct dcm_chain_search *search);

/* Begins a search in directories and, unless @most is 0, also by a sample of so many entries. */
void dcm_chain_search_begin(struct dcm_chain_search *search, uint32_t most);

/* Adds a sample of @most entries to what a search in directories that is over has found. */
void dcm_chain_search_extend(struct dcm_chain_search *search, uint32_t most);

/* The sample under way ends with what it has met so far. */
void dcm_chain_search_cut(struct dcm_chain_search *search);

/* One run. 0: more to do, 1: over. What cannot be looked into is left out. */
int dcm_chain_search_step(struct dcm_chain_search *search, struct dcm_walk *walk,
			  const struct dcm_config *config);

/* The blocks of some of the chains found come next in the pass under way. */
void dcm_chain_search_prefer(const struct dcm_chain_search *search, struct dcm_walk *walk);

/* What the last search that is over has found, those that seem longest first. In a directory, the
 * length is that of the part that was met; of the sample, it is a guess. Owned by @search. */
size_t dcm_chain_search_found(const struct dcm_chain_search *search,
			      const struct dcm_walk_long_chain **ret);

/* Why the last search everywhere had no sample; NULL: it had, or there was none. */
const char *dcm_chain_search_lacks(const struct dcm_chain_search *search);

#endif
