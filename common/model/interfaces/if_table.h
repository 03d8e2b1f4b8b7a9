/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interfaces of one network namespace over time: what one dump of links and addresses says, and
 * what only a comparison with the dump before it can say (when a status changed, which interface
 * is new or gone). Pure: dumps and the clock come in as arguments.
 *
 * One update is dcm_if_table_begin(), _link() per interface, _sort(), _address() per address, the
 * caller's speeds and sysctl values written into the rows, and _end().
 */
#ifndef DCM_MODEL_IF_TABLE_H
#define DCM_MODEL_IF_TABLE_H

#include "common/parse/link_message.h"

/* Bits of dcm_if_row.families. */
#define DCM_IF_IPV4 1u
#define DCM_IF_IPV6 2u

/* The sysctl files for ipv4InterfaceTable and ipv6InterfaceTable. */
enum dcm_if_sysctl {
	DCM_IF_V4_RETRANS_MS,	/* net/ipv4/neigh/IF/retrans_time_ms */
	DCM_IF_V6_RETRANS_MS,	/* net/ipv6/neigh/IF/retrans_time_ms */
	DCM_IF_V6_REACHABLE_MS, /* net/ipv6/neigh/IF/base_reachable_time_ms */
	DCM_IF_V6_FORWARDING,	/* net/ipv6/conf/IF/forwarding */
	DCM_IF_SYSCTL_COUNT,
};

struct dcm_if_sysctls {
	uint32_t has; /* bit per enum dcm_if_sysctl */
	int32_t value[DCM_IF_SYSCTL_COUNT];
};

struct dcm_if_row {
	struct dcm_link link; /* of the last dump that had it */
	uint32_t families;    /* it has an address of: DCM_IF_IPV4 | DCM_IF_IPV6 */
	struct dcm_if_sysctls sysctls;
	uint64_t in_unicast;	   /* packets without multicast; never runs backwards */
	uint64_t speed_bps;	   /* as the driver said; 0: unknown */
	uint64_t speed_asked_ns;   /* 0: never */
	uint32_t speed_flags;	   /* link.flags when the driver was asked */
	uint64_t changed_ns;	   /* operational status changed; 0: not since the first dump */
	uint64_t discontinuity_ns; /* came back after it was missing; 0: never */
	uint64_t missing_ns;	   /* not in the dumps since; 0: there */
	/* internal to an update */
	uint32_t old_families;
	struct dcm_if_sysctls old_sysctls;
	bool seen;
};

struct dcm_if_table {
	struct dcm_if_row *rows; /* by ascending link.index after _sort() */
	size_t count, capacity, sorted;
	size_t max;		  /* rows at most; 0: no limit */
	size_t skipped;		  /* links of this update beyond it */
	bool loaded;		  /* one update is complete */
	uint64_t changed_ns;	  /* a row was added or removed; 0: not since the first dump */
	uint64_t ipv4_changed_ns; /* the same for rows with an address of the family, */
	uint64_t ipv6_changed_ns; /* or one of their values changed */
};

/* A table begins as {0}, but for @max. */
void dcm_if_table_deinit(struct dcm_if_table *table);

void dcm_if_table_begin(struct dcm_if_table *table);

/* Takes one link of the dump. -ENOMEM; the row then keeps what it had. */
int dcm_if_table_link(struct dcm_if_table *table, const struct dcm_link *link, uint64_t now_ns);

/* After the last link: orders the rows, drops repetitions of the dump. */
void dcm_if_table_sort(struct dcm_if_table *table);

/* The interface @index has an address of @family (AF_INET, AF_INET6); others are ignored. */
void dcm_if_table_address(struct dcm_if_table *table, uint32_t index, int family);

/* NULL when there is none. Between _link() and _sort() new rows are not found. */
struct dcm_if_row *dcm_if_table_find(struct dcm_if_table *table, uint32_t index);

/*
 * Ends the update. Interfaces that were not in it stay as rows that are down for @fadeout_ns, as
 * snmpd keeps them (interface_fadeout), then go. @complete false: the dump was interrupted, so
 * that absence from it means nothing.
 */
void dcm_if_table_end(struct dcm_if_table *table, uint64_t now_ns, uint64_t fadeout_ns,
		      bool complete);

/* Whether ifOperStatus is up, by the IFF_* flags of an interface that is there. */
bool dcm_if_flags_oper_up(uint32_t flags);

/* The same of a row, which is down when the interface is missing. */
bool dcm_if_row_oper_up(const struct dcm_if_row *row);

#endif
