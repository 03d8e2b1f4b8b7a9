// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/if_columns.h"

#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/interfaces/if_table.h"
#include "common/model/metrics/text.h"

#define STATUS_UP    1
#define STATUS_DOWN  2
#define TRUTH(value) ((value) ? 1 : 2)

/* IANAifType. */
enum {
	TYPE_OTHER = 1,
	TYPE_ETHERNET = 6,
	TYPE_FDDI = 15,
	TYPE_PPP = 23,
	TYPE_LOOPBACK = 24,
	TYPE_SLIP = 28,
	TYPE_ARCNET = 35,
	TYPE_ATM = 37,
	TYPE_LOCALTALK = 42,
	TYPE_HIPPI = 47,
	TYPE_TUNNEL = 131,
	TYPE_INFINIBAND = 199,
};

/* ---- what several columns share ---- */

static unsigned if_type(const struct dcm_snap_interface *row)
{
	switch (row->arphrd) {
	case ARPHRD_ETHER:
		return TYPE_ETHERNET;
	case ARPHRD_LOOPBACK:
		return TYPE_LOOPBACK;
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
		return TYPE_TUNNEL;
	case ARPHRD_INFINIBAND:
		return TYPE_INFINIBAND;
	case ARPHRD_SLIP:
	case ARPHRD_CSLIP:
	case ARPHRD_SLIP6:
	case ARPHRD_CSLIP6:
		return TYPE_SLIP;
	case ARPHRD_PPP:
		return TYPE_PPP;
	case ARPHRD_FDDI:
		return TYPE_FDDI;
	case ARPHRD_ARCNET:
		return TYPE_ARCNET;
	case ARPHRD_LOCALTLK:
		return TYPE_LOCALTALK;
	case ARPHRD_HIPPI:
		return TYPE_HIPPI;
	case ARPHRD_ATM:
		return TYPE_ATM;
	default:
		return TYPE_OTHER;
	}
}

static bool admin_up(const struct dcm_snap_interface *row)
{
	return !row->missing && (row->flags & IFF_UP);
}

/* Bit/s: what the driver says of Ethernet, a nominal 10 Mbit/s for the loopback, else unknown. */
static uint64_t speed(const struct dcm_snap_interface *row)
{
	if (if_type(row) == TYPE_LOOPBACK)
		return 10000000;
	return if_type(row) == TYPE_ETHERNET && DCM_ROW_HAS(row, speed_bps) ? row->speed_bps : 0;
}

static bool put(struct dcm_mib_value *ret, uint64_t number)
{
	ret->number = number;
	return true;
}

static bool put_octets(struct dcm_mib_value *ret, const void *bytes, size_t len)
{
	ret->len = len;
	memcpy(ret->octets, bytes, len);
	return true;
}

static bool put_text(const struct dcm_if_cell *cell, dcm_str str, size_t max,
		     struct dcm_mib_value *ret)
{
	char text[256];
	size_t len = dcm_text_escape(DCM_TEXT_DISPLAY, dcm_snapshot_str(cell->snapshot, str), text,
				     sizeof(text));

	return put_octets(ret, text, DCM_MIN(len, max));
}

/* A sysctl that the kernel may not have. */
static bool put_sysctl(bool present, int32_t value, struct dcm_mib_value *ret)
{
	put(ret, (uint32_t)value);
	return present;
}

/* ---- getters ---- */

#define GETTER(name)                                                             \
	static bool name(const struct dcm_if_cell *cell __attribute__((unused)), \
			 struct dcm_mib_value *ret __attribute__((unused)))

/* 0, empty or zeroDotZero, as the built-in tables give it. */
GETTER(get_nothing)
{
	return true;
}

GETTER(get_member)
{
	uint64_t number;

	memcpy(&number, (const char *)cell->row + cell->offset, sizeof(number));
	return put(ret, ret->type == DCM_MIB_COUNTER32 ? (uint32_t)number : number);
}

GETTER(get_index)
{
	return put(ret, cell->row->index);
}

