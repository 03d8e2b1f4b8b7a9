// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-tables/varbind.h"

static const int asn_types[] = {
	[DCM_MIB_GAUGE32] = ASN_GAUGE,	     [DCM_MIB_COUNTER32] = ASN_COUNTER,
	[DCM_MIB_COUNTER64] = ASN_COUNTER64, [DCM_MIB_INTEGER] = ASN_INTEGER,
	[DCM_MIB_TIMETICKS] = ASN_TIMETICKS, [DCM_MIB_OCTETS] = ASN_OCTET_STR,
	[DCM_MIB_OBJECT_ID] = ASN_OBJECT_ID,
};

static int put_name(struct variable_list *variable, struct dcm_mib_name root,
		    const struct dcm_mib_value *value)
{
	oid name[DCM_MIB_ROOT_MAX + DCM_MIB_NAME_MAX] = {0, 0}; /* zeroDotZero */
	size_t len = 2;

	if (value->len) {
		memcpy(name, root.arcs, root.len * sizeof(*name));
		memcpy(name + root.len, value->name, value->len * sizeof(*name));
		len = root.len + value->len;
	}
	return snmp_set_var_typed_value(variable, ASN_OBJECT_ID, name, len * sizeof(*name));
}

int dcm_varbind_put(struct variable_list *variable, struct dcm_mib_name root,
		    const struct dcm_mib_value *value)
{
	u_char type = (u_char)asn_types[value->type];

	if (value->type == DCM_MIB_OBJECT_ID) {
		return put_name(variable, root, value);
	} else if (value->type == DCM_MIB_OCTETS) {
		return snmp_set_var_typed_value(variable, type, value->octets, value->len);
	} else if (value->type == DCM_MIB_COUNTER64) {
		struct counter64 wide = {value->number >> 32, value->number & UINT32_MAX};

		return snmp_set_var_typed_value(variable, type, &wide, sizeof(wide));
	} else if (value->type == DCM_MIB_INTEGER) {
		long number = (int32_t)value->number;

		return snmp_set_var_typed_value(variable, type, &number, sizeof(number));
	}
	return snmp_set_var_typed_value(variable, type, &value->number, sizeof(value->number));
}
