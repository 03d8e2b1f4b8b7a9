/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reclaim.log in the state directory: what was shrunk, refused and failed, one line each
 * (model/reclaim_entry.h), so that the interval and the counters hold over restarts.
 */
#ifndef DCM_KERNEL_RECLAIM_LOG_H
#define DCM_KERNEL_RECLAIM_LOG_H

#include "common/model/reclaim/forecast.h"
#include "common/model/reclaim/reclaim_entry.h"

#define DCM_RECLAIM_LOG_NAME "reclaim.log"
#define DCM_RECLAIM_LOG_MAX  (64u << 10) /* bytes; the older half goes when it is full */

/* All entries of FOLDER/reclaim.log, oldest first, in *@ret (free()). A missing file is an empty
 * one; lines that make no sense are passed over. -errno. */
int dcm_reclaim_log_read(const char *folder, struct dcm_reclaim_entry **ret, size_t *ret_count);

/*
 * Appends @entry, whose sums it continues from the last line, and shortens the file first when it
 * is full. A refusal is left out when the same superblock has one less than @quiet_ns before it.
 * Safe beside others that do the same. -errno; -ENOENT: no such directory; -EBUSY: somebody holds
 * its lock for a second.
 */
int dcm_reclaim_log_append(const char *folder, struct dcm_reclaim_entry *entry, int64_t quiet_ns);

/* Follows the log of a directory through one descriptor, for as long as it stays the same file. */
struct dcm_reclaim_watch;

int dcm_reclaim_watch_create(const char *folder, struct dcm_reclaim_watch **ret);
void dcm_reclaim_watch_destroy(struct dcm_reclaim_watch *watch);

/* The last entry, all 0 when there is none; costs one stat() while nothing changes. -errno with a
 * reason. */
int dcm_reclaim_watch_read(struct dcm_reclaim_watch *watch, struct dcm_reclaim_entry *ret,
			   struct dcm_reason *reason);

/* What the entries tell, as of the last reading. */
const struct dcm_forecast_history *dcm_reclaim_watch_history(const struct dcm_reclaim_watch *watch);

#endif
