// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/if_mib.h"

#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/search.h"
#include "snmp-tables/if_columns.h"

static const uint8_t if_columns[] = {1,	 2,  3,	 4,  5,	 6,  7,	 8,  9,	 10, 11,
				     12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
/* 14, ifLinkUpDownTrapEnable, has no instance in the built-in table either until it is set. */
static const uint8_t if_x_columns[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,
				       10, 11, 12, 13, 15, 16, 17, 18, 19};
static const uint8_t ipv4_columns[] = {2, 3, 4};
static const uint8_t ipv6_columns[] = {2, 3, 5, 6, 7, 8};

#define ROOT(...)                                \
	.root = {1, 3, 6, 1, 2, 1, __VA_ARGS__}, \
	.root_len = 6 + sizeof((const int[]){__VA_ARGS__}) / sizeof(int)
#define COLUMNS(list) .table = true, .columns = list, .column_count = sizeof(list)

const struct dcm_if_mib_definition dcm_if_mib_definitions[DCM_IF_MIB_COUNT] = {
	[DCM_IF_MIB_NUMBER] = {"ifNumber", ROOT(2, 1)},
	[DCM_IF_MIB_TABLE] = {"ifTable", ROOT(2, 2), COLUMNS(if_columns)},
	[DCM_IF_MIB_XTABLE] = {"ifXTable", ROOT(31, 1, 1), COLUMNS(if_x_columns)},
	[DCM_IF_MIB_TABLE_CHANGE] = {"ifTableLastChange", ROOT(31, 1, 5)},
	[DCM_IF_MIB_IPV4_CHANGE] = {"ipv4InterfaceTableLastChange", ROOT(4, 27)},
	[DCM_IF_MIB_IPV4_TABLE] = {"ipv4InterfaceTable", ROOT(4, 28), COLUMNS(ipv4_columns)},
	[DCM_IF_MIB_IPV6_CHANGE] = {"ipv6InterfaceTableLastChange", ROOT(4, 29)},
	[DCM_IF_MIB_IPV6_TABLE] = {"ipv6InterfaceTable", ROOT(4, 30), COLUMNS(ipv6_columns)},
};

/* ---- rows of one namespace ---- */

static int compare_key(const void *key, const void *row)
{
	const uint64_t *x = key;
	const struct dcm_snap_interface *y = row;

	return DCM_COMPARE(*x, y->key);
}

/* First row of DCM_SEC_INTERFACES whose key is not less than @key: rows ascend by key. */
static size_t lower_bound(const struct dcm_snapshot *snapshot, uint64_t key)
{
	return dcm_lower_bound(&key, dcm_snapshot_row(snapshot, DCM_SEC_INTERFACES, 0),
			       dcm_snapshot_count(snapshot, DCM_SEC_INTERFACES),
			       sizeof(struct dcm_snap_interface), compare_key);
}

static void show_netns(struct dcm_if_mib_view *view, const struct dcm_snap_if_netns *netns)
{
	const struct dcm_snapshot *snapshot = view->snapshot;

	view->netns = netns;
	view->first = lower_bound(snapshot, (uint64_t)netns->index << 32);
	view->count = lower_bound(snapshot, ((uint64_t)netns->index + 1) << 32) - view->first;
}

static const struct dcm_snap_if_netns *netns_at(const struct dcm_snapshot *snapshot, size_t i)
{
	return dcm_snapshot_row(snapshot, DCM_SEC_IF_NETNS, i);
}

int dcm_if_mib_view_init(const struct dcm_snapshot *snapshot, const char *netns,
			 struct dcm_if_mib_view *ret)
{
	*ret = (struct dcm_if_mib_view){.snapshot = snapshot};
	for (size_t i = 0; snapshot && i < dcm_snapshot_count(snapshot, DCM_SEC_IF_NETNS); i++) {
		const struct dcm_snap_if_netns *row = netns_at(snapshot, i);

		if (strcmp(dcm_snapshot_str(snapshot, row->name), netns))
			continue;
		show_netns(ret, row);
		return 0;
	}
	return -ENOENT;
}

static const struct dcm_snap_context *find_context(const struct dcm_snapshot *snapshot,
						   const char *name)
{
	for (size_t i = 0; snapshot && i < dcm_snapshot_count(snapshot, DCM_SEC_CONTEXTS); i++) {
		const struct dcm_snap_context *row =
			dcm_snapshot_row(snapshot, DCM_SEC_CONTEXTS, i);

		if (!strcmp(dcm_snapshot_str(snapshot, row->name), name))
			return row;
	}
	return NULL;
}

int dcm_if_mib_view_context(const struct dcm_snapshot *snapshot, const char *name,
			    struct dcm_if_mib_view *ret)
{
	*ret = (struct dcm_if_mib_view){.snapshot = snapshot};
	ret->context = find_context(snapshot, name);
	if (!ret->context)
		return -ENOENT;
	if (!DCM_ROW_HAS(ret->context, netns_index))
		return 0;
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, DCM_SEC_IF_NETNS); i++)
		if (netns_at(snapshot, i)->index == ret->context->netns_index)
			show_netns(ret, netns_at(snapshot, i));
	return 0;
}

