// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/metrics/metrics.h"

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm.h"

/* clang-format off */
#define TYPE_OF(row, member)                                                \
	_Generic(((struct dcm_snap_##row *)0)->member,                      \
		uint32_t: DCM_T_U32, uint64_t: DCM_T_U64,                   \
		int64_t: DCM_T_I64, double: DCM_T_DOUBLE)
/* clang-format on */
#define AT(row, member) .offset = offsetof(struct dcm_snap_##row, member)

/* A number's type follows from its member; what the member cannot tell is TYPED. */
#define VALUE(key, row, member)	   .name = #key, .type = TYPE_OF(row, member), AT(row, member)
#define TYPED(key, row, member, t) .name = #key, .type = DCM_T_##t, AT(row, member)
#define GAUGE(u)		   .kind = DCM_KIND_GAUGE, .unit = u
#define COUNTER(u)		   .kind = DCM_KIND_COUNTER, .unit = u
#define KIND(k)			   .kind = DCM_KIND_##k, .unit = ""
#define SNMP(object, arc, t)	   .mib_name = #object, .column = arc, .snmp_type = DCM_SNMP_##t
#define HC(object, arc)		   .mib_name64 = #object, .column64 = arc
/* A number whose column is a text has one of its own, too, beyond 32 bits. */
#define MILLIONTHS(object, arc) HC(object, arc), .snmp_scale = 1e6
#define COLLECTD(t, instance)	.collectd_type = #t, .collectd_type_instance = #instance
#define RECORDED(key)		.recorded = #key
/* Three columns of a struct dcm_snap_estimate, for @what the metric @key counts. */
/* clang-format off */
#define ESTIMATE(key, row, object, arc, u, what) \
	{VALUE(key##_estimate, row, key##_estimate.value), GAUGE(u), .json = true, \
	 .help = "Estimated number of " what " until all are counted.", \
	 SNMP(object##Estimate, arc, GAUGE32)}, \
	{VALUE(key##_low, row, key##_estimate.low), GAUGE(u), .json = true, \
	 .help = "Lower end of the 95 % interval of that estimate.", \
	 SNMP(object##Low, (arc) + 1, GAUGE32)}, \
	{VALUE(key##_high, row, key##_estimate.high), GAUGE(u), .json = true, \
	 .help = "Upper end of the 95 % interval of that estimate.", \
	 SNMP(object##High, (arc) + 2, GAUGE32)}
/* clang-format on */
/* Six columns of a struct dcm_snap_container, the one that @what; @brief: short_lived. */
/* clang-format off */
#define CONTAINER_TEXT(row, member, label, arc, brief, text) \
	{TYPED(container_##member, row, container.member, STR), KIND(TEXT), .json = true, \
	 .object = container_object, .help = text, SNMP(label, arc, STRING), .snmp_empty = true, \
	 .short_lived = brief}
#define CONTAINER(row, label, arc, brief, what) \
	CONTAINER_TEXT(row, runtime, label##Runtime, arc, brief, \
		       "Runtime of the container that " what "."), \
	CONTAINER_TEXT(row, id, label##Id, (arc) + 1, brief, \
		       "ID of that container, 12 digits of a long one."), \
	CONTAINER_TEXT(row, name, label##Name, (arc) + 2, brief, \
		       "Name of that container, in Kubernetes within its pod."), \
	CONTAINER_TEXT(row, image, label##Image, (arc) + 3, brief, "Image of that container."), \
	CONTAINER_TEXT(row, pod, label##Pod, (arc) + 4, brief, \
		       "Pod of that container, in Kubernetes."), \
	CONTAINER_TEXT(row, namespace, label##Namespace, (arc) + 5, brief, \
		       "Namespace of that pod, in Kubernetes.")
/* clang-format on */
#define METRICS(list) .metrics = list, .count = DCM_ARRAY_SIZE(list)

static const char *severity_symbol(uint32_t value)
{
	return dcm_severity_name(value);
}

static const char *alarm_type_symbol(uint32_t value)
{
	return dcm_alarm_type_name(value);
}

static const char *state_symbol(uint32_t value)
{
	return dcm_source_state_name(value);
}

static const char *outcome_symbol(uint32_t value)
{
	return dcm_reclaim_outcome_name(value);
}

static const char *context_state_symbol(uint32_t value)
{
	return dcm_context_state_name(value);
}

static const char container_object[] = "container", process_object[] = "process";

static const struct dcm_metric totals_metrics[] = {
	{VALUE(dentries, totals, dentries), GAUGE("entries"),
	 .help = "Dentries allocated, hashed or not (nr_dentry).", .json = true,
	 SNMP(dcmTotalsDentries, 1, GAUGE32), HC(dcmTotalsHCDentries, 5),
	 COLLECTD(objects, dentries), RECORDED(dentries)},
	{VALUE(unused, totals, unused), GAUGE("entries"),
	 .help = "Dentries that nothing refers to and that memory pressure may free (nr_unused).",
	 .json = true, SNMP(dcmTotalsUnused, 2, GAUGE32), HC(dcmTotalsHCUnused, 6),
	 COLLECTD(objects, unused), RECORDED(unused)},
	{VALUE(negative, totals, negative), GAUGE("entries"),
	 .help = "Unused dentries that remember that a name does not exist (nr_negative).",
	 .json = true, SNMP(dcmTotalsNegative, 3, GAUGE32), HC(dcmTotalsHCNegative, 7),
	 COLLECTD(objects, negative), RECORDED(negative)},
	{VALUE(slab_bytes, totals, slab_bytes), GAUGE("bytes"),
	 .help = "Memory that the dentry slab occupies, in bytes.", .json = true,
	 SNMP(dcmTotalsSlabKBytes, 4, GAUGE32), .snmp_scale = 1.0 / 1024,
	 COLLECTD(memory, dentry_slab), RECORDED(slab_bytes)},
};

static const struct dcm_metric memory_metrics[] = {
	{VALUE(slab_objects, memory, slab_objects), GAUGE("entries"),
	 .help = "Objects in the dentry slab, in use or not.", .json = true,
	 SNMP(dcmMemorySlabObjects, 1, GAUGE32), COLLECTD(objects, slab_objects)},
	{VALUE(slab_active, memory, slab_active), GAUGE("entries"),
	 .help = "Objects of the dentry slab that are in use.", .json = true,
	 SNMP(dcmMemorySlabActive, 2, GAUGE32), COLLECTD(objects, slab_active)},
	{VALUE(total_bytes, memory, total_bytes), GAUGE("bytes"),
	 .help = "Memory of the host, in bytes.", .json = true,
	 SNMP(dcmMemoryTotalKBytes, 3, GAUGE32), .snmp_scale = 1.0 / 1024, COLLECTD(memory, total)},
	{VALUE(free_bytes, memory, free_bytes), GAUGE("bytes"),
	 .help = "Memory that is free, in bytes.", .json = true,
	 SNMP(dcmMemoryFreeKBytes, 4, GAUGE32), .snmp_scale = 1.0 / 1024, COLLECTD(memory, free),
	 RECORDED(free_bytes)},
	{VALUE(slab_reclaimable_bytes, memory, slab_reclaimable_bytes), GAUGE("bytes"),
	 .help = "Slab memory that reclaim can free, dentries included, in bytes.", .json = true,
	 SNMP(dcmMemorySlabReclaimableKBytes, 5, GAUGE32), .snmp_scale = 1.0 / 1024,
	 COLLECTD(memory, slab_reclaimable)},
	{VALUE(low_watermark_bytes, memory, low_watermark_bytes), GAUGE("bytes"),
	 .help = "Free memory at which background reclaim wakes up, in bytes.", .json = true,
	 SNMP(dcmMemoryLowWatermarkKBytes, 6, GAUGE32), .snmp_scale = 1.0 / 1024,
	 COLLECTD(memory, low_watermark), RECORDED(low_watermark_bytes)},
	{VALUE(pgscan_direct, memory, pgscan_direct), COUNTER("pages"),
	 .help = "Pages scanned by processes that had to reclaim memory themselves, since boot.",
	 .json = true, SNMP(dcmMemoryPgscanDirect, 7, COUNTER32), HC(dcmMemoryHCPgscanDirect, 15),
	 COLLECTD(total_operations, pgscan_direct), RECORDED(pgscan_direct)},
	{VALUE(allocstall, memory, allocstall), COUNTER("events"),
	 .help = "Allocations that had to reclaim memory first, since boot.", .json = true,
	 SNMP(dcmMemoryAllocstall, 8, COUNTER32), HC(dcmMemoryHCAllocstall, 16),
	 COLLECTD(total_operations, allocstall), RECORDED(allocstall)},
	{VALUE(slabs_scanned, memory, slabs_scanned), COUNTER("objects"),
	 .help = "Slab objects scanned by reclaim, since boot.", .json = true,
	 SNMP(dcmMemorySlabsScanned, 9, COUNTER32), HC(dcmMemoryHCSlabsScanned, 17),
	 COLLECTD(total_operations, slabs_scanned), RECORDED(slabs_scanned)},
	{VALUE(drop_slab, memory, drop_slab), COUNTER("events"),
	 .help = "Times that somebody dropped all slab caches by hand, since boot.", .json = true,
	 SNMP(dcmMemoryDropSlab, 10, COUNTER32), COLLECTD(total_operations, drop_slab),
	 RECORDED(drop_slab)},
	{VALUE(psi_some_avg10, memory, psi_some_avg10), GAUGE("percent"),
	 .help = "Share of the last 10 s in which at least one task waited for memory, in percent.",
	 .json = true, SNMP(dcmMemoryPsiSomeAvg10, 11, GAUGE32), .snmp_scale = 100,
	 COLLECTD(percent, psi_some), RECORDED(psi_some_avg10)},
	{VALUE(psi_full_avg10, memory, psi_full_avg10), GAUGE("percent"),
	 .help = "Share of the last 10 s in which all tasks waited for memory, in percent.",
	 .json = true, SNMP(dcmMemoryPsiFullAvg10, 12, GAUGE32), .snmp_scale = 100,
	 COLLECTD(percent, psi_full), RECORDED(psi_full_avg10)},
	{VALUE(psi_some_us, memory, psi_some_us), COUNTER("microseconds"),
	 .help = "Time in which at least one task waited for memory, in microseconds since boot.",
	 .json = true, SNMP(dcmMemoryPsiSomeTime, 13, COUNTER32), .snmp_scale = 1e-3,
	 RECORDED(psi_some_us)},
	{VALUE(psi_full_us, memory, psi_full_us), COUNTER("microseconds"),
	 .help = "Time in which all tasks waited for memory, in microseconds since boot.",
	 .json = true, SNMP(dcmMemoryPsiFullTime, 14, COUNTER32), .snmp_scale = 1e-3,
	 RECORDED(psi_full_us)},
};

static const struct dcm_metric superblocks_metrics[] = {
	{VALUE(index, superblock, index), KIND(KEY),
	 .help = "Number of the superblock: stable while it lives, kept over restarts, never given "
		 "to another one.",
	 .json = true, SNMP(dcmSuperblockIndex, 1, NONE)},
	{TYPED(name, superblock, name, STR), KIND(TEXT),
	 .help = "Name of the superblock: unique, and the same after a restart.", .json = true,
	 .label = true, SNMP(dcmSuperblockName, 22, STRING)},
	{TYPED(fstype, superblock, fstype, STR), KIND(TEXT), .help = "Filesystem type.",
	 .json = true, .label = true, SNMP(dcmSuperblockFsType, 2, STRING)},
	{TYPED(id, superblock, id, STR), KIND(TEXT),
	 .help = "Name that the kernel gives the superblock.", .json = true, .label = true,
	 SNMP(dcmSuperblockId, 3, STRING)},
	{TYPED(device, superblock, dev_major, DEVICE), KIND(TEXT),
	 .help = "Device number, major:minor.", .json = true, .label = true,
	 SNMP(dcmSuperblockDevice, 4, STRING)},
	{TYPED(mountpoint, superblock, mountpoint, STR), KIND(TEXT),
	 .help = "Where the superblock is mounted, as the host sees it.", .json = true,
	 .label = true, SNMP(dcmSuperblockMountPoint, 5, STRING), .snmp_empty = true},
	{TYPED(part_mountpoint, superblock, part_mountpoint, STR), KIND(TEXT),
	 .help = "Where a part of it is mounted, such as one file in a container, if it is mounted "
		 "whole nowhere.",
	 .json = true},
	{VALUE(mounts, superblock, mounts), GAUGE("mounts"),
	 .help = "Mounts of the superblock in the mount table of the host.", .json = true,
	 SNMP(dcmSuperblockMounts, 6, GAUGE32)},
	{VALUE(unused, superblock, unused), GAUGE("entries"),
	 .help = "Dentries of the superblock that nothing refers to.", .json = true,
	 SNMP(dcmSuperblockUnused, 7, GAUGE32), HC(dcmSuperblockHCUnused, 11),
	 COLLECTD(objects, unused)},
	{VALUE(hashed, superblock, hashed), GAUGE("entries"),
	 .help = "Dentries of the superblock met in the hash table.", .json = true,
	 SNMP(dcmSuperblockHashed, 8, GAUGE32), HC(dcmSuperblockHCHashed, 12),
	 COLLECTD(objects, hashed)},
	{VALUE(negative, superblock, negative), GAUGE("entries"),
	 .help = "Hashed dentries of the superblock that remember that a name does not exist.",
	 .json = true, SNMP(dcmSuperblockNegative, 9, GAUGE32), HC(dcmSuperblockHCNegative, 13),
	 COLLECTD(objects, negative)},
	{VALUE(shrink_seconds, superblock, shrink_seconds), GAUGE("seconds"),
	 .help = "Predicted stall when the superblock is unmounted or its unused dentries are "
		 "dropped, in seconds.",
	 .json = true, SNMP(dcmSuperblockShrinkTime, 10, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(duration, shrink)},
	ESTIMATE(hashed, superblock, dcmSuperblockHashed, 14, "entries", "hashed dentries"),
	ESTIMATE(negative, superblock, dcmSuperblockNegative, 17, "entries",
		 "negative hashed dentries"),
	{VALUE(shrink_low_seconds, superblock, shrink_low_seconds), GAUGE("seconds"),
	 .help = "Lower end of the range that this prediction lies in, in seconds.", .json = true,
	 SNMP(dcmSuperblockShrinkTimeLow, 20, GAUGE32), .snmp_scale = 1e3},
	{VALUE(shrink_high_seconds, superblock, shrink_high_seconds), GAUGE("seconds"),
	 .help = "Upper end of that range, in seconds.", .json = true,
	 SNMP(dcmSuperblockShrinkTimeHigh, 21, GAUGE32), .snmp_scale = 1e3},
	CONTAINER(superblock, dcmSuperblockContainer, 23, false, "has the superblock for itself"),
	{VALUE(process_pid, superblock, process_pid), KIND(KEY), .json = true,
	 .object = process_object,
	 .help = "PID of a process that sees the superblock where the host has it not mounted."},
	{TYPED(process_command, superblock, process_command, STR), KIND(TEXT), .json = true,
	 .object = process_object, .help = "Command of that process.",
	 SNMP(dcmSuperblockProcess, 29, STRING), .snmp_empty = true},
};

static const struct dcm_metric hash_metrics[] = {
	{VALUE(buckets, hash, buckets), GAUGE("buckets"),
	 .help = "Buckets of the dentry hash table.", .json = true,
	 SNMP(dcmHashBuckets, 1, GAUGE32)},
	{VALUE(nonempty, hash, nonempty), GAUGE("buckets"),
	 .help = "Buckets with at least one entry.", .json = true,
	 SNMP(dcmHashNonempty, 2, GAUGE32), COLLECTD(objects, nonempty_buckets)},
	{VALUE(entries, hash, entries), GAUGE("entries"), .help = "Dentries in the hash table.",
	 .json = true, SNMP(dcmHashEntries, 3, GAUGE32), HC(dcmHashHCEntries, 12),
	 COLLECTD(objects, hashed)},
	{VALUE(negative, hash, negative), GAUGE("entries"),
	 .help = "Dentries in the hash table that remember that a name does not exist.",
	 .json = true, SNMP(dcmHashNegative, 4, GAUGE32), HC(dcmHashHCNegative, 13),
	 COLLECTD(objects, hashed_negative)},
	{VALUE(max_chain, hash, max_chain), GAUGE("entries"),
	 .help = "Length of the longest hash chain met, in entries.", .json = true,
	 SNMP(dcmHashMaxChain, 5, GAUGE32), COLLECTD(objects, max_chain), RECORDED(max_chain)},
	{VALUE(truncated, hash, truncated), GAUGE("chains"),
	 .help = "Chains whose length is only a lower bound.", .json = true,
	 SNMP(dcmHashTruncated, 6, GAUGE32)},
	{VALUE(coverage, hash, coverage), GAUGE("ratio"),
	 .help = "Share of the buckets that these figures rest on, 0 to 1.", .json = true,
	 SNMP(dcmHashCoverage, 7, GAUGE32), .snmp_scale = 1e4, COLLECTD(gauge, coverage)},
	{VALUE(pass_seconds, hash, pass_seconds), GAUGE("seconds"),
	 .help = "Wall time of the last complete pass, in seconds.", .json = true,
	 SNMP(dcmHashPassTime, 8, GAUGE32), .snmp_scale = 1e3, COLLECTD(duration, pass)},
	{VALUE(pass_cpu_seconds, hash, pass_cpu_seconds), GAUGE("seconds"),
	 .help = "CPU time of the last complete pass, in seconds.", .json = true,
	 SNMP(dcmHashPassCpuTime, 9, GAUGE32), .snmp_scale = 1e3, COLLECTD(duration, pass_cpu)},
	{VALUE(age_seconds, hash, age_seconds), GAUGE("seconds"),
	 .help = "Time since the last complete pass ended, in seconds.", .json = true,
	 SNMP(dcmHashAge, 10, GAUGE32), .snmp_scale = 1e3, COLLECTD(duration, pass_age)},
	{VALUE(progress, hash, progress), GAUGE("ratio"),
	 .help = "Progress of the pass under way, 0 to 1.", .json = true,
	 SNMP(dcmHashProgress, 11, GAUGE32), .snmp_scale = 1e4},
	ESTIMATE(nonempty, hash, dcmHashNonempty, 14, "buckets", "buckets with an entry"),
	ESTIMATE(entries, hash, dcmHashEntries, 17, "entries", "hashed dentries"),
	ESTIMATE(negative, hash, dcmHashNegative, 20, "entries", "negative hashed dentries"),
};

static const struct dcm_metric histogram_metrics[] = {
	{VALUE(index, histogram, index), KIND(KEY),
	 .help = "Number of the row, from the shortest chains up.",
	 SNMP(dcmHistogramIndex, 1, NONE)},
	{VALUE(min_length, histogram, min_length), GAUGE("entries"),
	 .help = "Shortest length that is counted here, in entries.", .json = true,
	 SNMP(dcmHistogramMinLength, 2, GAUGE32)},
	{VALUE(max_length, histogram, max_length), GAUGE("entries"),
	 .help = "Longest length that is counted here, in entries; absent in the last row.",
	 .json = true, SNMP(dcmHistogramMaxLength, 3, GAUGE32)},
	{VALUE(chains, histogram, chains), GAUGE("chains"), .help = "Chains of such a length.",
	 .json = true, SNMP(dcmHistogramChains, 4, GAUGE32)},
	ESTIMATE(chains, histogram, dcmHistogramChains, 5, "chains", "chains of such a length"),
};

static const struct dcm_metric chains_metrics[] = {
	{VALUE(rank, chain, rank), KIND(KEY),
	 .help = "Rank of the chain by its length, 1 for the longest.", .json = true,
	 SNMP(dcmChainRank, 1, NONE)},
	{VALUE(length, chain, length), GAUGE("entries"), .help = "Dentries in the chain.",
	 .json = true, SNMP(dcmChainLength, 2, GAUGE32), COLLECTD(objects, length)},
	{TYPED(fstype, chain, fstype, STR), KIND(TEXT),
	 .help = "Filesystem type of the most frequent name.", .json = true, .label = true,
	 SNMP(dcmChainFsType, 3, STRING)},
	{TYPED(parent, chain, parent, STR), KIND(TEXT),
	 .help = "Directory of the most frequent name, as the host sees it.", .json = true,
	 .label = true, SNMP(dcmChainParent, 4, STRING)},
	{TYPED(name, chain, name, STR), KIND(TEXT), .help = "The most frequent name in the chain.",
	 .json = true, .label = true, SNMP(dcmChainName, 5, STRING)},
	{VALUE(same_name, chain, same_name), GAUGE("entries"),
	 .help = "Dentries of the chain that share that directory and name.", .json = true,
	 SNMP(dcmChainSameName, 6, GAUGE32), COLLECTD(objects, same_name)},
	{VALUE(negative, chain, negative), GAUGE("entries"),
	 .help = "Dentries of the chain that remember that a name does not exist.", .json = true,
	 SNMP(dcmChainNegative, 7, GAUGE32)},
	{VALUE(superblock, chain, superblock), KIND(KEY),
	 .help = "Index of the superblock of the most frequent name.", .json = true,
	 SNMP(dcmChainSuperblock, 8, UNSIGNED32)},
	{TYPED(truncated, chain, truncated, BOOL), KIND(STATE),
	 .help = "Whether the length is only a lower bound.", .json = true,
	 SNMP(dcmChainTruncated, 9, TRUTH)},
	{VALUE(bucket, chain, bucket), KIND(KEY), .help = "Number of the bucket in the hash table.",
	 .json = true, .label = true},
	{VALUE(age_seconds, chain, age_seconds), GAUGE("seconds"),
	 .help = "Time since the chain was measured, in seconds.", .json = true,
	 SNMP(dcmChainAge, 10, GAUGE32), .snmp_scale = 1e3},
	{VALUE(unused, chain, unused), GAUGE("entries"),
	 .help = "Dentries of the chain without a reference: what a shrink would free.",
	 .json = true, SNMP(dcmChainUnused, 11, GAUGE32)},
	CONTAINER(chain, dcmChainContainer, 12, false, "has that directory for itself"),
};

static const struct dcm_metric directories_metrics[] = {
	{VALUE(rank, directory, rank), KIND(KEY),
	 .help = "Rank of the directory by its negative children, 1 for the most.", .json = true,
	 SNMP(dcmDirectoryRank, 1, NONE)},
	{TYPED(path, directory, path, STR), KIND(TEXT),
	 .help = "Path of the directory, as the host sees it.", .json = true, .label = true,
	 SNMP(dcmDirectoryPath, 2, STRING)},
	{TYPED(fstype, directory, fstype, STR), KIND(TEXT), .help = "Filesystem type.",
	 .json = true, .label = true, SNMP(dcmDirectoryFsType, 3, STRING)},
	{VALUE(children, directory, children), GAUGE("entries"),
	 .help = "Hashed dentries directly below the directory.", .json = true,
	 SNMP(dcmDirectoryChildren, 4, GAUGE32), COLLECTD(objects, children)},
	{VALUE(negative, directory, negative), GAUGE("entries"),
	 .help = "Of those, dentries that remember that a name does not exist.", .json = true,
	 SNMP(dcmDirectoryNegative, 5, GAUGE32), COLLECTD(objects, negative)},
	{TYPED(sample_names, directory, sample_names, STRINGS), KIND(TEXT),
	 .help = "Patterns of a few of the names, numbers as #: of those that do not exist where "
		 "they are most.",
	 .json = true, SNMP(dcmDirectorySamples, 6, STRING)},
	{VALUE(superblock, directory, superblock), KIND(KEY), .help = "Index of the superblock.",
	 .json = true, SNMP(dcmDirectorySuperblock, 7, UNSIGNED32)},
	{VALUE(children_error, directory, children_error), GAUGE("entries"),
	 .help = "The number of children is at most this far off; 0 for exact.", .json = true,
	 SNMP(dcmDirectoryError, 8, GAUGE32)},
	{TYPED(hint, directory, hint, STR), KIND(TEXT),
	 .help = "What is known about such names and helps against them.", .json = true,
	 SNMP(dcmDirectoryHint, 9, STRING)},
	ESTIMATE(children, directory, dcmDirectoryChildren, 10, "entries",
		 "hashed dentries directly below the directory"),
	ESTIMATE(negative, directory, dcmDirectoryNegative, 13, "entries",
		 "negative hashed dentries directly below it"),
	{VALUE(watch_seconds, directory, watch_seconds), GAUGE("seconds"),
	 .help = "Predicted time for which adding a watch (inotify, fanotify) holds the lock of "
		 "the directory, in seconds.",
	 .json = true, SNMP(dcmDirectoryWatchTime, 16, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(duration, watch)},
	{VALUE(watch_low_seconds, directory, watch_low_seconds), GAUGE("seconds"),
	 .help = "Lower end of the range that this prediction lies in, in seconds.", .json = true,
	 SNMP(dcmDirectoryWatchTimeLow, 17, GAUGE32), .snmp_scale = 1e3},
	{VALUE(watch_high_seconds, directory, watch_high_seconds), GAUGE("seconds"),
	 .help = "Upper end of that range, in seconds.", .json = true,
	 SNMP(dcmDirectoryWatchTimeHigh, 18, GAUGE32), .snmp_scale = 1e3},
	CONTAINER(directory, dcmDirectoryContainer, 19, false, "has the directory for itself"),
};

static const struct dcm_metric lookups_metrics[] = {
	{VALUE(index, lookup, index), KIND(KEY),
	 .help = "Position of the path in the configuration, from 1.", .json = true,
	 SNMP(dcmLookupIndex, 1, NONE)},
	{TYPED(path, lookup, path, STR), KIND(TEXT), .help = "The path that is looked up.",
	 .json = true, .label = true, SNMP(dcmLookupPath, 2, STRING)},
	{VALUE(seconds, lookup, seconds), GAUGE("seconds"),
	 .help = "Time of one lookup of the cached path, in seconds.", .json = true,
	 SNMP(dcmLookupTime, 3, GAUGE32), .snmp_scale = 1e6, COLLECTD(latency, lookup)},
	{TYPED(error, lookup, error, STR), KIND(TEXT),
	 .help = "Why the path could not be looked up; empty or absent when it could.",
	 .json = true, SNMP(dcmLookupError, 4, STRING)},
};

static const struct dcm_metric namespaces_metrics[] = {
	{VALUE(network, namespaces, network), GAUGE("namespaces"),
	 .help = "Network namespaces that exist.", .json = true,
	 SNMP(dcmNamespacesNetwork, 1, GAUGE32), COLLECTD(objects, network), RECORDED(namespaces)},
	{VALUE(created, namespaces, created), COUNTER("namespaces"),
	 .help = "Network namespaces created since the sampler started.", .json = true,
	 SNMP(dcmNamespacesCreated, 2, COUNTER32), COLLECTD(total_operations, created),
	 RECORDED(namespaces_created)},
	{VALUE(ended, namespaces, ended), COUNTER("namespaces"),
	 .help = "Network namespaces that have ended since the sampler started.", .json = true,
	 SNMP(dcmNamespacesEnded, 3, COUNTER32), COLLECTD(total_operations, ended)},
	{VALUE(created_per_second, namespaces, created_per_second), GAUGE("namespaces per second"),
	 .help = "Network namespaces created per second, over the last minute.", .json = true},
	{VALUE(ended_per_second, namespaces, ended_per_second), GAUGE("namespaces per second"),
	 .help = "Network namespaces that ended per second, over the last minute.", .json = true},
	{TYPED(created_exact, namespaces, created_exact, BOOL), KIND(STATE),
	 .help = "Whether each was counted as it was made; if not, those that lived only between "
		 "two samples are missing.",
	 .json = true, SNMP(dcmNamespacesCreatedExact, 4, TRUTH)},
	{TYPED(makers, namespaces, makers, STR), KIND(TEXT),
	 .help = "Commands that made most of them in the last minutes, each with its parent's and "
		 "the runtime of its container, most first; absent when there were none.",
	 .json = true, SNMP(dcmNamespacesMakers, 5, STRING)},
	CONTAINER(namespaces, dcmNamespacesContainer, 6, true, "last made or got a namespace"),
	{TYPED(containers, namespaces, containers, STR), KIND(TEXT),
	 .help = "Containers that made or got namespaces in the last two minutes, if there were "
		 "several: the names of the last two, and how many more, of 64 at most.",
	 .json = true},
	{VALUE(waiting_pods, namespaces, waiting_pods), GAUGE("pods"),
	 .help = "Pods of Kubernetes that no container was made in yet: new ones, and those whose "
		 "sandbox fails, such as for want of a network, each time with a namespace.",
	 .json = true, SNMP(dcmNamespacesWaitingPods, 12, GAUGE32),
	 COLLECTD(objects, waiting_pods)},
	{TYPED(waiting_pod_names, namespaces, waiting_pod_names, STR), KIND(TEXT),
	 .help = "The two of those pods that wait longest, each with its namespace, and how many "
		 "more there are.",
	 .json = true, SNMP(dcmNamespacesWaitingPodNames, 13, STRING)},
};

static const struct dcm_metric snmpd_metrics[] = {
	{VALUE(interfaces, snmpd, interfaces), GAUGE("interfaces"),
	 .help = "Network interfaces that snmpd reads.", .json = true,
	 SNMP(dcmSnmpdInterfaces, 1, GAUGE32), COLLECTD(objects, interfaces),
	 RECORDED(snmpd_interfaces)},
	{VALUE(reload_seconds, snmpd, reload_seconds), GAUGE("seconds"),
	 .help = "Predicted time of one reload of the interface table of snmpd, in seconds.",
	 .json = true, SNMP(dcmSnmpdReloadTime, 2, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(duration, reload)},
	{VALUE(wedge_ratio, snmpd, wedge_ratio), GAUGE("ratio"),
	 .help = "Predicted reload time as a share of the time after which snmpd reloads again: 3 "
		 "s, "
		 "more while that is muted; 0 where it reloads only when asked.",
	 .json = true, SNMP(dcmSnmpdWedgeRatio, 3, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(gauge, wedge_ratio)},
	{VALUE(reload_every_seconds, snmpd, reload_every_seconds), GAUGE("seconds"),
	 .help = "Interval in seconds at which snmpd reloads its interface table, as those who "
		 "mute it "
		 "say; 0: it reloads only when asked.",
	 .json = true, SNMP(dcmSnmpdReloadEvery, 4, GAUGE32), RECORDED(snmpd_reload_every_seconds)},
	{TYPED(module_mib, snmpd, module_mib, BOOL), KIND(STATE),
	 .help = "Whether the module inside snmpd serves DCACHEMON-MIB, as it says itself; absent: "
		 "no module is connected.",
	 .json = true, SNMP(dcmSnmpdModuleMib, 5, TRUTH)},
};

/* Alarms and transitions have one layout; @when and @thing are what their help says otherwise. */
/* clang-format off */
#define ALARM_COLUMNS(object, thing, when) \
	{VALUE(severity, alarm, severity), KIND(STATE), \
	 .help = "Severity" when ": cleared, warning or critical.", .json = true, \
	 SNMP(object##Severity, 3, INTEGER), .symbol = severity_symbol}, \
	{VALUE(type, alarm, type), KIND(STATE), .help = "What the alarm is about.", .json = true, \
	 .label = true, \
	 SNMP(object##Kind, 4, INTEGER), .symbol = alarm_type_symbol}, \
	{VALUE(resource_section, alarm, resource_section), KIND(KEY), \
	 .help = "The row that the alarm is about.", SNMP(object##Resource, 5, ROWPOINTER)}, \
	{TYPED(resource, alarm, resource, STR), KIND(TEXT), \
	 .help = "Name of what the alarm is about: path, device or source.", .json = true, \
	 .label = true, \
	 SNMP(object##ResourceName, 6, STRING)}, \
	{VALUE(value, alarm, value), GAUGE(""), \
	 .help = "Value that caused the transition, in the unit of the alarm type.", .json = true, \
	 SNMP(object##Value, 7, STRING), MILLIONTHS(object##ValueMillionths, 12)}, \
	{VALUE(threshold, alarm, threshold), GAUGE(""), \
	 .help = "Level that was crossed, in the unit of the alarm type.", .json = true, \
	 SNMP(object##Threshold, 8, STRING), MILLIONTHS(object##ThresholdMillionths, 13)}, \
	{TYPED(text, alarm, text, STR), KIND(TEXT), .help = "The " thing " in one sentence.", \
	 .json = true, SNMP(object##Text, 9, STRING)}, \
	{TYPED(time, alarm, time_ns, TIME_NS), GAUGE("seconds"), \
	 .help = "Time of the transition, in seconds since 1970.", .json = true, \
	 SNMP(object##Time, 10, DATETIME)}, \
	{TYPED(test, alarm, test, BOOL), KIND(STATE), \
	 .help = "Whether the " thing " was made by a test of the notification path.", .json = true, \
	 SNMP(object##Test, 11, TRUTH)}, \
	{TYPED(unit, alarm, unit, STR), KIND(TEXT), \
	 .help = "Unit of value and threshold.", .json = true, \
	 SNMP(object##Unit, 14, STRING)}
/* clang-format on */

static const struct dcm_metric alarms_metrics[] = {
	{VALUE(index, alarm, index), KIND(KEY),
	 .help = "Number of the alarm: equal in its raise and its clear, never given to another "
		 "one.",
	 .json = true, SNMP(dcmAlarmIndex, 1, NONE)},
	{VALUE(sequence, alarm, sequence), KIND(KEY),
	 .help = "Number of the latest transition of this alarm.", .json = true,
	 SNMP(dcmAlarmSequence, 2, UNSIGNED32)},
	ALARM_COLUMNS(dcmAlarm, "alarm", ""),
};

static const struct dcm_metric events_metrics[] = {
	{VALUE(sequence, alarm, sequence), KIND(KEY),
	 .help = "Number of the transition, from 1 without gaps.", .json = true,
	 SNMP(dcmEventSequence, 1, NONE)},
	{VALUE(index, alarm, index), KIND(KEY), .help = "Number of the alarm.", .json = true,
	 SNMP(dcmEventAlarmIndex, 2, UNSIGNED32)},
	ALARM_COLUMNS(dcmEvent, "transition", " after the transition"),
};

static const struct dcm_metric sources_metrics[] = {
	{VALUE(index, source, index), KIND(KEY),
	 .help = "Number of the source, the same on every host.", .json = true,
	 SNMP(dcmSourceIndex, 1, NONE)},
	{TYPED(name, source, name, STR), KIND(TEXT),
	 .help = "Name of the source, as in the configuration.", .json = true, .label = true,
	 SNMP(dcmSourceName, 2, STRING)},
	{VALUE(state, source, state), KIND(STATE), .help = "State of the source.", .json = true,
	 SNMP(dcmSourceStatus, 3, INTEGER), .symbol = state_symbol},
	{TYPED(reason, source, reason, STR), KIND(TEXT),
	 .help = "Why the source is not working, in words a person can act on.", .json = true,
	 SNMP(dcmSourceReason, 4, STRING)},
	{VALUE(interval_seconds, source, interval_seconds), GAUGE("seconds"),
	 .help = "Time between two samples, in seconds.", .json = true,
	 SNMP(dcmSourceInterval, 5, GAUGE32), .snmp_scale = 1e3},
	{VALUE(age_seconds, source, age_seconds), GAUGE("seconds"),
	 .help = "Time since the last complete sample, in seconds.", .json = true,
	 SNMP(dcmSourceAge, 6, GAUGE32), .snmp_scale = 1e3, COLLECTD(duration, age)},
	{VALUE(cost_seconds, source, cost_seconds), GAUGE("seconds"),
	 .help = "CPU time of the last complete sample, in seconds.", .json = true,
	 SNMP(dcmSourceCost, 7, GAUGE32), .snmp_scale = 1e6, COLLECTD(duration, cost)},
	{VALUE(runs, source, runs), COUNTER("samples"),
	 .help = "Complete samples since the sampler started.", .json = true,
	 SNMP(dcmSourceRuns, 8, COUNTER32), COLLECTD(total_operations, runs)},
	{VALUE(failures, source, failures), COUNTER("samples"),
	 .help = "Failed samples since the sampler started.", .json = true,
	 SNMP(dcmSourceFailures, 9, COUNTER32), COLLECTD(total_operations, failures)},
	{VALUE(cpu_percent, source, cpu_percent), GAUGE("percent"),
	 .help = "CPU time for this source over the last minute, in percent of one CPU.",
	 .json = true, SNMP(dcmSourceCpu, 10, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(percent, source_cpu)},
};

static const struct dcm_metric self_metrics[] = {
	{VALUE(cpu_seconds, self, cpu_seconds), COUNTER("seconds"),
	 .help = "CPU time of the sampler since its start, in seconds.", .json = true,
	 SNMP(dcmSelfCpuTime, 1, COUNTER32), .snmp_scale = 1e3},
	{VALUE(cpu_percent, self, cpu_percent), GAUGE("percent"),
	 .help = "CPU time of the sampler over the last minute, in percent of one CPU.",
	 .json = true, SNMP(dcmSelfCpu, 2, GAUGE32), .snmp_scale = 1e3, COLLECTD(percent, cpu)},
	{VALUE(budget_percent, self, budget_percent), GAUGE("percent"),
	 .help = "CPU time that the configuration allows, in percent of one CPU; absent without a "
		 "limit.",
	 .json = true, SNMP(dcmSelfBudget, 3, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(percent, budget)},
	{VALUE(longest_slice_seconds, self, longest_slice_seconds), GAUGE("seconds"),
	 .help = "Longest single run of a BPF program, in seconds.", .json = true,
	 SNMP(dcmSelfLongestSlice, 4, GAUGE32), .snmp_scale = 1e6,
	 COLLECTD(duration, longest_slice)},
	{VALUE(rss_bytes, self, rss_bytes), GAUGE("bytes"),
	 .help = "Resident memory of the sampler, in bytes.", .json = true,
	 SNMP(dcmSelfRssKBytes, 5, GAUGE32), .snmp_scale = 1.0 / 1024, COLLECTD(memory, rss)},
	{TYPED(version, self, version, STR), KIND(TEXT), .help = "Version of dcachemon.",
	 .json = true, SNMP(dcmSelfVersion, 6, STRING)},
	{VALUE(clients, self, clients), GAUGE("clients"), .help = "Readers of the snapshot socket.",
	 .json = true, SNMP(dcmSelfClients, 7, GAUGE32), COLLECTD(objects, clients)},
	{VALUE(publish_cpu_percent, self, publish_cpu_percent), GAUGE("percent"),
	 .help = "CPU time for publishing snapshots over the last minute, in percent of one CPU.",
	 .json = true, SNMP(dcmSelfPublishCpu, 8, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(percent, publish_cpu)},
	{VALUE(alarms_cpu_percent, self, alarms_cpu_percent), GAUGE("percent"),
	 .help = "CPU time for alarms and recordings over the last minute, in percent of one CPU.",
	 .json = true, SNMP(dcmSelfAlarmsCpu, 9, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(percent, alarms_cpu)},
	{VALUE(wakeups_cpu_percent, self, wakeups_cpu_percent), GAUGE("percent"),
	 .help = "CPU time for waking up alone over the last minute, in percent of one CPU.",
	 .json = true, SNMP(dcmSelfWakeupsCpu, 10, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(percent, wakeups_cpu)},
	{VALUE(wakeups_per_second, self, wakeups_per_second), GAUGE("per_second"),
	 .help = "How often the sampler woke up, on average over the last minute.", .json = true,
	 SNMP(dcmSelfWakeups, 11, GAUGE32), .snmp_scale = 100},
};

static const struct dcm_metric alarm_status_metrics[] = {
	{VALUE(active, alarm_status, active), GAUGE("alarms"),
	 .help = "Alarms that are raised at the moment.", .json = true,
	 SNMP(dcmAlarmsActive, 1, GAUGE32), COLLECTD(objects, active)},
	{VALUE(sequence, alarm_status, sequence), KIND(KEY),
	 .help = "Number of the newest transition.", .json = true,
	 SNMP(dcmAlarmsSequence, 2, UNSIGNED32)},
	{VALUE(sent, alarm_status, sent), COUNTER("notifications"),
	 .help = "Notifications handed to the master agent.", .json = true,
	 SNMP(dcmNotificationsSent, 3, COUNTER32), COLLECTD(total_operations, sent)},
	{VALUE(suppressed, alarm_status, suppressed), COUNTER("notifications"),
	 .help = "Notifications withheld by the rate limit.", .json = true,
	 SNMP(dcmNotificationsSuppressed, 4, COUNTER32), COLLECTD(total_operations, suppressed)},
	{VALUE(queued, alarm_status, queued), GAUGE("notifications"),
	 .help = "Notifications that wait for a master agent.", .json = true,
	 SNMP(dcmNotificationsQueued, 5, GAUGE32), COLLECTD(objects, queued)},
	{TYPED(notifications_enabled, alarm_status, notifications, BOOL), KIND(STATE),
	 .help = "Whether the configuration allows notifications.", .json = true,
	 SNMP(dcmNotificationsEnabled, 6, TRUTH)},
};

static const struct dcm_metric alarm_counts_metrics[] = {
	{VALUE(type, alarm_count, type), KIND(KEY), .help = "Type of alarm.",
	 SNMP(dcmAlarmCountKind, 1, NONE), .symbol = alarm_type_symbol},
	{TYPED(name, alarm_count, name, STR), KIND(TEXT),
	 .help = "Name of the type, as in the configuration.", .json = true, .label = true,
	 SNMP(dcmAlarmCountName, 2, STRING)},
	{VALUE(active, alarm_count, active), GAUGE("alarms"),
	 .help = "Alarms of this type that are raised at the moment.", .json = true,
	 SNMP(dcmAlarmCountActive, 3, GAUGE32), COLLECTD(objects, active)},
	{VALUE(warnings, alarm_count, warnings), COUNTER("transitions"),
	 .help = "Transitions to warning.", .json = true, SNMP(dcmAlarmCountWarnings, 4, COUNTER32),
	 COLLECTD(total_operations, warnings)},
	{VALUE(criticals, alarm_count, criticals), COUNTER("transitions"),
	 .help = "Transitions to critical.", .json = true,
	 SNMP(dcmAlarmCountCriticals, 5, COUNTER32), COLLECTD(total_operations, criticals)},
	{VALUE(clears, alarm_count, clears), COUNTER("transitions"),
	 .help = "Transitions to cleared.", .json = true, SNMP(dcmAlarmCountClears, 6, COUNTER32),
	 COLLECTD(total_operations, clears)},
};

static const struct dcm_metric reclaim_metrics[] = {
	{VALUE(actions, reclaim, actions), COUNTER("reclaims"),
	 .help = "Superblocks shrunk by \"dcachemon reclaim\", by rules or by hand, if only in "
		 "part.",
	 .json = true, SNMP(dcmReclaimActions, 1, COUNTER32), COLLECTD(total_operations, actions)},
	{VALUE(refusals, reclaim, refusals), COUNTER("reclaims"),
	 .help = "Superblocks that a rule found due and that were not touched: it would have "
		 "taken too long, or the type does not allow it.",
	 .json = true, SNMP(dcmReclaimRefusals, 2, COUNTER32),
	 COLLECTD(total_operations, refusals)},
	{VALUE(failures, reclaim, failures), COUNTER("reclaims"),
	 .help = "Attempts that the kernel or the filesystem turned down.", .json = true,
	 SNMP(dcmReclaimFailures, 3, COUNTER32), COLLECTD(total_operations, failures)},
	{VALUE(freed, reclaim, freed), COUNTER("entries"),
	 .help = "Unused dentries that were freed, where they could be counted.", .json = true,
	 SNMP(dcmReclaimFreed, 4, COUNTER32), HC(dcmReclaimHCFreed, 15),
	 COLLECTD(total_operations, freed)},
	{TYPED(time, reclaim, time_ns, TIME_NS), GAUGE("seconds"),
	 .help = "Time of the last attempt, in seconds since 1970.", .json = true,
	 SNMP(dcmReclaimTime, 5, DATETIME), COLLECTD(gauge, time)},
	{VALUE(result, reclaim, result), KIND(STATE),
	 .help = "What became of it: done, refused, failed, stopped, changed or gone.",
	 .json = true, SNMP(dcmReclaimResult, 6, INTEGER), .symbol = outcome_symbol,
	 COLLECTD(gauge, result)},
	{TYPED(target, reclaim, target, STR), KIND(TEXT),
	 .help = "Mount point of the superblock of the last attempt.", .json = true,
	 SNMP(dcmReclaimTarget, 7, STRING)},
	{TYPED(fstype, reclaim, fstype, STR), KIND(TEXT), .help = "Its filesystem type.",
	 .json = true, SNMP(dcmReclaimFsType, 8, STRING)},
	{TYPED(device, reclaim, dev_major, DEVICE), KIND(TEXT),
	 .help = "Its device number, major:minor.", .json = true,
	 SNMP(dcmReclaimDevice, 9, STRING)},
	{TYPED(rule, reclaim, rule, STR), KIND(TEXT),
	 .help = "Why it was due; absent when somebody did it by hand.", .json = true,
	 SNMP(dcmReclaimRule, 10, STRING)},
	{TYPED(error, reclaim, error, STR), KIND(TEXT),
	 .help = "Why it was refused or stopped, why it failed, or what became of mount options "
		 "that changed; absent when it was done.",
	 .json = true, SNMP(dcmReclaimError, 11, STRING)},
	{VALUE(before, reclaim, before), GAUGE("entries"),
	 .help = "Unused dentries of the superblock before the last attempt.", .json = true,
	 SNMP(dcmReclaimBefore, 12, GAUGE32), HC(dcmReclaimHCBefore, 16),
	 COLLECTD(objects, before)},
	{VALUE(after, reclaim, after), GAUGE("entries"),
	 .help = "Unused dentries of the superblock after the last attempt.", .json = true,
	 SNMP(dcmReclaimAfter, 13, GAUGE32), HC(dcmReclaimHCAfter, 17), COLLECTD(objects, after)},
	{VALUE(seconds, reclaim, seconds), GAUGE("seconds"),
	 .help = "Wall time of the last attempt, in seconds; absent when it was refused or failed.",
	 .json = true, SNMP(dcmReclaimDuration, 14, GAUGE32), .snmp_scale = 1e3,
	 COLLECTD(duration, reclaim)},
	{VALUE(rules_age, reclaim, rules_age_seconds), GAUGE("seconds"),
	 .help = "Time since \"dcachemon reclaim --rules\" last ran without a failure, in "
		 "seconds, or since the sampler started if it never has; absent while the "
		 "rules are not enabled.",
	 .json = true, SNMP(dcmReclaimRulesAge, 18, GAUGE32), COLLECTD(duration, rules)},
	{VALUE(rules_failed, reclaim, rules_failed), GAUGE("runs"),
	 .help = "How many runs of the rules have failed since then.", .json = true,
	 SNMP(dcmReclaimRulesFailed, 19, GAUGE32), COLLECTD(gauge, rules_failed)},
};

static const struct dcm_metric contexts_metrics[] = {
	{VALUE(index, context, index), KIND(KEY),
	 .help = "Position of the context in the configuration, from 1.", .json = true,
	 SNMP(dcmContextIndex, 1, NONE)},
	{TYPED(name, context, name, STR), KIND(TEXT), .help = "Name of the SNMP context.",
	 .json = true, SNMP(dcmContextName, 2, STRING)},
	{TYPED(namespace, context, netns, STR), KIND(TEXT),
	 .help = "The network namespace that it stands for, as in the configuration.", .json = true,
	 SNMP(dcmContextNamespace, 3, STRING)},
	{VALUE(state, context, state), KIND(STATE), .help = "State of the namespace.", .json = true,
	 SNMP(dcmContextStatus, 4, INTEGER), .symbol = context_state_symbol},
	{VALUE(interfaces, context, interfaces), GAUGE("interfaces"),
	 .help = "Rows that its interface table had when somebody last asked for it.", .json = true,
	 SNMP(dcmContextInterfaces, 5, GAUGE32)},
	{TYPED(error, context, error, STR), KIND(TEXT),
	 .help = "Why the namespace is not there, or could not be read; absent when it was.",
	 .json = true, SNMP(dcmContextError, 6, STRING)},
	{TYPED(seen, context, seen_ns, TIME_NS), GAUGE("seconds"),
	 .help = "When the namespace was last seen, in seconds since 1970.", .json = true,
	 SNMP(dcmContextSeen, 7, DATETIME)},
};

static const struct dcm_metric tables_metrics[] = {
	{VALUE(index, table, index), KIND(KEY),
	 .help = "A hundred times the number of the table; more of it: of other network "
		 "namespaces.",
	 .json = true, SNMP(dcmTableIndex, 1, NONE)},
	{TYPED(name, table, name, STR), KIND(TEXT),
	 .help = "Name of the table; with a number: of another network namespace, that with the "
		 "longest chain first.",
	 .json = true, .label = true, SNMP(dcmTableName, 2, STRING)},
	{TYPED(namespace, table, namespace, STR), KIND(TEXT),
	 .help = "Network namespace that has it for itself; absent: it is of the whole host.",
	 .json = true, .short_lived = true, SNMP(dcmTableNamespace, 3, STRING), .snmp_empty = true},
	{VALUE(state, table, state), KIND(STATE),
	 .help = "Whether it can be read: ok, failed or unsupported.", .json = true,
	 SNMP(dcmTableStatus, 4, INTEGER), .symbol = state_symbol},
	{TYPED(reason, table, reason, STR), KIND(TEXT),
	 .help = "Why it cannot be read; absent when it can.", .json = true,
	 SNMP(dcmTableReason, 5, STRING), .snmp_empty = true},
	{VALUE(buckets, table, buckets), GAUGE("buckets"), .help = "Buckets of the table.",
	 .json = true, SNMP(dcmTableBuckets, 6, GAUGE32), COLLECTD(objects, table_buckets)},
	{VALUE(entries, table, entries), GAUGE("entries"), .help = "Entries of the table.",
	 .json = true, SNMP(dcmTableEntries, 7, GAUGE32), COLLECTD(objects, table_entries)},
	{VALUE(load, table, load), GAUGE("ratio"),
	 .help = "Entries per bucket, on average over all buckets.", .json = true,
	 SNMP(dcmTableLoad, 8, GAUGE32), .snmp_scale = 1000, COLLECTD(gauge, table_load)},
	{VALUE(longest, table, longest), GAUGE("entries"), .help = "Entries of its longest chain.",
	 .json = true, SNMP(dcmTableLongest, 9, GAUGE32), COLLECTD(objects, table_longest)},
	{VALUE(p99, table, p99), GAUGE("entries"),
	 .help = "Length that 99 of 100 chains with entries do not exceed; above 64 at most an "
		 "eighth too high.",
	 .json = true, SNMP(dcmTableP99, 10, GAUGE32), COLLECTD(objects, table_p99)},
	{TYPED(truncated, table, truncated, BOOL), KIND(STATE),
	 .help = "Whether the longest chain is longer than what was counted.", .json = true,
	 SNMP(dcmTableTruncated, 11, TRUTH)},
};

#define GROUP(key, sec, n, object)                                                   \
	.name = #key, .section = DCM_SEC_##sec, .arc = n, .mib_name = "dcm" #object, \
	METRICS(key##_metrics)
/* The index comes first among the metrics of a table. */
#define TABLE(key, sec, n, object)                                                  \
	.name = #key, .section = DCM_SEC_##sec, .arc = n, .array = true,            \
	.mib_name = "dcm" #object "Table", .mib_entry_name = "dcm" #object "Entry", \
	METRICS(key##_metrics), .index = &key##_metrics[0]
#define CHANGED(n, object) .change_arc = n, .change_mib_name = #object

const struct dcm_table dcm_tables[] = {
	{GROUP(totals, TOTALS, 1, Totals), .title = "Dentry cache",
	 .help = "The dentry cache as a whole."},
	{GROUP(memory, MEMORY, 2, Memory), .title = "Memory and reclaim",
	 .help = "Memory and reclaim, as far as they bear on the dentry cache."},
	{TABLE(superblocks, SUPERBLOCKS, 3, Superblock), CHANGED(3, dcmSuperblocksChanged),
	 .title = "Superblocks",
	 .help = "Mounted filesystems and what each keeps in the dentry cache: says where entries "
		 "pile up."},
	{GROUP(hash, HASH, 4, Hash), .title = "Hash table",
	 .help = "The hash table that every lookup of a path component goes through."},
	{TABLE(histogram, HISTOGRAM, 5, Histogram), CHANGED(5, dcmHistogramChanged),
	 .json_parent = "hash", .unpolled = true, .help = "Hash chains by length."},
	{TABLE(chains, CHAINS, 6, Chain), CHANGED(6, dcmChainsChanged),
	 .title = "Longest hash chains",
	 .help = "The longest hash chains, longest first: says which name makes lookups slow."},
	{TABLE(directories, DIRECTORIES, 7, Directory), CHANGED(7, dcmDirectoriesChanged),
	 .title = "Directories full of negative dentries",
	 .help = "Directories with the most negative children: says which program asks for names "
		 "that do not exist."},
	{TABLE(lookups, LOOKUPS, 8, Lookup), CHANGED(8, dcmLookupsChanged), .title = "Lookup time",
	 .help = "How long the lookup of a cached path takes, measured from a process."},
	{GROUP(namespaces, NAMESPACES, 9, Namespaces), .title = "Namespaces",
	 .help = "Network namespaces, each of which brings its own /proc/sys/net."},
	{GROUP(snmpd, SNMPD, 10, Snmpd), .title = "Forecast for snmpd",
	 .help = "Forecast of what the interface table of the master agent costs on this host."},
	{TABLE(alarms, ALARMS, 11, Alarm), CHANGED(11, dcmAlarmsChanged),
	 .help = "Alarms that are raised at the moment."},
	{TABLE(events, EVENTS, 12, Event), CHANGED(12, dcmEventsChanged), .unpolled = true,
	 .help = "The last 128 transitions of alarms, oldest first."},
	{TABLE(sources, SOURCES, 13, Source), CHANGED(13, dcmSourcesChanged), .title = "Sources",
	 .help = "Where the figures come from, and which are missing and why."},
	/* its row comes with the sampler and stays: the discontinuity time of the sampler's
	   counters */
	{GROUP(self, SELF, 14, Self), CHANGED(14, dcmSelfStarted), .title = "dcachemon itself",
	 .help = "What dcachemon itself costs."},
	{GROUP(alarm_status, ALARM_STATUS, 15, AlarmStatus), .title = "Alarms",
	 .help = "Alarms and notifications as a whole."},
	{TABLE(alarm_counts, ALARM_COUNTS, 16, AlarmCount), CHANGED(16, dcmAlarmCountsChanged),
	 .title = "Alarms by type", .help = "Transitions by type of alarm and severity."},
	{GROUP(reclaim, RECLAIM, 18, Reclaim), .title = "What reclaim did",
	 .help = "What \"dcachemon reclaim\" has done, and the last time that it did."},
	{TABLE(contexts, CONTEXTS, 19, Context), CHANGED(19, dcmContextsChanged), .unpolled = true,
	 .help = "SNMP contexts, and the network namespaces whose interfaces they show."},
	{TABLE(tables, TABLES, 20, Table), CHANGED(20, dcmTablesChanged),
	 .title = "Other hash tables",
	 .help = "Other hash tables of the kernel, of network devices, addresses, sockets, "
		 "control groups, users, inodes, mounts and tracked connections: says which of "
		 "them has grown long chains."},
};

const size_t dcm_table_count = DCM_ARRAY_SIZE(dcm_tables);

const struct dcm_table *dcm_table_find(enum dcm_section section)
{
	for (size_t i = 0; i < dcm_table_count; i++)
		if (dcm_tables[i].section == section)
			return &dcm_tables[i];
	return NULL;
}
