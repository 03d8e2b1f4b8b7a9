// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-tables/metric_handler.h"

#include <errno.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/parse/oid.h"
#include "snmp-tables/mib_answer.h"
#include "snmp-tables/mib_handler.h"
#include "snmp-tables/mib_value.h"
#include "snmp-tables/varbind.h"

_Static_assert(DCM_MAX_ROOT_ARCS + 1 <= DCM_MIB_ROOT_MAX, "dcmObjects is below the root");

/* dcmNotifications(0), dcmObjects(1), dcmConformance(2) */
#define NOTIFICATIONS_ARC 0
#define OBJECTS_ARC	  1

struct dcm_metric_handler {
	struct dcm_mib_tree *tree;
	struct dcm_mib_view *view;
	struct dcm_mib_uptime uptime;
	struct dcm_latency time;
	dcm_mib_oid root[DCM_MIB_ROOT_MAX]; /* of dcmObjects */
	struct dcm_mib_handler handler;
};

int dcm_mib_root_parse(const char *text, dcm_mib_oid ret[DCM_MAX_ROOT_ARCS], size_t *ret_len)
{
	dcm_mib_oid name[DCM_MAX_ROOT_ARCS];
	size_t len;

	if (dcm_oid_parse(text + (*text == '.'), DCM_MAX_ROOT_ARCS, name, &len))
		return -EINVAL;
	if (len < 2)
		return -EINVAL;
	memcpy(ret, name, len * sizeof(*name));
	*ret_len = len;
	return 0;
}

/* ---- objects ---- */

static int get_object(const void *ctx, struct dcm_mib_name name, struct dcm_mib_value *ret)
{
	const struct dcm_metric_handler *handler = ctx;
	struct dcm_mib_cell cell;
	int err = dcm_mib_get(handler->view, name, &cell);

	if (!err)
		dcm_mib_value_get(handler->tree, &cell, &handler->uptime, ret);
	return err;
}

static int next_object(const void *ctx, struct dcm_mib_name name, bool inclusive,
		       struct dcm_mib_instance *ret)
{
	const struct dcm_metric_handler *handler = ctx;
	struct dcm_mib_cell cell;
	int err = dcm_mib_next(handler->view, name, inclusive, &cell);

	if (err)
		return err;
	memcpy(ret->name, cell.name, sizeof(ret->name));
	ret->name_len = cell.name_len;
	dcm_mib_value_get(handler->tree, &cell, &handler->uptime, &ret->value);
	return 0;
}

void dcm_metric_handler_destroy(struct dcm_metric_handler *handler)
{
	if (!handler)
		return;
	dcm_mib_view_destroy(handler->view);
	dcm_mib_tree_destroy(handler->tree);
	free(handler);
}

DCM_DEFINE_CLEANUP(struct dcm_metric_handler, dcm_metric_handler_destroy)

int dcm_metric_handler_create(int priority, struct dcm_metric_handler **ret)
{
	_cleanup_(dcm_metric_handler_destroyp) struct dcm_metric_handler *handler =
		calloc(1, sizeof(*handler));
	int err;

	if (!handler)
		return -ENOMEM;
	handler->handler = (struct dcm_mib_handler){
		.name = "dcachemon",
		.objects = {.ctx = handler, .get = get_object, .next = next_object},
		.context = "",
		.priority = priority,
		.time = &handler->time,
	};
	err = dcm_mib_tree_create(dcm_tables, dcm_table_count, DCM_TABLE_CHANGES_ARC,
				  &handler->tree);
	if (!err)
		err = dcm_mib_view_create(handler->tree, NULL, &handler->view);
	if (!err)
		*ret = dcm_take_ptr(handler);
	return err;
}

int dcm_metric_handler_register(struct dcm_metric_handler *handler, const char *root)
{
	dcm_mib_oid name[DCM_MAX_ROOT_ARCS];
	size_t len;
	int err;

	err = dcm_mib_root_parse(root, name, &len);
	if (err < 0)
		return err;
	dcm_mib_handler_unregister(&handler->handler);
	memcpy(handler->root, name, len * sizeof(*name));
	handler->root[len++] = OBJECTS_ARC;
	handler->handler.objects.root = (struct dcm_mib_name){handler->root, len};
	return dcm_mib_handler_register(&handler->handler);
}

