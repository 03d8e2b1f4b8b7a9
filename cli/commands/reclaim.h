/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "dcachemon reclaim" is about to do, or has done, to one superblock; and printing it. */
#ifndef DCM_CLI_RECLAIM_H
#define DCM_CLI_RECLAIM_H

#include "common/kernel/reclaim/reclaim_dirty.h"
#include "common/kernel/reclaim/reclaim_way.h"
#include "common/model/config/config.h"
#include "common/model/reclaim/forecast.h"

/* Why a rule wants a superblock reclaimed, and which one that was. */
struct reclaim_due {
	struct dcm_reason why;
	bool capped;
	uint64_t max_unused; /* when @capped: no longer due with no more */
	struct dcm_reclaim_identity identity;
};

/* Another filesystem may lose this much, in percent of its entries, before steps stop. */
#define RECLAIM_MAX_OTHERS 1.0

/* What it may cost, and how it may be done. */
struct reclaim_bounds {
	double max_seconds;
	double max_pressure; /* percent */
	double max_cache;    /* MiB */
	const char *way;     /* struct dcm_reclaim_way's name; NULL: the gentlest that can */
	const char *cgroup;  /* through this control group; NULL: found */
};

struct reclaim_item {
	const struct dcm_reclaim_target *target;
	bool has_before;	  /* false: @before is only an upper limit */
	uint64_t before;	  /* unused dentries */
	double predicted_seconds; /* that s_umount is held, most likely */
	struct dcm_forecast_shrink foreseen;
	bool has_growth;
	double growth; /* entries that others add per second */
	struct dcm_reclaim_choice choice;
	struct dcm_reason why; /* no gentler way can; "" where this is the gentlest */
	struct dcm_reclaim_limits limits;
	struct dcm_reclaim_dirty dirty; /* is written out first, where @limits.syncs says so */
	bool pinned;			/* its type has no unused dentries */
	const struct reclaim_due *due;	/* by which rule; NULL by hand */
	struct dcm_reclaim_identity identity; /* when it was counted */
	bool tried, done, has_after;
	bool gone; /* its superblock or its last mount was, when that was looked at last */
	uint64_t after;
	struct dcm_reclaim_result result; /* when tried */
	double cpu_seconds;		  /* of one call, when done */
	enum dcm_reclaim_end end;	  /* in steps */
	struct dcm_reclaim_progress progress;
	int err; /* why it was refused or failed */
	struct dcm_reason reason;
};

/* As dcm_reclaim_count(), of @item's target; notes whether that is gone. */
int reclaim_count(struct reclaim_item *item, struct dcm_walk *walk, struct dcm_reason *reason,
		  struct dcm_reclaim_count *ret);

/* Entries per second that one call frees, by what was predicted for @item. */
double reclaim_shrink_rate(const struct reclaim_item *item);

/* Counts all once more, a tenth of a second later, and corrects what is predicted. */
void reclaim_measure_growth(struct reclaim_item *items, size_t count, struct dcm_walk *walk);

/* Sets the way and why no gentler one can, or the item's error; @walk may be NULL. */
int reclaim_choose_way(const struct reclaim_bounds *bounds, struct dcm_walk *walk,
		       struct reclaim_item *item);
bool reclaim_goes_in_steps(const struct reclaim_item *item);

/* Goes the steps, with progress on stderr; SIGINT and SIGTERM end it between two. -errno with the
 * item's reason; what else ended it early is there as well. */
int reclaim_in_steps(const struct reclaim_bounds *bounds, struct dcm_walk *walk,
		     struct reclaim_item *item);

/* After an attempt: counts what is left, and notes whether what was meant is gone. @walk may be
 * NULL. */
void reclaim_look_after(struct reclaim_item *item, struct dcm_walk *walk);

/* Done in part: more is left than was meant. */
bool reclaim_was_stopped(const struct reclaim_item *item);

/* What became of it, as the log, the snapshot and JSON say. */
enum dcm_reclaim_outcome reclaim_outcome(const struct reclaim_item *item);

/*
 * Whether @item may be reconfigured: what is known of its type on this kernel, what happened to its
 * type before (in state directory @folder), and what it would have to write out. Returns and sets
 * its error; what only @force overrides says so. Sets its limits.
 */
int reclaim_doubt(struct reclaim_item *item, const char *folder, bool force, double max_seconds);

/* Distrusts the type of @item when a reclaim changed its options, with a message. -errno: that
 * cannot be remembered. */
int reclaim_distrust(const struct reclaim_item *item, const char *folder);

/* --trust: returns enum cli_exit. */
int reclaim_trust(const char *folder, const char *fstype);

void reclaim_print_plan(const struct reclaim_item *items, size_t count);
void reclaim_print_result(const struct reclaim_item *items, size_t count);
/* 0 or -errno. */
int reclaim_print_json(const struct reclaim_item *items, size_t count, bool dry_run);

/*
 * The superblocks that [reclaim] says are due, and why, one for each (free()). What is held back is
 * printed. 0 or -errno after a message.
 */
int reclaim_rules_targets(const struct dcm_config *config, struct dcm_reclaim_targets *ret,
			  struct reclaim_due **ret_due);

/*
 * The filesystem that is the root directory of the container called @name. Where it is more than
 * that, *@ret_cgroup (free()) is the control group that bounds what is the container's; NULL
 * otherwise. 0 or -errno after a message.
 */
int reclaim_find_container(const struct dcm_config *config, const char *name,
			   struct dcm_reclaim_targets *ret, char **ret_cgroup);

/* Remembers that the rules were gone through, for the daemon; says so when it cannot. */
void reclaim_remember_run(const struct dcm_config *config, bool failed);

/* Remembers in reclaim.log what was tried, and what a rule wanted and was refused; 0 or -errno
 * after a message. By hand, a state directory that is missing or out of reach is no failure. */
int reclaim_record(const struct dcm_config *config, const struct reclaim_item *items, size_t count);

#endif
