/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs the sources on their intervals within a CPU budget and publishes immutable snapshots.
 * Single-threaded apart from two worker threads: one for lookup probes, which may block on a slow
 * filesystem, and one for interface tables, which takes tens of milliseconds where there are
 * thousands. The collector itself never waits for them.
 */
#ifndef DCM_SAMPLING_COLLECTOR_H
#define DCM_SAMPLING_COLLECTOR_H

#include "common/model/config/config.h"
#include "common/model/roster/roster.h"
#include "common/model/snapshot/snapshot.h"

struct dcm_collector;

/*
 * Opens every enabled source. A source that cannot work is recorded with its reason; only an
 * unreadable dentry-state is fatal (-errno with @reason). @config is copied.
 */
int dcm_collector_create(const struct dcm_config *config, struct dcm_reason *reason,
			 struct dcm_collector **ret);
void dcm_collector_destroy(struct dcm_collector *collector);

/* Takes new intervals, budget and lookups; keeps loaded BPF programs and learnt state. */
int dcm_collector_reconfigure(struct dcm_collector *collector, const struct dcm_config *config);

/* Numbers and names of superblocks, to be loaded before the first sample; owned by @collector. */
struct dcm_roster *dcm_collector_roster(const struct dcm_collector *collector);

/*
 * Does what is due at @now_ns (CLOCK_MONOTONIC): cheap sources and at most one slice of each BPF
 * source, so a call takes a few milliseconds at most. @ret_next_ns is when to call again.
 */
void dcm_collector_run(struct dcm_collector *collector, uint64_t now_ns, uint64_t *ret_next_ns);

/* Called between slices of a complete sample with 0..1; return false to stop (-ECANCELED). */
typedef bool dcm_collector_progress(void *ctx, const char *source, double fraction);

/* Every enabled source once, a whole hash pass included, without a budget. */
int dcm_collector_sample(struct dcm_collector *collector, dcm_collector_progress *progress,
			 void *ctx);

/* Whether something changed since the last publish and a new snapshot is due: once a second, less
 * often when building one is expensive. *ret_next_ns of run() wakes in time for it. */
bool dcm_collector_wants_publish(const struct dcm_collector *collector, uint64_t now_ns);

/* Builds a snapshot of what is known. @clients is shown in the self row. */
int dcm_collector_publish(struct dcm_collector *collector, uint32_t clients,
			  struct dcm_snapshot **ret);

/*
 * Called within publish when all rows are there, to add rows that are made of them. Its CPU time
 * counts as that of publishing.
 */
typedef void dcm_collector_hook(void *ctx, struct dcm_snapshot_builder *builder,
				uint64_t monotonic_ns, int64_t realtime_ns);
void dcm_collector_set_hook(struct dcm_collector *collector, dcm_collector_hook *hook, void *ctx);

/* Who CPU time is charged to beside the sources (enum dcm_source). */
enum dcm_cost_account {
	DCM_COST_PUBLISHING = DCM_SOURCE_COUNT,
	DCM_COST_ALARMS, /* judging and recording */
	DCM_COST_WAKING, /* from one sleep to the next, beside all of the above */
	DCM_COST_ACCOUNTS,
};

/* Charges @account with the CPU time since the last charge. The caller does so after handing out a
 * snapshot and after keeping its alarms; what it does not account for is waking. */
void dcm_collector_account(struct dcm_collector *collector, enum dcm_cost_account account);

/*
 * The CPU time since the last charge went into starting up, which happens once: it is shown as
 * waking, and the budget does not pay for it. All before the first dcm_collector_run() does so
 * anyway.
 */
void dcm_collector_account_start(struct dcm_collector *collector);

/* A source's change of state, for the caller to log. */
struct dcm_collector_change {
	enum dcm_source source;
	enum dcm_source_state before, after;
	struct dcm_reason reason; /* may be empty */
};

/* Takes one change that has not been taken yet; false when there is none. */
bool dcm_collector_next_change(struct dcm_collector *collector, struct dcm_collector_change *ret);

/*
 * Somebody asks for interface tables: they are sampled every 3 s and are part of each snapshot
 * until @until_ns (CLOCK_MONOTONIC). Contexts have the numbers of the last snapshot. Without such
 * calls the tables cost nothing and are in no snapshot.
 */
void dcm_collector_want_interfaces(struct dcm_collector *collector, uint64_t now_ns,
				   uint64_t until_ns, const struct dcm_interfaces_wanted *wanted);

/* How often snmpd reloads its interface table: @seconds, 0 only when asked; NULL: not known, and
 * then the built-in 3 s are assumed. */
void dcm_collector_set_reload(struct dcm_collector *collector, const uint32_t *seconds);

/* Whether snmpd's module serves DCACHEMON-MIB; NULL: it is not known to be there. */
void dcm_collector_set_module_mib(struct dcm_collector *collector, const bool *served);

/*
 * Becomes readable when a worker has something for dcm_collector_run(), which empties it; -1 if
 * there is no worker. A caller that does not poll it finds out at the wake-up time returned by
 * run().
 */
int dcm_collector_fd(const struct dcm_collector *collector);

/* Mask of 1 << CAP_* (linux/capability.h) that the sources as opened still need; all others may
 * be dropped once the collector was created. */
uint64_t dcm_collector_capabilities(const struct dcm_collector *collector);

#endif
