/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IF-MIB (RFC 2863) and the interface tables of IP-MIB (RFC 4293) as snmpd's built-in modules fill
 * them (pure): which instances one namespace has, their order and their values. docs/if-mib.md says
 * where each value comes from and where it differs from the built-in one.
 */
#ifndef DCM_SNMP_TABLES_IF_MIB_H
#define DCM_SNMP_TABLES_IF_MIB_H

#include "snmp-tables/if_columns.h"

/* Below the built-ins' 127: the lower number answers (RFC 2741, 7.1.4.1). The module inside snmpd
 * answers before an agent process that serves the same tables. */
#define DCM_IF_MIB_PRIORITY	   100
#define DCM_IF_MIB_MODULE_PRIORITY 90

/*
 * The rows of one namespace. Borrows the snapshot; a value like any other. Without a namespace
 * there are no rows; the scalars of a context, whose namespace may come back, then remain.
 */
struct dcm_if_mib_view {
	const struct dcm_snapshot *snapshot;
	const struct dcm_snap_if_netns *netns;	/* NULL: it is not there, or not sampled */
	const struct dcm_snap_context *context; /* NULL: the default context */
	struct dcm_mib_uptime uptime;		/* of the master, for time stamps */
	size_t first, count;			/* rows of DCM_SEC_INTERFACES */
};

/* The namespace called @netns ("" is the sampler's own). -ENOENT leaves a view without rows. */
int dcm_if_mib_view_init(const struct dcm_snapshot *snapshot, const char *netns,
			 struct dcm_mib_uptime uptime, struct dcm_if_mib_view *ret);

/* The namespace of the SNMP context @name. -ENOENT (no such context) leaves a view without rows. */
int dcm_if_mib_view_context(const struct dcm_snapshot *snapshot, const char *name,
			    struct dcm_mib_uptime uptime, struct dcm_if_mib_view *ret);

/*
 * The value of the instance @name below the root of @object. -ENOENT: there is no such object;
 * -ENXIO: no such instance, as of a value that the kernel does not give.
 */
int dcm_if_mib_get(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		   struct dcm_mib_name name, struct dcm_mib_value *ret);

/* The first instance after @name (at or after it when @inclusive), -ENOENT after the last. @name
 * may be that of @ret. */
int dcm_if_mib_next(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		    struct dcm_mib_name name, bool inclusive, struct dcm_mib_instance *ret);

#endif
