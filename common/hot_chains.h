/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The longest chains of the last pass, described one by one and measured again between passes.
 * A new pass's list replaces the old one only when all of it has been described.
 */
#ifndef DCM_HOT_CHAINS_H
#define DCM_HOT_CHAINS_H

#include "collector_private.h"

struct dcm_hot_chains;

int dcm_hot_chains_create(struct dcm_hot_chains **ret);
void dcm_hot_chains_destroy(struct dcm_hot_chains *hot);

/* Takes the longest chains of a complete pass as the list to describe next. */
void dcm_hot_chains_replace(struct dcm_hot_chains *hot, const struct dcm_walk_pass *pass);

/* Whether chains of the last pass still have to be described. */
bool dcm_hot_chains_pending(const struct dcm_hot_chains *hot);

/* When the next chain should be walked: at once while some are pending, UINT64_MAX without any. */
uint64_t dcm_hot_chains_due_ns(const struct dcm_hot_chains *hot);

/* Measures no chain again before @until_ns; those pending are not held up. */
void dcm_hot_chains_rest(struct dcm_hot_chains *hot, uint64_t until_ns);

/* Walks one chain. -errno with @reason when that failed: the next call tries the next one. */
int dcm_hot_chains_step(struct dcm_hot_chains *hot, struct dcm_walk *walk, uint64_t now_ns,
			struct dcm_reason *reason);

/* Adds the rows, longest first. */
void dcm_hot_chains_publish(struct dcm_hot_chains *hot, struct dcm_collector *collector,
			    struct dcm_snapshot_builder *builder);

#endif