GETTER(get_name)
{
	return put_text(cell, cell->row->name, 255, ret);
}

GETTER(get_type)
{
	return put(ret, if_type(cell->row));
}

GETTER(get_mtu)
{
	return put(ret, DCM_MIN(cell->row->mtu, (uint32_t)INT32_MAX));
}

GETTER(get_speed)
{
	return put(ret, dcm_mib_saturate(speed(cell->row)));
}

GETTER(get_high_speed)
{
	return put(ret, dcm_mib_saturate(speed(cell->row) / 1000000));
}

/* Always six octets as SIOCGIFHWADDR gives them, or none when they are all zero. */
#define PHYS_ADDRESS_LEN 6
GETTER(get_phys_address)
{
	static const uint8_t zero[PHYS_ADDRESS_LEN];
	bool empty = !memcmp(cell->row->address, zero, sizeof(zero));

	return put_octets(ret, cell->row->address, empty ? 0 : PHYS_ADDRESS_LEN);
}

GETTER(get_admin_status)
{
	return put(ret, admin_up(cell->row) ? STATUS_UP : STATUS_DOWN);
}

GETTER(get_oper_status)
{
	bool up = !cell->row->missing && dcm_if_flags_oper_up(cell->row->flags);

	return put(ret, up ? STATUS_UP : STATUS_DOWN);
}

GETTER(get_last_change)
{
	uint64_t changed_ns = DCM_ROW_HAS(cell->row, changed_ns) ? cell->row->changed_ns : 0;

	return put(ret, dcm_mib_stamp(changed_ns, cell->uptime));
}

GETTER(get_discontinuity)
{
	uint64_t back_ns =
		DCM_ROW_HAS(cell->row, discontinuity_ns) ? cell->row->discontinuity_ns : 0;

	return put(ret, dcm_mib_stamp(back_ns, cell->uptime));
}

GETTER(get_promiscuous)
{
	return put(ret, TRUTH(cell->row->flags & IFF_PROMISC));
}

GETTER(get_connector)
{
	return put(ret, TRUTH(!(cell->row->flags & IFF_LOOPBACK)));
}

GETTER(get_alias)
{
	return put_text(cell, cell->row->alias, 64, ret);
}

/* Reassembly is bounded by the length field of IP itself, not by the interface. */
GETTER(get_reassembly)
{
	return put(ret, 65535);
}

GETTER(get_v4_retrans)
{
	return put_sysctl(DCM_ROW_HAS(cell->row, v4_retrans_ms), cell->row->v4_retrans_ms, ret);
}

/* Modified EUI-64 of a MAC address (RFC 4291, appendix A); empty on the loopback. */
GETTER(get_identifier)
{
	const uint8_t *a = cell->row->address;
	const uint8_t id[8] = {a[0] ^ 2, a[1], a[2], 0xff, 0xfe, a[3], a[4], a[5]};
	unsigned type = if_type(cell->row);

	if (type == TYPE_LOOPBACK)
		return true;
	put_octets(ret, id, sizeof(id));
	return type == TYPE_ETHERNET || type == TYPE_FDDI;
}

GETTER(get_v6_reachable)
{
	return put_sysctl(DCM_ROW_HAS(cell->row, v6_reachable_ms), cell->row->v6_reachable_ms, ret);
}

GETTER(get_v6_retrans)
{
	return put_sysctl(DCM_ROW_HAS(cell->row, v6_retrans_ms), cell->row->v6_retrans_ms, ret);
}

/* forwarding(1), notForwarding(2) */
GETTER(get_v6_forwarding)
{
	return put_sysctl(DCM_ROW_HAS(cell->row, v6_forwarding), TRUTH(cell->row->v6_forwarding),
			  ret);
}

/* ---- tables ---- */

/* clang-format off */
/* The compiler refuses a member of another type. */
#define MEMBER(m)                                                \
	.get = get_member,                                       \
	.offset = _Generic(((struct dcm_snap_interface *)0)->m, \
			   uint64_t: offsetof(struct dcm_snap_interface, m))

