// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How a value is read from its row. */
#include <string.h>

#include "common/base/units.h"
#include "common/model/metrics/metrics.h"

static const void *member(const struct dcm_metric *metric, const void *row)
{
	return (const char *)row + metric->offset;
}

static uint32_t load_u32(const void *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static uint64_t load_u64(const void *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static double load_double(const void *from)
{
	double value;

	memcpy(&value, from, sizeof(value));
	return value;
}

bool dcm_metric_present(const struct dcm_metric *metric, const void *row)
{
	return load_u64(row) >> DCM_BIT_OF(metric->offset) & 1;
}

const char *dcm_metric_key(const struct dcm_metric *metric)
{
	return metric->object ? metric->name + strlen(metric->object) + 1 : metric->name;
}

const struct dcm_metric *dcm_metric_recorded(size_t i, enum dcm_section *ret_section)
{
	for (size_t t = 0; t < dcm_table_count; t++)
		for (size_t m = 0; m < dcm_tables[t].count; m++) {
			if (!dcm_tables[t].metrics[m].recorded || i--)
				continue;
			*ret_section = dcm_tables[t].section;
			return &dcm_tables[t].metrics[m];
		}
	return NULL;
}

double dcm_metric_number(const struct dcm_metric *metric, const void *row)
{
	const void *from = member(metric, row);

	switch (metric->type) {
	case DCM_T_U32:
	case DCM_T_BOOL:
		return load_u32(from);
	case DCM_T_U64:
		return (double)load_u64(from);
	case DCM_T_I64:
		return (double)(int64_t)load_u64(from);
	case DCM_T_TIME_NS:
		return (double)(int64_t)load_u64(from) / (double)DCM_NSEC_PER_SEC;
	case DCM_T_DOUBLE:
		return load_double(from);
	case DCM_T_STR:
	case DCM_T_DEVICE:
	case DCM_T_STRINGS:
		break;
	}
	return 0;
}

/* Nearest integer of what may be anything, NaN included. */
static uint64_t to_u64(long double value)
{
	if (!(value > 0))
		return 0;
	if (value >= 18446744073709551615.0L)
		return UINT64_MAX;
	return (uint64_t)(value + 0.5L);
}

uint64_t dcm_metric_u64(const struct dcm_metric *metric, const void *row, double scale)
{
	const void *from = member(metric, row);
	bool exact = scale == 0 || scale == 1;
	/* a long double holds 64 bits exactly where it is wider than a double */
	long double factor = exact ? 1.0L : (long double)scale;

	switch (metric->type) {
	case DCM_T_U32:
	case DCM_T_BOOL:
		return exact ? load_u32(from) : to_u64(load_u32(from) * factor);
	case DCM_T_U64:
		return exact ? load_u64(from) : to_u64((long double)load_u64(from) * factor);
	case DCM_T_I64: {
		int64_t value = (int64_t)load_u64(from);

		if (value < 0)
			return 0;
		return exact ? (uint64_t)value : to_u64((long double)value * factor);
	}
	default:
		return to_u64((long double)dcm_metric_number(metric, row) * factor);
	}
}

const char *dcm_metric_str(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
			   const void *row)
{
	return dcm_snapshot_str(snapshot, load_u32(member(metric, row)));
}
