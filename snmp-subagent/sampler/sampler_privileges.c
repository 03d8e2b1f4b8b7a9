// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/sampler/sampler_privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/base/log.h"

#define AGENT_USER_CAPABILITIES \
	(1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SETPCAP | 1ULL << CAP_KILL)

void dcm_sampler_privileges_drop(uint64_t needed, bool agent_changes_user)
{
	const capng_type_t held = CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET;

	if (agent_changes_user)
		needed |= AGENT_USER_CAPABILITIES;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		dcm_log(DCM_LOG_WARNING, "NO_NEW_PRIVS: %s", strerror(errno));
	if (capng_get_caps_process() < 0 ||
	    capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE)
		return;
	for (unsigned cap = 0; cap <= CAP_LAST_CAP && cap < 64; cap++)
		if (!(needed & (1ULL << cap)) || !capng_have_capability(CAPNG_PERMITTED, cap))
			capng_update(CAPNG_DROP, held | CAPNG_INHERITABLE, cap);
	/* The bounding set goes first: that takes CAP_SETPCAP. */
	if (capng_apply(CAPNG_SELECT_BOUNDS) < 0)
		dcm_log(DCM_LOG_DEBUG, "the bounding set stays: %s", strerror(errno));
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		dcm_log(DCM_LOG_WARNING, "cannot give up capabilities: %s", strerror(errno));
}