static const struct dcm_if_column if_columns[] = {
	{DCM_IF_INDEX, "ifIndex", DCM_MIB_INTEGER, .get = get_index},
	{2, "ifDescr", DCM_MIB_OCTETS, .get = get_name},
	{3, "ifType", DCM_MIB_INTEGER, .get = get_type},
	{4, "ifMtu", DCM_MIB_INTEGER, .get = get_mtu},
	{5, "ifSpeed", DCM_MIB_GAUGE32, .get = get_speed},
	{6, "ifPhysAddress", DCM_MIB_OCTETS, .get = get_phys_address},
	{DCM_IF_ADMIN_STATUS, "ifAdminStatus", DCM_MIB_INTEGER, .get = get_admin_status},
	{DCM_IF_OPER_STATUS, "ifOperStatus", DCM_MIB_INTEGER, .get = get_oper_status},
	{9, "ifLastChange", DCM_MIB_TIMETICKS, .get = get_last_change},
	{10, "ifInOctets", DCM_MIB_COUNTER32, MEMBER(in_octets)},
	{11, "ifInUcastPkts", DCM_MIB_COUNTER32, MEMBER(in_unicast)},
	{12, "ifInNUcastPkts", DCM_MIB_COUNTER32, MEMBER(in_multicast)},
	{13, "ifInDiscards", DCM_MIB_COUNTER32, MEMBER(in_dropped)},
	{14, "ifInErrors", DCM_MIB_COUNTER32, MEMBER(in_errors)},
	{15, "ifInUnknownProtos", DCM_MIB_COUNTER32, .get = get_nothing},
	{16, "ifOutOctets", DCM_MIB_COUNTER32, MEMBER(out_octets)},
	{17, "ifOutUcastPkts", DCM_MIB_COUNTER32, MEMBER(out_packets)},
	{18, "ifOutNUcastPkts", DCM_MIB_COUNTER32, .get = get_nothing},
	{19, "ifOutDiscards", DCM_MIB_COUNTER32, MEMBER(out_dropped)},
	{20, "ifOutErrors", DCM_MIB_COUNTER32, MEMBER(out_errors)},
	{21, "ifOutQLen", DCM_MIB_GAUGE32, .get = get_nothing},
	{22, "ifSpecific", DCM_MIB_OBJECT_ID, .get = get_nothing},
};

/* 14, ifLinkUpDownTrapEnable, has no instance in the built-in table either until it is set. */
static const struct dcm_if_column if_x_columns[] = {
	{1, "ifName", DCM_MIB_OCTETS, .get = get_name},
	{2, "ifInMulticastPkts", DCM_MIB_COUNTER32, MEMBER(in_multicast)},
	{3, "ifInBroadcastPkts", DCM_MIB_COUNTER32, .get = get_nothing},
	{4, "ifOutMulticastPkts", DCM_MIB_COUNTER32, .get = get_nothing},
	{5, "ifOutBroadcastPkts", DCM_MIB_COUNTER32, .get = get_nothing},
	{6, "ifHCInOctets", DCM_MIB_COUNTER64, MEMBER(in_octets)},
	{7, "ifHCInUcastPkts", DCM_MIB_COUNTER64, MEMBER(in_unicast)},
	{8, "ifHCInMulticastPkts", DCM_MIB_COUNTER64, MEMBER(in_multicast)},
	{9, "ifHCInBroadcastPkts", DCM_MIB_COUNTER64, .get = get_nothing},
	{10, "ifHCOutOctets", DCM_MIB_COUNTER64, MEMBER(out_octets)},
	{11, "ifHCOutUcastPkts", DCM_MIB_COUNTER64, MEMBER(out_packets)},
	{12, "ifHCOutMulticastPkts", DCM_MIB_COUNTER64, .get = get_nothing},
	{13, "ifHCOutBroadcastPkts", DCM_MIB_COUNTER64, .get = get_nothing},
	{15, "ifHighSpeed", DCM_MIB_GAUGE32, .get = get_high_speed},
	{16, "ifPromiscuousMode", DCM_MIB_INTEGER, .get = get_promiscuous},
	{17, "ifConnectorPresent", DCM_MIB_INTEGER, .get = get_connector},
	{18, "ifAlias", DCM_MIB_OCTETS, .get = get_alias},
	{19, "ifCounterDiscontinuityTime", DCM_MIB_TIMETICKS, .get = get_discontinuity},
};

