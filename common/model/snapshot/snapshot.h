/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A snapshot is one flat, immutable block: a header, sections of fixed-size rows and one section
 * of NUL-terminated strings, joined by offsets and free of pointers, so that the same bytes can be
 * a heap block, a sealed memfd of another process or a captured file.
 *
 * Every row begins with a bit set "has": a value whose bit is clear is absent and must not be
 * read. Strings are raw bytes of the kernel (names from strangers): escape them with model/text.h
 * before they leave the process.
 */
#ifndef DCM_MODEL_SNAPSHOT_H
#define DCM_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/reason.h"
#include "common/model/snapshot/hash_tables.h"
#include "common/model/snapshot/sources.h"

#define DCM_SNAPSHOT_MAGIC    0x31306e6f6d686364ULL /* "dchmon01" */
#define DCM_SNAPSHOT_VERSION  1
#define DCM_SNAPSHOT_MAX_SIZE (256u << 20)

/* Offset into the string section; 0 is the empty string. */
typedef uint32_t dcm_str;

enum dcm_section {
	DCM_SEC_STRINGS,
	DCM_SEC_TOTALS,	      /* 1 row */
	DCM_SEC_MEMORY,	      /* 1 row */
	DCM_SEC_SUPERBLOCKS,  /* by ascending index */
	DCM_SEC_HASH,	      /* 1 row */
	DCM_SEC_HISTOGRAM,    /* by ascending length */
	DCM_SEC_CHAINS,	      /* longest first, rank 1.. */
	DCM_SEC_DIRECTORIES,  /* most negative children first, rank 1.. */
	DCM_SEC_LOOKUPS,      /* index 1.. in configured order */
	DCM_SEC_NAMESPACES,   /* 1 row */
	DCM_SEC_SNMPD,	      /* 1 row */
	DCM_SEC_ALARMS,	      /* active alarms by ascending index */
	DCM_SEC_EVENTS,	      /* last transitions by ascending sequence, oldest first */
	DCM_SEC_SOURCES,      /* by ascending enum dcm_source */
	DCM_SEC_SELF,	      /* 1 row: what dcachemon itself costs */
	DCM_SEC_ALARM_STATUS, /* 1 row */
	DCM_SEC_ALARM_COUNTS, /* by ascending alarm type */
	DCM_SEC_IF_NETNS,     /* namespaces whose interfaces somebody asks for, ascending index */
	DCM_SEC_INTERFACES,   /* of those, by ascending key */
	DCM_SEC_RECLAIM,      /* 1 row: what "dcachemon reclaim" has done */
	DCM_SEC_CONTEXTS,     /* index 1.. in configured order */
	DCM_SEC_TABLES,	      /* other hash tables of the kernel, by ascending index */
	DCM_SEC_COUNT,
};

/*
 * Number of a member's bit in "has", derived from its offset in the row: members take a multiple of
 * 4 bytes, so each has a bit of its own. snapshot_layout.c asserts that the bits suffice.
 */
#define DCM_BIT_OF(offset) (((offset) - sizeof(uint64_t)) / sizeof(uint32_t))

/* The bits of @member of the row that @row points to. */
#define DCM_HAS(row, member)	 (1ULL << DCM_BIT_OF(offsetof(__typeof__(*(row)), member)))
#define DCM_ROW_HAS(row, member) (((row)->has & DCM_HAS(row, member)) != 0)
/* Stores a value and marks it present. */
#define DCM_SET(row, member, value)                 \
	do {                                        \
		(row)->member = (value);            \
		(row)->has |= DCM_HAS(row, member); \
	} while (0)
/* The same if there is a value: @condition says so, or @value itself by not being 0. */
#define DCM_SET_IF(row, member, condition, value)    \
	do {                                         \
		if (condition)                       \
			DCM_SET(row, member, value); \
	} while (0)
/* A struct dcm_snap_estimate, whose three numbers are there together. */
#define DCM_SET_ESTIMATE(row, member, about)                                          \
	do {                                                                          \
		(row)->member = (about);                                              \
		(row)->has |= DCM_HAS(row, member.value) | DCM_HAS(row, member.low) | \
			      DCM_HAS(row, member.high);                              \
	} while (0)
#define DCM_SET_UNLESS_0(row, member, value) DCM_SET_IF(row, member, value, value)

