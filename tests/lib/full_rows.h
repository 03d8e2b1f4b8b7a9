/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A row in every table of the MIB with a value in every column, so that whoever shows all of them
 * shows each kind of value; and the superblocks of synthetic.h.
 */
#ifndef DCM_TESTS_FULL_ROWS_H
#define DCM_TESTS_FULL_ROWS_H

#include <string.h>

#include "common/model/metrics/metrics.h"
#include "tests/lib/synthetic.h"

#define FULL_ROWS_INDEX 2 /* before those of synthetic.h */

static inline uint64_t full_rows_number(const struct dcm_metric *metric, bool is_index)
{
	if (is_index)
		return FULL_ROWS_INDEX;
	if (metric->symbol || metric->type == DCM_T_BOOL)
		return 1;
	if (metric->type == DCM_T_TIME_NS)
		return 1700000000123456789 + metric->offset * DCM_NSEC_PER_SEC;
	if (metric->type == DCM_T_U64)
		return (3ULL << 40) + metric->offset;
	return metric->type == DCM_T_I64 ? -(uint64_t)metric->offset : metric->offset;
}

static inline void full_rows_value(struct dcm_snapshot_builder *builder,
				   const struct dcm_metric *metric, bool is_index,
				   unsigned char *row)
{
	static const size_t sizes[] = {[DCM_T_U32] = 4,	   [DCM_T_U64] = 8,    [DCM_T_I64] = 8,
				       [DCM_T_DOUBLE] = 8, [DCM_T_STR] = 4,    [DCM_T_TIME_NS] = 8,
				       [DCM_T_BOOL] = 4,   [DCM_T_DEVICE] = 8, [DCM_T_STRINGS] = 4};
	uint64_t number = full_rows_number(metric, is_index);
	uint32_t resource[2] = {DCM_SEC_SUPERBLOCKS, FULL_ROWS_INDEX};
	double fraction = 0.001 * metric->offset;
	dcm_str text = dcm_snapshot_builder_text(builder, SYNTHETIC_HOSTILE_NAME);

	if (metric->type == DCM_T_DOUBLE)
		memcpy(row + metric->offset, &fraction, sizeof(fraction));
	else if (metric->snmp_type == DCM_SNMP_ROWPOINTER)
		memcpy(row + metric->offset, resource, sizeof(resource));
	else if (metric->type == DCM_T_STR || metric->type == DCM_T_STRINGS)
		memcpy(row + metric->offset, &text, sizeof(text));
	else
		memcpy(row + metric->offset, &number, sizes[metric->type]);
}

static inline void full_rows_add(struct dcm_snapshot_builder *builder,
				 const struct dcm_table *table)
{
	unsigned char *row = dcm_snapshot_builder_add(builder, table->section);
	uint64_t has = 0;

	for (size_t i = 0; row && i < table->count; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		full_rows_value(builder, metric, metric == table->index, row);
		has |= 1ULL << DCM_BIT_OF(metric->offset);
	}
	if (table->index && row) {
		full_rows_value(builder, table->index, true, row);
		has |= 1ULL << DCM_BIT_OF(table->index->offset);
	}
	if (row)
		memcpy(row, &has, sizeof(has));
}

/* In place of synthetic_fill(); @superblocks rows more. */
static inline void full_rows_fill(struct dcm_snapshot_builder *builder, uint32_t superblocks)
{
	for (size_t i = 0; i < dcm_table_count; i++)
		if (dcm_tables[i].arc)
			full_rows_add(builder, &dcm_tables[i]);
	for (uint32_t i = 1; i <= superblocks; i++)
		synthetic_superblock(builder, i, superblocks);
}

#endif
