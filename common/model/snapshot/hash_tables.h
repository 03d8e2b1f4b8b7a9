/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hash tables of the kernel that are looked at beside that of dentries. The kernel side of the
 * walk includes this too, so there is nothing here but numbers and names.
 *
 * A new one is a line at the end of the list: numbers are part of the snapshot and of the MIB
 * (index of dcmTableTable), names are part of JSON.
 */
#ifndef DCM_MODEL_HASH_TABLES_H
#define DCM_MODEL_HASH_TABLES_H

/* clang-format off */
/* TABLE(ID, name); what it makes of that is joined by commas. */
#define DCM_HASH_TABLES(TABLE)                      \
	TABLE(DEVICE_NAMES,   device_names),        \
	TABLE(DEVICE_INDEXES, device_indexes),      \
	TABLE(IPV4_ADDRESSES, ipv4_addresses),      \
	TABLE(IPV6_ADDRESSES, ipv6_addresses),      \
	TABLE(TCP_CONNECTED,  tcp_connected),       \
	TABLE(TCP_LISTENING,  tcp_listening),       \
	TABLE(TCP_PORTS,      tcp_ports),           \
	TABLE(TCP_BOUND,      tcp_bound),           \
	TABLE(UDP_PORTS,      udp_ports),           \
	TABLE(UDP_BOUND,      udp_bound),           \
	TABLE(CSS_SETS,       css_sets),            \
	TABLE(UCOUNTS,        ucounts),             \
	TABLE(USERS,          users),               \
	TABLE(INODES,         inodes),              \
	TABLE(MOUNTS,         mounts),              \
	TABLE(CONNTRACK,      conntrack)
/* clang-format on */

#define DCM_HASH_TABLE_NUMBER(id, name) DCM_TABLE_##id
enum dcm_hash_table { DCM_HASH_TABLES(DCM_HASH_TABLE_NUMBER), DCM_TABLE_COUNT };

/* "device_names" and so on; NULL: no table of that number. */
const char *dcm_hash_table_name(enum dcm_hash_table table);

#endif