/* Sets members, 1 to 6, from those that have the same names in what @from points to. */
/* clang-format off */
#define DCM_SET_FROM(row, from, ...)                                         \
	do {                                                                 \
		DCM_SET_FROM_COUNT(__VA_ARGS__, 6, 5, 4, 3, 2, 1, 0)         \
		(row, from, __VA_ARGS__);                                    \
	} while (0)
#define DCM_SET_FROM_COUNT(a, b, c, d, e, f, count, ...) DCM_SET_FROM_##count
#define DCM_SET_FROM_1(r, f, a)      DCM_SET(r, a, (f)->a)
#define DCM_SET_FROM_2(r, f, a, ...) DCM_SET_FROM_1(r, f, a); DCM_SET_FROM_1(r, f, __VA_ARGS__)
#define DCM_SET_FROM_3(r, f, a, ...) DCM_SET_FROM_1(r, f, a); DCM_SET_FROM_2(r, f, __VA_ARGS__)
#define DCM_SET_FROM_4(r, f, a, ...) DCM_SET_FROM_1(r, f, a); DCM_SET_FROM_3(r, f, __VA_ARGS__)
#define DCM_SET_FROM_5(r, f, a, ...) DCM_SET_FROM_1(r, f, a); DCM_SET_FROM_4(r, f, __VA_ARGS__)
#define DCM_SET_FROM_6(r, f, a, ...) DCM_SET_FROM_1(r, f, a); DCM_SET_FROM_5(r, f, __VA_ARGS__)
/* clang-format on */

/*
 * Of what is not counted yet: 95 of 100 such intervals from low to high hold the true number. There
 * while the count of that name is absent.
 */
struct dcm_snap_estimate {
	uint64_t value, low, high;
};

struct dcm_snap_totals {
	uint64_t has;
	int64_t dentries;    /* nr_dentry; like the next two absent when below zero */
	int64_t unused;	     /* nr_unused */
	int64_t negative;    /* nr_negative; absent before 5.0 */
	uint64_t slab_bytes; /* pages of the dentry slab */
};

struct dcm_snap_memory {
	uint64_t has;
	uint64_t slab_objects, slab_active;    /* of the dentry slab */
	uint64_t total_bytes, free_bytes;      /* MemTotal, MemFree */
	uint64_t slab_reclaimable_bytes;       /* SReclaimable */
	uint64_t low_watermark_bytes;	       /* sum over zones, /proc/zoneinfo */
	uint64_t pgscan_direct, allocstall;    /* /proc/vmstat, events since boot */
	uint64_t slabs_scanned, drop_slab;     /* /proc/vmstat, since boot */
	double psi_some_avg10, psi_full_avg10; /* percent, /proc/pressure/memory */
	uint64_t psi_some_us, psi_full_us;     /* stalled microseconds since boot */
};

/* Whose it is (model/containers); absent where no container is known to have it for itself. */
struct dcm_snap_container {
	dcm_str runtime, id, name, image, pod, namespace;
};

struct dcm_snap_superblock {
	uint64_t has;
	uint32_t index;	 /* stable for the life of the superblock, never reused */
	uint32_t mounts; /* mounts seen in the host's mount table */
	uint32_t dev_major, dev_minor;
	dcm_str fstype, id, mountpoint;
	dcm_str name;	       /* unique in its snapshot, printable (model/roster) */
	uint64_t unused;       /* entries on s_dentry_lru */
	uint64_t hashed;       /* entries met in the hash table */
	uint64_t negative;     /* of those, without inode */
	double shrink_seconds; /* predicted stall of an unmount or shrink, most likely */
	double shrink_low_seconds, shrink_high_seconds; /* and the range that it lies in */
	/* Tell it from a later one with its device number (model/reclaim); not for readers. */
	uint64_t fingerprint, oldest_mount, newest_mount;
	struct dcm_snap_estimate hashed_estimate, negative_estimate;
	struct dcm_snap_container container;
	/* One of the processes that see it, where the host's mount table does not have it. */
	uint32_t process_pid;
	dcm_str process_command;
	dcm_str part_mountpoint; /* of a part, where the whole is mounted nowhere */
	uint32_t reserved;
};

