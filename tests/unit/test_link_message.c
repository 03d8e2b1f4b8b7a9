/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/parse/link_message.h"

/* A message built by hand, so that the oracle is the header files' layout and not the library. */
struct message {
	_Alignas(8) unsigned char bytes[1024];
	size_t size;
};

static void start(struct message *m, uint16_t type, const void *payload, size_t len)
{
	struct nlmsghdr *h = (struct nlmsghdr *)m->bytes;

	memset(m, 0, sizeof(*m));
	h->nlmsg_type = type;
	memcpy(m->bytes + sizeof(*h), payload, len);
	m->size = sizeof(*h) + NLMSG_ALIGN(len);
	h->nlmsg_len = (uint32_t)m->size;
}

static void add(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = (struct nlattr *)(m->bytes + m->size);

	a->nla_type = type;
	a->nla_len = (uint16_t)(sizeof(*a) + len);
	memcpy(a + 1, data, len);
	m->size += NLA_ALIGN(a->nla_len);
	((struct nlmsghdr *)m->bytes)->nlmsg_len = (uint32_t)m->size;
}

static void start_link(struct message *m, uint16_t type, int index)
{
	struct ifinfomsg info = {.ifi_index = index, .ifi_type = ARPHRD_ETHER, .ifi_flags = IFF_UP};

	start(m, type, &info, sizeof(info));
}

static void good_link(void **state)
{
	struct rtnl_link_stats64 s = {.rx_packets = 10,
				      .rx_bytes = 1ULL << 40,
				      .rx_dropped = 3,
				      .rx_missed_errors = 4,
				      .multicast = 2};
	unsigned char longer[sizeof(s) + 64] = {0};
	uint32_t mtu = 1500;
	struct dcm_link link;
	struct message m;

	memcpy(longer, &s, sizeof(s));
	start_link(&m, RTM_NEWLINK, 7);
	add(&m, 60000, "future", 6);
	add(&m, IFLA_IFNAME, "veth0", 6);
	add(&m, IFLA_MTU, &mtu, sizeof(mtu));
	add(&m, IFLA_ADDRESS, "\1\2\3\4\5\6", 6);
	add(&m, IFLA_IFALIAS, "to\nrack", 7);
	add(&m, IFLA_STATS64, longer, sizeof(longer));
	assert_int_equal(dcm_link_decode(m.bytes, m.size, &link), 0);
	assert_int_equal(link.index, 7);
	assert_int_equal(link.arphrd, ARPHRD_ETHER);
	assert_int_equal(link.flags, IFF_UP);
	assert_int_equal(link.mtu, 1500);
	assert_false(link.removed);
	assert_string_equal(link.name, "veth0");
	assert_string_equal(link.alias, "to\nrack");
	assert_int_equal(link.address_len, 6);
	assert_memory_equal(link.address, "\1\2\3\4\5\6", 6);
	assert_true(link.has_stats);
	assert_true(link.stats.rx_bytes == 1ULL << 40);
	assert_int_equal(link.stats.rx_dropped, 7);
	assert_int_equal(link.stats.rx_multicast, 2);
}

static void odd_links(void **state)
{
	struct ifinfomsg bridge = {.ifi_family = AF_BRIDGE, .ifi_index = 3};
	struct ifinfomsg negative = {.ifi_index = -3};
	char longname[40];
	struct dcm_link link = {.index = 99};
	struct message m;

	memset(longname, 'x', sizeof(longname));
	start_link(&m, RTM_NEWLINK, 1);
	assert_int_equal(dcm_link_decode(m.bytes, m.size, &link), -EBADMSG); /* no name */
	start_link(&m, RTM_NEWADDR, 1);
	assert_int_equal(dcm_link_decode(m.bytes, m.size, &link), -ENOMSG);
	start(&m, RTM_NEWLINK, &bridge, sizeof(bridge));
	assert_int_equal(dcm_link_decode(m.bytes, m.size, &link), -ENOMSG);
	start(&m, RTM_NEWLINK, &negative, sizeof(negative));
	assert_int_equal(dcm_link_decode(m.bytes, m.size, &link), -EBADMSG);
	assert_int_equal(link.index, 99); /* nothing was written */

	start_link(&m, RTM_DELLINK, 2);
	add(&m, IFLA_IFNAME, longname, sizeof(longname));
	add(&m, IFLA_MTU, "\1", 1);
	add(&m, IFLA_STATS64, longname, 8);
	add(&m, IFLA_ADDRESS, longname, sizeof(longname));
	assert_int_equal(dcm_link_decode(m.bytes, m.size, &link), 0);
	assert_true(link.removed);
	assert_int_equal(strlen(link.name), DCM_IFNAME_SIZE - 1);
	assert_int_equal(link.address_len, DCM_IFADDR_MAX);
	assert_int_equal(link.mtu, 0);
	assert_false(link.has_stats);
}

