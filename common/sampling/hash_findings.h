/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is found in the hash table beside its figures: the longest chains and the biggest
 * directories of a pass, and chains that a search finds before the pass comes to them. All of it
 * is described in steps of a millisecond.
 */
#ifndef DCM_SAMPLING_HASH_FINDINGS_H
#define DCM_SAMPLING_HASH_FINDINGS_H

#include "common/sampling/source.h"

struct dcm_hash_findings;

int dcm_hash_findings_create(struct dcm_hash_findings **ret);
void dcm_hash_findings_destroy(struct dcm_hash_findings *findings);

/* A pass begins; @first: none is complete yet, so blocks with a chain known already come first. */
void dcm_hash_findings_begin(struct dcm_hash_findings *findings, struct dcm_walk *walk, bool first,
			     uint64_t now_ns);

/* The first pass has counted a block, which @is_certain or not. */
void dcm_hash_findings_block(struct dcm_hash_findings *findings, struct dcm_walk *walk,
			     bool is_certain);

/* Takes what the pass under way has found in @blocks, for people who wait for its end.
 * @directories: its sketch is fed from every bucket. */
void dcm_hash_findings_partial(struct dcm_hash_findings *findings, struct dcm_walk *walk,
			       const struct dcm_walk_pass *pass,
			       const struct dcm_block_sample *blocks, bool directories,
			       uint64_t now_ns);

/* Takes what the pass just completed has found. */
void dcm_hash_findings_complete(struct dcm_hash_findings *findings, struct dcm_walk *walk,
				const struct dcm_walk_pass *pass, uint64_t now_ns);

/*
 * When the next step is due. The first search for chains is before the first pass, and in
 * directories only, which takes no time. The next follows at once where the pass is expected to be
 * long, by a smaller sample if the budget is small; otherwise beside it when it turns out to be.
 * Then there is one a minute, or as often as a quarter of the budget allows, until a pass is
 * complete, and later in each pass that takes longer than that.
 */
uint64_t dcm_hash_findings_due_ns(const struct dcm_hash_findings *findings);

/* One step of what is due, chains known already within their share of the budget. */
void dcm_hash_findings_step(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			    struct dcm_walk *walk, uint64_t now_ns);

/* Whether something that a pass has found is still to be described. */
bool dcm_hash_findings_pending(const struct dcm_hash_findings *findings);

/* One step of that, for whoever waits for it: the budget does not matter. */
void dcm_hash_findings_describe(struct dcm_hash_findings *findings, struct dcm_walk *walk,
				uint64_t now_ns);

/* Whether the searches before the first pass have ended, and the chains that they found were walked
 * or have had a minute for it. */
bool dcm_hash_findings_answered(const struct dcm_hash_findings *findings);

/* Length of the longest chain that has been walked; 0: none. */
uint64_t dcm_hash_findings_longest(const struct dcm_hash_findings *findings);

/* What is not found before a pass comes to it, by what was tried last; false: nothing, or no search
 * was due yet. */
bool dcm_hash_findings_lack(const struct dcm_hash_findings *findings, double budget_percent,
			    struct dcm_reason *ret);

void dcm_hash_findings_publish(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			       struct dcm_snapshot_builder *builder);

#endif
