// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"

struct dcm_reclaim_identity dcm_reclaim_row_identity(const struct dcm_snap_superblock *row)
{
	return (struct dcm_reclaim_identity){row->fingerprint, row->oldest_mount,
					     row->newest_mount};
}

static bool exceeds_cap(const struct dcm_reclaim_config *config,
			const struct dcm_snapshot *snapshot, struct dcm_reclaim_decision *decision)
{
	const struct dcm_snap_superblock *row = decision->row;
	const char *fstype = dcm_snapshot_str(snapshot, row->fstype);
	const char *mountpoint = dcm_snapshot_str(snapshot, row->mountpoint);

	for (size_t i = 0; i < config->caps; i++) {
		const struct dcm_reclaim_cap *cap = &config->cap[i];

		if (row->unused <= cap->max_unused ||
		    (strcmp(cap->what, fstype) != 0 && strcmp(cap->what, mountpoint) != 0))
			continue;
		dcm_reason_set(&decision->why, 0,
			       "%" PRIu64 " unused, more than max_unused %" PRIu64, row->unused,
			       cap->max_unused);
		decision->capped = true;
		decision->max_unused = cap->max_unused;
		return true;
	}
	return false;
}

static const struct dcm_snap_superblock *largest(const struct dcm_snapshot *snapshot)
{
	const struct dcm_snap_superblock *row, *best = NULL;

	for (size_t i = 0; (row = dcm_snapshot_row(snapshot, DCM_SEC_SUPERBLOCKS, i)); i++)
		if (DCM_ROW_HAS(row, unused) && (!best || row->unused > best->unused))
			best = row;
	return best;
}

static bool is_alarmed(const struct dcm_reclaim_config *config, const struct dcm_snapshot *snapshot,
		       const struct dcm_snap_superblock *row, struct dcm_reason *why)
{
	const struct dcm_snap_alarm *alarm;

	for (size_t i = 0; (alarm = dcm_snapshot_row(snapshot, DCM_SEC_ALARMS, i)); i++) {
		bool own = alarm->resource_section == DCM_SEC_SUPERBLOCKS;

		if (alarm->type >= DCM_ALARM_TYPE_END || !config->alarm[alarm->type] ||
		    alarm->test || alarm->severity == DCM_SEVERITY_CLEARED)
			continue;
		if (own ? alarm->resource_index != row->index : largest(snapshot) != row)
			continue;
		dcm_reason_set(why, 0, "alarm %s is raised", dcm_alarm_type_name(alarm->type));
		return true;
	}
	return false;
}

static void hold_back(const struct dcm_reclaim_config *config, const struct dcm_reclaim_past *past,
		      size_t past_count, int64_t now_ns, struct dcm_reclaim_decision *decision)
{
	const struct dcm_snap_superblock *row = decision->row;
	struct dcm_reclaim_identity identity = dcm_reclaim_row_identity(row);

	for (size_t i = 0; i < past_count; i++) {
		/* A clock that was set back must not stop the rules for ever. */
		double ago = (double)(now_ns - past[i].time_ns) / 1e9;

		if (past[i].dev_major != row->dev_major || past[i].dev_minor != row->dev_minor ||
		    !dcm_reclaim_may_be_same(&past[i].identity, &identity) || ago < 0 ||
		    ago >= config->interval)
			continue;
		decision->act = false;
		dcm_reason_set(&decision->held, 0, "was reclaimed %.0f s ago, interval %.0f s", ago,
			       config->interval);
	}
}

size_t dcm_reclaim_decide(const struct dcm_reclaim_config *config,
			  const struct dcm_snapshot *snapshot, const struct dcm_reclaim_past *past,
			  size_t past_count, int64_t now_ns, struct dcm_reclaim_decision *ret,
			  size_t room)
{
	const struct dcm_snap_superblock *row;
	size_t n = 0;

	if (!config->enabled)
		return 0;
	for (size_t i = 0; n < room && (row = dcm_snapshot_row(snapshot, DCM_SEC_SUPERBLOCKS, i));
	     i++) {
		struct dcm_reclaim_decision decision = {.row = row, .act = true};

		if (!DCM_ROW_HAS(row, unused) || !row->unused)
			continue;
		if (!exceeds_cap(config, snapshot, &decision) &&
		    !is_alarmed(config, snapshot, row, &decision.why))
			continue;
		hold_back(config, past, past_count, now_ns, &decision);
		ret[n++] = decision;
	}
	return n;
}
