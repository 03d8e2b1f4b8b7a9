// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-subagent/agent/notification.h"

#include <string.h>

#include "common/base/units.h"
#include "snmp-subagent/agent/agentx.h"

#define MAX_PER_ROUND 16

/* Delay before retrying when the master's socket is full. */
#define FULL_NS (200 * DCM_NSEC_PER_MSEC)

bool dcm_notification_send(netsnmp_variable_list *variables, int err, const char *what,
			   struct dcm_complaint *failing)
{
	if (err)
		dcm_complain(failing, DCM_LOG_ERROR, "cannot make %s: %s", what, strerror(-err));
	else
		send_v2trap(variables);
	snmp_free_varbind(variables);
	if (!err)
		dcm_settle(failing, NULL);
	return !err;
}

uint64_t dcm_notification_round(bool (*send_next)(void *part, uint64_t now_ns,
						  uint64_t *ret_due_ns),
				void *part, uint64_t now_ns)
{
	uint64_t due_ns;

	for (int i = 0; i < MAX_PER_ROUND; i++) {
		/* A write that waits for the master while it waits for us would never end. */
		if (dcm_agentx_connected() && !dcm_agentx_writable())
			return now_ns + FULL_NS;
		if (!send_next(part, now_ns, &due_ns))
			return due_ns;
	}
	return now_ns;
}
