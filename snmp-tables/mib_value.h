/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The value of an instance of the metric tree in its SMIv2 syntax (pure). */
#ifndef DCM_SNMP_TABLES_MIB_VALUE_H
#define DCM_SNMP_TABLES_MIB_VALUE_H

#include "snmp-tables/mib_tree.h"

/*
 * Gauges saturate at 2^32-1, Counter32 wraps, names are escaped, a resource without a row is
 * zeroDotZero.
 */
void dcm_mib_value_get(const struct dcm_mib_tree *tree, const struct dcm_mib_cell *cell,
		       const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret);

#endif
