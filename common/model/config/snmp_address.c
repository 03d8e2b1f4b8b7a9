// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/snmp_address.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"

#define PORT_MAX_DIGITS 5
#define UNKNOWN		-1 /* of net-snmp, not of dcachemon */

/* The names that net-snmp's transports register (snmplib/transports, "prefix"). */
static const struct {
	const char *name;
	int transport;
} transports[] = {
	{"udp", DCM_SNMP_UDP},	    {"udp6", DCM_SNMP_UDP6},  {"udpv6", DCM_SNMP_UDP6},
	{"udpipv6", DCM_SNMP_UDP6}, {"ipv6", DCM_SNMP_UDP6},  {"tcp", DCM_SNMP_TCP},
	{"tcp6", DCM_SNMP_TCP6},    {"tcpv6", DCM_SNMP_TCP6}, {"tcpipv6", DCM_SNMP_TCP6},
	{"unix", DCM_SNMP_UNIX},    {"udpshared", UNKNOWN},   {"tls", UNKNOWN},
	{"tlstcp", UNKNOWN},	    {"dtls", UNKNOWN},	      {"dtlsudp", UNKNOWN},
	{"ssh", UNKNOWN},	    {"std", UNKNOWN},	      {"alias", UNKNOWN},
	{"ipx", UNKNOWN},	    {"aal5pvc", UNKNOWN},     {"pvc", UNKNOWN},
};

/* Index in transports[] of the word before the first colon; -ENOENT: none of them. */
static int find_transport(const char *text)
{
	size_t len = strcspn(text, ":");

	for (size_t i = 0; text[len] && i < DCM_ARRAY_SIZE(transports); i++)
		if (strlen(transports[i].name) == len &&
		    !strncasecmp(text, transports[i].name, len))
			return (int)i;
	return -ENOENT;
}

const char *dcm_snmp_address_path(const char *text)
{
	int i = find_transport(text);

	if (*text == '/')
		return text;
	return i >= 0 && transports[i].transport == DCM_SNMP_UNIX ? strchr(text, ':') + 1 : NULL;
}

static int parse_path(const char *path, struct dcm_reason *reason, struct dcm_snmp_address *ret)
{
	if (*path != '/')
		return dcm_reason_set(reason, -EOPNOTSUPP, "must be an absolute path");
	for (const char *at = path; *at; at++)
		if (iscntrl((unsigned char)*at))
			return dcm_reason_set(reason, -EINVAL, "must have no control characters");
	if (strlen(path) >= sizeof(ret->path))
		return dcm_reason_set(reason, -EINVAL,
				      "is longer than the %d bytes of a socket address",
				      DCM_SUN_PATH_SIZE - 1);
	strcpy(ret->path, path);
	ret->port = 0;
	return 0;
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static int parse_port(const char *text, struct dcm_reason *reason, uint16_t *ret)
{
	if (!is_number(text) || strlen(text) > PORT_MAX_DIGITS || atoi(text) > UINT16_MAX ||
	    !atoi(text))
		return dcm_reason_set(reason, -EINVAL, "port must be a number up to %d",
				      UINT16_MAX);
	*ret = (uint16_t)atoi(text);
	return 0;
}

/* Nothing of a shell, no leading dash: it is handed to other programs and libraries. */
static int parse_host(const char *text, size_t len, struct dcm_reason *reason, char *ret)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:%-";

	if (len >= DCM_SNMP_HOST_SIZE || *text == '-' || strspn(text, letters) < len)
		return dcm_reason_set(reason, -EINVAL,
				      "is not an address such as udp:127.0.0.1:161");
	memcpy(ret, text, len);
	ret[len] = '\0';
	return 0;
}

/*
 * What net-snmp's netsnmp_parse_ep_str() takes apart: a number alone is a port; without brackets
 * a single colon precedes the port; text with two or more is all host.
 */
static int parse_endpoint(const char *text, struct dcm_reason *reason, struct dcm_snmp_address *ret)
{
	const char *first = strchr(text, ':'), *end = text + strlen(text), *port = NULL;
	int err;

	if (strchr(text, '@'))
		return dcm_reason_set(reason, -EOPNOTSUPP, "cannot name an interface (@)");
	if (is_number(text))
		return parse_port(text, reason, &ret->port);
	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return dcm_reason_set(reason, -EINVAL,
					      "lacks a \"]\" before its end or port");
		port = end[1] ? end + 2 : NULL;
	} else if (first && first == strrchr(text, ':')) {
		end = first;
		port = first + 1;
	}
	err = parse_host(text, (size_t)(end - text), reason, ret->host);
	if (!err && port)
		err = parse_port(port, reason, &ret->port);
	return err;
}

int dcm_snmp_address_parse(const char *text, struct dcm_reason *reason,
			   struct dcm_snmp_address *ret)
{
	struct dcm_snmp_address address = {.transport = DCM_SNMP_UDP_ANY, .port = DCM_SNMP_PORT};
	int known = find_transport(text), err;

	if (!*text)
		return dcm_reason_set(reason, -EINVAL,
				      "is not an address such as udp:127.0.0.1:161");
	if (known >= 0 && transports[known].transport == UNKNOWN)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "dcachemon speaks udp, udp6, tcp, tcp6 and unix, not \"%s\"",
				      transports[known].name);
	if (known >= 0)
		address.transport = (enum dcm_snmp_transport)transports[known].transport;
	else if (*text == '/')
		address.transport = DCM_SNMP_UNIX;
	if (address.transport == DCM_SNMP_UNIX)
		err = parse_path(dcm_snmp_address_path(text), reason, &address);
	else
		err = parse_endpoint(known >= 0 ? strchr(text, ':') + 1 : text, reason, &address);
	if (!err)
		*ret = address;
	return err;
}
