/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interface tables of the configured SNMP contexts. They shadow nothing of snmpd's, which has
 * them in the default context only, so they are registered from the start and whatever the
 * take-over does, and stay registered while a namespace is gone.
 */
#ifndef DCM_SNMP_CONTEXT_TABLES_H
#define DCM_SNMP_CONTEXT_TABLES_H

#include "common/model/config/config.h"
#include "snmp-tables/mib_objects.h"

struct dcm_context_tables;

/* @snapshot_fd (borrowed) is the socket to the sampler. Registers nothing yet. -ENOMEM. */
int dcm_context_tables_create(int snapshot_fd, struct dcm_context_tables **ret);

/* After the end of libnetsnmp. NULL is allowed. */
void dcm_context_tables_destroy(struct dcm_context_tables *contexts);

/* Registers what is new in @config and unregisters what is not there any more. What fails is
 * logged. */
void dcm_context_tables_configure(struct dcm_context_tables *contexts,
				  const struct dcm_config *config);

/* Answers out of @snapshot (borrowed until the next call; NULL: no rows) from now on. */
void dcm_context_tables_swap(struct dcm_context_tables *contexts,
			     const struct dcm_snapshot *snapshot);

/* The master is there (again), its sysUpTime as given. */
void dcm_context_tables_connected(struct dcm_context_tables *contexts,
				  struct dcm_mib_uptime uptime);

/* See dcm_if_mib_handler_direct(). */
struct snmp_pdu;
bool dcm_context_tables_direct(struct dcm_context_tables *contexts, struct snmp_pdu *pdu,
			       bool next);

/* To be called before each poll: lowers *@timeout_ms (-1: for ever). */
void dcm_context_tables_tick(struct dcm_context_tables *contexts, uint64_t now_ns, int *timeout_ms);

#endif
