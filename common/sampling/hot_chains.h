/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The longest chains of the last pass, described one by one and measured again between passes, in
 * steps of a millisecond. A new pass's list replaces the old one when all of it has been described,
 * or after ten seconds: of a chain that is not described by then only the length is shown.
 */
#ifndef DCM_SAMPLING_HOT_CHAINS_H
#define DCM_SAMPLING_HOT_CHAINS_H

#include "common/sampling/source.h"

struct dcm_hot_chains;

int dcm_hot_chains_create(struct dcm_hot_chains **ret);
void dcm_hot_chains_destroy(struct dcm_hot_chains *hot);

/* Takes the longest chains of a pass that was complete at @now_ns as the list to describe next. */
void dcm_hot_chains_replace(struct dcm_hot_chains *hot, const struct dcm_walk_pass *pass,
			    uint64_t now_ns);

/* Adds chains found in another way, of which @found has part of the length or a guess, which is not
 * shown. They are described like those of a pass, and stay until the next one's list. */
void dcm_hot_chains_add(struct dcm_hot_chains *hot, const struct dcm_walk_long_chain *found,
			size_t count, uint64_t now_ns);

/* Length of the longest one that has been walked; 0: none. */
uint64_t dcm_hot_chains_longest(const struct dcm_hot_chains *hot);

/* Whether chains of the last pass still have to be described. */
bool dcm_hot_chains_pending(const struct dcm_hot_chains *hot);

/* When the next step is due: at once while some are pending, UINT64_MAX without any. */
uint64_t dcm_hot_chains_due_ns(const struct dcm_hot_chains *hot);

/* Walks none before @until_ns; those pending are not held up in their first ten seconds. */
void dcm_hot_chains_rest(struct dcm_hot_chains *hot, uint64_t until_ns);

/* One run along one chain. -errno with @reason on failure; the next call tries the next chain. */
int dcm_hot_chains_step(struct dcm_hot_chains *hot, struct dcm_walk *walk, uint64_t now_ns,
			struct dcm_reason *reason);

/* Adds the rows, longest first. */
void dcm_hot_chains_publish(struct dcm_hot_chains *hot, struct dcm_collector *collector,
			    struct dcm_snapshot_builder *builder);

#endif
