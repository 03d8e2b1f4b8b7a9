// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_defaults.h"

#define LEVELS(w, c) \
	.enabled = true, .has_warning = true, .warning = (w), .has_critical = true, .critical = (c)
#define ONE_LEVEL(w) .enabled = true, .has_warning = true, .warning = (w)

/* Clear ratio, seconds to raise, seconds to clear. */
#define HOLD(r, up, down) .clear_ratio = (r), .raise_after = (up), .clear_after = (down)

const struct dcm_alarm_default dcm_alarm_defaults[DCM_ALARM_TYPE_END] = {
	[DCM_ALARM_CHAIN_LENGTH] =
		{
			{LEVELS(1000, 5000), HOLD(0.8, 10, 60)},
			.why = "members of one chain: 2,000 make a lookup take 184 us, 5,000 541 "
			       "us",
		},
	[DCM_ALARM_LOOKUP_LATENCY] =
		{
			{LEVELS(50e-6, 500e-6), HOLD(0.7, 30, 60)},
			.why = "seconds of one cached-path lookup: 2 us on a healthy host",
		},
	[DCM_ALARM_SUPERBLOCK_UNUSED] =
		{
			{LEVELS(10e6, 50e6), HOLD(0.8, 30, 120)},
			.why = "unused entries of one superblock: 10 million stall an unmount for "
			       "2 to 5 s",
		},
	[DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS] =
		{
			{LEVELS(5, 20), HOLD(0.8, 30, 120)},
			.why = "predicted stall of an unmount or shrink: 40 s were seen in the "
			       "field",
		},
	[DCM_ALARM_NEGATIVE_COUNT] =
		{
			{LEVELS(20e6, 100e6), HOLD(0.8, 60, 300)},
			.why = "negative entries of the host: a count, for negatives as such are "
			       "useful",
		},
	[DCM_ALARM_DENTRIES_TOTAL] =
		{
			{LEVELS(50e6, 100e6), HOLD(0.8, 60, 300)},
			.why = "all entries of the host: 200 million were seen in the field",
		},
	[DCM_ALARM_SLAB_SHARE] =
		{
			{LEVELS(0.15, 0.3), HOLD(0.9, 60, 300)},
			.why = "dentry slab as a share of memory: 60 GB were seen in the field",
		},
	[DCM_ALARM_GROWTH] =
		{
			{LEVELS(1000, 10000), HOLD(0.5, 300, 600), .extra = 86400},
			.extra_key = "within",
			.why = "entries per second, if the critical level would be reached within "
			       "a day",
		},
	[DCM_ALARM_NETNS_CHURN] =
		{
			{LEVELS(5, 50), HOLD(0.5, 60, 300)},
			.why = "network namespaces created per second, over a minute",
		},
	[DCM_ALARM_RECLAIM_STALL] =
		{
			{LEVELS(10, 40), HOLD(0.5, 20, 60)},
			.why = "percent of time in which tasks wait for memory, while direct "
			       "reclaim runs",
		},
	[DCM_ALARM_RECLAIM_RISK] =
		{
			{LEVELS(0.5, 0.95), HOLD(0.8, 60, 300), .extra = 50e6},
			.extra_key = "min_unused",
			.why = "low watermark / free memory, if min_unused entries wait to be "
			       "reclaimed",
		},
	[DCM_ALARM_SNMPD_WEDGE] =
		{
			{LEVELS(0.3, 0.6), HOLD(0.8, 30, 120)},
			.why = "interface reload of snmpd / 3 s: at 0.6 answers go missing, at 1 "
			       "all do",
		},
	[DCM_ALARM_SOURCE_FAILED] =
		{
			{ONE_LEVEL(1), HOLD(0.5, 60, 60)},
			.why = "1 while a source fails or is stuck",
		},
	[DCM_ALARM_COVERAGE_STALE] =
		{
			{LEVELS(900, 3600), HOLD(0.8, 0, 0)},
			.why = "seconds since the last complete pass over the hash table",
		},
};
