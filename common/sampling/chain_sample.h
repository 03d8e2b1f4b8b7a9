/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How large the sample is that finds long chains before the first pass, and what it may miss. */
#ifndef DCM_SAMPLING_CHAIN_SAMPLE_H
#define DCM_SAMPLING_CHAIN_SAMPLE_H

#include "common/base/reason.h"
#include "common/base/units.h"
#include "common/sampling/budget.h"

/* Before the first pass, a search may take what the budget earns in this time: most of what is
 * there at the start. */
#define DCM_CHAIN_SAMPLE_AHEAD_NS (20 * DCM_NSEC_PER_SEC)

/* Entries of the first sample, DCM_WALK_SAMPLE_ENTRIES at most. */
uint32_t dcm_chain_sample_first(const struct dcm_budget *budget);

/* What a first sample of @entries misses, the budget being so many percent of a CPU; false:
 * nothing. */
bool dcm_chain_sample_misses(uint32_t entries, double budget_percent, struct dcm_reason *ret);

/* The same of the sample that fits into such a budget. */
bool dcm_chain_sample_lack(double budget_percent, struct dcm_reason *ret);

/* The same of a kernel that cannot sample, which @why says. */
void dcm_chain_sample_none(const char *why, struct dcm_reason *ret);

#endif
