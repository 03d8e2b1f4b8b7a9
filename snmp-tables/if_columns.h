/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of IF-MIB and IP-MIB columns out of one row (pure). Private to if_mib*.c and the
 * notifications. */
#ifndef DCM_SNMP_TABLES_IF_COLUMNS_H
#define DCM_SNMP_TABLES_IF_COLUMNS_H

#include "snmp-tables/if_mib.h"

/* Columns of ifTable that its notifications carry. */
#define DCM_IF_INDEX	    1
#define DCM_IF_ADMIN_STATUS 7
#define DCM_IF_OPER_STATUS  8

/* sysUpTime of a CLOCK_MONOTONIC time, 0 before the master's start (RFC 2579, TimeStamp). */
uint32_t dcm_if_mib_stamp(uint64_t time_ns, const struct dcm_mib_uptime *uptime);

/* True when the conceptual table @object has a row for the interface. */
bool dcm_if_mib_in_table(enum dcm_if_mib_object object, const struct dcm_snap_interface *row);

/* False: this interface has no instance of @column. */
bool dcm_if_mib_column(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		       const struct dcm_snap_interface *row, unsigned column,
		       const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret);

#endif
