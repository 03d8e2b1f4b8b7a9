/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ways to free a superblock's unused dentries, the gentlest first:
 *
 *   shrinker     the files of its shrinker in debugfs: this superblock alone, in bounded steps
 *   cgroup       memory reclaim inside the control group that is charged for them, group by group
 *   reconfigure  one call that cannot be stopped, see reclaim_run.h
 *
 * The first two hold s_umount for reading only and never for long.
 */
#ifndef DCM_KERNEL_RECLAIM_WAY_H
#define DCM_KERNEL_RECLAIM_WAY_H

#include <signal.h>

#include "common/kernel/reclaim/reclaim_cgroup.h"
#include "common/kernel/reclaim/reclaim_run.h"
#include "common/model/reclaim/reclaim_pace.h"

struct dcm_reclaim_wish {
	const struct dcm_reclaim_target *target;
	struct dcm_reclaim_count count;
	const char *cgroup;   /* the control group that is meant; NULL: to be found */
	uint64_t cache_bytes; /* page cache that may go along */
};

struct dcm_reclaim_way;

struct dcm_reclaim_choice {
	const struct dcm_reclaim_way *way;
	char shrinker[256];	  /* its folder */
	struct dcm_cgroup cgroup; /* what it was charged with when it was chosen */
};

struct dcm_reclaim_way {
	const char *name; /* also after --way and in JSON */
	const char *what; /* what it does, after "by" */
	bool in_steps;
	/* Whether it can: 0; -errno with the reason why not. */
	int (*find)(const struct dcm_reclaim_wish *wish, struct dcm_reason *reason,
		    struct dcm_reclaim_choice *ret);
	/* Only where in_steps: opened, stepped until *@ret_more is false, closed. */
	int (*open)(const struct dcm_reclaim_choice *choice, struct dcm_reason *reason, void **ret);
	int (*step)(void *run, double seconds, struct dcm_reason *reason, bool *ret_more);
	void (*close)(void *run);
};

/* The gentlest first; a name of NULL ends the table. */
extern const struct dcm_reclaim_way dcm_reclaim_ways[];

/* The way called @name; NULL. */
const struct dcm_reclaim_way *dcm_reclaim_way_find(const char *name);

/*
 * The gentlest way that can, or @only if that can: never fails but for @only, with a reason. Why
 * each gentler one cannot is added to @ret_why.
 */
int dcm_reclaim_choose(const struct dcm_reclaim_wish *wish, const struct dcm_reclaim_way *only,
		       struct dcm_reason *ret_why, struct dcm_reclaim_choice *ret);

/* ---- in steps ---- */

struct dcm_reclaim_steps {
	struct dcm_walk *walk;
	struct dcm_reclaim_identity identity; /* of the superblock that was planned */
	struct dcm_reclaim_bounds bounds;
	const volatile sig_atomic_t *stop; /* not 0: no further step */
	/* Called after each step; NULL. */
	void (*show)(const struct dcm_reclaim_progress *progress, void *data);
	void *data;
};

/*
 * Goes on until nothing is left, nothing moves any more, or a bound is reached. Returns 0 with what
 * ended it and, unless all went, why; -errno with a reason. *@ret_progress is written in any case.
 */
int dcm_reclaim_in_steps(const struct dcm_reclaim_steps *steps,
			 const struct dcm_reclaim_target *target,
			 const struct dcm_reclaim_choice *choice, struct dcm_reason *reason,
			 enum dcm_reclaim_end *ret_end, struct dcm_reclaim_progress *ret_progress);

#endif
