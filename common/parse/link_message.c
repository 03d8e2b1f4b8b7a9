/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/parse/link_message.h"

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/parse/number.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

/*
 * struct nlmsghdr, struct ifinfomsg, then attributes {u16 length, u16 type, payload, padding to 4}.
 * Attributes may be missing, longer than known (newer kernels append members) or unknown.
 */
static const struct nlmsghdr *message_header(const void *message, size_t size, size_t payload)
{
	const struct nlmsghdr *header = message;

	/* The last attribute's padding must lie inside too: the walk below rounds up to it. */
	if (size < sizeof(*header) || header->nlmsg_len > size ||
	    NLMSG_ALIGN(header->nlmsg_len) > size || header->nlmsg_len < NLMSG_LENGTH(payload))
		return NULL;
	return header;
}

static void copy_text(const struct nlattr *attr, char *out, size_t size)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= size)
		len = size - 1;
	memcpy(out, mnl_attr_get_payload(attr), len);
	out[len] = '\0';
}

static void copy_address(const struct nlattr *attr, struct dcm_link *link)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len > sizeof(link->address))
		len = sizeof(link->address);
	memcpy(link->address, mnl_attr_get_payload(attr), len);
	link->address_len = (uint8_t)len;
}

static void copy_stats(const struct nlattr *attr, struct dcm_link *link)
{
	struct rtnl_link_stats64 s = {0};
	size_t len = mnl_attr_get_payload_len(attr);

	/* Up to rx_missed_errors every kernel with IFLA_STATS64 has the same members. */
	if (len < offsetof(struct rtnl_link_stats64, tx_aborted_errors))
		return;
	memcpy(&s, mnl_attr_get_payload(attr), DCM_MIN(len, sizeof(s)));
	link->stats = (struct dcm_link_stats){
		.rx_bytes = s.rx_bytes,
		.rx_packets = s.rx_packets,
		.rx_multicast = s.multicast,
		.rx_errors = s.rx_errors,
		.rx_dropped = s.rx_dropped + s.rx_missed_errors,
		.tx_bytes = s.tx_bytes,
		.tx_packets = s.tx_packets,
		.tx_errors = s.tx_errors,
		.tx_dropped = s.tx_dropped,
	};
	link->has_stats = true;
}

static void copy_attribute(const struct nlattr *attr, struct dcm_link *link)
{
	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_text(attr, link->name, sizeof(link->name));
		break;
	case IFLA_IFALIAS:
		copy_text(attr, link->alias, sizeof(link->alias));
		break;
	case IFLA_MTU:
		if (mnl_attr_get_payload_len(attr) >= sizeof(uint32_t))
			link->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_ADDRESS:
		copy_address(attr, link);
		break;
	case IFLA_STATS64:
		copy_stats(attr, link);
		break;
	}
}

int dcm_link_decode(const void *message, size_t size, struct dcm_link *ret)
{
	const struct nlmsghdr *header = message_header(message, size, sizeof(struct ifinfomsg));
	const struct ifinfomsg *info;
	const struct nlattr *attr;
	struct dcm_link link = {0};

	if (!header)
		return -EBADMSG;
	if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK)
		return -ENOMSG;
	info = mnl_nlmsg_get_payload(header);
	/* Bridge ports send messages of their own family that lack most attributes. */
	if (info->ifi_family != AF_UNSPEC)
		return -ENOMSG;
	if (info->ifi_index <= 0)
		return -EBADMSG;
	link.index = (uint32_t)info->ifi_index;
	link.flags = info->ifi_flags;
	link.arphrd = info->ifi_type;
	link.removed = header->nlmsg_type == RTM_DELLINK;
	mnl_attr_for_each(attr, header, sizeof(*info)) copy_attribute(attr, &link);
	if (!link.name[0])
		return -EBADMSG;
	*ret = link;
	return 0;
}

int dcm_address_decode(const void *message, size_t size, uint32_t *ret_index, int *ret_family)
{
	const struct nlmsghdr *header = message_header(message, size, sizeof(struct ifaddrmsg));
	const struct ifaddrmsg *info;

	if (!header)
		return -EBADMSG;
	if (header->nlmsg_type != RTM_NEWADDR)
		return -ENOMSG;
	info = mnl_nlmsg_get_payload(header);
	if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6)
		return -ENOMSG;
	if (!info->ifa_index)
		return -EBADMSG;
	*ret_index = info->ifa_index;
	*ret_family = info->ifa_family;
	return 0;
}

bool dcm_ifname_valid(const char *name)
{
	static const char *const taken[] = {".", "..", "all", "default"};
	size_t len = strnlen(name, DCM_IFNAME_SIZE);

	if (len == 0 || len >= DCM_IFNAME_SIZE)
		return false;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(taken); i++)
		if (!strcmp(name, taken[i]))
			return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c <= ' ' || c == 0x7f || strchr("/:%", c))
			return false;
	}
	return true;
}

int dcm_sysctl_int_parse(const char *text, size_t size, int32_t *ret)
{
	int64_t value;
	int err;

	if (size && text[size - 1] == '\n')
		size--;
	err = dcm_number_i64((struct dcm_span){text, size}, &value);
	if (err)
		return err;
	if (value < INT32_MIN || value > INT32_MAX)
		return -ERANGE;
	*ret = (int32_t)value;
	return 0;
}
