// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-tables/mib_handler.h"

#include <errno.h>

#include "common/base/clock.h"
#include "snmp-tables/mib_answer.h"

static int handle(netsnmp_mib_handler *module, netsnmp_handler_registration *registration,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct dcm_mib_handler *handler = registration->my_reg_void;
	struct dcm_mib_call call = {module, registration, info, requests};
	uint64_t start = dcm_now_ns(), count = 0;

	for (netsnmp_request_info *r = requests; r; r = r->next)
		count++;
	if (info->mode != MODE_GET && info->mode != MODE_GETNEXT)
		dcm_mib_refuse(info, requests, SNMP_ERR_NOTWRITABLE);
	else if (!handler->waiting || dcm_mib_waiting_pass(handler->waiting, &call, start))
		dcm_mib_answer(&handler->objects, info, requests);
	dcm_latency_add(handler->time, count, dcm_now_ns() - start);
	return SNMP_ERR_NOERROR;
}

int dcm_mib_handler_register(struct dcm_mib_handler *handler)
{
	netsnmp_handler_registration *registration = netsnmp_create_handler_registration(
		handler->name, handle, handler->objects.root.arcs, handler->objects.root.len,
		HANDLER_CAN_RONLY);

	if (!registration)
		return -ENOMEM;
	registration->priority = handler->priority;
	if (*handler->context)
		registration->contextName = strdup(handler->context);
	registration->my_reg_void = handler;
	/* The library frees the registration when it refuses it. */
	if (netsnmp_register_handler(registration) != MIB_REGISTERED_OK)
		return -EBUSY;
	handler->registration = registration;
	return 0;
}

/* netsnmp_unregister_handler() reads names of the registration after it has freed it: these are
 * copies (net-snmp before 5.9.5). */
void dcm_mib_handler_unregister(struct dcm_mib_handler *handler)
{
	struct dcm_mib_name root = handler->objects.root;
	oid name[DCM_MIB_ROOT_MAX];

	if (!handler->registration)
		return;
	memcpy(name, root.arcs, root.len * sizeof(*name));
	unregister_mib_context(name, root.len, handler->priority, 0, 0, handler->context);
	handler->registration = NULL;
}

/* AgentX has the context where SNMP has the community. */
bool dcm_mib_handler_in_context(const struct dcm_mib_handler *handler, const struct snmp_pdu *pdu)
{
	return handler->registration && pdu->community_len == strlen(handler->context) &&
	       (!pdu->community_len ||
		!memcmp(pdu->community, handler->context, pdu->community_len));
}

bool dcm_mib_handler_covers(const struct dcm_mib_handler *handler,
			    const struct variable_list *variable)
{
	struct dcm_mib_name root = handler->objects.root;

	return handler->registration && variable->name_length >= root.len &&
	       !memcmp(variable->name, root.arcs, root.len * sizeof(*root.arcs));
}