void dcm_metric_handler_unregister(struct dcm_metric_handler *handler)
{
	dcm_mib_handler_unregister(&handler->handler);
}

int dcm_metric_handler_swap(struct dcm_metric_handler *handler, struct dcm_snapshot *snapshot)
{
	struct dcm_mib_view *view;
	int err;

	err = dcm_mib_view_create(handler->tree, snapshot, &view);
	if (err < 0)
		return err;
	dcm_mib_view_destroy(handler->view);
	handler->view = view;
	return 0;
}

void dcm_metric_handler_set_uptime(struct dcm_metric_handler *handler, struct dcm_mib_uptime uptime)
{
	handler->uptime = uptime;
}

bool dcm_metric_handler_direct(struct dcm_metric_handler *handler, struct snmp_pdu *pdu, bool next)
{
	const struct dcm_mib_handler *one = &handler->handler;
	uint64_t start = dcm_now_ns(), count = 0;

	if (!dcm_mib_handler_in_context(one, pdu))
		return false;
	for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable, count++)
		if (!dcm_mib_handler_covers(one, v) ||
		    !dcm_mib_answer_directly(&one->objects, v, next))
			return false;
	dcm_latency_add(&handler->time, count, dcm_now_ns() - start);
	return true;
}

/* ---- notifications ---- */

static netsnmp_variable_list *add_trap_name(const struct dcm_metric_handler *handler, uint32_t arc,
					    netsnmp_variable_list **list)
{
	static const oid trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	struct dcm_mib_name root = handler->handler.objects.root;
	oid name[DCM_MIB_ROOT_MAX + 1];

	memcpy(name, root.arcs, root.len * sizeof(*name));
	name[root.len - 1] = NOTIFICATIONS_ARC;
	name[root.len] = arc;
	return snmp_varlist_add_variable(list, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, name,
					 (root.len + 1) * sizeof(*name));
}

static int add_cell(const struct dcm_metric_handler *handler, const struct dcm_mib_cell *cell,
		    netsnmp_variable_list **list)
{
	struct dcm_mib_name root = handler->handler.objects.root;
	oid name[DCM_MIB_ROOT_MAX + DCM_MIB_NAME_MAX];
	netsnmp_variable_list *variable;
	struct dcm_mib_value value;

	memcpy(name, root.arcs, root.len * sizeof(*name));
	memcpy(name + root.len, cell->name, cell->name_len * sizeof(*name));
	variable =
		snmp_varlist_add_variable(list, name, root.len + cell->name_len, ASN_NULL, NULL, 0);
	dcm_mib_value_get(handler->tree, cell, &handler->uptime, &value);
	return variable && !dcm_varbind_put(variable, root, &value) ? 0 : -ENOMEM;
}

static int add_cells(const struct dcm_metric_handler *handler, const struct dcm_mib_view *view,
		     size_t count, netsnmp_variable_list **list)
{
	struct dcm_mib_cell cell = {.name_len = 0};
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		struct dcm_mib_name after = {cell.name, cell.name_len};

		err = dcm_mib_next(view, after, false, &cell);
		if (!err)
			err = add_cell(handler, &cell, list);
	}
	return err;
}

int dcm_metric_handler_notification(const struct dcm_metric_handler *handler,
				    struct dcm_snapshot *values, uint32_t arc, size_t count,
				    struct variable_list **ret)
{
	netsnmp_variable_list *list = NULL;
	struct dcm_mib_view *view;
	int err = dcm_mib_view_create(handler->tree, values, &view);

	if (err) {
		dcm_snapshot_destroy(values);
		return err;
	}
	err = add_trap_name(handler, arc, &list) ? 0 : -ENOMEM;
	if (!err)
		err = add_cells(handler, view, count, &list);
	dcm_mib_view_destroy(view);
	if (err)
		snmp_free_varbind(list);
	else
		*ret = list;
	return err;
}

const struct dcm_latency *dcm_metric_handler_time(const struct dcm_metric_handler *handler)
{
	return &handler->time;
}