static const struct dcm_if_column ipv4_columns[] = {
	{2, "ipv4InterfaceReasmMaxSize", DCM_MIB_INTEGER, .get = get_reassembly},
	{3, "ipv4InterfaceEnableStatus", DCM_MIB_INTEGER, .get = get_admin_status},
	{4, "ipv4InterfaceRetransmitTime", DCM_MIB_GAUGE32, .get = get_v4_retrans},
};

static const struct dcm_if_column ipv6_columns[] = {
	{2, "ipv6InterfaceReasmMaxSize", DCM_MIB_GAUGE32, .get = get_reassembly},
	{3, "ipv6InterfaceIdentifier", DCM_MIB_OCTETS, .get = get_identifier},
	{5, "ipv6InterfaceEnableStatus", DCM_MIB_INTEGER, .get = get_admin_status},
	{6, "ipv6InterfaceReachableTime", DCM_MIB_GAUGE32, .get = get_v6_reachable},
	{7, "ipv6InterfaceRetransmitTime", DCM_MIB_GAUGE32, .get = get_v6_retrans},
	{8, "ipv6InterfaceForwarding", DCM_MIB_INTEGER, .get = get_v6_forwarding},
};
/* clang-format on */

#define ROOT(...)                                \
	.root = {1, 3, 6, 1, 2, 1, __VA_ARGS__}, \
	.root_len = 6 + DCM_ARRAY_SIZE(((const int[]){__VA_ARGS__}))
#define COLUMNS(list) .columns = list, .column_count = DCM_ARRAY_SIZE(list)

const struct dcm_if_mib_definition dcm_if_mib_definitions[DCM_IF_MIB_COUNT] = {
	[DCM_IF_MIB_NUMBER] = {"ifNumber", ROOT(2, 1)},
	[DCM_IF_MIB_TABLE] = {"ifTable", ROOT(2, 2), COLUMNS(if_columns)},
	[DCM_IF_MIB_XTABLE] = {"ifXTable", ROOT(31, 1, 1), COLUMNS(if_x_columns)},
	[DCM_IF_MIB_TABLE_CHANGE] = {"ifTableLastChange", ROOT(31, 1, 5)},
	[DCM_IF_MIB_IPV4_CHANGE] = {"ipv4InterfaceTableLastChange", ROOT(4, 27)},
	[DCM_IF_MIB_IPV4_TABLE] = {"ipv4InterfaceTable", ROOT(4, 28), COLUMNS(ipv4_columns),
				   .families = DCM_IF_IPV4},
	[DCM_IF_MIB_IPV6_CHANGE] = {"ipv6InterfaceTableLastChange", ROOT(4, 29)},
	[DCM_IF_MIB_IPV6_TABLE] = {"ipv6InterfaceTable", ROOT(4, 30), COLUMNS(ipv6_columns),
				   .families = DCM_IF_IPV6},
};

const struct dcm_if_column *dcm_if_column_find(enum dcm_if_mib_object table, dcm_mib_oid number)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[table];

	for (size_t i = 0; i < definition->column_count; i++)
		if (definition->columns[i].number == number)
			return &definition->columns[i];
	return NULL;
}

bool dcm_if_column_value(const struct dcm_if_column *column, const struct dcm_snapshot *snapshot,
			 const struct dcm_snap_interface *row, const struct dcm_mib_uptime *uptime,
			 struct dcm_mib_value *ret)
{
	const struct dcm_if_cell cell = {snapshot, row, uptime, column->offset};

	ret->type = column->type;
	ret->number = 0;
	ret->len = 0;
	return column->get(&cell, ret);
}
