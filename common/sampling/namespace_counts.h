/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many network namespaces came and went, and who made them lately. Pure. */
#ifndef DCM_SAMPLING_NAMESPACE_COUNTS_H
#define DCM_SAMPLING_NAMESPACE_COUNTS_H

#include "common/kernel/walk/walk.h"
#include "common/model/alarms/alarm_trend.h"
#include "common/model/containers/container.h"
#include "common/model/snapshot/snapshot.h"

/* Of COMMAND and PARENT, in containers of RUNTIME or in none. */
struct dcm_namespace_maker {
	char command[16], parent[16];
	enum dcm_runtime runtime;
	double weight; /* namespaces, the older the less */
};

#define DCM_NAMESPACE_MAKERS	 32  /* known at a time; a new one takes the lightest one's place */
#define DCM_NAMESPACE_MAKERS_MAX 192 /* bytes of their text */

/* All zeros at the beginning. */
struct dcm_namespace_counts {
	bool begun, exact;
	uint64_t live_first, created_first; /* as of the first call */
	uint64_t created, ended;
	uint64_t unseen; /* more of them may have been created */
	struct dcm_rate created_rate, ended_rate;
	struct dcm_namespace_maker maker[DCM_NAMESPACE_MAKERS];
	size_t makers;
	uint64_t makers_ns; /* when the weights were right */
};

/*
 * Takes what a walk found at @now_ns (CLOCK_MONOTONIC). What was counted never falls, although the
 * list and the count of those made are not of the same moment.
 */
void dcm_namespace_counts_add(struct dcm_namespace_counts *counts, uint64_t now_ns,
			      const struct dcm_walk_namespaces *seen);

/* Takes @made namespaces, of which @maker tells who made the last @count. */
void dcm_namespace_counts_add_makers(struct dcm_namespace_counts *counts, uint64_t now_ns,
				     const struct dcm_walk_maker *maker, size_t count,
				     uint64_t made);

/*
 * The few that have made most of late, most first: "runc:[1:CHILD] of runc for docker, ip of bash",
 * raw bytes; "" when there are none.
 */
void dcm_namespace_counts_makers(const struct dcm_namespace_counts *counts,
				 char ret[DCM_NAMESPACE_MAKERS_MAX]);

/* Sets all members of @row but the text. */
void dcm_namespace_counts_put(const struct dcm_namespace_counts *counts,
			      struct dcm_snap_namespaces *row);

#endif
