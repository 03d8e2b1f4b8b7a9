// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/model/config/snmp_address.h"

/* ---- addresses ---- */

static int look_up(const struct dcm_snmp_address *address, int family,
		   struct dcm_snmpd_endpoint *ret)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = ret->type}, *found = NULL;
	char port[8];
	int err;

	snprintf(port, sizeof(port), "%u", address->port);
	err = getaddrinfo(*address->host ? address->host : NULL, port, &hints, &found);
	if (err)
		return err;
	ret->family = found->ai_family;
	ret->size = found->ai_addrlen;
	memcpy(&ret->address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static void no_wildcard(struct dcm_snmpd_endpoint *endpoint)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&endpoint->address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&endpoint->address;

	if (endpoint->family == AF_INET && v4->sin_addr.s_addr == htonl(INADDR_ANY))
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (endpoint->family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		v6->sin6_addr = in6addr_loopback;
}

static void fill_path(const char *path, struct dcm_snmpd_endpoint *ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, path, strlen(path) + 1);
	memcpy(&ret->address, &address, sizeof(address));
	ret->family = AF_UNIX;
	ret->size = sizeof(address);
}

int dcm_snmpd_resolve(const char *text, struct dcm_reason *reason, struct dcm_snmpd_endpoint *ret)
{
	static const struct {
		int type, family, second;
	} kinds[] = {
		[DCM_SNMP_UDP] = {SOCK_DGRAM, AF_INET, AF_INET},
		[DCM_SNMP_UDP6] = {SOCK_DGRAM, AF_INET6, AF_INET6},
		[DCM_SNMP_UDP_ANY] = {SOCK_DGRAM, AF_INET, AF_INET6},
		[DCM_SNMP_TCP] = {SOCK_STREAM, AF_INET, AF_INET},
		[DCM_SNMP_TCP6] = {SOCK_STREAM, AF_INET6, AF_INET6},
		[DCM_SNMP_UNIX] = {SOCK_STREAM, AF_UNIX, AF_UNIX},
	};
	struct dcm_snmpd_endpoint endpoint = {.family = AF_UNSPEC};
	struct dcm_snmp_address address;
	struct dcm_reason inner;
	int err = dcm_snmp_address_parse(text, &inner, &address);

	if (err)
		return dcm_reason_set(reason, err, "%s: %s", text, inner.text);
	endpoint.type = kinds[address.transport].type;
	if (address.transport == DCM_SNMP_UNIX) {
		fill_path(address.path, &endpoint);
	} else {
		err = look_up(&address, kinds[address.transport].family, &endpoint);
		if (err && kinds[address.transport].second != kinds[address.transport].family)
			err = look_up(&address, kinds[address.transport].second, &endpoint);
		if (err)
			return dcm_reason_set(reason, -EINVAL, "%s: %s", text, gai_strerror(err));
		no_wildcard(&endpoint);
	}
	*ret = endpoint;
	return 0;
}