struct dcm_snap_hash {
	uint64_t has;
	uint64_t buckets, nonempty, entries, negative, max_chain;
	uint64_t truncated;  /* chains whose length is only a lower bound */
	double coverage;     /* 0..1, share of buckets these numbers rest on */
	double pass_seconds; /* wall time of the pass */
	double pass_cpu_seconds;
	double age_seconds; /* since the pass ended */
	double progress;    /* 0..1, of the pass under way */
	struct dcm_snap_estimate nonempty_estimate, entries_estimate, negative_estimate;
};

struct dcm_snap_histogram {
	uint64_t has;
	uint32_t index; /* row number, 1.. */
	uint32_t reserved;
	uint64_t min_length, max_length; /* inclusive; max_length absent in the last row */
	uint64_t chains;
	struct dcm_snap_estimate chains_estimate;
};

struct dcm_snap_chain {
	uint64_t has;
	uint32_t rank;
	uint32_t superblock; /* index of the most frequent name's superblock */
	uint64_t bucket;
	uint64_t length;
	uint64_t same_name; /* members that share the most frequent parent and name */
	uint64_t negative;
	uint64_t unused; /* without a reference: what a shrink would free */
	dcm_str fstype, parent, name;
	uint32_t truncated; /* 1: length is a lower bound */
	double age_seconds;
	struct dcm_snap_container container;
};

#define DCM_DIRECTORY_SAMPLES 4
struct dcm_snap_directory {
	uint64_t has;
	uint32_t rank;
	uint32_t superblock;
	dcm_str path, fstype;
	uint64_t children, negative;
	dcm_str sample_names[DCM_DIRECTORY_SAMPLES]; /* patterns of names, 0-terminated */
	uint64_t children_error;		     /* children is at most this far off */
	dcm_str hint;				     /* what is known about such names */
	uint32_t reserved;
	double watch_seconds; /* predicted hold of its lock when a watch is added, most likely */
	double watch_low_seconds, watch_high_seconds; /* and the range that it lies in */
	struct dcm_snap_estimate children_estimate, negative_estimate;
	struct dcm_snap_container container;
};

struct dcm_snap_lookup {
	uint64_t has;
	uint32_t index;
	dcm_str path;
	double seconds;
	dcm_str error;
	uint32_t reserved;
};

struct dcm_snap_namespaces {
	uint64_t has;
	uint64_t network;	/* live network namespaces */
	uint64_t created;	/* since the sampler started */
	uint32_t created_exact; /* 0: only those that lived when the sampler looked */
	dcm_str makers;		/* commands that made most of them lately */
	uint64_t ended;		/* since the sampler started */
	double created_per_second, ended_per_second; /* over the last minute */
	struct dcm_snap_container container; /* whose processes made one last, or that got it */
	dcm_str containers; /* of several of late: the last ones and how many more */
	dcm_str waiting_pod_names;
	uint64_t waiting_pods; /* that no container was made in yet */
};

struct dcm_snap_snmpd {
	uint64_t has;
	uint64_t interfaces;
	double reload_seconds, wedge_ratio;
	uint64_t reload_every_seconds; /* 0: only when asked for; absent: not told, then 3 */
	uint32_t module_mib;	       /* 1: its module serves DCACHEMON-MIB; absent: no module */
	uint32_t reserved;
};

/* Values are those of DcmSeverity in the MIB. */
enum dcm_severity {
	DCM_SEVERITY_CLEARED = 1,
	DCM_SEVERITY_WARNING = 2,
	DCM_SEVERITY_CRITICAL = 3,
};

/* Values are those of DcmReclaimOutcome in the MIB. */
enum dcm_reclaim_outcome {
	DCM_RECLAIM_DONE = 1,
	DCM_RECLAIM_REFUSED = 2,	 /* due, but not touched */
	DCM_RECLAIM_FAILED = 3,		 /* the kernel or the filesystem turned it down */
	DCM_RECLAIM_STOPPED = 4,	 /* it ended between two steps: only a part was freed */
	DCM_RECLAIM_OPTIONS_CHANGED = 5, /* done, but mount options changed */
	DCM_RECLAIM_GONE = 6, /* the superblock, or its last mount, went away meanwhile */
};

/* Whether it went its way, at least in part. */
bool dcm_reclaim_has_acted(enum dcm_reclaim_outcome outcome);

