// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/if_columns.h"

#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/interfaces/if_table.h"

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

uint32_t dcm_if_mib_stamp(uint64_t time_ns, const struct dcm_mib_uptime *uptime)
{
	const uint64_t tick = DCM_NSEC_PER_SEC / 100;
	uint64_t start_age = (uint64_t)uptime->ticks * tick;

	if (!time_ns || time_ns + start_age <= uptime->at_ns)
		return 0;
	return (uint32_t)((time_ns + start_age - uptime->at_ns) / tick);
}

static void put(struct dcm_mib_value *ret, enum dcm_mib_type type, uint64_t number)
{
	ret->type = type;
	ret->number = number;
	ret->len = 0;
}

static void put_octets(struct dcm_mib_value *ret, const void *bytes, size_t len)
{
	ret->type = DCM_MIB_OCTETS;
	ret->number = 0;
	ret->len = len;
	memcpy(ret->octets, bytes, len);
}

static void put_text(struct dcm_mib_value *ret, const struct dcm_if_mib_view *view, dcm_str str,
		     size_t max)
{
	char text[256];
	size_t len = dcm_text_escape(DCM_TEXT_DISPLAY, dcm_snapshot_str(view->snapshot, str), text,
				     sizeof(text));

	put_octets(ret, text, DCM_MIN(len, max));
}

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

static unsigned admin_status(const struct dcm_snap_interface *row)
{
	return admin_up(row) ? STATUS_UP : STATUS_DOWN;
}

static unsigned oper_status(const struct dcm_snap_interface *row)
{
	return !row->missing && dcm_if_flags_oper_up(row->flags) ? STATUS_UP : STATUS_DOWN;
}

/* Bit/s: what the driver says of Ethernet, a nominal 10 Mbit/s for the loopback, else unknown. */
static uint64_t speed(const struct dcm_snap_interface *row)
{
	if (if_type(row) == TYPE_LOOPBACK)
		return 10000000;
	return if_type(row) == TYPE_ETHERNET && DCM_ROW_HAS(row, speed_bps) ? row->speed_bps : 0;
}

static uint64_t saturate(uint64_t value)
{
	return DCM_MIN(value, UINT32_MAX);
}

/* Always six octets as SIOCGIFHWADDR gives them, or none when they are all zero. */
#define PHYS_ADDRESS_LEN 6
static void put_phys_address(struct dcm_mib_value *ret, const struct dcm_snap_interface *row)
{
	static const uint8_t zero[PHYS_ADDRESS_LEN];
	bool empty = !memcmp(row->address, zero, sizeof(zero));

	put_octets(ret, row->address, empty ? 0 : PHYS_ADDRESS_LEN);
}

/* ---- tables ---- */

