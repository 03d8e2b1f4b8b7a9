/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Answers libnetsnmp's requests for dcmObjects out of the current view. One registration covers
 * all groups and tables, so that the library hands over every request of a PDU in one call and all
 * of them see the same snapshot. A call looks up and copies: it never waits for anything.
 */
#ifndef DCM_SNMP_TABLES_MIB_HANDLER_H
#define DCM_SNMP_TABLES_MIB_HANDLER_H

#include "common/model/config/config.h"
#include "snmp-tables/latency_histogram.h"
#include "snmp-tables/mib_value.h"

#define DCM_MIB_ROOT_MAX DCM_MAX_ROOT_ARCS

struct dcm_mib_handler;

/* "1.3.6.1" with or without a leading dot; -EINVAL: not a name of 2 to DCM_MIB_ROOT_MAX numbers. */
int dcm_mib_root_parse(const char *text, dcm_mib_oid ret[DCM_MIB_ROOT_MAX], size_t *ret_len);

/* Nothing is registered yet and there are no instances yet. */
int dcm_mib_handler_create(struct dcm_mib_handler **ret);

/* Call after the end of libnetsnmp, which until then may call the handler. NULL is allowed. */
void dcm_mib_handler_destroy(struct dcm_mib_handler *handler);

/*
 * Registers ROOT.1 (dcmObjects) with libnetsnmp in place of the registration before, even if the
 * root is the same. -EINVAL: no root; -EBUSY: this process already serves it.
 */
int dcm_mib_handler_register(struct dcm_mib_handler *handler, const char *root);

/* Answers from now on out of @snapshot, which becomes the handler's (not on failure, -ENOMEM). */
int dcm_mib_handler_swap(struct dcm_mib_handler *handler, struct dcm_snapshot *snapshot);

/* The master's sysUpTime of a moment; change stamps follow it. */
void dcm_mib_handler_set_uptime(struct dcm_mib_handler *handler, struct dcm_mib_uptime uptime);

/*
 * The variables of a notification: snmpTrapOID.0 (RFC 3418) with ROOT.0.@arc, then the first @count
 * instances of @values, a snapshot that becomes the function's. To be freed with
 * snmp_free_varbind(). -ENOMEM; -ENOENT: @values has fewer instances.
 */
struct variable_list;
int dcm_mib_handler_notification(const struct dcm_mib_handler *handler, struct dcm_snapshot *values,
				 uint32_t arc, size_t count, struct variable_list **ret);

const struct dcm_latency *dcm_mib_handler_time(const struct dcm_mib_handler *handler);

#endif