/* "done" and so on, also in reclaim.log. */
const char *dcm_reclaim_outcome_name(enum dcm_reclaim_outcome outcome);

/* Sums since reclaim.log was begun; the rest is of the last attempt, absent before the first. */
struct dcm_snap_reclaim {
	uint64_t has;
	uint64_t actions, refusals, failures;
	uint64_t freed;	 /* dentries */
	int64_t time_ns; /* CLOCK_REALTIME of its end */
	dcm_str target, fstype;
	dcm_str rule;	 /* why it was due; absent by hand */
	dcm_str error;	 /* why it was not just done */
	uint32_t result; /* enum dcm_reclaim_outcome */
	uint32_t reserved;
	uint32_t dev_major, dev_minor;
	uint64_t before, after; /* unused dentries */
	double seconds;
	double rules_age_seconds; /* since the rules last ran well, or could have; while enabled */
	uint64_t rules_failed;	  /* runs since then */
};

/* One layout serves active alarms and transitions. */
struct dcm_snap_alarm {
	uint64_t has;
	uint32_t index;		   /* of the alarm: equal in its raise and its clear */
	uint32_t type;		   /* enum dcm_alarm_type */
	uint64_t sequence;	   /* of the transition, 1.. */
	uint32_t severity;	   /* enum dcm_severity */
	uint32_t resource_section; /* enum dcm_section the resource lies in */
	uint32_t resource_index;   /* row index there */
	dcm_str resource;	   /* path, device or source name */
	double value, threshold;
	dcm_str text;	 /* printable ASCII without shell metacharacters */
	uint32_t test;	 /* 1: made by test-trap */
	int64_t time_ns; /* CLOCK_REALTIME of the transition */
	dcm_str unit;	 /* of value and threshold: "entries"; "" for a test */
	uint32_t reserved;
};

struct dcm_snap_alarm_status {
	uint64_t has;
	uint64_t active;	/* alarms raised at the moment */
	uint64_t sequence;	/* of the newest transition */
	uint64_t sent;		/* notifications handed to the master agent */
	uint64_t suppressed;	/* notifications withheld by the rate limit */
	uint64_t queued;	/* notifications that wait for a master agent */
	uint32_t notifications; /* 1: enabled in the configuration */
	uint32_t reserved;
	uint64_t handled; /* transitions up to this sequence need no notification any more */
};

/* Transitions of one alarm type since the state file was made. */
struct dcm_snap_alarm_count {
	uint64_t has;
	uint32_t type; /* enum dcm_alarm_type */
	dcm_str name;  /* "chain_length" */
	uint64_t warnings, criticals, clears;
	uint32_t active; /* alarms of this type at the moment */
	uint32_t reserved;
};

struct dcm_snap_source {
	uint64_t has;
	uint32_t index; /* enum dcm_source + 1 */
	uint32_t state; /* enum dcm_source_state */
	dcm_str name, reason;
	double interval_seconds;
	double age_seconds;  /* since the last complete sample */
	double cost_seconds; /* CPU time of the last complete sample */
	uint64_t runs, failures;
	double cpu_percent; /* over the last minute */
};

struct dcm_snap_self {
	uint64_t has;
	double cpu_seconds;	      /* of the sampler, since its start */
	double cpu_percent;	      /* over the last minute */
	double budget_percent;	      /* configured; absent without a budget */
	double longest_slice_seconds; /* longest single BPF run */
	uint64_t rss_bytes;
	dcm_str version;
	uint32_t clients; /* readers of the snapshot socket */
	uint32_t reserved;
	/* over the last minute, beside what sources cost */
	double publish_cpu_percent, alarms_cpu_percent, wakeups_cpu_percent;
	double wakeups_per_second;
};

/*
 * One network namespace whose interfaces are sampled at the moment. Times are CLOCK_MONOTONIC and
 * absent when nothing has changed since its first sample.
 */
struct dcm_snap_if_netns {
	uint64_t has;
	uint32_t index; /* 1.., never used twice; 1 is the sampler's own */
	uint32_t interfaces;
	dcm_str name;  /* "" for the own namespace: raw bytes */
	dcm_str error; /* why the last sample failed; absent when it did not */
	uint64_t sampled_ns;
	uint64_t changed_ns;	  /* an interface was added or removed */
	uint64_t ipv4_changed_ns; /* the same, or a value, of interfaces with an IPv4 address */
	uint64_t ipv6_changed_ns;
};