static bool if_table_column(const struct dcm_if_mib_view *view,
			    const struct dcm_snap_interface *row, unsigned column,
			    const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret)
{
	switch (column) {
	case DCM_IF_INDEX:
		put(ret, DCM_MIB_INTEGER, row->index);
		return true;
	case 2: /* ifDescr */
		put_text(ret, view, row->name, 255);
		return true;
	case 3: /* ifType */
		put(ret, DCM_MIB_INTEGER, if_type(row));
		return true;
	case 4: /* ifMtu */
		put(ret, DCM_MIB_INTEGER, DCM_MIN(row->mtu, (uint32_t)INT32_MAX));
		return true;
	case 5: /* ifSpeed */
		put(ret, DCM_MIB_GAUGE32, saturate(speed(row)));
		return true;
	case 6: /* ifPhysAddress */
		put_phys_address(ret, row);
		return true;
	case DCM_IF_ADMIN_STATUS:
		put(ret, DCM_MIB_INTEGER, admin_status(row));
		return true;
	case DCM_IF_OPER_STATUS:
		put(ret, DCM_MIB_INTEGER, oper_status(row));
		return true;
	case 9: /* ifLastChange */
		put(ret, DCM_MIB_TIMETICKS,
		    dcm_if_mib_stamp(DCM_ROW_HAS(row, changed_ns) ? row->changed_ns : 0, uptime));
		return true;
	case 10: /* ifInOctets */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->in_octets);
		return true;
	case 11: /* ifInUcastPkts */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->in_unicast);
		return true;
	case 12: /* ifInNUcastPkts */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->in_multicast);
		return true;
	case 13: /* ifInDiscards */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->in_dropped);
		return true;
	case 14: /* ifInErrors */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->in_errors);
		return true;
	case 15: /* ifInUnknownProtos */
		put(ret, DCM_MIB_COUNTER32, 0);
		return true;
	case 16: /* ifOutOctets */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->out_octets);
		return true;
	case 17: /* ifOutUcastPkts */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->out_packets);
		return true;
	case 18: /* ifOutNUcastPkts */
		put(ret, DCM_MIB_COUNTER32, 0);
		return true;
	case 19: /* ifOutDiscards */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->out_dropped);
		return true;
	case 20: /* ifOutErrors */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->out_errors);
		return true;
	case 21: /* ifOutQLen */
		put(ret, DCM_MIB_GAUGE32, 0);
		return true;
	case 22: /* ifSpecific: zeroDotZero */
		put(ret, DCM_MIB_OBJECT_ID, 0);
		return true;
	}
	return false;
}

static bool if_x_table_column(const struct dcm_if_mib_view *view,
			      const struct dcm_snap_interface *row, unsigned column,
			      const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret)
{
	switch (column) {
	case 1: /* ifName */
		put_text(ret, view, row->name, 255);
		return true;
	case 2: /* ifInMulticastPkts */
		put(ret, DCM_MIB_COUNTER32, (uint32_t)row->in_multicast);
		return true;
	case 3: /* ifInBroadcastPkts */
	case 4: /* ifOutMulticastPkts */
	case 5: /* ifOutBroadcastPkts */
		put(ret, DCM_MIB_COUNTER32, 0);
		return true;
	case 6: /* ifHCInOctets */
		put(ret, DCM_MIB_COUNTER64, row->in_octets);
		return true;
	case 7: /* ifHCInUcastPkts */
		put(ret, DCM_MIB_COUNTER64, row->in_unicast);
		return true;
	case 8: /* ifHCInMulticastPkts */
		put(ret, DCM_MIB_COUNTER64, row->in_multicast);
		return true;
	case 10: /* ifHCOutOctets */
		put(ret, DCM_MIB_COUNTER64, row->out_octets);
		return true;
	case 11: /* ifHCOutUcastPkts */
		put(ret, DCM_MIB_COUNTER64, row->out_packets);
		return true;
	case 9:	 /* ifHCInBroadcastPkts */
	case 12: /* ifHCOutMulticastPkts */
	case 13: /* ifHCOutBroadcastPkts */
		put(ret, DCM_MIB_COUNTER64, 0);
		return true;
	case 15: /* ifHighSpeed */
		put(ret, DCM_MIB_GAUGE32, saturate(speed(row) / 1000000));
		return true;
	case 16: /* ifPromiscuousMode */
		put(ret, DCM_MIB_INTEGER, TRUTH(row->flags & IFF_PROMISC));
		return true;
	case 17: /* ifConnectorPresent */
		put(ret, DCM_MIB_INTEGER, TRUTH(!(row->flags & IFF_LOOPBACK)));
		return true;
	case 18: /* ifAlias */
		put_text(ret, view, row->alias, 64);
		return true;
	case 19: /* ifCounterDiscontinuityTime */
		put(ret, DCM_MIB_TIMETICKS,
		    dcm_if_mib_stamp(DCM_ROW_HAS(row, discontinuity_ns) ? row->discontinuity_ns : 0,
				     uptime));
		return true;
	}
	return false;
}

