// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the sources know that tells how long shrinking and watching take on this host. */
#include "common/sampling/source.h"

void dcm_host_forecast(const struct dcm_collector *collector, struct dcm_forecast *ret)
{
	struct dcm_forecast_pass pass;

	*ret = (struct dcm_forecast){0};
	if (dcm_hash_pass_cost(collector, &pass))
		ret->pace = dcm_forecast_pace(&pass);
	dcm_reclaim_history(collector, &ret->history);
}
