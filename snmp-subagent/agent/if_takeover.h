/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Decides whether the interface tables are answered in snmpd's place ([if_mib] takeover), registers
 * them once there are rows to answer with, and has snmpd's own reloads muted meanwhile.
 */
#ifndef DCM_SNMP_IF_TAKEOVER_H
#define DCM_SNMP_IF_TAKEOVER_H

#include "common/model/config/config.h"
#include "snmp-tables/if_mib_handler.h"

/* From this forecast on "auto" takes over; it stays so until the process ends. */
#define DCM_TAKEOVER_RATIO 0.1

struct dcm_if_takeover;

/* Starts the muting process when credentials are configured: see dcm_reload_mute_create() for when.
 * @snapshot_fd (borrowed) is the socket to the sampler. */
int dcm_if_takeover_create(const struct dcm_config *config, int snapshot_fd, bool no_seccomp,
			   struct dcm_if_takeover **ret);

/* Whether there is a process that mutes snmpd. @takeover may be NULL. */
bool dcm_if_takeover_mutes(const struct dcm_if_takeover *takeover);

/* Leaves snmpd as it was found, as far as muting goes: before an orderly end. */
void dcm_if_takeover_leave(struct dcm_if_takeover *takeover);

/* After the end of libnetsnmp. NULL is allowed. */
void dcm_if_takeover_destroy(struct dcm_if_takeover *takeover);

/* The mode after a reload; the muting process keeps its address and credentials. */
void dcm_if_takeover_configure(struct dcm_if_takeover *takeover, const struct dcm_config *config);

/* Answers out of @snapshot (borrowed until the next call; NULL: no rows) from now on. */
void dcm_if_takeover_swap(struct dcm_if_takeover *takeover, const struct dcm_snapshot *snapshot);

/* The master is there (again), its sysUpTime as given. */
void dcm_if_takeover_connected(struct dcm_if_takeover *takeover, struct dcm_mib_uptime uptime);

/* Answers a request of the AgentX session: see dcm_if_mib_handler_direct(). */
bool dcm_if_takeover_direct(struct dcm_if_takeover *takeover, struct snmp_pdu *pdu, bool next);

/* To be called before each poll: lowers *@timeout_ms (-1: for ever). */
void dcm_if_takeover_tick(struct dcm_if_takeover *takeover, uint64_t now_ns, int *timeout_ms);

const struct dcm_latency *dcm_if_takeover_time(const struct dcm_if_takeover *takeover);

#endif
