// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/budget.h"

#include "common/base/clock.h"

/* Seconds of budget that may be saved up, be owed, and be there at the start. */
#define SAVE_SECONDS  10.0
#define DEBT_SECONDS  60.0
#define START_SECONDS 60.0

static double worth(const struct dcm_budget *budget, double seconds)
{
	return budget->rate * seconds * (double)DCM_NSEC_PER_SEC;
}

void dcm_budget_init(struct dcm_budget *budget, double percent, uint64_t now_ns)
{
	*budget = (struct dcm_budget){.rate = percent / 100.0, .updated_ns = now_ns};
	budget->tokens = worth(budget, START_SECONDS);
}

static void clamp(struct dcm_budget *budget)
{
	if (budget->tokens < -worth(budget, DEBT_SECONDS))
		budget->tokens = -worth(budget, DEBT_SECONDS);
}

/* The credit of the start may lie above what can be saved: it only shrinks by use. */
static void refill(struct dcm_budget *budget, uint64_t now_ns)
{
	double room = worth(budget, SAVE_SECONDS) - budget->tokens;
	double earned;

	if (now_ns <= budget->updated_ns)
		return;
	earned = budget->rate * (double)(now_ns - budget->updated_ns);
	budget->updated_ns = now_ns;
	if (room > 0)
		budget->tokens += earned < room ? earned : room;
}

void dcm_budget_set(struct dcm_budget *budget, double percent, uint64_t now_ns)
{
	refill(budget, now_ns);
	budget->rate = percent / 100.0;
	if (budget->tokens > worth(budget, SAVE_SECONDS))
		budget->tokens = worth(budget, SAVE_SECONDS);
	clamp(budget);
}

void dcm_budget_charge(struct dcm_budget *budget, uint64_t cpu_ns)
{
	budget->tokens -= (double)cpu_ns;
	clamp(budget);
}

uint64_t dcm_budget_ready_ns(struct dcm_budget *budget, uint64_t now_ns)
{
	refill(budget, now_ns);
	if (budget->rate <= 0 || budget->tokens > 0)
		return now_ns;
	return now_ns + (uint64_t)(-budget->tokens / budget->rate) + 1;
}

uint64_t dcm_budget_earn_ns(const struct dcm_budget *budget, uint64_t cpu_ns, double share)
{
	return budget->rate > 0 ? (uint64_t)((double)cpu_ns / (budget->rate * share)) : 0;
}
