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
	double rate;	/* CPU time per wall time: 0.005 is 0.5 % of one CPU; 0: no limit */
	double tokens;	/* nanoseconds of CPU time; negative: debt */
	double advance; /* of the start, not yet returned */
	double least;	/* what elastic work may spend whatever else is charged */
	double need;	/* nanoseconds that elastic work last asked for: saved up in any case */
	double wake;	/* nanoseconds that a wake-up costs, averaged over some of the last */
	uint64_t updated_ns;
};

/*
 * @percent of one CPU, 0 for no limit. Starts with the budget of half a minute, for the first pass,
 * in advance: half of what is earned returns it. So the first minute takes no more than any other.
 */
void dcm_budget_init(struct dcm_budget *budget, double percent, uint64_t now_ns);

/* Another percentage from @now_ns on; what was saved or owed stays, within the new bounds. */
void dcm_budget_set(struct dcm_budget *budget, double percent, uint64_t now_ns);

/*
 * Spends @cpu_ns. Debt is at most the budget of one minute, so that one expensive event cannot
 * silence elastic work for longer.
 */
void dcm_budget_charge(struct dcm_budget *budget, uint64_t cpu_ns);

/*
 * When (CLOCK_MONOTONIC, @now_ns or later) elastic work that takes @need_ns of CPU time may run:
 * once as much is there. The rate may be eaten up by what is charged without permission; a quarter
 * of it, and as much as is there at the start, is kept for elastic work, which so always gets
 * somewhere.
 */
uint64_t dcm_budget_ready_ns(struct dcm_budget *budget, uint64_t now_ns, uint64_t need_ns);

/* Tells that @cpu_ns of what was charged went into elastic work. */
void dcm_budget_elastic(struct dcm_budget *budget, uint64_t cpu_ns);

/* Tells what a wake-up cost, from the end of a sleep to the next sleep, without any work. */
void dcm_budget_woke(struct dcm_budget *budget, uint64_t cpu_ns);

/*
 * CPU time to be earned before a round of elastic work in slices of @slice_ns is worth a wake-up of
 * its own: with it, the wake-up takes a sixth of the round at most.
 */
uint64_t dcm_budget_round_ns(const struct dcm_budget *budget, uint64_t slice_ns);

/* Wall time over which @share (0..1) of the budget earns @cpu_ns; 0 without a limit. */
uint64_t dcm_budget_earn_ns(const struct dcm_budget *budget, uint64_t cpu_ns, double share);

#endif
