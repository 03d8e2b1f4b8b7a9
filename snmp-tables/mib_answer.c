// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-tables/mib_answer.h"

#include <errno.h>

#include "snmp-tables/varbind.h"

_Static_assert(sizeof(oid) == sizeof(dcm_mib_oid), "names are handed over without a copy");

/*
 * What follows the root in a name, in @arcs. A sub-identifier has 32 bits (RFC 2741, 5.1);
 * libnetsnmp 5.9.3 hands an AgentX subagent those of 2^31 and more with the 32 bits above set as
 * well.
 */
static struct dcm_mib_name below_root(const struct dcm_mib_objects *objects,
				      const netsnmp_variable_list *variable, oid arcs[MAX_OID_LEN])
{
	size_t root_len = objects->root.len, len = 0;

	while (root_len + len < variable->name_length && len < MAX_OID_LEN) {
		arcs[len] = variable->name[root_len + len] & UINT32_MAX;
		len++;
	}
	return (struct dcm_mib_name){arcs, len};
}

static int answer_get(const struct dcm_mib_objects *objects, netsnmp_variable_list *variable)
{
	oid arcs[MAX_OID_LEN];
	struct dcm_mib_value value;
	int err = objects->get(objects->ctx, below_root(objects, variable, arcs), &value);

	if (err < 0)
		return snmp_set_var_typed_value(
			variable, err == -ENOENT ? SNMP_NOSUCHOBJECT : SNMP_NOSUCHINSTANCE, NULL,
			0);
	return dcm_varbind_put(variable, objects->root, &value);
}

static int put_instance(struct dcm_mib_name root, const struct dcm_mib_instance *instance,
			netsnmp_variable_list *variable)
{
	oid name[DCM_MIB_ROOT_MAX + DCM_MIB_NAME_MAX];

	memcpy(name, root.arcs, root.len * sizeof(*name));
	memcpy(name + root.len, instance->name, instance->name_len * sizeof(*name));
	if (snmp_set_var_objid(variable, name, root.len + instance->name_len))
		return -ENOMEM;
	return dcm_varbind_put(variable, root, &instance->value);
}

static int answer_next(const struct dcm_mib_objects *objects, netsnmp_request_info *request)
{
	netsnmp_variable_list *variable = request->requestvb;
	struct dcm_mib_name root = objects->root, below = {.len = 0};
	struct dcm_mib_instance instance;
	oid arcs[MAX_OID_LEN];

	/* A name before the root, or a part of it, asks for the first instance. */
	if (!snmp_oidtree_compare(variable->name, variable->name_length, root.arcs, root.len)) {
		below = below_root(objects, variable, arcs);
	} else if (snmp_oid_compare(variable->name, variable->name_length, root.arcs, root.len) >
		   0) {
		return 0;
	}
	/* Unchanged, so that the library continues after this registration. */
	if (objects->next(objects->ctx, below, request->inclusive != 0, &instance) < 0)
		return 0;
	return put_instance(root, &instance, variable);
}

void dcm_mib_answer(const struct dcm_mib_objects *objects, netsnmp_agent_request_info *info,
		    netsnmp_request_info *requests)
{
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		int err;

		if (r->processed)
			continue;
		if (info->mode == MODE_GET)
			err = answer_get(objects, r->requestvb);
		else
			err = answer_next(objects, r);
		if (err)
			netsnmp_set_request_error(info, r, SNMP_ERR_GENERR);
	}
}

void dcm_mib_refuse(netsnmp_agent_request_info *info, netsnmp_request_info *requests, int error)
{
	for (; requests; requests = requests->next)
		if (!requests->processed)
			netsnmp_set_request_error(info, requests, error);
}

/* ---- past the library ---- */

/* Whether a search range (RFC 2741, 5.2) ends where the registration does, or before. */
static bool ends_within(struct dcm_mib_name root, const oid *end, size_t end_len)
{
	oid after[DCM_MIB_ROOT_MAX];

	memcpy(after, root.arcs, root.len * sizeof(*after));
	after[root.len - 1]++;
	return end_len >= root.len && snmp_oid_compare(end, end_len, after, root.len) <= 0;
}

static bool is_range(const netsnmp_variable_list *variable)
{
	return variable->type == ASN_PRIV_INCL_RANGE || variable->type == ASN_PRIV_EXCL_RANGE;
}

static bool next_directly(const struct dcm_mib_objects *objects, netsnmp_variable_list *variable)
{
	netsnmp_request_info request = {.requestvb = variable,
					.inclusive = variable->type == ASN_PRIV_INCL_RANGE};
	size_t end_len = variable->val_len / sizeof(oid), start_len = variable->name_length;
	oid start[MAX_OID_LEN], end[MAX_OID_LEN];

	if (!is_range(variable) || end_len > MAX_OID_LEN || start_len > MAX_OID_LEN ||
	    !ends_within(objects->root, variable->val.objid, end_len))
		return false;
	memcpy(start, variable->name, start_len * sizeof(*start));
	memcpy(end, variable->val.objid, end_len * sizeof(*end));
	if (answer_next(objects, &request))
		return false;
	if (!is_range(variable) &&
	    snmp_oid_compare(variable->name, variable->name_length, end, end_len) < 0)
		return true;
	return !snmp_set_var_objid(variable, start, start_len) &&
	       !snmp_set_var_typed_value(variable, SNMP_ENDOFMIBVIEW, NULL, 0);
}

bool dcm_mib_answer_directly(const struct dcm_mib_objects *objects, struct variable_list *variable,
			     bool next)
{
	return next ? next_directly(objects, variable) : !answer_get(objects, variable);
}
