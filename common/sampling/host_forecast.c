// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the sources know that tells how long shrinking and watching take on this host. */
#include "common/sampling/source.h"

void dcm_host_forecast(const struct dcm_collector *collector, struct dcm_forecast *ret)
{
	*ret = (struct dcm_forecast){0};
	dcm_hash_pace(collector, &ret->pace);
	dcm_reclaim_history(collector, &ret->history);
}
