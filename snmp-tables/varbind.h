/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts a value into libnetsnmp's variable binding. */
#ifndef DCM_SNMP_TABLES_VARBIND_H
#define DCM_SNMP_TABLES_VARBIND_H

#include "snmp-tables/mib_value.h"

#define DCM_VARBIND_ROOT_MAX 101

struct variable_list;

/*
 * Copies @value. The @root_len numbers of @root stand before an OBJECT IDENTIFIER that is not
 * zeroDotZero. Not 0: the library has no memory.
 */
int dcm_varbind_put(struct variable_list *variable, const dcm_mib_oid *root, size_t root_len,
		    const struct dcm_mib_value *value);

#endif
