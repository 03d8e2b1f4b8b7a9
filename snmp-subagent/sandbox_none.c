// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* WITH_SECCOMP=0 */
#include <errno.h>

#include "snmp-subagent/sandbox.h"

int dcm_sandbox_enter(const struct dcm_sandbox_options *options __attribute__((unused)),
		      struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -EOPNOTSUPP, "built with WITH_SECCOMP=0");
}

void dcm_sandbox_report(void)
{
}