static const struct dcm_snap_interface *row_at(const struct dcm_if_mib_view *view, size_t i)
{
	return dcm_snapshot_row(view->snapshot, DCM_SEC_INTERFACES, view->first + i);
}

/* Position in the view of the first interface with an index of at least @index. */
static size_t position_of(const struct dcm_if_mib_view *view, uint64_t index)
{
	uint64_t netns = view->netns->index;
	size_t at;

	if (index > UINT32_MAX)
		return view->count;
	at = lower_bound(view->snapshot, netns << 32 | index);
	return at - view->first;
}

/* ---- scalars ---- */

/* When the set of rows, or of values, last changed; a context may have got another namespace. */
static uint64_t last_change(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object)
{
	const struct dcm_snap_if_netns *netns = view->netns;
	uint64_t changed = 0;

	if (netns && object == DCM_IF_MIB_TABLE_CHANGE && DCM_ROW_HAS(netns, changed_ns))
		changed = netns->changed_ns;
	if (netns && object == DCM_IF_MIB_IPV4_CHANGE && DCM_ROW_HAS(netns, ipv4_changed_ns))
		changed = netns->ipv4_changed_ns;
	if (netns && object == DCM_IF_MIB_IPV6_CHANGE && DCM_ROW_HAS(netns, ipv6_changed_ns))
		changed = netns->ipv6_changed_ns;
	if (view->context && DCM_ROW_HAS(view->context, changed_ns) &&
	    view->context->changed_ns > changed)
		changed = view->context->changed_ns;
	return changed;
}

static void scalar_value(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
			 const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret)
{
	ret->len = 0;
	if (object == DCM_IF_MIB_NUMBER) {
		ret->type = DCM_MIB_INTEGER;
		ret->number = view->count;
		return;
	}
	ret->type = DCM_MIB_TIMETICKS;
	ret->number = dcm_if_mib_stamp(last_change(view, object), uptime);
}

static bool has_scalars(const struct dcm_if_mib_view *view)
{
	return view->netns || view->context;
}

/* ---- lookups ---- */

static bool has_column(const struct dcm_if_mib_definition *definition, dcm_mib_oid column)
{
	for (size_t i = 0; i < definition->column_count; i++)
		if (definition->columns[i] == column)
			return true;
	return false;
}

int dcm_if_mib_get(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		   const dcm_mib_oid *name, size_t len, const struct dcm_mib_uptime *uptime,
		   struct dcm_mib_value *ret)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[object];
	size_t at;

	if (!definition->table) {
		if (!has_scalars(view) || len != 1 || name[0] != 0)
			return -ENXIO;
		scalar_value(view, object, uptime, ret);
		return 0;
	}
	if (len < 2 || name[0] != 1 || !has_column(definition, name[1]))
		return -ENOENT;
	if (!view->netns || len != 3)
		return -ENXIO;
	at = position_of(view, name[2]);
	if (at >= view->count || row_at(view, at)->index != name[2] ||
	    !dcm_if_mib_column(view, object, row_at(view, at), (unsigned)name[1], uptime, ret))
		return -ENXIO;
	return 0;
}

static int compare_names(const dcm_mib_oid *a, size_t a_len, const dcm_mib_oid *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return DCM_COMPARE(a_len, b_len);
}

/* Position of the first row that can follow @name in the column 1.@column. */
static size_t first_position(const struct dcm_if_mib_view *view, const dcm_mib_oid *name,
			     size_t len, unsigned column, bool inclusive)
{
	const dcm_mib_oid prefix[2] = {1, column};
	int order = compare_names(name, len < 2 ? len : 2, prefix, 2);

	if (order < 0 || (!order && len == 2))
		return 0;
	if (order > 0)
		return view->count;
	/* 1.column.index itself follows only when @inclusive; a longer name never stands for it. */
	return position_of(view, (uint64_t)name[2] + (len > 3 || !inclusive));
}

int dcm_if_mib_next(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		    const dcm_mib_oid *name, size_t len, bool inclusive,
		    const struct dcm_mib_uptime *uptime, dcm_mib_oid ret_name[DCM_IF_MIB_NAME_MAX],
		    size_t *ret_len, struct dcm_mib_value *ret)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[object];

	if (!has_scalars(view) || (definition->table && !view->netns))
		return -ENOENT;
	if (!definition->table) {
		if (len && !(inclusive && len == 1 && name[0] == 0))
			return -ENOENT;
		scalar_value(view, object, uptime, ret);
		ret_name[0] = 0;
		*ret_len = 1;
		return 0;
	}
	for (size_t i = 0; i < definition->column_count; i++) {
		unsigned column = definition->columns[i];

		for (size_t at = first_position(view, name, len, column, inclusive);
		     at < view->count; at++) {
			const struct dcm_snap_interface *row = row_at(view, at);

			if (!dcm_if_mib_column(view, object, row, column, uptime, ret))
				continue;
			ret_name[0] = 1;
			ret_name[1] = column;
			ret_name[2] = row->index;
			*ret_len = 3;
			return 0;
		}
	}
	return -ENOENT;
}
