/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The value of an instance in its SMIv2 syntax (pure). */
#ifndef DCM_SNMP_TABLES_MIB_VALUE_H
#define DCM_SNMP_TABLES_MIB_VALUE_H

#include "snmp-tables/mib_tree.h"

enum dcm_mib_type {
	DCM_MIB_GAUGE32, /* Unsigned32 too: both have one tag on the wire */
	DCM_MIB_COUNTER32,
	DCM_MIB_COUNTER64,
	DCM_MIB_INTEGER,
	DCM_MIB_TIMETICKS,
	DCM_MIB_OCTETS,
	DCM_MIB_OBJECT_ID,
};

/* Bound to a moment at which the master's sysUpTime was known. */
struct dcm_mib_uptime {
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	uint32_t ticks; /* sysUpTime then, hundredths of a second */
};

struct dcm_mib_value {
	enum dcm_mib_type type;
	uint64_t number; /* numeric types; INTEGER as int32_t */
	size_t len;	 /* octets, or sub-identifiers below dcmObjects (0: zeroDotZero) */
	union {
		char octets[256];
		dcm_mib_oid name[DCM_MIB_NAME_MAX];
	};
};

/*
 * Gauges saturate at 2^32-1, Counter32 wraps, names are escaped, a resource without a row is
 * zeroDotZero. A change before the master's start has stamp 0 (RFC 2579, TimeStamp).
 */
void dcm_mib_value_get(const struct dcm_mib_tree *tree, const struct dcm_mib_cell *cell,
		       const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret);

#endif
