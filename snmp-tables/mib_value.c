// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-tables/mib_value.h"

#include <string.h>
#include <time.h>

#include "common/base/minmax.h"
#include "common/base/units.h"

/* DateAndTime (RFC 2579) in UTC: 11 octets, deciseconds, then '+' 0 0. */
static size_t format_date(int64_t time_ns, char octets[11])
{
	int64_t nanoseconds = time_ns % (int64_t)DCM_NSEC_PER_SEC;
	time_t seconds = (time_t)(time_ns / (int64_t)DCM_NSEC_PER_SEC);
	struct tm tm;

	if (time_ns < 0 || !gmtime_r(&seconds, &tm))
		return 0;
	octets[0] = (char)((tm.tm_year + 1900) >> 8);
	octets[1] = (char)(tm.tm_year + 1900);
	octets[2] = (char)(tm.tm_mon + 1);
	octets[3] = (char)tm.tm_mday;
	octets[4] = (char)tm.tm_hour;
	octets[5] = (char)tm.tm_min;
	octets[6] = (char)tm.tm_sec;
	octets[7] = (char)(nanoseconds / (int64_t)(DCM_NSEC_PER_SEC / 10));
	octets[8] = '+';
	octets[9] = octets[10] = 0;
	return 11;
}

static uint64_t changed_ns(const struct dcm_mib_cell *cell)
{
	return cell->snapshot->header->section[cell->table->section].changed_ns;
}

static int64_t read_i64(const struct dcm_metric *metric, const void *row)
{
	int64_t value;

	memcpy(&value, (const char *)row + metric->offset, sizeof(value));
	return value;
}

static uint32_t to_integer(const struct dcm_metric *metric, const void *row, double scale)
{
	uint64_t value;

	if (metric->type == DCM_T_I64) {
		int64_t number = read_i64(metric, row);

		return (uint32_t)DCM_MIN(DCM_MAX(number, INT32_MIN), INT32_MAX);
	}
	value = dcm_metric_u64(metric, row, scale);
	return (uint32_t)DCM_MIN(value, (uint64_t)INT32_MAX);
}

/* The metric lies at resource_section; resource_index follows it (struct dcm_snap_alarm). */
static void put_row_pointer(const struct dcm_mib_tree *tree, const struct dcm_mib_cell *cell,
			    struct dcm_mib_value *ret)
{
	uint32_t resource[2];

	memcpy(resource, (const char *)cell->row + cell->metric->offset, sizeof(resource));
	ret->type = DCM_MIB_OBJECT_ID;
	if (resource[0] >= DCM_SEC_COUNT ||
	    dcm_mib_row_name(tree, resource[0], resource[1], ret->name, &ret->len) < 0)
		ret->len = 0;
}

static void put_number(const struct dcm_metric *metric, const void *row, bool wide,
		       struct dcm_mib_value *ret)
{
	double scale = metric->snmp_scale != 0 ? metric->snmp_scale : 1;

	if (metric->snmp_type == DCM_SNMP_INTEGER) {
		ret->type = DCM_MIB_INTEGER;
		ret->number = to_integer(metric, row, scale);
		return;
	}
	ret->number = dcm_metric_u64(metric, row, scale);
	if (wide || metric->snmp_type == DCM_SNMP_COUNTER64 ||
	    metric->snmp_type == DCM_SNMP_GAUGE64) {
		ret->type = DCM_MIB_COUNTER64;
	} else if (metric->snmp_type == DCM_SNMP_TRUTH) {
		ret->type = DCM_MIB_INTEGER;
		ret->number = ret->number ? 1 : 2;
	} else if (metric->snmp_type == DCM_SNMP_COUNTER32) {
		ret->type = DCM_MIB_COUNTER32;
		ret->number = (uint32_t)ret->number;
	} else {
		ret->type = DCM_MIB_GAUGE32;
		ret->number = dcm_mib_saturate(ret->number);
	}
}

void dcm_mib_value_get(const struct dcm_mib_tree *tree, const struct dcm_mib_cell *cell,
		       const struct dcm_mib_uptime *uptime, struct dcm_mib_value *ret)
{
	ret->number = 0;
	ret->len = 0;
	if (!cell->metric) {
		ret->type = DCM_MIB_TIMETICKS;
		ret->number = dcm_mib_stamp(changed_ns(cell), uptime);
	} else if (cell->metric->snmp_type == DCM_SNMP_STRING && !cell->wide) {
		ret->type = DCM_MIB_OCTETS;
		ret->len = dcm_metric_text(DCM_TEXT_DISPLAY, cell->snapshot, cell->metric,
					   cell->row, ret->octets, sizeof(ret->octets));
	} else if (cell->metric->snmp_type == DCM_SNMP_DATETIME) {
		ret->type = DCM_MIB_OCTETS;
		ret->len = format_date(read_i64(cell->metric, cell->row), ret->octets);
	} else if (cell->metric->snmp_type == DCM_SNMP_ROWPOINTER) {
		put_row_pointer(tree, cell, ret);
	} else {
		put_number(cell->metric, cell->row, cell->wide, ret);
	}
}
