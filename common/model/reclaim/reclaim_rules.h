/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * [reclaim]: when to shrink a superblock without being asked. Pure: a snapshot, rules and what was
 * done before in, decisions out.
 *
 *   enabled      off by default
 *   interval     seconds between two reclaims of one superblock
 *   max_seconds  longest predicted hold of s_umount
 *   max_unused   "TYPE COUNT" or "MOUNTPOINT COUNT", repeatable: the cap that kernels never had
 *   alarm        NAME, repeatable: while it is raised, its superblock; for an alarm of the whole
 *                host the superblock with the most unused dentries
 */
#ifndef DCM_MODEL_RECLAIM_RULES_H
#define DCM_MODEL_RECLAIM_RULES_H

#include <stdbool.h>
#include <stdio.h>

#include "common/model/alarms/alarm.h"
#include "common/model/snapshot/snapshot.h"

#define DCM_RECLAIM_CAPS 32

struct dcm_reclaim_cap {
	char what[256]; /* type, or an absolute mount point */
	uint64_t max_unused;
};

struct dcm_reclaim_config {
	bool enabled;
	double interval, max_seconds;
	struct dcm_reclaim_cap cap[DCM_RECLAIM_CAPS];
	size_t caps;
	bool alarm[DCM_ALARM_TYPE_END];
};

void dcm_reclaim_config_defaults(struct dcm_reclaim_config *ret);

/* One more "max_unused" or "alarm"; the first one of a file replaces the defaults. -EINVAL with a
 * reason. */
int dcm_reclaim_config_add_cap(struct dcm_reclaim_config *config, const char *value, bool repeated,
			       struct dcm_reason *reason);
int dcm_reclaim_config_add_alarm(struct dcm_reclaim_config *config, const char *value,
				 bool repeated, struct dcm_reason *reason);

/* "max_unused = ..." and "alarm = ..." lines; a commented example where there is none. */
void dcm_reclaim_config_print_caps(const struct dcm_reclaim_config *config, FILE *out);
void dcm_reclaim_config_print_alarms(const struct dcm_reclaim_config *config, FILE *out);

struct dcm_reclaim_past {
	uint32_t dev_major, dev_minor;
	int64_t time_ns; /* CLOCK_REALTIME */
};

struct dcm_reclaim_decision {
	const struct dcm_snap_superblock *row; /* in the snapshot */
	struct dcm_reason why;		       /* it is due */
	bool act;			       /* false: due, but held back */
	bool refused;			       /* held back for what it would take */
	struct dcm_reason held;
};

/* Writes at most @room decisions about superblocks that are due; returns their number. */
size_t dcm_reclaim_decide(const struct dcm_reclaim_config *config,
			  const struct dcm_snapshot *snapshot, const struct dcm_reclaim_past *past,
			  size_t past_count, int64_t now_ns, struct dcm_reclaim_decision *ret,
			  size_t room);

#endif
