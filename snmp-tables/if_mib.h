/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IF-MIB (RFC 2863) and the interface tables of IP-MIB (RFC 4293) as snmpd's built-in modules fill
 * them (pure): which instances one namespace has, their order and their values. docs/if-mib.md says
 * where each value comes from and where it differs from the built-in one.
 */
#ifndef DCM_SNMP_TABLES_IF_MIB_H
#define DCM_SNMP_TABLES_IF_MIB_H

#include "snmp-tables/mib_value.h"

/* Below the built-ins' 127: the lower number answers (RFC 2741, 7.1.4.1). The module inside snmpd
 * answers before an agent process that serves the same tables. */
#define DCM_IF_MIB_PRIORITY	   100
#define DCM_IF_MIB_MODULE_PRIORITY 90

/* One registration each, at the built-in's exact root. */
enum dcm_if_mib_object {
	DCM_IF_MIB_NUMBER,
	DCM_IF_MIB_TABLE,
	DCM_IF_MIB_XTABLE,
	DCM_IF_MIB_TABLE_CHANGE,
	DCM_IF_MIB_IPV4_CHANGE,
	DCM_IF_MIB_IPV4_TABLE,
	DCM_IF_MIB_IPV6_CHANGE,
	DCM_IF_MIB_IPV6_TABLE,
	DCM_IF_MIB_COUNT,
};

#define DCM_IF_MIB_ROOT_MAX 10
#define DCM_IF_MIB_NAME_MAX 3 /* below the root: 0, or 1.column.ifIndex */

struct dcm_if_mib_definition {
	const char *name; /* descriptor, such as "ifTable" */
	dcm_mib_oid root[DCM_IF_MIB_ROOT_MAX];
	size_t root_len;
	bool table;		/* otherwise one scalar */
	const uint8_t *columns; /* readable ones, ascending */
	size_t column_count;
};

extern const struct dcm_if_mib_definition dcm_if_mib_definitions[DCM_IF_MIB_COUNT];

/*
 * The rows of one namespace. Borrows the snapshot; a value like any other. Without a namespace
 * there are no rows; of a context, whose namespace may come back, the scalars then still stand.
 */
struct dcm_if_mib_view {
	const struct dcm_snapshot *snapshot;
	const struct dcm_snap_if_netns *netns;	/* NULL: it is not there, or not sampled */
	const struct dcm_snap_context *context; /* NULL: the default context */
	size_t first, count;			/* rows of DCM_SEC_INTERFACES */
};

/* The namespace called @netns ("" is the sampler's own). -ENOENT leaves an empty view in @ret. */
int dcm_if_mib_view_init(const struct dcm_snapshot *snapshot, const char *netns,
			 struct dcm_if_mib_view *ret);

/* The namespace of the SNMP context @name. -ENOENT (no such context) leaves an empty view. */
int dcm_if_mib_view_context(const struct dcm_snapshot *snapshot, const char *name,
			    struct dcm_if_mib_view *ret);

/*
 * The value of the instance @name below the root of @object. -ENOENT: there is no such object;
 * -ENXIO: no such instance, as of a value that the kernel does not give.
 */
int dcm_if_mib_get(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		   const dcm_mib_oid *name, size_t len, const struct dcm_mib_uptime *uptime,
		   struct dcm_mib_value *ret);

/* The first instance after @name (at or after it when @inclusive), -ENOENT after the last. */
int dcm_if_mib_next(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		    const dcm_mib_oid *name, size_t len, bool inclusive,
		    const struct dcm_mib_uptime *uptime, dcm_mib_oid ret_name[DCM_IF_MIB_NAME_MAX],
		    size_t *ret_len, struct dcm_mib_value *ret);

#endif
