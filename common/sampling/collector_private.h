/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Inside of the collector: what the sources (source_*.c) share. A source is one struct of
 * operations with state of its own; collector.c runs it, counts its cost and keeps its status.
 */
#ifndef DCM_SAMPLING_COLLECTOR_PRIVATE_H
#define DCM_SAMPLING_COLLECTOR_PRIVATE_H

#include "common/kernel/mounts/mount_points.h"
#include "common/kernel/walk/walk.h"
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
	struct dcm_reason reason; /* out: why it failed, or what a good sample lacks */
};

#define DCM_RUN_DONE 0 /* a complete sample */
#define DCM_RUN_MORE 1 /* part of one */

struct dcm_source_ops {
	enum dcm_source source;
	/* State of its own and whatever must be opened early. May be NULL. -errno with @reason:
	 * the source is unsupported. */
	int (*create)(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason);
	void (*destroy)(void *state);
	/* DCM_RUN_*; -EOPNOTSUPP: can never work here; another -errno: tried again later. */
	int (*run)(struct dcm_collector *collector, void *state, struct dcm_run *run);
	/* Takes what changed in collector->config. May be NULL. */
	int (*reconfigure)(struct dcm_collector *collector, void *state);
	/* Adds rows of what is known. May be NULL. */
	void (*publish)(struct dcm_collector *collector, void *state,
			struct dcm_snapshot_builder *builder);
	/* Mask of 1 << CAP_* that it needs from now on. May be NULL. */
	uint64_t (*capabilities)(const struct dcm_collector *collector, const void *state);
};

extern const struct dcm_source_ops dcm_source_dentry_state, dcm_source_memory,
	dcm_source_superblocks, dcm_source_hash, dcm_source_lookups, dcm_source_namespaces,
	dcm_source_sysctls, dcm_source_snmpd, dcm_source_reclaim;

struct dcm_source_slot {
	const struct dcm_source_ops *ops; /* NULL: not built */
	void *state;
	enum dcm_source_state status;
	enum dcm_source_state told; /* last one that dcm_collector_next_change returned */
	struct dcm_reason reason;
	uint64_t due_ns;      /* UINT64_MAX: never */
	uint64_t done_ns;     /* end of the last complete sample; 0: none */
	uint64_t cost_ns;     /* of the last complete sample */
	uint64_t spent_ns;    /* on the sample under way */
	uint64_t interval_ns; /* until the next sample, as of the last one */
	uint64_t runs, failures;
	unsigned failures_in_row;
	unsigned again_in_row; /* -EAGAIN since the last complete sample */
};

/* The mount table, read again within the budget. */
struct dcm_mounts {
	struct dcm_mount_points *table;
	bool read;
	uint64_t due_ns;
};

#define DCM_CPU_SAMPLES 13

/* What the sampler itself costs: a point every 5 s gives the percentage of the last minute. */
struct dcm_collector_cost {
	uint64_t other_ns; /* CPU time in worker threads */
	uint64_t wake_ns;  /* charged since the last sleep, but to no source and no publishing */
	bool slept;	   /* the last round has nothing more to do */
	struct {
		uint64_t at_ns, cpu_ns;
	} ring[DCM_CPU_SAMPLES];
	size_t points;
};

struct dcm_collector {
	struct dcm_config config;
	struct dcm_budget budget;
	struct dcm_walk *walk; /* NULL: walk_err and walk_reason say why */
	bool walk_tried;
	int walk_err;
	struct dcm_reason walk_reason;
	struct dcm_mounts mounts;
	struct dcm_superblock_index *superblocks;
	struct dcm_source_slot slot[DCM_SOURCE_COUNT];
	struct dcm_snapshot_builder *builder;
	dcm_collector_hook *hook; /* NULL: none */
	void *hook_ctx;
	struct dcm_collector_cost self;
	uint64_t charged_ns; /* CPU clock up to which the budget was charged */
	bool changed, fresh; /* since the last publish: anything, the totals */
	uint64_t publish_due_ns;
	/* Replaced by tests: CPU time of this thread, CLOCK_MONOTONIC. */
	uint64_t (*cpu_clock)(void);
	uint64_t (*now_clock)(void);
};

/* The walk, opened on first use and once only. -errno with the reason of that attempt. */
int dcm_collector_walk(struct dcm_collector *collector, struct dcm_reason *reason,
		       struct dcm_walk **ret);

/* Charges the budget with the CPU time since the last call; returns the thread's CPU clock. */
uint64_t dcm_collector_charge(struct dcm_collector *collector);

/*
 * @due_ns, or up to a second later when the totals are sampled then: elastic work rides along with
 * that wake-up.
 */
uint64_t dcm_collector_ride_ns(const struct dcm_collector *collector, uint64_t now_ns,
			       uint64_t due_ns);

uint64_t dcm_collector_interval_ns(const struct dcm_collector *collector, enum dcm_source source);

/*
 * For a source whose samples cost in proportion to what there is: stretches @run's interval when
 * @cost_ns, the CPU time of this sample, takes more than @share of the budget. The reason says so
 * unless it says something else.
 */
void dcm_collector_stretch(const struct dcm_collector *collector, enum dcm_source source,
			   uint64_t cost_ns, double share, struct dcm_run *run);

#define DCM_HOST_PATH_SIZE (DCM_WALK_PATH_SIZE + DCM_PATH_SIZE)

/*
 * @path of a superblock as the host sees it: "/sys/net" of proc becomes "/proc/sys/net". Where the
 * host has it not mounted (in a container only), "MAJOR:MINOR:/path" says at least where; "..."
 * stands for an upper part that is missing. @superblock may be NULL.
 */
void dcm_host_path(const struct dcm_collector *collector, const struct dcm_superblock *superblock,
		   const char *path, bool complete, char *out, size_t size);

/* Size of the dentry slab, from the memory source; false: not known. */
bool dcm_memory_slab_bytes(const struct dcm_collector *collector, uint64_t *ret);

/* Reads the mount table again when it changed and the budget permits (@force: in any case). */
void dcm_mounts_refresh(struct dcm_collector *collector, uint64_t now_ns, bool force);

/* "overlay", "fuse.sshfs"; @size at least 72. */
void dcm_superblock_fstype(const struct dcm_walk_superblock *walk, char *out, size_t size);

/* Entries that the last complete pass met in a superblock that has been the same since the pass
 * began; false: not known. */
bool dcm_hash_superblock_count(const struct dcm_collector *collector,
			       const struct dcm_superblock *superblock, uint64_t *ret_hashed,
			       uint64_t *ret_negative);

/* Newest time of a lookup of @path; false: not measured. */
bool dcm_lookups_seconds(const struct dcm_collector *collector, const char *path, double *ret);

/* Makes the interface source due when a round of its worker has ended. */
void dcm_interfaces_wake(struct dcm_collector *collector, uint64_t now_ns);

static inline dcm_str dcm_add_str(struct dcm_snapshot_builder *builder, const char *text)
{
	return dcm_snapshot_builder_str(builder, text, __builtin_strlen(text));
}

static inline double dcm_seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

void dcm_collector_cost_update(struct dcm_collector *collector, uint64_t now_ns);
void dcm_collector_cost_publish(struct dcm_collector *collector, uint32_t clients,
				struct dcm_snapshot_builder *builder);

#endif
