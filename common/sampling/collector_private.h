/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Inside of the collector, for collector*.c and tests. Sources see source.h alone. */
#ifndef DCM_SAMPLING_COLLECTOR_PRIVATE_H
#define DCM_SAMPLING_COLLECTOR_PRIVATE_H

#include "common/sampling/source.h"

struct dcm_source_slot {
	enum dcm_source source;
	const struct dcm_source_ops *ops; /* NULL: it could not be created */
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
	bool published;	       /* its rows are in the last snapshot */
	uint64_t news;	       /* as of then */
};

/* The mount table, read again within the budget. */
struct dcm_mounts {
	struct dcm_mount_points *table;
	bool read;
	uint64_t due_ns;
};

#define DCM_CPU_SAMPLES 13

/* What the sampler has cost since its start. */
struct dcm_cost_point {
	uint64_t at_ns, cpu_ns, wakes;
	uint64_t account[DCM_COST_ACCOUNTS]; /* nanoseconds of CPU time */
};

/* A point every 5 s gives the shares of the last minute. */
struct dcm_collector_cost {
	uint64_t other_ns; /* CPU time in worker threads */
	uint64_t wake_ns;  /* charged to DCM_COST_WAKING since the last sleep */
	bool slept;	   /* the last round has nothing more to do */
	uint64_t rss_bytes, rss_due_ns;
	struct dcm_cost_point now, ring[DCM_CPU_SAMPLES];
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
	bool has_reload; /* somebody says how often snmpd reloads its interface table */
	uint32_t reload_every;
	bool has_module, module_mib; /* snmpd's module is there; serves DCACHEMON-MIB */
	struct dcm_collector_cost self;
	bool running;	     /* dcm_collector_run() was called */
	uint64_t charged_ns; /* CPU clock up to which the budget was charged */
	bool changed, fresh; /* since the last publish: anything, an essential source */
	uint64_t configured; /* how often */
	uint64_t publish_due_ns;
	uint64_t published_ns, publish_cost_ns; /* the last snapshot */
	/* Replaced by tests: CPU time of this thread, CLOCK_MONOTONIC. */
	uint64_t (*cpu_clock)(void);
	uint64_t (*now_clock)(void);
};

/* ---- slots (collector_slots.c) ---- */

/* Creates the source's state; why that failed is in the slot. -errno for an essential one only. */
int dcm_slot_open(struct dcm_collector *collector, enum dcm_source source);
void dcm_slot_close(struct dcm_source_slot *slot);

/* Brings a slot in line with the configuration: off, or to be run at @now_ns. */
void dcm_slot_configure(struct dcm_collector *collector, struct dcm_source_slot *slot,
			uint64_t now_ns);

/* Whether it can be run and has rows: not off and not unsupported. */
bool dcm_slot_works(const struct dcm_source_slot *slot);

/* One call of its source: DCM_RUN_* or -errno. The source pays all CPU time since the last charge,
 * so the caller charges what is not the source's before. */
int dcm_slot_run(struct dcm_collector *collector, struct dcm_source_slot *slot,
		 struct dcm_run *run);

/* ---- publishing (collector_publish.c), cost (collector_cost.c) ---- */

/* When the next snapshot is due; UINT64_MAX: nothing changed. */
uint64_t dcm_collector_publish_ns(const struct dcm_collector *collector);

/* The last snapshot has cost @cost_ns more: the more it costs, the later is the next. */
void dcm_collector_publish_cost(struct dcm_collector *collector, uint64_t cost_ns);

/* CPU time of @account over the last minute, in percent of one CPU; false: not known yet. */
bool dcm_collector_cost_percent(const struct dcm_collector *collector, size_t account, double *ret);

void dcm_collector_cost_update(struct dcm_collector *collector, uint64_t now_ns);
void dcm_collector_cost_publish(struct dcm_collector *collector, uint32_t clients,
				struct dcm_snapshot_builder *builder);

#endif
