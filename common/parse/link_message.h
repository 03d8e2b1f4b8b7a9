/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Decodes rtnetlink messages about interfaces and addresses (rtnetlink(7), linux/if_link.h): bytes
 * in, struct out. The bytes may come from anybody: lengths are checked, unknown attributes are
 * skipped.
 */
#ifndef DCM_PARSE_LINK_MESSAGE_H
#define DCM_PARSE_LINK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DCM_IFNAME_SIZE	 16  /* IFNAMSIZ, with the NUL */
#define DCM_IFALIAS_SIZE 256 /* IFALIASZ */
#define DCM_IFADDR_MAX	 32  /* MAX_ADDR_LEN */

/* Counters of struct rtnl_link_stats64 that a management table shows, since the device exists. */
struct dcm_link_stats {
	uint64_t rx_bytes, rx_packets, rx_multicast, rx_errors;
	uint64_t rx_dropped; /* rx_dropped + rx_missed_errors, as /proc/net/dev adds them */
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};

struct dcm_link {
	uint32_t index;	 /* 1.. */
	uint32_t flags;	 /* IFF_* */
	uint32_t mtu;	 /* bytes */
	uint16_t arphrd; /* ARPHRD_* */
	bool removed;	 /* RTM_DELLINK */
	bool has_stats;
	uint8_t address_len; /* 0: the device has none */
	uint8_t address[DCM_IFADDR_MAX];
	char name[DCM_IFNAME_SIZE];   /* raw bytes */
	char alias[DCM_IFALIAS_SIZE]; /* raw bytes; "" */
	struct dcm_link_stats stats;
};

/*
 * One RTM_NEWLINK or RTM_DELLINK message of @size bytes, header and padding included, aligned to
 * 4 bytes. -ENOMSG: another type;
 * -EBADMSG: cut short, or without a usable index or name.
 */
int dcm_link_decode(const void *message, size_t size, struct dcm_link *ret);

/* One RTM_NEWADDR message: which interface has an address of which family (AF_INET, AF_INET6). */
int dcm_address_decode(const void *message, size_t size, uint32_t *ret_index, int *ret_family);

/*
 * True if @name may be a component of a /proc/sys/net path: 1 to 15 bytes, none of "/",
 * ":", "%", white space or control characters, and none of ".", "..", "all" and "default", which
 * name other things there.
 */
bool dcm_ifname_valid(const char *name);

/*
 * The content of a sysctl file with one decimal integer, such as "1000\n". -EINVAL for anything
 * else, -ERANGE outside of 32 bits.
 */
int dcm_sysctl_int_parse(const char *text, size_t size, int32_t *ret);

#endif