/* What the IF-MIB and IP-MIB say of one interface (docs/if-mib.md). */
struct dcm_snap_interface {
	uint64_t has;
	uint64_t key;		/* netns << 32 | index */
	uint32_t netns;		/* index of the namespace's row */
	uint32_t index;		/* ifIndex */
	uint32_t arphrd, flags; /* ARPHRD_*, IFF_* (linux/if_arp.h, linux/if.h) */
	uint32_t mtu;
	uint32_t families;    /* DCM_IF_IPV4 | DCM_IF_IPV6 (if_table.h) */
	uint32_t missing;     /* 1: gone, its row fades */
	uint32_t address_len; /* of the link layer, from the kernel: may exceed 8 */
	uint8_t address[8];   /* its first bytes, then zeros */
	dcm_str name, alias;  /* raw bytes */
	uint64_t in_octets, in_unicast, in_multicast, in_errors, in_dropped;
	uint64_t out_octets, out_packets, out_errors, out_dropped;
	uint64_t speed_bps;	   /* absent: the driver does not say */
	uint64_t changed_ns;	   /* CLOCK_MONOTONIC of the last change of operational status */
	uint64_t discontinuity_ns; /* CLOCK_MONOTONIC; absent: never */
	int32_t v4_retrans_ms, v6_retrans_ms, v6_reachable_ms, v6_forwarding;
};

/* Values are those of DcmContextState in the MIB. */
enum dcm_context_state {
	DCM_CONTEXT_STARTING = 1, /* not looked for yet */
	DCM_CONTEXT_PRESENT = 2,
	DCM_CONTEXT_ABSENT = 3, /* no such namespace at the moment */
	DCM_CONTEXT_FAILED = 4, /* it cannot be entered or read; the error says why */
};

const char *dcm_context_state_name(enum dcm_context_state state);

/* One SNMP context and its namespace. */
struct dcm_snap_context {
	uint64_t has;
	uint32_t index; /* 1.. */
	uint32_t state; /* enum dcm_context_state */
	dcm_str name;	/* of the context */
	dcm_str netns;	/* as configured: "/run/netns/NAME", "pid:N", "self" */
	dcm_str error;
	uint32_t netns_index; /* index of the namespace in DCM_SEC_IF_NETNS; absent: none */
	uint32_t interfaces;  /* when it was last sampled */
	uint32_t reserved;
	uint64_t checked_ns; /* CLOCK_MONOTONIC of the last look for the namespace */
	uint64_t
		changed_ns; /* CLOCK_MONOTONIC when it became another one, or none; absent: never */
	int64_t seen_ns;    /* CLOCK_REALTIME when it was last there */
};

/* Numbers of the rows of one table: the one of the sampler's network namespace, then others. */
#define DCM_TABLE_PLACES 100

/* A hash table of the kernel; numbers are absent unless its state is ok. */
struct dcm_snap_table {
	uint64_t has;
	uint32_t index;	    /* (enum dcm_hash_table + 1) * DCM_TABLE_PLACES + place */
	uint32_t state;	    /* enum dcm_source_state */
	dcm_str name;	    /* "device_names", of another namespace with its place: "-1" */
	dcm_str namespace;  /* "self", "/run/netns/NAME" or "net:[INODE]"; absent: of the host */
	dcm_str reason;	    /* why its state is not ok */
	uint32_t truncated; /* 1: longest is a lower bound */
	uint64_t buckets, entries;
	uint64_t longest, p99; /* chains: 99 of 100 with entries have at most p99 */
	double load;	       /* entries per bucket */
	uint64_t key;	       /* of table and namespace, as long as they live; not for readers */
};

/* The interface tables that somebody asks for. */
struct dcm_interfaces_wanted {
	bool own;	   /* of the sampler's own namespace */
	uint64_t contexts; /* bit (index - 1) of each context */
};

struct dcm_snap_section {
	uint32_t offset;   /* from the start of the block, 8-byte aligned */
	uint32_t count;	   /* rows; bytes for the string section */
	uint32_t row_size; /* must equal sizeof the row type; 1 for strings */
	uint32_t reserved;
	uint64_t changed_ns; /* CLOCK_MONOTONIC when the set of rows last changed */
};

