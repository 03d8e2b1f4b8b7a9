/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The directories with the most negative children and the most children, described one by one
 * after a pass. A new pass's list replaces the old one when all of it has been described.
 */
#ifndef DCM_SAMPLING_HOT_DIRECTORIES_H
#define DCM_SAMPLING_HOT_DIRECTORIES_H

#include "common/sampling/source.h"

struct dcm_hot_directories;

/* Reads the operator's hints from DCM_SYSCONFDIR/dcachemon/hints.conf when that exists. */
int dcm_hot_directories_create(struct dcm_hot_directories **ret);
void dcm_hot_directories_destroy(struct dcm_hot_directories *directories);

/* A pass begins. */
void dcm_hot_directories_begin(struct dcm_hot_directories *directories);

/* A block that is certain comes next, or was just counted: children met in it say nothing of those
 * in others. */
void dcm_hot_directories_before_certain(struct dcm_hot_directories *directories,
					struct dcm_walk *walk);
void dcm_hot_directories_after_certain(struct dcm_hot_directories *directories,
				       struct dcm_walk *walk);

/*
 * Takes the parents of the pass as the list to describe next. @blocks: the pass is not complete
 * yet, has just counted these and feeds its sketch from every bucket; otherwise NULL.
 */
void dcm_hot_directories_replace(struct dcm_hot_directories *directories, struct dcm_walk *walk,
				 const struct dcm_block_sample *blocks);

/* Whether some still have to be described. */
bool dcm_hot_directories_pending(const struct dcm_hot_directories *directories);

/* Describes one; one that is gone is left out. -errno: the walk failed. */
int dcm_hot_directories_step(struct dcm_hot_directories *directories, struct dcm_walk *walk,
			     uint64_t now_ns, struct dcm_reason *reason);

void dcm_hot_directories_publish(struct dcm_hot_directories *directories,
				 struct dcm_collector *collector,
				 struct dcm_snapshot_builder *builder);

#endif
