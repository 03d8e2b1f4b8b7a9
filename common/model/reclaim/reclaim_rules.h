/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* When [reclaim] has a superblock shrunk. Pure: a snapshot, rules and what was done before in,
 * decisions out. */
#ifndef DCM_MODEL_RECLAIM_RULES_H
#define DCM_MODEL_RECLAIM_RULES_H

#include "common/base/reason.h"
#include "common/model/reclaim/reclaim_config.h"
#include "common/model/reclaim/reclaim_identity.h"
#include "common/model/snapshot/snapshot.h"

struct dcm_reclaim_past {
	uint32_t dev_major, dev_minor;
	int64_t time_ns; /* CLOCK_REALTIME */
	struct dcm_reclaim_identity identity;
};

struct dcm_reclaim_decision {
	const struct dcm_snap_superblock *row; /* in the snapshot */
	struct dcm_reason why;		       /* it is due */
	bool capped;			       /* by a cap, not by an alarm: */
	uint64_t max_unused;		       /* no longer due with no more than these */
	bool act;			       /* false: due, but held back */
	struct dcm_reason held;
};

/* Of the superblock of a row. */
struct dcm_reclaim_identity dcm_reclaim_row_identity(const struct dcm_snap_superblock *row);

/* Writes at most @room decisions about superblocks that are due; returns their number. */
size_t dcm_reclaim_decide(const struct dcm_reclaim_config *config,
			  const struct dcm_snapshot *snapshot, const struct dcm_reclaim_past *past,
			  size_t past_count, int64_t now_ns, struct dcm_reclaim_decision *ret,
			  size_t room);

#endif
