/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * [reclaim]: when to shrink a superblock without being asked; reclaim_rules.h decides by it.
 *
 *   enabled      off by default
 *   interval     seconds between two reclaims of one superblock
 *   max_seconds  longest predicted hold of s_umount; of all steps together, where it goes in steps
 *   max_pressure percent of the time that steps may add to memory pressure
 *   max_cache    MiB of page cache that steps may take along
 *   max_unused   "TYPE COUNT" or "MOUNTPOINT COUNT", repeatable: the cap that kernels never had
 *   alarm        NAME, repeatable: while it is raised, its superblock; for an alarm of the whole
 *                host the superblock with the most unused dentries
 */
#ifndef DCM_MODEL_RECLAIM_CONFIG_H
#define DCM_MODEL_RECLAIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/reason.h"
#include "common/model/alarms/alarm_types.h"

#define DCM_RECLAIM_CAPS 32

struct dcm_reclaim_cap {
	char what[256]; /* type, or an absolute mount point */
	uint64_t max_unused;
};

struct dcm_reclaim_config {
	bool enabled;
	double interval, max_seconds, max_pressure, max_cache;
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

#endif
