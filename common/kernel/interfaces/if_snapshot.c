/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/interfaces/if_snapshot.h"

#include <string.h>

static dcm_str text(struct dcm_snapshot_builder *builder, const char *s)
{
	return dcm_snapshot_builder_str(builder, s, strlen(s));
}

#define SET_UNLESS_0(row, type, member, value)               \
	do {                                                 \
		if (value)                                   \
			DCM_SET(row, type, member, (value)); \
	} while (0)

static void publish_stats(const struct dcm_if_row *from, struct dcm_snap_interface *row)
{
	const struct dcm_link_stats *s = &from->link.stats;

	if (!from->link.has_stats)
		return;
	DCM_SET(row, dcm_snap_interface, in_octets, s->rx_bytes);
	DCM_SET(row, dcm_snap_interface, in_unicast, from->in_unicast);
	DCM_SET(row, dcm_snap_interface, in_multicast, s->rx_multicast);
	DCM_SET(row, dcm_snap_interface, in_errors, s->rx_errors);
	DCM_SET(row, dcm_snap_interface, in_dropped, s->rx_dropped);
	DCM_SET(row, dcm_snap_interface, out_octets, s->tx_bytes);
	DCM_SET(row, dcm_snap_interface, out_packets, s->tx_packets);
	DCM_SET(row, dcm_snap_interface, out_errors, s->tx_errors);
	DCM_SET(row, dcm_snap_interface, out_dropped, s->tx_dropped);
}

#define SET_SYSCTL(row, member, from, which)                                                    \
	do {                                                                                    \
		if ((from)->sysctls.has & (1u << (which)))                                      \
			DCM_SET(row, dcm_snap_interface, member, (from)->sysctls.value[which]); \
	} while (0)

static void publish_row(struct dcm_snapshot_builder *builder, uint32_t netns,
			const struct dcm_if_row *from)
{
	struct dcm_snap_interface *row = dcm_snapshot_builder_add(builder, DCM_SEC_INTERFACES);
	const struct dcm_link *link = &from->link;

	if (!row)
		return;
	DCM_SET(row, dcm_snap_interface, key, (uint64_t)netns << 32 | link->index);
	DCM_SET(row, dcm_snap_interface, netns, netns);
	DCM_SET(row, dcm_snap_interface, index, link->index);
	DCM_SET(row, dcm_snap_interface, arphrd, link->arphrd);
	DCM_SET(row, dcm_snap_interface, flags, link->flags);
	DCM_SET(row, dcm_snap_interface, mtu, link->mtu);
	DCM_SET(row, dcm_snap_interface, families, from->families);
	DCM_SET(row, dcm_snap_interface, missing, from->missing_ns != 0);
	DCM_SET(row, dcm_snap_interface, address_len, link->address_len);
	memcpy(row->address, link->address, sizeof(row->address));
	row->has |= DCM_HAS(dcm_snap_interface, address);
	DCM_SET(row, dcm_snap_interface, name, text(builder, link->name));
	DCM_SET(row, dcm_snap_interface, alias, text(builder, link->alias));
	publish_stats(from, row);
	SET_UNLESS_0(row, dcm_snap_interface, speed_bps, from->speed_bps);
	SET_UNLESS_0(row, dcm_snap_interface, changed_ns, from->changed_ns);
	SET_UNLESS_0(row, dcm_snap_interface, discontinuity_ns, from->discontinuity_ns);
	SET_SYSCTL(row, v4_retrans_ms, from, DCM_IF_V4_RETRANS_MS);
	SET_SYSCTL(row, v6_retrans_ms, from, DCM_IF_V6_RETRANS_MS);
	SET_SYSCTL(row, v6_reachable_ms, from, DCM_IF_V6_REACHABLE_MS);
	SET_SYSCTL(row, v6_forwarding, from, DCM_IF_V6_FORWARDING);
}

static void publish_netns(struct dcm_snapshot_builder *builder, const struct dcm_if_view *view,
			  bool fits)
{
	struct dcm_snap_if_netns *row = dcm_snapshot_builder_add(builder, DCM_SEC_IF_NETNS);
	const struct dcm_if_table *table = view->table;
	const char *error = fits ? view->error : "too many interfaces for one snapshot";

	if (!row)
		return;
	DCM_SET(row, dcm_snap_if_netns, index, view->netns->index);
	DCM_SET(row, dcm_snap_if_netns, name, text(builder, view->netns->name));
	DCM_SET(row, dcm_snap_if_netns, interfaces, fits ? (uint32_t)table->count : 0);
	if (*error)
		DCM_SET(row, dcm_snap_if_netns, error, text(builder, error));
	SET_UNLESS_0(row, dcm_snap_if_netns, sampled_ns, view->sampled_ns);
	SET_UNLESS_0(row, dcm_snap_if_netns, changed_ns, table->changed_ns);
	SET_UNLESS_0(row, dcm_snap_if_netns, ipv4_changed_ns, table->ipv4_changed_ns);
	SET_UNLESS_0(row, dcm_snap_if_netns, ipv6_changed_ns, table->ipv6_changed_ns);
	for (size_t i = 0; fits && i < table->count; i++)
		publish_row(builder, view->netns->index, &table->rows[i]);
}

void dcm_if_snapshot(const struct dcm_if_round *views, struct dcm_snapshot_builder *builder,
		     uint64_t now_ns, size_t max_rows)
{
	for (size_t i = 0; i < views->count; i++) {
		const struct dcm_if_view *view = &views->views[i];
		bool fits = view->table->count <= max_rows;

		if (view->wanted_until_ns <= now_ns)
			continue;
		publish_netns(builder, view, fits);
		max_rows -= fits ? view->table->count : 0;
	}
}

void dcm_if_snapshot_contexts(const struct dcm_if_contexts *contexts,
			      struct dcm_snapshot_builder *builder)
{
	for (size_t i = 0; i < contexts->count; i++) {
		const struct dcm_if_context *from = &contexts->list[i];
		struct dcm_snap_context *row = dcm_snapshot_builder_add(builder, DCM_SEC_CONTEXTS);

		if (!row)
			return;
		DCM_SET(row, dcm_snap_context, index, (uint32_t)i + 1);
		DCM_SET(row, dcm_snap_context, state, from->state);
		DCM_SET(row, dcm_snap_context, name, text(builder, from->config.name));
		DCM_SET(row, dcm_snap_context, netns, text(builder, from->config.netns));
		if (from->error.text[0])
			DCM_SET(row, dcm_snap_context, error, text(builder, from->error.text));
		if (from->has_interfaces)
			DCM_SET(row, dcm_snap_context, interfaces, from->interfaces);
		SET_UNLESS_0(row, dcm_snap_context, netns_index, from->netns);
		SET_UNLESS_0(row, dcm_snap_context, checked_ns, from->checked_ns);
		SET_UNLESS_0(row, dcm_snap_context, changed_ns, from->changed_ns);
		SET_UNLESS_0(row, dcm_snap_context, seen_ns, from->seen_ns);
	}
}
