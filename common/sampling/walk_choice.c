// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/walk_choice.h"

bool dcm_walk_choose(const struct dcm_config_sampling *sampling, enum dcm_walk_flavour *ret)
{
	if (sampling->vehicle == DCM_VEHICLE_KCORE ||
	    (sampling->vehicle == DCM_VEHICLE_AUTO && !sampling->bpf))
		*ret = DCM_WALK_KCORE;
	else
		*ret = sampling->vehicle == DCM_VEHICLE_AUTO ? DCM_WALK_ANY : DCM_WALK_AUTO;
	return sampling->bpf || *ret == DCM_WALK_KCORE;
}
