// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/budget.h"

#include "common/base/minmax.h"
#include "common/base/units.h"

/* Seconds of budget that may be saved up, be owed, and be there at the start. */
#define SAVE_SECONDS  10.0
#define DEBT_SECONDS  60.0
#define START_SECONDS 30.0

#define RETURN_SHARE 0.5 /* of what is earned, until what was there at the start is returned */

#define LEAST_SHARE  0.25 /* of the rate, for elastic work */
#define ROUND_WAKES  5	  /* wake-ups that cost as much as a round */
#define WAKE_WEIGHT  0.125
#define LONGEST_WAKE ((double)(5 * DCM_NSEC_PER_MSEC)) /* more was something else */

static double worth(const struct dcm_budget *budget, double seconds)
{
	return budget->rate * seconds * (double)DCM_NSEC_PER_SEC;
}

void dcm_budget_init(struct dcm_budget *budget, double percent, uint64_t now_ns)
{
	*budget = (struct dcm_budget){.rate = percent / 100.0, .updated_ns = now_ns};
	budget->tokens = budget->least = budget->advance = worth(budget, START_SECONDS);
}

static void clamp(struct dcm_budget *budget)
{
	if (budget->tokens < -worth(budget, DEBT_SECONDS))
		budget->tokens = -worth(budget, DEBT_SECONDS);
}

/* With a small budget, some seconds earn less than a round: save up to two rounds. */
static double most(const struct dcm_budget *budget)
{
	double saved = worth(budget, SAVE_SECONDS);

	return DCM_MAX(saved, 2 * budget->need);
}

/* The credit of the start may lie above what can be saved: it only shrinks by use. */
static void earn(double *tokens, double earned, double most_tokens)
{
	double room = most_tokens - *tokens;

	if (room > 0)
		*tokens += DCM_MIN(earned, room);
}

static void refill(struct dcm_budget *budget, uint64_t now_ns)
{
	double earned, returned;

	if (now_ns <= budget->updated_ns)
		return;
	earned = budget->rate * (double)(now_ns - budget->updated_ns);
	budget->updated_ns = now_ns;
	returned = DCM_MIN(budget->advance, RETURN_SHARE * earned);
	budget->advance -= returned;
	earn(&budget->tokens, earned - returned, most(budget));
	earn(&budget->least, LEAST_SHARE * earned, most(budget));
}

void dcm_budget_set(struct dcm_budget *budget, double percent, uint64_t now_ns)
{
	refill(budget, now_ns);
	budget->rate = percent / 100.0;
	if (budget->tokens > worth(budget, SAVE_SECONDS))
		budget->tokens = worth(budget, SAVE_SECONDS);
	budget->least = DCM_MIN(budget->least, worth(budget, SAVE_SECONDS));
	budget->advance = DCM_MIN(budget->advance, worth(budget, START_SECONDS));
	clamp(budget);
}

void dcm_budget_charge(struct dcm_budget *budget, uint64_t cpu_ns)
{
	budget->tokens -= (double)cpu_ns;
	clamp(budget);
}

void dcm_budget_elastic(struct dcm_budget *budget, uint64_t cpu_ns)
{
	double debt = -LEAST_SHARE * worth(budget, DEBT_SECONDS);

	budget->least -= (double)cpu_ns;
	if (budget->least < debt)
		budget->least = debt;
}

void dcm_budget_woke(struct dcm_budget *budget, uint64_t cpu_ns)
{
	budget->wake += WAKE_WEIGHT * (DCM_MIN((double)cpu_ns, LONGEST_WAKE) - budget->wake);
}

uint64_t dcm_budget_round_ns(const struct dcm_budget *budget, uint64_t slice_ns)
{
	double work = ROUND_WAKES * budget->wake;

	return (uint64_t)(budget->wake + DCM_MAX(work, (double)slice_ns));
}

/* Time until @earned nanoseconds of CPU time are earned at @rate; negative: at once. */
static double wait_ns(double earned, double rate)
{
	return earned > 0 ? earned / rate : 0;
}

/* What is to be earned until @lack is there, with what is returned of the start's advance. */
static double gross(const struct dcm_budget *budget, double lack)
{
	return lack + DCM_MIN(budget->advance, lack * RETURN_SHARE / (1 - RETURN_SHARE));
}

uint64_t dcm_budget_ready_ns(struct dcm_budget *budget, uint64_t now_ns, uint64_t need_ns)
{
	double wait, least;

	refill(budget, now_ns);
	if (need_ns)
		budget->need = (double)need_ns;
	if (budget->rate <= 0)
		return now_ns;
	wait = wait_ns(gross(budget, (double)need_ns - budget->tokens), budget->rate);
	least = wait_ns((double)need_ns - budget->least, LEAST_SHARE * budget->rate);
	wait = DCM_MIN(least, wait);
	return wait > 0 ? now_ns + (uint64_t)wait + 1 : now_ns;
}

uint64_t dcm_budget_earn_ns(const struct dcm_budget *budget, uint64_t cpu_ns, double share)
{
	return budget->rate > 0 ? (uint64_t)((double)cpu_ns / (budget->rate * share)) : 0;
}
