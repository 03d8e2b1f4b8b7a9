// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_types.h"

#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/names.h"
#include "common/model/alarms/alarm_rules.h"

#define LEVELS(w, c) \
	.enabled = true, .has_warning = true, .warning = (w), .has_critical = true, .critical = (c)
#define ONE_LEVEL(w) .enabled = true, .has_warning = true, .warning = (w)

/* Clear ratio, seconds to raise, seconds to clear. */
#define HOLD(r, up, down) .clear_ratio = (r), .raise_after = (up), .clear_after = (down)

/* clang-format off */
static const struct dcm_alarm_type_record records[DCM_ALARM_TYPE_END] = {
	[DCM_ALARM_CHAIN_LENGTH] = {
		.name = "chain_length",
		.unit = "entries",
		.extract = dcm_alarm_extract_chains,
		.resource = dcm_alarm_name_chain,
		.note = dcm_alarm_note_chain,
		.metric = {DCM_SEC_CHAINS, "length"},
		.scalar = {DCM_SEC_HASH, "max_chain"},
		.rule = {LEVELS(1000, 5000), HOLD(0.8, 10, 60)},
		.value = "entries of one hash chain",
		.why = "2,000 make a lookup take 184 us, 5,000 541 us",
		.notes = "11,000 make it 5 ms. Healthy chains have fewer than 10; one network "
			 "namespace adds one entry, so 1,000 is a host of many containers before "
			 "it hurts. Case A.",
		.before = "hash chain of",
		.between = "has",
		.after = "entries",
		.gone = "is no longer among the longest chains",
	},
	[DCM_ALARM_LOOKUP_LATENCY] = {
		.name = "lookup_latency",
		.unit = "seconds",
		.extract = dcm_alarm_extract_lookups,
		.resource = dcm_alarm_name_lookup,
		.metric = {DCM_SEC_LOOKUPS, "seconds"},
		.rule = {LEVELS(50e-6, 500e-6), HOLD(0.7, 30, 60)},
		.value = "seconds of one cached lookup",
		.why = "2 us on a healthy host",
		.notes = "50 us cannot be noise over 30 s; at 541 us an idle snmpd with 300 "
			 "interfaces takes half a core. Case A.",
		.before = "lookup of",
		.between = "takes",
		.after = "microseconds",
		.scale = 1e6,
		.gone = "is no longer probed",
	},
	[DCM_ALARM_SUPERBLOCK_UNUSED] = {
		.name = "superblock_unused",
		.unit = "entries",
		.extract = dcm_alarm_extract_unused,
		.resource = dcm_alarm_name_superblock,
		.note = dcm_alarm_note_superblock,
		.metric = {DCM_SEC_SUPERBLOCKS, "unused"},
		.rule = {LEVELS(10e6, 50e6), HOLD(0.8, 30, 120)},
		.value = "unused entries of one superblock",
		.why = "10 million stall an unmount for 5 to 7 s",
		.notes = "Shrinking costs 0.5–0.75 us each, so 50 million stall it for 25–37 s. "
			 "Case B had 200 million.",
		.before = "superblock",
		.between = "holds",
		.after = "unused entries",
		.gone = "is unmounted",
	},
	[DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS] = {
		.name = "superblock_shrink_seconds",
		.unit = "seconds",
		.extract = dcm_alarm_extract_shrink,
		.resource = dcm_alarm_name_superblock,
		.note = dcm_alarm_note_superblock,
		.metric = {DCM_SEC_SUPERBLOCKS, "shrink_seconds"},
		.rule = {LEVELS(5, 20), HOLD(0.8, 30, 120)},
		.value = "predicted stall of an unmount or shrink",
		.why = "40 s were seen in the field",
		.notes = "The same in seconds, by the cost measured on this host and what the CPUs "
			 "do. 5 s is half of a usual health check of 10 s, 20 s is half of case "
			 "B.",
		.before = "unmount or shrink of",
		.between = "would take",
		.after = "seconds",
		.gone = "is unmounted",
	},
	[DCM_ALARM_NEGATIVE_COUNT] = {
		.name = "negative_count",
		.unit = "entries",
		.extract = dcm_alarm_extract_negative,
		.metric = {DCM_SEC_TOTALS, "negative"},
		.scalar = {DCM_SEC_TOTALS, "negative"},
		.rule = {LEVELS(20e6, 100e6), HOLD(0.8, 60, 300)},
		.value = "negative entries of the host",
		.why = "a count, for negatives as such are useful",
		.notes = "A few million are normal. 20 million take 4 GB.",
		.before = "negative entries of the",
		.between = "are",
		.after = "",
		.gone = "is no longer measured",
	},
	[DCM_ALARM_DENTRIES_TOTAL] = {
		.name = "dentries_total",
		.unit = "entries",
		.extract = dcm_alarm_extract_dentries,
		.metric = {DCM_SEC_TOTALS, "dentries"},
		.scalar = {DCM_SEC_TOTALS, "dentries"},
		.rule = {LEVELS(50e6, 100e6), HOLD(0.8, 60, 300)},
		.value = "all entries of the host",
		.why = "200 million were seen in the field",
		.notes = "The levels are about 10 GB and 20 GB of slab, a quarter and a half of "
			 "case B.",
		.before = "entries of the",
		.between = "are",
		.after = "",
		.gone = "is no longer measured",
	},
	[DCM_ALARM_SLAB_SHARE] = {
		.name = "slab_share",
		.unit = "ratio",
		.extract = dcm_alarm_extract_slab_share,
		.metric = {DCM_SEC_TOTALS, "slab_bytes"},
		.rule = {LEVELS(0.15, 0.3), HOLD(0.9, 60, 300)},
		.value = "dentry slab as a share of memory",
		.why = "60 GB were seen in the field",
		.notes = "That was 0.23 of the 256 GB of case B.",
		.before = "dentry slab of the",
		.between = "takes",
		.after = "percent of memory",
		.scale = 100,
		.gone = "is no longer measured",
	},
	[DCM_ALARM_GROWTH] = {
		.name = "growth",
		.unit = "entries per second",
		.rate = true,
		.extract = dcm_alarm_extract_growth,
		.resource = dcm_alarm_name_superblock,
		.note = dcm_alarm_note_superblock,
		.metric = {DCM_SEC_TOTALS, "dentries"},
		.rule = {LEVELS(1000, 10000), HOLD(0.5, 300, 600), .extra = 86400},
		.extra_key = "within",
		.value = "entries per second, if the critical level would be reached within a day",
		.notes = "Of the host and of the 16 largest superblocks. At 1,157 per second a day "
			 "makes 100 million, the critical level of `dentries_total`; that of "
			 "`superblock_unused` counts for a superblock. The slope is the median "
			 "over all pairs of samples of ten minutes, so neither a spike nor one "
			 "`drop_caches` moves it. The last twelve samples are enough where they "
			 "promise the level within an hour: of the host one a second, of superblocks "
			 "one in ten seconds, and one a second while one grows by more than this "
			 "alarm's warning level.",
		.before = "dentry cache of",
		.between = "grows by",
		.after = "entries per second",
		.gone = "is unmounted or small by now",
	},
	[DCM_ALARM_NETNS_CHURN] = {
		.name = "netns_churn",
		.unit = "namespaces per second",
		.rate = true,
		.extract = dcm_alarm_extract_churn,
		.note = dcm_alarm_note_churn,
		.metric = {DCM_SEC_NAMESPACES, "created"},
		.rule = {LEVELS(5, 50), HOLD(0.5, 30, 300)},
		.value = "network namespaces created per second, over a minute",
		.notes = "Each leaves its entries in the chains of `/proc/sys/net` while it lives "
			 "(for ever on 3.10 kernels). A busy container host makes about one. All are "
			 "counted, however short they live; the text names the commands that make "
			 "most, and the container that got the last.",
		.before = "network namespaces of the",
		.between = "are created at",
		.after = "per second",
		.gone = "is no longer measured",
	},
	[DCM_ALARM_RECLAIM_STALL] = {
		.name = "reclaim_stall",
		.unit = "percent",
		.rate = true,
		.extract = dcm_alarm_extract_stall,
		.metric = {DCM_SEC_MEMORY, "psi_some_avg10"},
		.rule = {LEVELS(10, 40), HOLD(0.5, 20, 60)},
		.value = "percent of time in which tasks wait for memory, while direct reclaim "
			 "runs",
		.notes = "PSI some, over 10 s. Case B: high system time came with direct reclaim. "
			 "Pressure without direct reclaim is not counted.",
		.before = "memory reclaim of the",
		.between = "stalls tasks",
		.after = "percent of the time",
		.gone = "is no longer measured",
	},
	[DCM_ALARM_RECLAIM_RISK] = {
		.name = "reclaim_risk",
		.unit = "ratio",
		.extract = dcm_alarm_extract_risk,
		.metric = {DCM_SEC_MEMORY, "free_bytes"},
		.rule = {LEVELS(0.5, 0.95), HOLD(0.8, 60, 300), .extra = 50e6},
		.extra_key = "min_unused",
		.value = "low watermark / free memory, if min_unused entries wait to be reclaimed",
		.notes = "25–37 s of shrinking are waiting, and free memory is within twice, or "
			 "at, the watermark at which reclaim begins: case B before its conditions "
			 "meet.",
		.before = "low watermark of the",
		.between = "is",
		.after = "percent of free memory beside many unused entries",
		.scale = 100,
		.gone = "is no longer measured",
	},
	[DCM_ALARM_SNMPD_WEDGE] = {
		.name = "snmpd_wedge",
		.unit = "ratio",
		.extract = dcm_alarm_extract_snmpd,
		.resource = dcm_alarm_name_snmpd,
		.metric = {DCM_SEC_SNMPD, "wedge_ratio"},
		.scalar = {DCM_SEC_SNMPD, "wedge_ratio"},
		.rule = {LEVELS(0.3, 0.6), HOLD(0.8, 30, 120)},
		.value = "interface reload of snmpd / 3 s, or more where that is muted",
		.why = "at 0.6 answers go missing, at 1 all do",
		.notes = "At 0.6, 2 of 12 requests went unanswered; at 0.96, 8 of 12; at 1.0 snmpd "
			 "never answers again and only SIGKILL ends it.",
		.before = "interface reload of",
		.between = "takes",
		.after = "percent of its interval",
		.scale = 100,
		.gone = "is no longer forecast",
	},
	[DCM_ALARM_SOURCE_FAILED] = {
		.name = "source_failed",
		.unit = "sources",
		.extract = dcm_alarm_extract_sources,
		.resource = dcm_alarm_name_source,
		.metric = {DCM_SEC_SOURCES, "failures"},
		.rule = {ONE_LEVEL(1), HOLD(0.5, 60, 60)},
		.value = "1 while a source fails or is stuck",
		.notes = "What is not measured cannot alarm: this says so.",
		.before = "source",
		.raised = "has failed or is stuck",
		.cleared = "works again",
		.gone = "is no longer there",
	},
	[DCM_ALARM_COVERAGE_STALE] = {
		.name = "coverage_stale",
		.unit = "seconds",
		.extract = dcm_alarm_extract_coverage,
		.resource = dcm_alarm_name_coverage,
		.metric = {DCM_SEC_HASH, "age_seconds"},
		.scalar = {DCM_SEC_HASH, "age_seconds"},
		.rule = {LEVELS(900, 3600), HOLD(0.8, 0, 0)},
		.value = "seconds since the last complete pass over the hash table",
		.notes = "A pass runs every minute; the budget stretches it on a very large table.",
		.before = "last complete pass of",
		.between = "ended",
		.after = "seconds ago",
		.gone = "is no longer measured",
	},
	[DCM_ALARM_DIRECTORY_CHILDREN] = {
		.name = "directory_children",
		.unit = "entries",
		.extract = dcm_alarm_extract_children,
		.resource = dcm_alarm_name_directory,
		.note = dcm_alarm_note_children,
		.metric = {DCM_SEC_DIRECTORIES, "children"},
		.rule = {LEVELS(10e6, 100e6), HOLD(0.8, 30, 120)},
		.value = "cached entries directly below one directory",
		.why = "200 million were seen in the field",
		.notes = "Most are names that do not exist, of one program. The text has the "
			 "interval that the estimate lies in. A directory counts a reference "
			 "for each, and the count overflows at 2,147,483,648: from half of it "
			 "on the text says so.",
		.before = "directory",
		.between = "has",
		.after = "cached children",
		.gone = "is no longer among the largest directories",
	},
	[DCM_ALARM_DIRECTORY_WATCH_SECONDS] = {
		.name = "directory_watch_seconds",
		.unit = "seconds",
		.extract = dcm_alarm_extract_watch,
		.resource = dcm_alarm_name_directory,
		.note = dcm_alarm_note_watch,
		.metric = {DCM_SEC_DIRECTORIES, "watch_seconds"},
		.rule = {LEVELS(1, 10), HOLD(0.8, 30, 120)},
		.value = "predicted hold of the lock of a directory when a watch is added to it",
		.why = "the field saw soft lockups of 9 s",
		.notes = "inotify and fanotify visit all cached children at once, at 75–155 ns "
			 "each. Whoever needs the lock spins meanwhile. A soft lockup is logged "
			 "after 20 s (twice `kernel.watchdog_thresh`).",
		.before = "adding a watch to directory",
		.between = "would hold its lock for",
		.after = "seconds",
		.gone = "is no longer among the largest directories",
	},
	[DCM_ALARM_RECLAIM_RULES] = {
		.name = "reclaim_rules",
		.unit = "seconds",
		.extract = dcm_alarm_extract_rules,
		.resource = dcm_alarm_name_rules,
		.metric = {DCM_SEC_RECLAIM, "rules_age"},
		.scalar = {DCM_SEC_RECLAIM, "rules_age"},
		.rule = {LEVELS(900, 3600), HOLD(0.8, 0, 0)},
		.value = "seconds since the rules of [reclaim] last ran without a failure",
		.notes = "The timer runs them every minute. A run that hangs in the kernel, fails, "
			 "or is never started frees nothing; the cache grows on.",
		.before = "last good run of",
		.between = "was",
		.after = "seconds ago",
		.gone = "is no longer expected",
	},
	[DCM_ALARM_TABLE_CHAIN] = {
		.name = "table_chain",
		.unit = "entries",
		.extract = dcm_alarm_extract_table_chain,
		.resource = dcm_alarm_name_table,
		.metric = {DCM_SEC_TABLES, "longest"},
		.rule = {LEVELS(500, 5000), HOLD(0.8, 0, 120)},
		.value = "entries of the longest chain of another hash table",
		.why = "500 make a lookup take some 10 to 50 us",
		.notes = "Of network devices, addresses, sockets, control groups, users, inodes, "
			 "mounts and tracked connections (dcmTableTable). 500 are what 100,000 "
			 "interfaces or 60,000 control groups make, or as many listeners on one "
			 "port.",
		.before = "hash table",
		.between = "has a chain of",
		.after = "entries",
		.gone = "is gone, or has only short chains by now",
	},
	[DCM_ALARM_TABLE_LOAD] = {
		.name = "table_load",
		.unit = "ratio",
		.extract = dcm_alarm_extract_table_load,
		.resource = dcm_alarm_name_table,
		.metric = {DCM_SEC_TABLES, "load"},
		.rule = {LEVELS(16, 100), HOLD(0.8, 0, 120)},
		.value = "entries per bucket of another hash table",
		.why = "tables are made for about one",
		.notes = "Every lookup then passes half as many entries. 16 are 4,096 interfaces "
			 "in one network namespace or 2,048 control groups, 100 are 25,600 and "
			 "12,800.",
		.before = "hash table",
		.between = "has",
		.after = "entries per bucket",
		.gone = "is gone, or has only short chains by now",
	},
	[DCM_ALARM_TEST] = {
		.name = "test",
		.unit = "",
		.metric = {DCM_SEC_SELF, "cpu_percent"},
	},
};
/* clang-format on */

const struct dcm_alarm_type_record *dcm_alarm_type_record(enum dcm_alarm_type type)
{
	return type > 0 && type < DCM_ALARM_TYPE_END ? &records[type] : NULL;
}

bool dcm_alarm_has_rule(enum dcm_alarm_type type)
{
	const struct dcm_alarm_type_record *record = dcm_alarm_type_record(type);

	return record && record->extract;
}

enum dcm_alarm_type dcm_alarm_type_find(const char *name, size_t len)
{
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++)
		if (dcm_alarm_has_rule(i) && strlen(records[i].name) == len &&
		    !memcmp(records[i].name, name, len))
			return i;
	return DCM_ALARM_TYPE_END;
}

const char *dcm_alarm_type_name(enum dcm_alarm_type type)
{
	const struct dcm_alarm_type_record *record = dcm_alarm_type_record(type);

	return record ? record->name : NULL;
}

const char *dcm_severity_name(enum dcm_severity severity)
{
	static const char *const names[] = {
		[DCM_SEVERITY_CLEARED] = "cleared",
		[DCM_SEVERITY_WARNING] = "warning",
		[DCM_SEVERITY_CRITICAL] = "critical",
	};

	return dcm_name_of(names, DCM_ARRAY_SIZE(names), severity);
}
