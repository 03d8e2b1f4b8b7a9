/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a handler answers from (pure): the object instances below one root, their order and their
 * values. The metric tree (metric_handler.h) and the interface tables (if_mib_handler.h) implement
 * it.
 */
#ifndef DCM_SNMP_TABLES_MIB_OBJECTS_H
#define DCM_SNMP_TABLES_MIB_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One sub-identifier as libnetsnmp holds it. */
typedef unsigned long dcm_mib_oid;

#define DCM_MIB_ROOT_MAX 101 /* sub-identifiers of a root */
#define DCM_MIB_NAME_MAX 4   /* of an instance, below the root */

/* A name, or a part of one. Borrows its sub-identifiers. */
struct dcm_mib_name {
	const dcm_mib_oid *arcs;
	size_t len;
};

enum dcm_mib_type {
	DCM_MIB_GAUGE32, /* Unsigned32 too: both have one tag on the wire */
	DCM_MIB_COUNTER32,
	DCM_MIB_COUNTER64,
	DCM_MIB_INTEGER,
	DCM_MIB_TIMETICKS,
	DCM_MIB_OCTETS,
	DCM_MIB_OBJECT_ID,
};

struct dcm_mib_value {
	enum dcm_mib_type type;
	uint64_t number; /* numeric types; INTEGER as int32_t */
	size_t len;	 /* octets, or sub-identifiers below the root (0: zeroDotZero) */
	union {
		char octets[256];
		dcm_mib_oid name[DCM_MIB_NAME_MAX];
	};
};

/* One instance; its name is below the root. */
struct dcm_mib_instance {
	dcm_mib_oid name[DCM_MIB_NAME_MAX];
	size_t name_len;
	struct dcm_mib_value value;
};

/* Bound to a moment at which the master's sysUpTime was known. */
struct dcm_mib_uptime {
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	uint32_t ticks; /* sysUpTime then, hundredths of a second */
};

struct dcm_mib_objects {
	struct dcm_mib_name root;
	const void *ctx; /* of the functions */

	/* The instance @name below the root. -ENOENT: no such object; -ENXIO: no such instance. */
	int (*get)(const void *ctx, struct dcm_mib_name name, struct dcm_mib_value *ret);

	/* The first instance after @name (at or after it if @inclusive); -ENOENT after the last. */
	int (*next)(const void *ctx, struct dcm_mib_name name, bool inclusive,
		    struct dcm_mib_instance *ret);
};

/* Negative, 0 or positive: lexicographical order, in which a name precedes its extensions. */
int dcm_mib_name_compare(struct dcm_mib_name a, struct dcm_mib_name b);

/* sysUpTime at @time_ns of CLOCK_MONOTONIC. 0 for @time_ns 0 (never) and for anything before the
 * master's start (RFC 2579, TimeStamp). */
uint32_t dcm_mib_stamp(uint64_t time_ns, const struct dcm_mib_uptime *uptime);

/* The value of a Gauge32: 2^32-1 for anything above (RFC 2578, 7.1.7). */
uint32_t dcm_mib_saturate(uint64_t value);

#endif
