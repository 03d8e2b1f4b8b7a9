// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-tables/mib_handler.h"

#include <errno.h>

#include "common/base/clock.h"
#include "common/parse/oid.h"
#include "snmp-tables/varbind.h"

_Static_assert(sizeof(oid) == sizeof(dcm_mib_oid), "names are handed over without a copy");

/* dcmNotifications(0), dcmObjects(1), dcmConformance(2) */
#define NOTIFICATIONS_ARC 0
#define OBJECTS_ARC	  1

struct dcm_mib_handler {
	struct dcm_mib_tree *tree;
	struct dcm_mib_view *view;
	struct dcm_mib_uptime uptime;
	struct dcm_latency time;
	dcm_mib_oid root[DCM_MIB_ROOT_MAX + 1]; /* of dcmObjects */
	size_t root_len;
	netsnmp_handler_registration *registration;
};

int dcm_mib_root_parse(const char *text, dcm_mib_oid ret[DCM_MIB_ROOT_MAX], size_t *ret_len)
{
	dcm_mib_oid name[DCM_MIB_ROOT_MAX];
	size_t len;

	if (dcm_oid_parse(text + (*text == '.'), DCM_MIB_ROOT_MAX, name, &len))
		return -EINVAL;
	if (len < 2)
		return -EINVAL;
	memcpy(ret, name, len * sizeof(*name));
	*ret_len = len;
	return 0;
}

int dcm_mib_handler_create(struct dcm_mib_handler **ret)
{
	struct dcm_mib_handler *handler = calloc(1, sizeof(*handler));
	int err;

	if (!handler)
		return -ENOMEM;
	err = dcm_mib_tree_create(dcm_tables, dcm_table_count, DCM_TABLE_CHANGES_ARC,
				  &handler->tree);
	if (!err)
		err = dcm_mib_view_create(handler->tree, NULL, &handler->view);
	if (err < 0) {
		dcm_mib_handler_destroy(handler);
		return err;
	}
	*ret = handler;
	return 0;
}

void dcm_mib_handler_destroy(struct dcm_mib_handler *handler)
{
	if (!handler)
		return;
	dcm_mib_view_destroy(handler->view);
	dcm_mib_tree_destroy(handler->tree);
	free(handler);
}

static int put_value(const struct dcm_mib_handler *handler, netsnmp_variable_list *variable,
		     const struct dcm_mib_cell *cell)
{
	struct dcm_mib_value value;

	dcm_mib_value_get(handler->tree, cell, &handler->uptime, &value);
	return dcm_varbind_put(variable, handler->root, handler->root_len, &value);
}

static int answer_get(const struct dcm_mib_handler *handler, netsnmp_request_info *request)
{
	netsnmp_variable_list *variable = request->requestvb;
	struct dcm_mib_cell cell;
	int err;

	err = dcm_mib_get(handler->view, variable->name + handler->root_len,
			  variable->name_length - handler->root_len, &cell);
	if (err < 0)
		return snmp_set_var_typed_value(
			variable, err == -ENOENT ? SNMP_NOSUCHOBJECT : SNMP_NOSUCHINSTANCE, NULL,
			0);
	return put_value(handler, variable, &cell);
}

static int answer_next(const struct dcm_mib_handler *handler, netsnmp_request_info *request)
{
	netsnmp_variable_list *variable = request->requestvb;
	oid name[DCM_MIB_ROOT_MAX + 1 + DCM_MIB_NAME_MAX];
	struct dcm_mib_cell cell;
	size_t below = 0;

	/* A name before the root, or a part of it, asks for the first instance. */
	if (!snmp_oidtree_compare(variable->name, variable->name_length, handler->root,
				  handler->root_len))
		below = variable->name_length > handler->root_len
				? variable->name_length - handler->root_len
				: 0;
	else if (snmp_oid_compare(variable->name, variable->name_length, handler->root,
				  handler->root_len) > 0)
		return 0;
	/* Left as it is, the library goes on after this registration. */
	if (dcm_mib_next(handler->view, variable->name + (below ? handler->root_len : 0), below,
			 request->inclusive != 0, &cell) < 0)
		return 0;
	memcpy(name, handler->root, handler->root_len * sizeof(*name));
	memcpy(name + handler->root_len, cell.name, cell.name_len * sizeof(*name));
	if (snmp_set_var_objid(variable, name, handler->root_len + cell.name_len))
		return -ENOMEM;
	return put_value(handler, variable, &cell);
}