/* Reassembly is bounded by the length field of IP itself, not by the interface. */
#define REASSEMBLY_MAX 65535

static bool ipv4_column(const struct dcm_snap_interface *row, unsigned column,
			struct dcm_mib_value *ret)
{
	switch (column) {
	case 2: /* ipv4InterfaceReasmMaxSize */
		put(ret, DCM_MIB_INTEGER, REASSEMBLY_MAX);
		return true;
	case 3: /* ipv4InterfaceEnableStatus */
		put(ret, DCM_MIB_INTEGER, admin_status(row));
		return true;
	case 4: /* ipv4InterfaceRetransmitTime, milliseconds */
		put(ret, DCM_MIB_GAUGE32, (uint32_t)row->v4_retrans_ms);
		return DCM_ROW_HAS(row, v4_retrans_ms);
	}
	return false;
}

/* Modified EUI-64 out of a MAC address (RFC 4291, appendix A); empty on the loopback. */
static bool interface_identifier(const struct dcm_snap_interface *row, struct dcm_mib_value *ret)
{
	const uint8_t *a = row->address;
	const uint8_t id[8] = {a[0] ^ 2, a[1], a[2], 0xff, 0xfe, a[3], a[4], a[5]};
	unsigned type = if_type(row);

	if (type == TYPE_LOOPBACK)
		put_octets(ret, "", 0);
	else
		put_octets(ret, id, sizeof(id));
	return type == TYPE_LOOPBACK || type == TYPE_ETHERNET || type == TYPE_FDDI;
}

static bool ipv6_column(const struct dcm_snap_interface *row, unsigned column,
			struct dcm_mib_value *ret)
{
	switch (column) {
	case 2: /* ipv6InterfaceReasmMaxSize */
		put(ret, DCM_MIB_GAUGE32, REASSEMBLY_MAX);
		return true;
	case 3: /* ipv6InterfaceIdentifier */
		return interface_identifier(row, ret);
	case 5: /* ipv6InterfaceEnableStatus */
		put(ret, DCM_MIB_INTEGER, admin_status(row));
		return true;
	case 6: /* ipv6InterfaceReachableTime, milliseconds */
		put(ret, DCM_MIB_GAUGE32, (uint32_t)row->v6_reachable_ms);
		return DCM_ROW_HAS(row, v6_reachable_ms);
	case 7: /* ipv6InterfaceRetransmitTime, milliseconds */
		put(ret, DCM_MIB_GAUGE32, (uint32_t)row->v6_retrans_ms);
		return DCM_ROW_HAS(row, v6_retrans_ms);
	case 8: /* ipv6InterfaceForwarding: forwarding(1), notForwarding(2) */
		put(ret, DCM_MIB_INTEGER, TRUTH(row->v6_forwarding));
		return DCM_ROW_HAS(row, v6_forwarding);
	}
	return false;
}

bool dcm_if_mib_in_table(enum dcm_if_mib_object object, const struct dcm_snap_interface *row)
{
	if (object == DCM_IF_MIB_IPV4_TABLE)
		return row->families & DCM_IF_IPV4;
	if (object == DCM_IF_MIB_IPV6_TABLE)
		return row->families & DCM_IF_IPV6;
	return true;
}

bool dcm_if_mib_column(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		       const struct dcm_snap_interface *row, unsigned column,
		       const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret)
{
	if (!dcm_if_mib_in_table(object, row))
		return false;
	switch (object) {
	case DCM_IF_MIB_TABLE:
		return if_table_column(view, row, column, uptime, ret);
	case DCM_IF_MIB_XTABLE:
		return if_x_table_column(view, row, column, uptime, ret);
	case DCM_IF_MIB_IPV4_TABLE:
		return ipv4_column(row, column, ret);
	case DCM_IF_MIB_IPV6_TABLE:
		return ipv6_column(row, column, ret);
	default:
		return false;
	}
}
