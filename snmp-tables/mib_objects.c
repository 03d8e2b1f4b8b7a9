// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/mib_objects.h"

#include "common/base/minmax.h"
#include "common/base/units.h"

#define NSEC_PER_TICK (DCM_NSEC_PER_SEC / 100)

int dcm_mib_name_compare(struct dcm_mib_name a, struct dcm_mib_name b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (a.arcs[i] != b.arcs[i])
			return a.arcs[i] < b.arcs[i] ? -1 : 1;
	return DCM_COMPARE(a.len, b.len);
}

uint32_t dcm_mib_stamp(uint64_t time_ns, const struct dcm_mib_uptime *uptime)
{
	uint64_t start_age = (uint64_t)uptime->ticks * NSEC_PER_TICK;

	if (!time_ns || time_ns + start_age <= uptime->at_ns)
		return 0;
	return (uint32_t)((time_ns + start_age - uptime->at_ns) / NSEC_PER_TICK);
}

uint32_t dcm_mib_saturate(uint64_t value)
{
	return (uint32_t)DCM_MIN(value, UINT32_MAX);
}
