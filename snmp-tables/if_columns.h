/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The objects of IF-MIB and IP-MIB that are served, their columns, and the value of a column in one
 * row (pure). docs/if-mib.md lists them; tests/snmp/test_if_columns.sh holds both together. */
#ifndef DCM_SNMP_TABLES_IF_COLUMNS_H
#define DCM_SNMP_TABLES_IF_COLUMNS_H

#include "common/model/snapshot/snapshot.h"
#include "snmp-tables/mib_objects.h"

/* Columns of ifTable that its notifications carry. */
#define DCM_IF_INDEX	    1
#define DCM_IF_ADMIN_STATUS 7
#define DCM_IF_OPER_STATUS  8

/* One registration each, at the built-in's exact root. */
enum dcm_if_mib_object {
	DCM_IF_MIB_NUMBER,
	DCM_IF_MIB_TABLE,
	DCM_IF_MIB_XTABLE,
	DCM_IF_MIB_TABLE_CHANGE,
	DCM_IF_MIB_IPV4_CHANGE,
	DCM_IF_MIB_IPV4_TABLE,
	DCM_IF_MIB_IPV6_CHANGE,
	DCM_IF_MIB_IPV6_TABLE,
	DCM_IF_MIB_COUNT,
};

#define DCM_IF_MIB_ROOT_MAX 10

/* What the value of a column is taken from. */
struct dcm_if_cell {
	const struct dcm_snapshot
		*snapshot; /* of the names in the row; NULL: no names are needed */
	const struct dcm_snap_interface *row;
	const struct dcm_mib_uptime *uptime;
	size_t offset; /* dcm_if_column's */
};

struct dcm_if_column {
	uint8_t number;
	const char *name; /* descriptor, such as "ifIndex" */
	enum dcm_mib_type type;
	/* Fills in @ret, of that type, 0 and empty. False: the interface has no instance. */
	bool (*get)(const struct dcm_if_cell *cell, struct dcm_mib_value *ret);
	size_t offset; /* of a uint64_t in the row; 0: @get knows where to look */
};

struct dcm_if_mib_definition {
	const char *name; /* descriptor, such as "ifTable" */
	dcm_mib_oid root[DCM_IF_MIB_ROOT_MAX];
	size_t root_len;
	uint32_t families;		     /* DCM_IF_*: rows with one of them only; 0: all rows */
	const struct dcm_if_column *columns; /* readable ones, ascending; NULL: a scalar */
	size_t column_count;
};

extern const struct dcm_if_mib_definition dcm_if_mib_definitions[DCM_IF_MIB_COUNT];

/* NULL: the table has no such column. */
const struct dcm_if_column *dcm_if_column_find(enum dcm_if_mib_object table, dcm_mib_oid number);

/* False: the interface has no instance of the column. */
bool dcm_if_column_value(const struct dcm_if_column *column, const struct dcm_snapshot *snapshot,
			 const struct dcm_snap_interface *row, const struct dcm_mib_uptime *uptime,
			 struct dcm_mib_value *ret);

#endif
