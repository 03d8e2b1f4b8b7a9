/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * DCACHEMON-MIB: answers libnetsnmp's requests for dcmObjects from the metric tree of a snapshot.
 * One registration covers all groups and tables, so that all variables of a PDU show one snapshot.
 */
#ifndef DCM_SNMP_TABLES_METRIC_HANDLER_H
#define DCM_SNMP_TABLES_METRIC_HANDLER_H

#include "common/model/config/config.h"
#include "snmp-tables/latency_histogram.h"
#include "snmp-tables/mib_objects.h"

struct dcm_metric_handler;

/* "1.3.6.1" with or without a leading dot; -EINVAL: not 2 to DCM_MAX_ROOT_ARCS numbers. */
int dcm_mib_root_parse(const char *text, dcm_mib_oid ret[DCM_MAX_ROOT_ARCS], size_t *ret_len);

/* Of the registrations: of two with one root, the lower one answers (RFC 2741, 7.1.4.1). */
#define DCM_METRIC_PRIORITY	   127 /* the default, of the subagent */
#define DCM_METRIC_MODULE_PRIORITY 90  /* inside snmpd, where an answer costs less */

/* Nothing is registered yet and there are no instances yet. */
int dcm_metric_handler_create(int priority, struct dcm_metric_handler **ret);

/* Call when it is unregistered, or after the end of libnetsnmp. NULL is allowed. */
void dcm_metric_handler_destroy(struct dcm_metric_handler *handler);

/*
 * Registers ROOT.1 (dcmObjects) with libnetsnmp in place of the registration before, even if the
 * root is the same. -EINVAL: no root; -EBUSY: this process already serves it.
 */
int dcm_metric_handler_register(struct dcm_metric_handler *handler, const char *root);
void dcm_metric_handler_unregister(struct dcm_metric_handler *handler);

/* Answers from @snapshot from now on; it becomes the handler's (not on failure, -ENOMEM). */
int dcm_metric_handler_swap(struct dcm_metric_handler *handler, struct dcm_snapshot *snapshot);

/* The master's sysUpTime of a moment; change stamps follow it. */
void dcm_metric_handler_set_uptime(struct dcm_metric_handler *handler,
				   struct dcm_mib_uptime uptime);

/*
 * Answers a Get or GetNext that came over AgentX in place. False, with @pdu in part changed: it
 * asks for something else as well, or in another context.
 */
struct snmp_pdu;
bool dcm_metric_handler_direct(struct dcm_metric_handler *handler, struct snmp_pdu *pdu, bool next);

/*
 * The variables of a notification: snmpTrapOID.0 (RFC 3418) with ROOT.0.@arc, then the first @count
 * instances of @values, a snapshot that becomes the function's. To be freed with
 * snmp_free_varbind(). -ENOMEM; -ENOENT: @values has fewer instances.
 */
struct variable_list;
int dcm_metric_handler_notification(const struct dcm_metric_handler *handler,
				    struct dcm_snapshot *values, uint32_t arc, size_t count,
				    struct variable_list **ret);

const struct dcm_latency *dcm_metric_handler_time(const struct dcm_metric_handler *handler);

#endif
