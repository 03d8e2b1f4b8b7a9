/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a source is, and what the collector offers to it. A source is one file in sources/ with one
 * struct dcm_source_ops, dcm_source_NAME, and state of its own; the collector runs it, counts its
 * cost and keeps its status. Its number, name, interval and help are in DCM_SOURCES()
 * (common/model/snapshot/sources.h).
 */
#ifndef DCM_SAMPLING_SOURCE_H
#define DCM_SAMPLING_SOURCE_H

#include "common/kernel/files/cached_file.h"
#include "common/kernel/mounts/mount_points.h"
#include "common/kernel/walk/walk.h"
#include "common/model/reclaim/forecast.h"
#include "common/sampling/budget.h"
#include "common/sampling/collector.h"
#include "common/sampling/superblock_index.h"

/* One call of a source. */
struct dcm_run {
	uint64_t now_ns;
	bool complete;		  /* a whole sample now, whatever it costs */
	uint64_t next_ns;	  /* out: when to call again; 0: after the interval */
	uint64_t extra_cost_ns;	  /* out: CPU time spent for this source in another thread */
	uint64_t interval_ns;	  /* out: the interval that it takes at least; 0: as configured */
	double fraction;	  /* out, with DCM_RUN_MORE: how much of the sample is there */
	bool stuck;		  /* out, with DCM_RUN_MORE: it has not come back for too long */
	struct dcm_reason reason; /* out: why it failed, or what a good sample lacks; also what the
				     first one lacks so far */
};

#define DCM_RUN_DONE 0 /* a complete sample */
#define DCM_RUN_MORE 1 /* part of one */

/* Where in a complete sample (dcm_collector_sample) a source runs; within a stage by number. */
enum dcm_sample_stage {
	DCM_BEFORE_PASS = 1,
	DCM_PASS = 2, /* over the hash table */
	DCM_AFTER_PASS = 4,
};

/* Members that are 0 or NULL mean what each says; only run is needed. */
struct dcm_source_ops {
	/* Snapshots follow its samples, and there is no collector when its first one fails. */
	bool essential;
	unsigned stages; /* enum dcm_sample_stage, several are possible; 0: DCM_AFTER_PASS */
	/* Why there is nothing to do under @config, whatever its interval; NULL: there is. */
	const char *(*off_reason)(const struct dcm_config *config);
	/* State of its own and whatever must be opened early. -errno with @reason: the source is
	 * unsupported. */
	int (*create)(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason);
	void (*destroy)(void *state); /* never with NULL */
	/* DCM_RUN_*; -EOPNOTSUPP: can never work here; another -errno: tried again later. */
	int (*run)(struct dcm_collector *collector, void *state, struct dcm_run *run);
	/* Takes what changed in the configuration. */
	int (*reconfigure)(struct dcm_collector *collector, void *state);
	/* Adds rows of what is known. */
	void (*publish)(struct dcm_collector *collector, void *state,
			struct dcm_snapshot_builder *builder);
	/* A number that changes with what publish() would add, if that does not change by itself
	 * (ages do). Its rows are then all of @section, and are built again only if it did. */
	uint64_t (*news)(const struct dcm_collector *collector, const void *state);
	enum dcm_section section;
	/* Mask of 1 << CAP_* that it needs from now on. */
	uint64_t (*capabilities)(const struct dcm_collector *collector, const void *state);
	/* A descriptor that is readable when run() has something to fetch from a worker. One source
	 * has one: dcm_collector_fd() returns it. */
	int (*fd)(const void *state);
	/* Empties it. True: run() is to be called at once. */
	bool (*wake)(void *state);
};

#define DCM_SOURCE_OPS(id, name, seconds, help) dcm_source_##name
extern const struct dcm_source_ops DCM_SOURCES(DCM_SOURCE_OPS);

/* ---- the collector's services ---- */

const struct dcm_config *dcm_collector_config(const struct dcm_collector *collector);

/* CLOCK_MONOTONIC, or a test's. */
uint64_t dcm_collector_now_ns(const struct dcm_collector *collector);

/* The walk, opened on first use and once only. -errno with the reason of that attempt. */
int dcm_collector_walk(struct dcm_collector *collector, struct dcm_reason *reason,
		       struct dcm_walk **ret);

/* The walk when it is open, otherwise NULL. */
struct dcm_walk *dcm_collector_open_walk(const struct dcm_collector *collector);

struct dcm_superblock_index *dcm_collector_superblocks(const struct dcm_collector *collector);

/* State of @source; NULL when it is off or cannot work. For that source's own answers below. */
void *dcm_collector_state(const struct dcm_collector *collector, enum dcm_source source);

/* Whether the last sample of @source failed and is tried again later. */
bool dcm_collector_has_failed(const struct dcm_collector *collector, enum dcm_source source);

/* A number that changes with each end of a sample of @source, or of an attempt, and with its
 * configuration. */
uint64_t dcm_collector_news(const struct dcm_collector *collector, enum dcm_source source);

/* dcm_collector_set_reload(); false: not known. */
bool dcm_collector_reload_every(const struct dcm_collector *collector, uint32_t *ret_seconds);

