// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm.h"

static const struct {
	const char *name, *unit;
} types[DCM_ALARM_TYPE_END] = {
	[DCM_ALARM_CHAIN_LENGTH] = {"chain_length", "entries"},
	[DCM_ALARM_LOOKUP_LATENCY] = {"lookup_latency", "seconds"},
	[DCM_ALARM_SUPERBLOCK_UNUSED] = {"superblock_unused", "entries"},
	[DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS] = {"superblock_shrink_seconds", "seconds"},
	[DCM_ALARM_NEGATIVE_COUNT] = {"negative_count", "entries"},
	[DCM_ALARM_DENTRIES_TOTAL] = {"dentries_total", "entries"},
	[DCM_ALARM_SLAB_SHARE] = {"slab_share", "ratio"},
	[DCM_ALARM_GROWTH] = {"growth", "entries per second"},
	[DCM_ALARM_NETNS_CHURN] = {"netns_churn", "namespaces per second"},
	[DCM_ALARM_RECLAIM_STALL] = {"reclaim_stall", "percent"},
	[DCM_ALARM_RECLAIM_RISK] = {"reclaim_risk", "ratio"},
	[DCM_ALARM_SNMPD_WEDGE] = {"snmpd_wedge", "ratio"},
	[DCM_ALARM_SOURCE_FAILED] = {"source_failed", "sources"},
	[DCM_ALARM_COVERAGE_STALE] = {"coverage_stale", "seconds"},
	[DCM_ALARM_TEST] = {"test", ""},
};

const char *dcm_alarm_type_name(enum dcm_alarm_type type)
{
	return (unsigned)type < DCM_ALARM_TYPE_END ? types[type].name : NULL;
}

const char *dcm_alarm_type_unit(enum dcm_alarm_type type)
{
	return (unsigned)type < DCM_ALARM_TYPE_END ? types[type].unit : NULL;
}

const char *dcm_severity_name(enum dcm_severity severity)
{
	switch (severity) {
	case DCM_SEVERITY_CLEARED:
		return "cleared";
	case DCM_SEVERITY_WARNING:
		return "warning";
	case DCM_SEVERITY_CRITICAL:
		return "critical";
	}
	return "unknown";
}