static void answer(const struct dcm_mib_handler *handler, netsnmp_agent_request_info *info,
		   netsnmp_request_info *request)
{
	int err = 0;

	if (request->processed)
		return;
	if (info->mode == MODE_GET)
		err = answer_get(handler, request);
	else if (info->mode == MODE_GETNEXT)
		err = answer_next(handler, request);
	else
		netsnmp_set_request_error(info, request, SNMP_ERR_NOTWRITABLE);
	if (err)
		netsnmp_set_request_error(info, request, SNMP_ERR_GENERR);
}

static int handle(netsnmp_mib_handler *module, netsnmp_handler_registration *registration,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct dcm_mib_handler *handler = registration->my_reg_void;
	uint64_t start = dcm_now_ns(), count = 0;

	(void)module;
	for (; requests; requests = requests->next, count++)
		answer(handler, info, requests);
	dcm_latency_add(&handler->time, count, dcm_now_ns() - start);
	return SNMP_ERR_NOERROR;
}

int dcm_mib_handler_register(struct dcm_mib_handler *handler, const char *root)
{
	netsnmp_handler_registration *registration;
	dcm_mib_oid name[DCM_MIB_ROOT_MAX + 1];
	size_t len;
	int err;

	err = dcm_mib_root_parse(root, name, &len);
	if (err < 0)
		return err;
	name[len++] = OBJECTS_ARC;
	if (handler->registration)
		netsnmp_unregister_handler(handler->registration);
	handler->registration = NULL;
	memcpy(handler->root, name, len * sizeof(*name));
	handler->root_len = len;

	registration = netsnmp_create_handler_registration("dcachemon", handle, name, len,
							   HANDLER_CAN_RONLY);
	if (!registration)
		return -ENOMEM;
	registration->my_reg_void = handler;
	/* The library frees the registration when it refuses it. */
	if (netsnmp_register_handler(registration) != MIB_REGISTERED_OK)
		return -EBUSY;
	handler->registration = registration;
	return 0;
}

int dcm_mib_handler_swap(struct dcm_mib_handler *handler, struct dcm_snapshot *snapshot)
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

void dcm_mib_handler_set_uptime(struct dcm_mib_handler *handler, struct dcm_mib_uptime uptime)
{
	handler->uptime = uptime;
}

/* ---- notifications ---- */

static netsnmp_variable_list *add_trap_name(const struct dcm_mib_handler *handler, uint32_t arc,
					    netsnmp_variable_list **list)
{
	static const oid trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	oid name[DCM_MIB_ROOT_MAX + 2];
	size_t len = handler->root_len;

	memcpy(name, handler->root, len * sizeof(*name));
	name[len - 1] = NOTIFICATIONS_ARC;
	name[len++] = arc;
	return snmp_varlist_add_variable(list, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, name,
					 len * sizeof(*name));
}

static int add_cell(const struct dcm_mib_handler *handler, const struct dcm_mib_cell *cell,
		    netsnmp_variable_list **list)
{
	oid name[DCM_MIB_ROOT_MAX + 1 + DCM_MIB_NAME_MAX];
	netsnmp_variable_list *variable;

	memcpy(name, handler->root, handler->root_len * sizeof(*name));
	memcpy(name + handler->root_len, cell->name, cell->name_len * sizeof(*name));
	variable = snmp_varlist_add_variable(list, name, handler->root_len + cell->name_len,
					     ASN_NULL, NULL, 0);
	return variable && !put_value(handler, variable, cell) ? 0 : -ENOMEM;
}

static int add_cells(const struct dcm_mib_handler *handler, const struct dcm_mib_view *view,
		     size_t count, netsnmp_variable_list **list)
{
	struct dcm_mib_cell cell = {.name_len = 0};
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		err = dcm_mib_next(view, cell.name, cell.name_len, false, &cell);
		if (!err)
			err = add_cell(handler, &cell, list);
	}
	return err;
}

int dcm_mib_handler_notification(const struct dcm_mib_handler *handler, struct dcm_snapshot *values,
				 uint32_t arc, size_t count, struct variable_list **ret)
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

const struct dcm_latency *dcm_mib_handler_time(const struct dcm_mib_handler *handler)
{
	return &handler->time;
}
