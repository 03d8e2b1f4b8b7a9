/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Decides whether the interface tables are answered in snmpd's place ([if_mib] takeover), registers
 * them once there are rows to answer with, and has snmpd's own reloads muted meanwhile.
 */
#ifndef DCM_SNMP_IF_TAKEOVER_H
#define DCM_SNMP_IF_TAKEOVER_H

#include "snmp-subagent/agent/part.h"
#include "snmp-tables/latency_histogram.h"

/* From this forecast on "auto" takes over; it stays so until the process ends. */
#define DCM_TAKEOVER_RATIO 0.1

/*
 * Created before libnetsnmp starts and before privileges are dropped: it starts the muting process
 * if credentials are configured (see dcm_reload_mute_create()). Reloads change the mode; the muting
 * process keeps its address and credentials.
 */
extern const struct dcm_part dcm_if_takeover_part;

struct dcm_if_takeover; /* one of these */

/* Whether there is a process that mutes snmpd. @takeover may be NULL. */
bool dcm_if_takeover_mutes(const struct dcm_if_takeover *takeover);

/* Leaves snmpd as it was found, as far as muting goes: before an orderly end. */
void dcm_if_takeover_leave(struct dcm_if_takeover *takeover);

const struct dcm_latency *dcm_if_takeover_time(const struct dcm_if_takeover *takeover);

#endif
