/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How often snmpd reloads its built-in interface table: nsCacheTimeout of ifTable
 * (NET-SNMP-AGENT-MIB). A SET rewrites the timer of a running snmpd (nsCache.c); it survives SIGHUP
 * and ends with snmpd. An SNMP client that blocks: for a process of its own.
 */
#ifndef DCM_SNMP_CLIENT_CACHE_TIMEOUT_H
#define DCM_SNMP_CLIENT_CACHE_TIMEOUT_H

#include "snmp-client/credentials.h"

/* nsCacheEntry, and nsCacheTimeout in the row of ifTable: indexed by the table's name,
 * 1.3.6.1.2.1.2.2 without a length before it. */
#define DCM_CACHE_ENTRY_OID   "1.3.6.1.4.1.8072.1.5.3.1"
#define DCM_CACHE_TIMEOUT_OID DCM_CACHE_ENTRY_OID ".2.1.3.6.1.2.1.2.2"

/* What snmpd starts with (ifTable_data_access.h, IFTABLE_CACHE_TIMEOUT). */
#define DCM_CACHE_TIMEOUT_BUILT_IN 3

struct dcm_cache_timeout;

/* -EINVAL: refused credentials; -EIO; -EOPNOTSUPP: built without libnetsnmp. Each with a reason.
 * Once per process. */
int dcm_cache_timeout_open(const char *address, const struct dcm_credentials *credentials,
			   struct dcm_reason *reason, struct dcm_cache_timeout **ret);
void dcm_cache_timeout_close(struct dcm_cache_timeout *client);

/*
 * -ETIMEDOUT: no answer within 4 s; -EACCES: refused, or not in the view; -ENOENT: that snmpd has
 * no such object (built without the module, or started with -I -ifTable); -EIO. With a reason.
 */
int dcm_cache_timeout_get(struct dcm_cache_timeout *client, struct dcm_reason *reason,
			  unsigned *ret_seconds);
int dcm_cache_timeout_set(struct dcm_cache_timeout *client, unsigned seconds,
			  struct dcm_reason *reason);

#endif
