/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where an agent listens: its address resolved, a connection to it, and which sockets of this
 * network namespace get what is sent there (/proc/net/udp, udp6, tcp, tcp6 and unix, proc(5)).
 */
#ifndef DCM_KERNEL_SNMPD_SOCKET_H
#define DCM_KERNEL_SNMPD_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/base/reason.h"

struct dcm_snmpd_endpoint {
	int family, type; /* of socket(2) */
	struct sockaddr_storage address;
	socklen_t size;
};

/*
 * Resolves @text (common/model/config/snmp_address.h). No host, and the wildcard address, are this
 * host's loopback. -EINVAL, -EOPNOTSUPP, with a reason.
 */
int dcm_snmpd_resolve(const char *text, struct dcm_reason *reason, struct dcm_snmpd_endpoint *ret);

/*
 * A socket that does not block, connected or about to be. *@ret_refused: nobody listens there,
 * which is no failure. -errno with a reason.
 */
int dcm_snmpd_connect(const struct dcm_snmpd_endpoint *to, struct dcm_reason *reason, int *ret_fd,
		      bool *ret_refused);

/* Whether the address belongs to this network namespace. */
bool dcm_snmpd_is_local(const struct dcm_snmpd_endpoint *to);

struct dcm_snmpd_inodes {
	uint64_t inode[16]; /* several: SO_REUSEPORT */
	size_t count;
};

/*
 * The sockets below @root ("" but in tests) that get what is sent to @to, by the kernel's order of
 * preference: bound to the address, to the wildcard of its family, to that of IPv6. An IPv6
 * wildcard that takes no IPv4 looks like one that does. -errno when the tables cannot be read.
 */
int dcm_snmpd_sockets(const char *root, const struct dcm_snmpd_endpoint *to,
		      struct dcm_snmpd_inodes *ret);

/* Where UDP socket @inode is bound, as "udp:HOST:PORT", the loopback for a wildcard; *@ret_port is
 * its port. False: it is not UDP, not bound, or connected. */
bool dcm_snmpd_socket_name(const char *root, uint64_t inode, char *ret, size_t size,
			   unsigned *ret_port);

#endif
