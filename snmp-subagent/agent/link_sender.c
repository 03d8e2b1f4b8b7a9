// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-subagent/agent/link_sender.h"

#include <errno.h>
#include <inttypes.h>

#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/base/minmax.h"
#include "common/kernel/interfaces/link_events.h"
#include "common/model/interfaces/link_queue.h"
#include "snmp-subagent/agent/notification.h"
#include "snmp-tables/if_columns.h"
#include "snmp-tables/varbind.h"

/* snmpTraps of SNMPv2-MIB */
#define LINK_DOWN_ARC 3
#define LINK_UP_ARC   4

/* Columns of ifTable that both notifications carry, in this order. */
static const uint8_t columns[] = {DCM_IF_INDEX, DCM_IF_ADMIN_STATUS, DCM_IF_OPER_STATUS};

struct dcm_link_notifier {
	struct dcm_link_queue *traps;
	struct dcm_link_events *events;
	struct dcm_complaint failing;
};

static void destroy(void *part)
{
	struct dcm_link_notifier *notifier = part;

	dcm_link_events_destroy(notifier->events);
	dcm_link_queue_destroy(notifier->traps);
	free(notifier);
}

static int create(const struct dcm_part_context *context, struct dcm_reason *reason, void **ret)
{
	const struct dcm_config *config = context->config;
	struct dcm_link_notifier *notifier;
	int err;

	*ret = NULL;
	if (!config->if_mib.link_traps)
		return 0;
	notifier = calloc(1, sizeof(*notifier));
	if (!notifier || dcm_link_queue_create(&config->notify, dcm_now_ns(), &notifier->traps)) {
		free(notifier);
		return dcm_reason_no_memory(reason);
	}
	err = dcm_link_events_create(notifier->traps, reason, &notifier->events);
	if (err < 0) {
		destroy(notifier);
		return err;
	}
	*ret = notifier;
	return 0;
}

static void configure(void *part, const struct dcm_config *config)
{
	struct dcm_link_notifier *notifier = part;

	dcm_link_queue_configure(notifier->traps, &config->notify);
}

int dcm_link_notifier_fd(const struct dcm_link_notifier *notifier)
{
	return notifier ? dcm_link_events_fd(notifier->events) : -1;
}

void dcm_link_notifier_read(struct dcm_link_notifier *notifier)
{
	if (notifier && dcm_link_events_read(notifier->events))
		dcm_log(DCM_LOG_NOTICE, "linkUp and linkDown are sent for %zu interfaces",
			dcm_link_queue_count(notifier->traps));
}

static void connection(void *part, bool up, struct dcm_mib_uptime uptime __attribute__((unused)))
{
	struct dcm_link_notifier *notifier = part;

	dcm_link_notifier_read(notifier); /* what changed while we looked for the master */
	dcm_link_queue_connection(notifier->traps, up);
}

/* ---- sending ---- */

static bool add_trap_name(uint32_t arc, netsnmp_variable_list **list)
{
	static const oid trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	const oid name[] = {1, 3, 6, 1, 6, 3, 1, 1, 5, arc};

	return snmp_varlist_add_variable(list, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, name,
					 sizeof(name));
}

/* As ifTable shows it. */
static bool add_column(const struct dcm_snap_interface *row, unsigned column,
		       netsnmp_variable_list **list)
{
	const struct dcm_if_mib_definition *table = &dcm_if_mib_definitions[DCM_IF_MIB_TABLE];
	const struct dcm_mib_uptime uptime = {.ticks = 0};
	netsnmp_variable_list *variable;
	oid name[DCM_IF_MIB_ROOT_MAX + DCM_MIB_NAME_MAX];
	struct dcm_mib_value value;
	size_t len = table->root_len;

	if (!dcm_if_column_value(dcm_if_column_find(DCM_IF_MIB_TABLE, column), NULL, row, &uptime,
				 &value))
		return false;
	memcpy(name, table->root, len * sizeof(*name));
	name[len++] = 1; /* ifEntry */
	name[len++] = column;
	name[len++] = row->index;
	variable = snmp_varlist_add_variable(list, name, len, ASN_NULL, NULL, 0);
	return variable && !dcm_varbind_put(variable, (struct dcm_mib_name){NULL, 0}, &value);
}

static int make_variables(const struct dcm_link_trap *trap, netsnmp_variable_list **ret)
{
	const struct dcm_snap_interface row = {
		.index = trap->index, .flags = trap->flags, .missing = trap->removed};
	bool good = add_trap_name(trap->up ? LINK_UP_ARC : LINK_DOWN_ARC, ret);

	for (size_t i = 0; i < sizeof(columns) && good; i++)
		good = add_column(&row, columns[i], ret);
	return good ? 0 : -ENOMEM;
}

static void send_one(struct dcm_link_notifier *notifier, const struct dcm_link_trap *trap)
{
	netsnmp_variable_list *variables = NULL;
	int err = make_variables(trap, &variables);

	if (dcm_notification_send(variables, err, "a link notification", &notifier->failing))
		dcm_log(DCM_LOG_DEBUG, "sent link%s of interface %" PRIu32,
			trap->up ? "Up" : "Down", trap->index);
}

static bool send_next(void *part, uint64_t now_ns, uint64_t *ret_due_ns)
{
	struct dcm_link_notifier *notifier = part;
	struct dcm_link_trap trap;

	if (!dcm_link_queue_next(notifier->traps, now_ns, &trap, ret_due_ns))
		return false;
	send_one(notifier, &trap);
	return true;
}

static uint64_t run(void *part, uint64_t now_ns)
{
	struct dcm_link_notifier *notifier = part;
	uint64_t dump_ns = dcm_link_events_tick(notifier->events, now_ns);
	uint64_t due_ns = dcm_notification_round(send_next, part, now_ns);

	return DCM_MIN(due_ns, dump_ns);
}

const struct dcm_part dcm_link_sender_part = {
	.create = create,
	.destroy = destroy,
	.configure = configure,
	.connection = connection,
	.run = run,
};
