// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/if_mib.h"

#include <errno.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/search.h"

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
			 struct dcm_mib_uptime uptime, struct dcm_if_mib_view *ret)
{
	*ret = (struct dcm_if_mib_view){.snapshot = snapshot, .uptime = uptime};
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
			    struct dcm_mib_uptime uptime, struct dcm_if_mib_view *ret)
{
	*ret = (struct dcm_if_mib_view){.snapshot = snapshot, .uptime = uptime};
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
			 struct dcm_mib_value *ret)
{
	ret->len = 0;
	if (object == DCM_IF_MIB_NUMBER) {
		ret->type = DCM_MIB_INTEGER;
		ret->number = view->count;
		return;
	}
	ret->type = DCM_MIB_TIMETICKS;
	ret->number = dcm_mib_stamp(last_change(view, object), &view->uptime);
}

static bool has_scalars(const struct dcm_if_mib_view *view)
{
	return view->netns || view->context;
}

/* ---- lookups ---- */

/* False: the interface has no instance there. */
static bool cell_value(const struct dcm_if_mib_view *view,
		       const struct dcm_if_mib_definition *table,
		       const struct dcm_if_column *column, const struct dcm_snap_interface *row,
		       struct dcm_mib_value *ret)
{
	if (table->families && !(row->families & table->families))
		return false;
	return dcm_if_column_value(column, view->snapshot, row, &view->uptime, ret);
}

int dcm_if_mib_get(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		   struct dcm_mib_name name, struct dcm_mib_value *ret)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[object];
	const struct dcm_if_column *column = NULL;
	size_t at;

	if (!definition->columns) {
		if (!has_scalars(view) || name.len != 1 || name.arcs[0] != 0)
			return -ENXIO;
		scalar_value(view, object, ret);
		return 0;
	}
	if (name.len >= 2 && name.arcs[0] == 1)
		column = dcm_if_column_find(object, name.arcs[1]);
	if (!column)
		return -ENOENT;
	if (!view->netns || name.len != 3)
		return -ENXIO;
	at = position_of(view, name.arcs[2]);
	if (at >= view->count || row_at(view, at)->index != name.arcs[2] ||
	    !cell_value(view, definition, column, row_at(view, at), ret))
		return -ENXIO;
	return 0;
}

/* Position of the first row that can follow @name in the column 1.@number. */
static size_t first_position(const struct dcm_if_mib_view *view, struct dcm_mib_name name,
			     unsigned number, bool inclusive)
{
	const dcm_mib_oid *arcs = name.arcs;

	if (!name.len || arcs[0] < 1 || (arcs[0] == 1 && (name.len == 1 || arcs[1] < number)))
		return 0;
	if (arcs[0] > 1 || arcs[1] > number)
		return view->count;
	if (name.len == 2)
		return 0;
	/* 1.column.index itself follows only if @inclusive; a longer name never matches it. */
	return position_of(view, (uint64_t)arcs[2] + (name.len > 3 || !inclusive));
}

static int next_scalar(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		       struct dcm_mib_name name, bool inclusive, struct dcm_mib_instance *ret)
{
	if (name.len && !(inclusive && name.len == 1 && name.arcs[0] == 0))
		return -ENOENT;
	scalar_value(view, object, &ret->value);
	ret->name[0] = 0;
	ret->name_len = 1;
	return 0;
}

/* First instance in @column from the row at position @at on. */
static bool next_in_column(const struct dcm_if_mib_view *view,
			   const struct dcm_if_mib_definition *table,
			   const struct dcm_if_column *column, size_t at,
			   struct dcm_mib_instance *ret)
{
	for (; at < view->count; at++) {
		const struct dcm_snap_interface *row = row_at(view, at);

		if (!cell_value(view, table, column, row, &ret->value))
			continue;
		ret->name[0] = 1;
		ret->name[1] = column->number;
		ret->name[2] = row->index;
		ret->name_len = 3;
		return true;
	}
	return false;
}

int dcm_if_mib_next(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object,
		    struct dcm_mib_name name, bool inclusive, struct dcm_mib_instance *ret)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[object];

	if (!has_scalars(view) || (definition->columns && !view->netns))
		return -ENOENT;
	if (!definition->columns)
		return next_scalar(view, object, name, inclusive, ret);
	for (size_t i = 0; i < definition->column_count; i++) {
		const struct dcm_if_column *column = &definition->columns[i];
		size_t at = first_position(view, name, column->number, inclusive);

		if (next_in_column(view, definition, column, at, ret))
			return 0;
	}
	return -ENOENT;
}
