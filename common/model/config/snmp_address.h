/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses of agents as net-snmp takes them (snmpcmd(1), "AGENT SPECIFICATION"):
 *
 *   [TRANSPORT:]ADDRESS     transports in any case
 *   udp                     HOST, HOST:PORT, PORT, :PORT, [HOST]:PORT; IPv4
 *   udp6, udpv6, udpipv6, ipv6   the same for IPv6; in brackets where a port follows
 *   tcp; tcp6, tcpv6, tcpipv6
 *   unix                    PATH; an address that begins with a slash needs no transport
 *
 * Without a transport it is UDP, over IPv4 where the host has such an address. Ports are numbers.
 */
#ifndef DCM_MODEL_SNMP_ADDRESS_H
#define DCM_MODEL_SNMP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/reason.h"

#define DCM_SNMP_PORT	   161
#define DCM_SNMP_HOST_SIZE 128
#define DCM_SUN_PATH_SIZE  108 /* sun_path of unix(7), with its NUL */

enum dcm_snmp_transport {
	DCM_SNMP_UDP,	  /* IPv4 */
	DCM_SNMP_UDP6,	  /* IPv6 */
	DCM_SNMP_UDP_ANY, /* no transport given: IPv4, else IPv6 */
	DCM_SNMP_TCP,
	DCM_SNMP_TCP6,
	DCM_SNMP_UNIX,
};

struct dcm_snmp_address {
	enum dcm_snmp_transport transport;
	char host[DCM_SNMP_HOST_SIZE]; /* "": this host */
	uint16_t port;		       /* DCM_SNMP_PORT where none was given; 0 for unix */
	char path[DCM_SUN_PATH_SIZE];  /* of unix, absolute */
};

/*
 * -EINVAL: no address; -EOPNOTSUPP: a transport that net-snmp may know and dcachemon does not
 * (TLS, SSH, an interface after "@", a relative path). With a reason. Looks up no name.
 */
int dcm_snmp_address_parse(const char *text, struct dcm_reason *reason,
			   struct dcm_snmp_address *ret);

/* Start of the path of a Unix socket in @text: after "unix:", or its slash. NULL: none. */
const char *dcm_snmp_address_path(const char *text);

#endif