struct dcm_snap_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_size;
	uint64_t size;	   /* of the whole block */
	uint64_t sequence; /* 1.. per sampler */
	int64_t realtime_ns;
	uint64_t monotonic_ns;
	struct dcm_snap_section section[DCM_SEC_COUNT];
};

/* ---- reading ---- */

/* A validated block in memory. Owned by the caller; released by its own release function. */
struct dcm_snapshot {
	const struct dcm_snap_header *header;
	size_t size;
	void (*release)(struct dcm_snapshot *snapshot); /* frees the bytes; NULL: borrowed */
};

/*
 * Checks every size, offset, alignment, count, string reference and enumeration of @data, which may
 * come from anybody, and that every table ascends by its index from 1 or more. Returns 0, -EINVAL
 * (damaged) or -EPROTO (another version), with a reason. Numbers themselves are not judged: a
 * double may be NaN.
 */
int dcm_snapshot_validate(const void *data, size_t size, struct dcm_reason *reason);

/* Releases the bytes and the object itself; NULL is allowed. */
void dcm_snapshot_destroy(struct dcm_snapshot *snapshot);
DCM_DEFINE_CLEANUP(struct dcm_snapshot, dcm_snapshot_destroy)

size_t dcm_snapshot_count(const struct dcm_snapshot *snapshot, enum dcm_section section);

/* Row @i of @section, NULL when @i is out of range. */
const void *dcm_snapshot_row(const struct dcm_snapshot *snapshot, enum dcm_section section,
			     size_t i);

/* Orders pointers to rows for qsort(3): most unused entries first, then the older superblock, so
 * that the order is always the same. */
int dcm_snap_superblock_compare(const void *a, const void *b);

/* The same of tables (struct dcm_snap_table): the longest chain first, then the higher load. */
int dcm_snap_table_compare(const void *a, const void *b);

/* Never NULL: "" for an absent string. */
const char *dcm_snapshot_str(const struct dcm_snapshot *snapshot, dcm_str str);

/* Bytes of one row of @section (1 for strings). */
size_t dcm_section_row_size(enum dcm_section section);

/* ---- building ---- */

struct dcm_snapshot_builder;

int dcm_snapshot_builder_create(struct dcm_snapshot_builder **ret);
void dcm_snapshot_builder_destroy(struct dcm_snapshot_builder *builder);

/*
 * Appends a zeroed row and returns it; the pointer is valid until the next row is added to the
 * same section. NULL when memory is short: finish then fails with -ENOMEM, so that callers may
 * check once (once add has returned NULL, finish fails).
 */
void *dcm_snapshot_builder_add(struct dcm_snapshot_builder *builder, enum dcm_section section);

/* Appends a copy of @row, which has no strings; nothing while it has no members. Returns the copy
 * or NULL, as above. */
void *dcm_snapshot_builder_copy(struct dcm_snapshot_builder *builder, enum dcm_section section,
				const void *row);

/*
 * Takes all rows of @section as they were in the snapshot before, in place of adding them. False:
 * they are gone, as strings are thrown away now and then, with all that refers to them. No row may
 * have been added to @section before.
 */
bool dcm_snapshot_builder_again(struct dcm_snapshot_builder *builder, enum dcm_section section);

/* Stores @len bytes up to the first NUL; 0 for an empty string or when memory is short. */
dcm_str dcm_snapshot_builder_str(struct dcm_snapshot_builder *builder, const char *bytes,
				 size_t len);

/* The same for a whole string. */
dcm_str dcm_snapshot_builder_text(struct dcm_snapshot_builder *builder, const char *text);

/* The rows added so far (bytes of the string section), valid until the next row is added to that
 * section; NULL when there are none. */
const void *dcm_snapshot_builder_rows(const struct dcm_snapshot_builder *builder,
				      enum dcm_section section, size_t *ret_count);

/*
 * Builds the flat block and empties the builder for the next use. Compares the identity of each
 * section's rows with that of the previous finish to keep changed_ns. Fails with -ENOMEM or
 * -EFBIG.
 */
int dcm_snapshot_builder_finish(struct dcm_snapshot_builder *builder, int64_t realtime_ns,
				uint64_t monotonic_ns, struct dcm_snapshot **ret);

#endif
