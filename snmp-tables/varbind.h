/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts a value into libnetsnmp's variable binding. */
#ifndef DCM_SNMP_TABLES_VARBIND_H
#define DCM_SNMP_TABLES_VARBIND_H

#include "snmp-tables/mib_objects.h"

struct variable_list;

/*
 * Copies @value. @root precedes an OBJECT IDENTIFIER that is not zeroDotZero. Not 0: the library
 * has no memory.
 */
int dcm_varbind_put(struct variable_list *variable, struct dcm_mib_name root,
		    const struct dcm_mib_value *value);

#endif