/* dcm_collector_set_module_mib(); false: not known. */
bool dcm_collector_module_mib(const struct dcm_collector *collector, bool *ret_served);

/* The next snapshot is due at once: somebody waits for what has just been sampled. */
void dcm_collector_publish_now(struct dcm_collector *collector);

/* ---- time and budget ---- */

/* Charges the budget with the CPU time since the last call; returns the thread's CPU clock. */
uint64_t dcm_collector_charge(struct dcm_collector *collector);

uint64_t dcm_collector_interval_ns(const struct dcm_collector *collector, enum dcm_source source);

/* What all sources together may spend. */
struct dcm_budget *dcm_collector_budget(struct dcm_collector *collector);

/*
 * @due_ns, or up to a second later when the totals are sampled then: elastic work rides along with
 * that wake-up.
 */
uint64_t dcm_collector_ride_ns(const struct dcm_collector *collector, uint64_t now_ns,
			       uint64_t due_ns);

/*
 * For a source whose samples cost in proportion to what there is: stretches @run's interval when
 * @cost_ns, the CPU time of this sample, takes more than @share of the budget. The reason says so
 * unless it says something else.
 */
void dcm_collector_stretch(const struct dcm_collector *collector, enum dcm_source source,
			   uint64_t cost_ns, double share, struct dcm_run *run);

/* ---- mounts of the host (host_path.c) ---- */

/* Reads the mount table again when it changed and the budget permits (@force: in any case). */
void dcm_host_mounts_refresh(struct dcm_collector *collector, uint64_t now_ns, bool force);

/* Mounts of a device. -ENOENT: it has none; -EAGAIN: the mount table was not read yet. */
int dcm_host_mounts_find(const struct dcm_collector *collector, uint32_t major, uint32_t minor,
			 struct dcm_mount_device *ret);

/* Its mountpoint, a dcm_superblock_mountpoint of the struct dcm_collector @ctx; not of a part. */
const char *dcm_host_mountpoint(const void *ctx, uint32_t major, uint32_t minor);

#define DCM_HOST_PATH_SIZE (DCM_WALK_PATH_SIZE + DCM_PATH_SIZE)

/*
 * @path of a superblock as the host sees it: "/sys/net" of proc becomes "/proc/sys/net". Where the
 * host has it not mounted (in a container only), "MAJOR:MINOR:/path" says at least where; "..."
 * replaces an upper part that is missing. @superblock may be NULL.
 */
void dcm_host_path(const struct dcm_collector *collector, const struct dcm_superblock *superblock,
		   const char *path, bool complete, char *out, size_t size);

/* ---- sources that read one file ---- */

/* The first member of such a source's state. */
struct dcm_source_file {
	struct dcm_cached_file cached;
	char *buf;
	size_t size; /* of @buf */
};

/* A state of @size bytes, zeros but for its file: @path below the configured root. -ENOMEM. */
int dcm_source_file_create(const struct dcm_collector *collector, const char *path, size_t size,
			   void **ret_state, struct dcm_reason *reason);
void dcm_source_file_destroy(void *state);

/* The content, in file->buf until the next call: see dcm_cached_file_read(). */
int dcm_source_file_read(struct dcm_source_file *file, size_t max, size_t *ret_len);

/* ---- what a source knows and others need; false: not known ---- */

/* Size of the dentry slab (memory). */
bool dcm_memory_slab_bytes(const struct dcm_collector *collector, uint64_t *ret);

/* Changes with what the next two say (hash). */
uint64_t dcm_hash_superblock_news(const struct dcm_collector *collector);

/* Entries that the last complete pass met in a superblock that has been the same since the pass
 * began (hash). */
bool dcm_hash_superblock_count(const struct dcm_collector *collector,
			       const struct dcm_superblock *superblock, uint64_t *ret_hashed,
			       uint64_t *ret_negative);

/* The same, estimated from the pass under way (hash). */
bool dcm_hash_superblock_estimate(const struct dcm_collector *collector,
				  const struct dcm_superblock *superblock,
				  struct dcm_interval *ret_hashed,
				  struct dcm_interval *ret_negative);

/* The pace of the host (model/reclaim/forecast.h), from complete passes (hash). */
bool dcm_hash_pace(const struct dcm_collector *collector, double *ret);

/* Whether there is a first answer: a complete pass; or an estimate, the chain sample and the length
 * of what it found. True as well where none can be expected (hash). */
bool dcm_hash_has_answered(const struct dcm_collector *collector);

/* What earlier reclaims took (reclaim). */
bool dcm_reclaim_history(const struct dcm_collector *collector, struct dcm_forecast_history *ret);

/* Newest time of a lookup of @path, in seconds (lookups). */
bool dcm_lookups_seconds(const struct dcm_collector *collector, const char *path, double *ret);

/* ---- helpers ---- */

/* All that passes and reclaims tell of this host; nothing of its CPUs. */
void dcm_host_forecast(const struct dcm_collector *collector, struct dcm_forecast *ret);

static inline double dcm_seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

#endif
