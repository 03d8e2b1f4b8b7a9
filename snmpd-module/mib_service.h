/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * DCACHEMON-MIB inside snmpd: what the agent process serves over AgentX, with the same handler from
 * the same snapshots, in front of it. Off until it is configured. It is registered as long as there
 * is a snapshot, so that without one the agent process answers, or nobody.
 */
#ifndef DCM_MODULE_MIB_SERVICE_H
#define DCM_MODULE_MIB_SERVICE_H

#include <stdbool.h>

#include "common/model/snapshot/snapshot.h"
#include "snmp-tables/mib_objects.h"

/* @value: "on", "off" or the root in numbers. Before the first snapshot only. -EINVAL, -ENOMEM. */
int dcm_mib_service_configure(const char *value);

bool dcm_mib_service_on(void);
bool dcm_mib_service_registered(void);

/*
 * Shows @snapshot, which is the service's from then on, also on failure (-ENOMEM: the former one
 * stays). Change stamps follow @uptime. To be called only while it is on.
 */
int dcm_mib_service_show(struct dcm_snapshot *snapshot, struct dcm_mib_uptime uptime);

/* No requests may be under way that could point into the registration (dcm_mib_waiting_drop()). */
void dcm_mib_service_withdraw(void);

/* Withdraws; off again. */
void dcm_mib_service_deinit(void);

#endif
