// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tests/snmp/test_snmpd_address.sh holds the same forms against net-snmp's own clients. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/config/snmp_address.h"

static const struct {
	const char *text;
	enum dcm_snmp_transport transport;
	const char *host;
	unsigned port;
	const char *path;
} good[] = {
	{"udp:127.0.0.1:161", DCM_SNMP_UDP, "127.0.0.1", 161, ""},
	{"UDP:127.0.0.1:1161", DCM_SNMP_UDP, "127.0.0.1", 1161, ""},
	{"udp:[127.0.0.1]:1161", DCM_SNMP_UDP, "127.0.0.1", 1161, ""},
	{"127.0.0.1", DCM_SNMP_UDP_ANY, "127.0.0.1", 161, ""},
	{"localhost:1161", DCM_SNMP_UDP_ANY, "localhost", 1161, ""},
	{"1161", DCM_SNMP_UDP_ANY, "", 1161, ""},
	{":1161", DCM_SNMP_UDP_ANY, "", 1161, ""},
	{"udp:1161", DCM_SNMP_UDP, "", 1161, ""},
	{"udp:", DCM_SNMP_UDP, "", 161, ""},
	{"::1", DCM_SNMP_UDP_ANY, "::1", 161, ""},
	{"[::1]:1161", DCM_SNMP_UDP_ANY, "::1", 1161, ""},
	{"udp6:::1", DCM_SNMP_UDP6, "::1", 161, ""},
	{"udp6:[::1]", DCM_SNMP_UDP6, "::1", 161, ""},
	{"udpv6:[fe80::1%eth0]:1161", DCM_SNMP_UDP6, "fe80::1%eth0", 1161, ""},
	{"UdpIPv6:1161", DCM_SNMP_UDP6, "", 1161, ""},
	{"ipv6:[::1]:161", DCM_SNMP_UDP6, "::1", 161, ""},
	{"tcp:snmp.example.org", DCM_SNMP_TCP, "snmp.example.org", 161, ""},
	{"TCPIPV6:[::1]:1161", DCM_SNMP_TCP6, "::1", 1161, ""},
	{"tcpv6:[::1]:1161", DCM_SNMP_TCP6, "::1", 1161, ""},
	{"unix:/run/snmpd.sock", DCM_SNMP_UNIX, "", 0, "/run/snmpd.sock"},
	{"Unix:/run/a:b", DCM_SNMP_UNIX, "", 0, "/run/a:b"},
	{"/run/snmpd.sock", DCM_SNMP_UNIX, "", 0, "/run/snmpd.sock"},
	/* No transport of net-snmp: a host. */
	{"unixes:161", DCM_SNMP_UDP_ANY, "unixes", 161, ""},
};

static void test_good(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(good); i++) {
		struct dcm_reason reason = {""};
		struct dcm_snmp_address got;

		if (dcm_snmp_address_parse(good[i].text, &reason, &got))
			fail_msg("%s: %s", good[i].text, reason.text);
		if (got.transport != good[i].transport || strcmp(got.host, good[i].host) ||
		    got.port != good[i].port || strcmp(got.path, good[i].path))
			fail_msg("%s: %d %s %u %s", good[i].text, got.transport, got.host, got.port,
				 got.path);
		assert_int_equal(dcm_snmp_address_path(good[i].text) != NULL, *good[i].path != 0);
		if (*good[i].path)
			assert_string_equal(dcm_snmp_address_path(good[i].text), good[i].path);
	}
}

static const struct {
	const char *text;
	int err;
	const char *says;
} bad[] = {
	{"", -EINVAL, "is not an address"},
	{"-v2c", -EINVAL, "is not an address"},
	{"udp:-x", -EINVAL, "is not an address"},
	{"; reboot", -EINVAL, "is not an address"},
	{"udp:a b:161", -EINVAL, "is not an address"},
	{"udp:127.0.0.1:snmp", -EINVAL, "port must be a number"},
	{"udp:127.0.0.1:65536", -EINVAL, "port must be a number"},
	{"udp:127.0.0.1:0", -EINVAL, "port must be a number"},
	{"127.0.0.1:", -EINVAL, "port must be a number"},
	{"999999", -EINVAL, "port must be a number"},
	{"[::1", -EINVAL, "lacks a \"]\""},
	{"[::1]161", -EINVAL, "lacks a \"]\""},
	{"udp:127.0.0.1@lo:161", -EOPNOTSUPP, "interface (@)"},
	{"tls:127.0.0.1:10161", -EOPNOTSUPP, "not \"tls\""},
	{"DTLSUDP:127.0.0.1", -EOPNOTSUPP, "not \"dtlsudp\""},
	{"ssh:127.0.0.1", -EOPNOTSUPP, "not \"ssh\""},
	{"unix:relative", -EOPNOTSUPP, "absolute path"},
	{"unix:", -EOPNOTSUPP, "absolute path"},
	{"/a\nb", -EINVAL, "control characters"},
};

static void test_bad(void **state)
{
	char text[400];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++) {
		struct dcm_snmp_address got = {.port = 7};
		struct dcm_reason reason = {""};

		if (dcm_snmp_address_parse(bad[i].text, &reason, &got) != bad[i].err ||
		    !strstr(reason.text, bad[i].says))
			fail_msg("%s: %s", bad[i].text, reason.text);
		assert_int_equal(got.port, 7);
	}
	snprintf(text, sizeof(text), "/%0107d", 0);
	assert_int_equal(dcm_snmp_address_parse(text, NULL, &(struct dcm_snmp_address){0}),
			 -EINVAL);
	snprintf(text, sizeof(text), "udp:%0128d", 0);
	assert_int_equal(dcm_snmp_address_parse(text, NULL, &(struct dcm_snmp_address){0}),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
