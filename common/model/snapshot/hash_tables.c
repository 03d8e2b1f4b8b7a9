// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/snapshot/hash_tables.h"

#include "common/base/cleanup.h"
#include "common/base/names.h"

#define NAME(id, name) [DCM_TABLE_##id] = #name

const char *dcm_hash_table_name(enum dcm_hash_table table)
{
	static const char *const names[] = {DCM_HASH_TABLES(NAME)};

	return dcm_name_of(names, DCM_ARRAY_SIZE(names), table);
}