int dcm_snmpd_connect(const struct dcm_snmpd_endpoint *to, struct dcm_reason *reason, int *ret_fd,
		      bool *ret_refused)
{
	_cleanup_close_ int fd = socket(to->family, to->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return dcm_reason_set(reason, -errno, "socket: %s", strerror(errno));
	*ret_refused = false;
	/* EAGAIN: a Unix socket whose backlog is full. */
	if (connect(fd, (const struct sockaddr *)&to->address, to->size) < 0 &&
	    errno != EINPROGRESS && errno != EAGAIN) {
		if (errno != ECONNREFUSED && errno != ENOENT)
			return dcm_reason_set(reason, -errno, "connect: %s", strerror(errno));
		*ret_refused = true;
	}
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

bool dcm_snmpd_is_local(const struct dcm_snmpd_endpoint *to)
{
	struct sockaddr_storage address = to->address;
	_cleanup_close_ int fd = -1;

	if (to->family == AF_UNIX)
		return true;
	/* Any port: the question is whether the address can be bound. */
	if (to->family == AF_INET)
		((struct sockaddr_in *)&address)->sin_port = 0;
	else
		((struct sockaddr_in6 *)&address)->sin6_port = 0;
	fd = socket(to->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 || bind(fd, (struct sockaddr *)&address, to->size) == 0 ||
	       errno != EADDRNOTAVAIL;
}

/* ---- the kernel's tables ---- */

#define TCP_LISTENS 0x0a /* st, include/net/tcp_states.h */

struct bound {
	int family;
	struct in6_addr address; /* of IPv4 the first four bytes */
	unsigned port, remote_port, state;
	uint64_t inode;
};

static FILE *open_table(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/net/%s", root, name);
	return fopen(path, "re");
}

/* "sl: ADDRESS:PORT REMOTE:PORT st tx:rx tr:when retrnsmt uid timeout inode ...": addresses are
 * words of 32 bits, each printed as a number of the host. */
static bool parse_bound(const char *line, int family, struct bound *ret)
{
	char local[33], remote[33], word[9] = "";

	if (sscanf(line,
		   " %*u: %32[0-9A-Fa-f]:%x %32[0-9A-Fa-f]:%x %x %*s %*s %*s %*u %*u %" SCNu64,
		   local, &ret->port, remote, &ret->remote_port, &ret->state, &ret->inode) != 6 ||
	    strlen(local) != (family == AF_INET ? 8 : 32))
		return false;
	ret->family = family;
	for (size_t i = 0; i < strlen(local) / 8; i++) {
		memcpy(word, local + 8 * i, 8);
		ret->address.s6_addr32[i] = (uint32_t)strtoul(word, NULL, 16);
	}
	return true;
}

/* How well @bound fits a packet to @to, as udp4_lib_lookup() and udp6_lib_lookup() weigh it; 0: not
 * at all. */
static int score(const struct bound *bound, const struct dcm_snmpd_endpoint *to)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&to->address;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&to->address;
	bool of_v4 = to->family == AF_INET;

	if (bound->port != ntohs(of_v4 ? v4->sin_port : v6->sin6_port) || bound->remote_port ||
	    (to->type == SOCK_STREAM && bound->state != TCP_LISTENS))
		return 0;
	if (of_v4 && bound->family == AF_INET)
		return bound->address.s6_addr32[0] == v4->sin_addr.s_addr ? 4
		       : bound->address.s6_addr32[0] == 0		  ? 2
									  : 0;
	if (bound->family != AF_INET6)
		return 0;
	if (IN6_IS_ADDR_UNSPECIFIED(&bound->address))
		return 1;
	if (of_v4)
		return IN6_IS_ADDR_V4MAPPED(&bound->address) &&
				       bound->address.s6_addr32[3] == v4->sin_addr.s_addr
			       ? 3
			       : 0;
	return IN6_ARE_ADDR_EQUAL(&bound->address, &v6->sin6_addr) ? 4 : 0;
}

static void keep(uint64_t inode, int fits, int *best, struct dcm_snmpd_inodes *inodes)
{
	if (!fits || !inode || fits < *best)
		return;
	if (fits > *best)
		inodes->count = 0;
	*best = fits;
	if (inodes->count < DCM_ARRAY_SIZE(inodes->inode))
		inodes->inode[inodes->count++] = inode;
}

static int find_bound(const char *root, const struct dcm_snmpd_endpoint *to, int family, int *best,
		      struct dcm_snmpd_inodes *inodes)
{
	const char *name = to->type == SOCK_DGRAM ? (family == AF_INET ? "udp" : "udp6")
						  : (family == AF_INET ? "tcp" : "tcp6");
	_cleanup_fclose_ FILE *table = open_table(root, name);
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!table)
		return -errno;
	while (getline(&line, &size, table) >= 0) {
		struct bound bound;

		if (parse_bound(line, family, &bound))
			keep(bound.inode, score(&bound, to), best, inodes);
	}
	return 0;
}

/* "Num: RefCount Protocol Flags Type St Inode Path"; __SO_ACCEPTCON among the flags: it listens. */
static int find_path(const char *root, const char *path, struct dcm_snmpd_inodes *inodes)
{
	_cleanup_fclose_ FILE *table = open_table(root, "unix");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!table)
		return -errno;
	while (getline(&line, &size, table) >= 0) {
		unsigned flags;
		uint64_t inode;
		int at = 0, best = 1;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%*s %*x %*x %x %*x %*x %" SCNu64 " %n", &flags, &inode, &at) ==
			    2 &&
		    at && flags & 1 << 16 && !strcmp(line + at, path))
			keep(inode, 1, &best, inodes);
	}
	return 0;
}

int dcm_snmpd_sockets(const char *root, const struct dcm_snmpd_endpoint *to,
		      struct dcm_snmpd_inodes *ret)
{
	struct dcm_snmpd_inodes inodes = {.count = 0};
	int best = 0, err, err6 = 0;

	if (to->family == AF_UNIX) {
		err = find_path(root, ((const struct sockaddr_un *)&to->address)->sun_path,
				&inodes);
	} else {
		err = find_bound(root, to, AF_INET, &best, &inodes);
		err6 = find_bound(root, to, AF_INET6, &best, &inodes);
	}
	/* A kernel without IPv6 has no udp6. */
	if (err || (err6 && err6 != -ENOENT))
		return err ? err : err6;
	*ret = inodes;
	return 0;
}

static bool name_in(const char *root, int family, uint64_t inode, char *ret, size_t size,
		    unsigned *ret_port)
{
	_cleanup_fclose_ FILE *table = open_table(root, family == AF_INET ? "udp" : "udp6");
	_cleanup_free_ char *line = NULL;
	char host[INET6_ADDRSTRLEN];
	size_t room = 0;

	while (table && getline(&line, &room, table) >= 0) {
		struct bound bound;

		if (!parse_bound(line, family, &bound) || bound.inode != inode || !bound.port ||
		    bound.remote_port)
			continue;
		if (IN6_IS_ADDR_UNSPECIFIED(&bound.address) && family == AF_INET6)
			bound.address = in6addr_loopback;
		if (family == AF_INET && !bound.address.s6_addr32[0])
			bound.address.s6_addr32[0] = htonl(INADDR_LOOPBACK);
		inet_ntop(family, &bound.address, host, sizeof(host));
		snprintf(ret, size, family == AF_INET ? "udp:%s:%u" : "udp6:[%s]:%u", host,
			 bound.port);
		*ret_port = bound.port;
		return true;
	}
	return false;
}

bool dcm_snmpd_socket_name(const char *root, uint64_t inode, char *ret, size_t size,
			   unsigned *ret_port)
{
	return name_in(root, AF_INET, inode, ret, size, ret_port) ||
	       name_in(root, AF_INET6, inode, ret, size, ret_port);
}
