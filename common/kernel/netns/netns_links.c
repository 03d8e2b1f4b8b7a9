/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/netns/netns_links.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common/base/cleanup.h"

#define DUMP_BUFFER  (64 * 1024) /* more than the kernel puts into one part of a dump */
#define DUMP_RETRIES 3

static void close_netlink(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}

/* ---- dumps ---- */

struct dump {
	struct dcm_if_table *table;
	uint64_t now_ns;
	bool interrupted; /* NLM_F_DUMP_INTR was seen */
};

typedef int take_fn(const struct nlmsghdr *message, struct dump *dump);

static int take_link(const struct nlmsghdr *message, struct dump *dump)
{
	struct dcm_link link;

	if (dcm_link_decode(message, NLMSG_ALIGN(message->nlmsg_len), &link) || link.removed)
		return 0;
	return dcm_if_table_link(dump->table, &link, dump->now_ns);
}

static int take_address(const struct nlmsghdr *message, struct dump *dump)
{
	uint32_t index;
	int family;

	if (!dcm_address_decode(message, NLMSG_ALIGN(message->nlmsg_len), &index, &family))
		dcm_if_table_address(dump->table, index, family);
	return 0;
}

static int send_request(struct mnl_socket *socket, uint16_t type, uint32_t sequence)
{
	_Alignas(struct nlmsghdr) char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = sequence;
	/* Both kinds of request begin with the family, and AF_UNSPEC asks for all of them. */
	if (type == RTM_GETLINK)
		mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	else
		mnl_nlmsg_put_extra_header(message, sizeof(struct ifaddrmsg));
	return mnl_socket_sendto(socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

/* One received part. 1: more follows, 0: the dump is complete, -errno. */
static int take_part(const char *buffer, size_t size, uint32_t sequence, take_fn *take,
		     struct dump *dump)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
	int left = (int)size, err = 0;

	for (; !err && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			dump->interrupted = true;
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr))
				       ? ((struct nlmsgerr *)NLMSG_DATA(message))->error
				       : -EBADMSG;
		err = take(message, dump);
	}
	return err ? err : 1;
}

/* 0, or -EINTR when the kernel says that the set changed during the dump. */
static int dump_once(struct mnl_socket *socket, char *buffer, uint16_t type, uint32_t sequence,
		     take_fn *take, struct dump *dump)
{
	int more = send_request(socket, type, sequence);

	if (more)
		return more;
	dump->interrupted = false;
	do {
		ssize_t len = mnl_socket_recvfrom(socket, buffer, DUMP_BUFFER);

		if (len < 0)
			return -errno;
		more = take_part(buffer, (size_t)len, sequence, take, dump);
	} while (more > 0);
	return more ? more : dump->interrupted ? -EINTR : 0;
}

int dcm_netns_links_update(struct dcm_if_table *table, uint64_t now_ns, struct dcm_reason *reason,
			   bool *ret_complete)
{
	_cleanup_(close_netlink) struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_cleanup_free_ char *buffer = malloc(DUMP_BUFFER);
	const struct timeval patience = {.tv_sec = 2};
	struct dump dump = {.table = table, .now_ns = now_ns};
	uint32_t sequence = 1;
	int err = -EINTR;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return dcm_reason_set(reason, -errno, "cannot open a netlink socket: %m");
	if (!buffer)
		return dcm_reason_no_memory(reason);
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < DUMP_RETRIES && err == -EINTR; i++) {
		err = dump_once(socket, buffer, RTM_GETLINK, sequence++, take_link, &dump);
		dcm_if_table_sort(table);
	}
	*ret_complete = !err;
	if (err && err != -EINTR)
		return dcm_reason_set(reason, err, "dump of links: %s", strerror(-err));
	err = dump_once(socket, buffer, RTM_GETADDR, sequence++, take_address, &dump);
	if (err && err != -EINTR)
		return dcm_reason_set(reason, err, "dump of addresses: %s", strerror(-err));
	return 0;
}

/* ---- speed ---- */

struct link_settings {
	struct ethtool_link_settings base;
	uint32_t masks[3 * SCHAR_MAX];
};

static int ethtool(int fd, const char *name, void *request)
{
	struct ifreq ifr = {.ifr_data = request};

	memcpy(ifr.ifr_name, name, DCM_IFNAME_SIZE);
	return ioctl(fd, SIOCETHTOOL, &ifr) ? -errno : 0;
}

/* Mbit/s as the driver gives it. *@words is the kernel's length of its masks, learnt once. */
static int ask_speed(int fd, const char *name, int8_t *words, uint32_t *ret)
{
	struct link_settings settings = {
		.base = {.cmd = ETHTOOL_GLINKSETTINGS, .link_mode_masks_nwords = *words}};
	struct ethtool_cmd old = {.cmd = ETHTOOL_GSET};
	int err = ethtool(fd, name, &settings);

	/* A negative length is the kernel's answer to a wrong one (linux/ethtool.h). */
	if (!err && settings.base.link_mode_masks_nwords < 0) {
		*words = (int8_t)-settings.base.link_mode_masks_nwords;
		settings.base.cmd = ETHTOOL_GLINKSETTINGS;
		settings.base.link_mode_masks_nwords = *words;
		err = ethtool(fd, name, &settings);
	}
	if (!err) {
		*ret = settings.base.speed;
		return 0;
	}
	err = ethtool(fd, name, &old); /* before 4.6 */
	if (!err)
		*ret = ethtool_cmd_speed(&old);
	return err;
}

void dcm_netns_speeds_update(struct dcm_if_table *table, uint64_t now_ns, uint64_t max_age_ns)
{
	_cleanup_close_ int fd = -1;
	int8_t words = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct dcm_if_row *row = &table->rows[i];
		uint32_t speed;

		if (!row->seen || row->link.arphrd != ARPHRD_ETHER ||
		    (row->speed_asked_ns && row->speed_flags == row->link.flags &&
		     now_ns - row->speed_asked_ns < max_age_ns))
			continue;
		if (fd < 0)
			fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return;
		row->speed_asked_ns = now_ns;
		row->speed_flags = row->link.flags;
		row->speed_bps = 0;
		/* 0xffff: unknown, of drivers that still think in 16 bits. */
		if (!ask_speed(fd, row->link.name, &words, &speed) && speed != 0xffff &&
		    speed != (uint32_t)SPEED_UNKNOWN)
			row->speed_bps = (uint64_t)speed * 1000000;
	}
}
