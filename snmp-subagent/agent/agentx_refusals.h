/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Registrations that the master refuses, read from the session's bytes. libnetsnmp does not return
 * them, it only writes a line into its log.
 */
#ifndef DCM_SNMP_AGENTX_REFUSALS_H
#define DCM_SNMP_AGENTX_REFUSALS_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <stdint.h>

/*
 * Watches what goes through @transport, which the session of the library keeps; an earlier one is
 * forgotten. @refused is called with the error (RFC 2741, 6.2.16) of each Response to a Register
 * that is not noError, before the library sees the Response.
 */
void dcm_agentx_refusals_watch(netsnmp_transport *transport, void (*refused)(uint16_t error));

#endif
