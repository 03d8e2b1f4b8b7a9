// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints every value that the collectd plugin may send, tab-separated: table, label (of rows: its
 * beginning, "superblock-"), rows (group, few, many), type, type instance, kind, unit, help, title
 * of the table.
 */
#include <stdio.h>

#include "collectd-plugin/values.h"

static const char *row_kind(const struct dcm_table *table)
{
	if (!table->array)
		return "group";
	return table->section == DCM_SEC_SUPERBLOCKS || table->section == DCM_SEC_CHAINS ||
			       table->section == DCM_SEC_DIRECTORIES
		       ? "many"
		       : "few";
}

int main(void)
{
	for (size_t i = 0; i < dcm_table_count; i++) {
		const struct dcm_table *table = &dcm_tables[i];

		for (size_t k = 0; k < table->count; k++) {
			const struct dcm_metric *m = &table->metrics[k];

			if (!m->collectd_type)
				continue;
			printf("%s\t%s%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", table->name,
			       dcm_values_label(table), table->array ? "-" : "", row_kind(table),
			       m->collectd_type, m->collectd_type_instance,
			       m->kind == DCM_KIND_COUNTER ? "counter" : "gauge", m->unit, m->help,
			       table->title);
		}
	}
	return 0;
}
