/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/interfaces/if_snapshot.h"

#include <string.h>

static void publish_stats(const struct dcm_if_row *from, struct dcm_snap_interface *row)
{
	const struct dcm_link_stats *s = &from->link.stats;

	if (!from->link.has_stats)
		return;
	DCM_SET(row, in_octets, s->rx_bytes);
	DCM_SET(row, in_unicast, from->in_unicast);
	DCM_SET(row, in_multicast, s->rx_multicast);
	DCM_SET(row, in_errors, s->rx_errors);
	DCM_SET(row, in_dropped, s->rx_dropped);
	DCM_SET(row, out_octets, s->tx_bytes);
	DCM_SET(row, out_packets, s->tx_packets);
	DCM_SET(row, out_errors, s->tx_errors);
	DCM_SET(row, out_dropped, s->tx_dropped);
}

static bool has_sysctl(const struct dcm_if_row *from, unsigned which)
{
	return from->sysctls.has & 1u << which;
}

static void publish_sysctls(const struct dcm_if_row *from, struct dcm_snap_interface *row)
{
	const int32_t *value = from->sysctls.value;

	DCM_SET_IF(row, v4_retrans_ms, has_sysctl(from, DCM_IF_V4_RETRANS_MS),
		   value[DCM_IF_V4_RETRANS_MS]);
	DCM_SET_IF(row, v6_retrans_ms, has_sysctl(from, DCM_IF_V6_RETRANS_MS),
		   value[DCM_IF_V6_RETRANS_MS]);
	DCM_SET_IF(row, v6_reachable_ms, has_sysctl(from, DCM_IF_V6_REACHABLE_MS),
		   value[DCM_IF_V6_REACHABLE_MS]);
	DCM_SET_IF(row, v6_forwarding, has_sysctl(from, DCM_IF_V6_FORWARDING),
		   value[DCM_IF_V6_FORWARDING]);
}

static void publish_row(struct dcm_snapshot_builder *builder, uint32_t netns,
			const struct dcm_if_row *from)
{
	struct dcm_snap_interface *row = dcm_snapshot_builder_add(builder, DCM_SEC_INTERFACES);
	const struct dcm_link *link = &from->link;

	if (!row)
		return;
	DCM_SET(row, key, (uint64_t)netns << 32 | link->index);
	DCM_SET(row, netns, netns);
	DCM_SET_FROM(row, link, index, arphrd, flags, mtu, address_len);
	DCM_SET(row, families, from->families);
	DCM_SET(row, missing, from->missing_ns != 0);
	memcpy(row->address, link->address, sizeof(row->address));
	row->has |= DCM_HAS(row, address);
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, link->name));
	DCM_SET(row, alias, dcm_snapshot_builder_text(builder, link->alias));
	publish_stats(from, row);
	DCM_SET_UNLESS_0(row, speed_bps, from->speed_bps);
	DCM_SET_UNLESS_0(row, changed_ns, from->changed_ns);
	DCM_SET_UNLESS_0(row, discontinuity_ns, from->discontinuity_ns);
	publish_sysctls(from, row);
}

static void publish_netns(struct dcm_snapshot_builder *builder, const struct dcm_if_view *view,
			  bool fits)
{
	struct dcm_snap_if_netns *row = dcm_snapshot_builder_add(builder, DCM_SEC_IF_NETNS);
	const struct dcm_if_table *table = view->table;
	const char *error = fits ? view->error : "too many interfaces for one snapshot";

	if (!row)
		return;
	DCM_SET(row, index, view->netns->index);
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, view->netns->name));
	DCM_SET(row, interfaces, fits ? (uint32_t)table->count : 0);
	if (*error)
		DCM_SET(row, error, dcm_snapshot_builder_text(builder, error));
	DCM_SET_UNLESS_0(row, sampled_ns, view->sampled_ns);
	DCM_SET_UNLESS_0(row, changed_ns, table->changed_ns);
	DCM_SET_UNLESS_0(row, ipv4_changed_ns, table->ipv4_changed_ns);
	DCM_SET_UNLESS_0(row, ipv6_changed_ns, table->ipv6_changed_ns);
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
		DCM_SET(row, index, (uint32_t)i + 1);
		DCM_SET(row, state, from->state);
		DCM_SET(row, name, dcm_snapshot_builder_text(builder, from->config.name));
		DCM_SET(row, netns, dcm_snapshot_builder_text(builder, from->config.netns));
		if (from->error.text[0])
			DCM_SET(row, error, dcm_snapshot_builder_text(builder, from->error.text));
		if (from->has_interfaces)
			DCM_SET(row, interfaces, from->interfaces);
		DCM_SET_UNLESS_0(row, netns_index, from->netns);
		DCM_SET_UNLESS_0(row, checked_ns, from->checked_ns);
		DCM_SET_UNLESS_0(row, changed_ns, from->changed_ns);
		DCM_SET_UNLESS_0(row, seen_ns, from->seen_ns);
	}
}
