/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A token bucket of CPU time. Everything the sampler does is charged, also what was not asked for
 * permission (the cheap sources), so that elastic work gets what is left over.
 */
#ifndef DCM_SAMPLING_BUDGET_H
#define DCM_SAMPLING_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct dcm_budget {
	double rate;   /* CPU time per wall time: 0.005 is 0.5 % of one CPU; 0: no limit */
	double tokens; /* nanoseconds of CPU time; negative: debt */
	uint64_t updated_ns;
};

/* @percent of one CPU, 0 for no limit. Starts with a minute's worth, for the first pass. */
void dcm_budget_init(struct dcm_budget *budget, double percent, uint64_t now_ns);

/* Another percentage from @now_ns on; what was saved or owed stays, within the new bounds. */
void dcm_budget_set(struct dcm_budget *budget, double percent, uint64_t now_ns);

/*
 * Takes @cpu_ns off. Debt is bounded to a minute's worth, so that one expensive event cannot
 * silence elastic work for longer.
 */
void dcm_budget_charge(struct dcm_budget *budget, uint64_t cpu_ns);

/* When (CLOCK_MONOTONIC, @now_ns or later) elastic work may run. */
uint64_t dcm_budget_ready_ns(struct dcm_budget *budget, uint64_t now_ns);

/* Wall time over which @share (0..1) of the budget earns @cpu_ns; 0 without a limit. */
uint64_t dcm_budget_earn_ns(const struct dcm_budget *budget, uint64_t cpu_ns, double share);

#endif
