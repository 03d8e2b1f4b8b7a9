/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One registration with libnetsnmp, for the subagent and for snmpd's module: it answers all
 * requests below its root from one set of objects. The library hands over all requests of a PDU for
 * it in one call, so that they see the same snapshot. A call looks up and copies; it never waits
 * for the kernel.
 */
#ifndef DCM_SNMP_TABLES_MIB_HANDLER_H
#define DCM_SNMP_TABLES_MIB_HANDLER_H

#include <stdbool.h>

#include "snmp-tables/latency_histogram.h"
#include "snmp-tables/mib_objects.h"
#include "snmp-tables/mib_waiting.h"

struct snmp_pdu;
struct variable_list;

/* The owner fills it in before it registers it, and keeps it where it is while it is registered. */
struct dcm_mib_handler {
	const char *name; /* in the library's messages */
	struct dcm_mib_objects objects;
	const char *context;		 /* of SNMP; "" is the default one */
	int priority;			 /* the lower one answers (RFC 2741, 7.1.4.1) */
	struct dcm_mib_waiting *waiting; /* borrowed; NULL: the objects are always there */
	struct dcm_latency *time;	 /* borrowed; several handlers may count into one */
	struct netsnmp_handler_registration_s *registration; /* NULL: not registered */
};

/* -ENOMEM; -EBUSY: this process serves that root already. */
int dcm_mib_handler_register(struct dcm_mib_handler *handler);

/* Without a registration it does nothing. With requests under way see dcm_mib_waiting_drop(). */
void dcm_mib_handler_unregister(struct dcm_mib_handler *handler);

/* Whether an AgentX request is in the handler's context, and @variable is below its root. False
 * unless it is registered. */
bool dcm_mib_handler_in_context(const struct dcm_mib_handler *handler, const struct snmp_pdu *pdu);
bool dcm_mib_handler_covers(const struct dcm_mib_handler *handler,
			    const struct variable_list *variable);

#endif