/* Each cut of a good message, on the heap so that sanitizers see a read beyond it. */
static void cut_links(void **state)
{
	struct dcm_link link;
	struct message m;

	start_link(&m, RTM_NEWLINK, 7);
	add(&m, IFLA_ADDRESS, "\1\2\3\4\5\6", 6);
	add(&m, IFLA_IFNAME, "veth0", 6);
	for (size_t size = 0; size <= m.size; size++)
		for (int honest = 0; honest < 2; honest++) {
			unsigned char *copy = malloc(size ? size : 1);
			int err;

			assert_non_null(copy);
			memcpy(copy, m.bytes, size);
			if (honest && size >= sizeof(struct nlmsghdr))
				((struct nlmsghdr *)copy)->nlmsg_len = (uint32_t)size;
			err = dcm_link_decode(copy, size, &link);
			assert_true(size == m.size ? err == 0 : err == -EBADMSG);
			free(copy);
		}
}

static void addresses(void **state)
{
	struct ifaddrmsg v6 = {.ifa_family = AF_INET6, .ifa_index = 5};
	struct ifaddrmsg other = {.ifa_family = AF_BRIDGE, .ifa_index = 5};
	struct ifaddrmsg none = {.ifa_family = AF_INET};
	uint32_t index = 0;
	int family = 0;
	struct message m;

	start(&m, RTM_NEWADDR, &v6, sizeof(v6));
	assert_int_equal(dcm_address_decode(m.bytes, m.size, &index, &family), 0);
	assert_int_equal(index, 5);
	assert_int_equal(family, AF_INET6);
	assert_int_equal(dcm_address_decode(m.bytes, m.size - 4, &index, &family), -EBADMSG);
	start(&m, RTM_NEWADDR, &other, sizeof(other));
	assert_int_equal(dcm_address_decode(m.bytes, m.size, &index, &family), -ENOMSG);
	start(&m, RTM_NEWADDR, &none, sizeof(none));
	assert_int_equal(dcm_address_decode(m.bytes, m.size, &index, &family), -EBADMSG);
}

static void names(void **state)
{
	static const char *const good[] = {"lo",      "eth0.100", "a", "...", "123456789012345",
					   "br-x_@1", "\xc3\xa9"};
	static const char *const bad[] = {"",	 ".",	"..",	"all",	   "default",
					  "a/b", "/",	"a%db", "a:1",	   "1234567890123456",
					  "a b", "a\n", "\t",	"\x1b[2J", "../../etc/passwd"};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(good); i++)
		assert_true(dcm_ifname_valid(good[i]));
	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++)
		assert_false(dcm_ifname_valid(bad[i]));
}

static void sysctl_values(void **state)
{
	static const struct {
		const char *text;
		int err;
		int32_t value;
	} cases[] = {
		{"1000\n", 0, 1000},
		{"0\n", 0, 0},
		{"7", 0, 7},
		{"-1\n", 0, -1},
		{"2147483647\n", 0, INT32_MAX},
		{"-2147483648\n", 0, INT32_MIN},
		{"2147483648\n", -ERANGE, 0},
		{"-2147483649\n", -ERANGE, 0},
		{"99999999999999999999999\n", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"\n", -EINVAL, 0},
		{"-\n", -EINVAL, 0},
		{"abc\n", -EINVAL, 0},
		{"1 2\n", -EINVAL, 0},
		{"1\n\n", -EINVAL, 0},
		{"1\n2\n", -EINVAL, 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		int32_t value = 42;
		int err = dcm_sysctl_int_parse(cases[i].text, strlen(cases[i].text), &value);

		assert_int_equal(err, cases[i].err);
		assert_int_equal(value, err ? 42 : cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_link), cmocka_unit_test(odd_links),
		cmocka_unit_test(cut_links), cmocka_unit_test(addresses),
		cmocka_unit_test(names),     cmocka_unit_test(sysctl_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
