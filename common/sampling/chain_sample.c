// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/chain_sample.h"

#include "common/base/minmax.h"
#include "common/kernel/walk/walk.h"

#define WHOLE_NS (20 * DCM_NSEC_PER_MSEC) /* of CPU time, about */

#define SURE_MEETINGS 12 /* expected of a chain that a sample hardly misses */

uint32_t dcm_chain_sample_first(const struct dcm_budget *budget)
{
	uint64_t whole = dcm_budget_earn_ns(budget, WHOLE_NS, 1.0);
	uint64_t entries = DCM_WALK_SAMPLE_ENTRIES * DCM_CHAIN_SAMPLE_AHEAD_NS /
			   DCM_MAX(whole, DCM_CHAIN_SAMPLE_AHEAD_NS);

	return (uint32_t)DCM_MAX(entries, (uint64_t)SURE_MEETINGS);
}

bool dcm_chain_sample_misses(uint32_t entries, double budget_percent, struct dcm_reason *ret)
{
	double share = 100.0 * SURE_MEETINGS / DCM_MAX(entries, (uint32_t)SURE_MEETINGS);

	if (entries >= DCM_WALK_SAMPLE_ENTRIES)
		return false;
	dcm_reason_set(ret, 0,
		       "in the first minute, long chains elsewhere than in chain_directory are "
		       "found from %.*g %% of all entries on: the budget is %g %%",
		       share < 99 ? 2 : 3, share, budget_percent);
	return true;
}

bool dcm_chain_sample_lack(double budget_percent, struct dcm_reason *ret)
{
	struct dcm_budget budget;

	dcm_budget_init(&budget, budget_percent, 0);
	return dcm_chain_sample_misses(dcm_chain_sample_first(&budget), budget_percent, ret);
}

void dcm_chain_sample_none(const char *why, struct dcm_reason *ret)
{
	dcm_reason_set(ret, 0,
		       "long chains elsewhere than in chain_directory are found by passes alone: "
		       "%s",
		       why);
}
