// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_identity.h"

bool dcm_reclaim_may_be_same(const struct dcm_reclaim_identity *then,
			     const struct dcm_reclaim_identity *now)
{
	if (then->fingerprint && now->fingerprint && then->fingerprint != now->fingerprint)
		return false;
	return !(then->newest_mount && now->oldest_mount > then->newest_mount);
}
