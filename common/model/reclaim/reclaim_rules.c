// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm_types.h"
#include "common/model/reclaim/reclaim_safety.h"
#include "common/parse/number.h"

#define MAX_UNUSED 999999999999999999ULL

/* ---- configuration ---- */

void dcm_reclaim_config_defaults(struct dcm_reclaim_config *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->interval = 3600;
	ret->max_seconds = 10;
}

int dcm_reclaim_config_add_cap(struct dcm_reclaim_config *config, const char *value, bool repeated,
			       struct dcm_reason *reason)
{
	const char *number = strrchr(value, ' ');
	size_t count = repeated ? config->caps : 0, len;
	struct dcm_reclaim_cap cap = {.max_unused = 0};

	if (!number || dcm_number_up_to(number + 1, MAX_UNUSED, &cap.max_unused))
		return dcm_reason_set(reason, -EINVAL,
				      "must be a filesystem type or mount point and a number");
	for (len = (size_t)(number - value); len && value[len - 1] == ' '; len--)
		;
	if (!len || len >= sizeof(cap.what))
		return dcm_reason_set(reason, -EINVAL, "has no filesystem type or mount point");
	memcpy(cap.what, value, len);
	if (cap.max_unused < 1000)
		return dcm_reason_set(reason, -EINVAL, "must be at least 1000");
	for (size_t i = 0; i < count; i++)
		if (!strcmp(config->cap[i].what, cap.what))
			return dcm_reason_set(reason, -EINVAL, "is given twice");
	if (count == DCM_RECLAIM_CAPS)
		return dcm_reason_set(reason, -EINVAL, "more than %d of them", DCM_RECLAIM_CAPS);
	config->cap[count] = cap;
	config->caps = count + 1;
	return 0;
}

int dcm_reclaim_config_add_alarm(struct dcm_reclaim_config *config, const char *value,
				 bool repeated, struct dcm_reason *reason)
{
	enum dcm_alarm_type type = dcm_alarm_type_find(value, strlen(value));

	if (type == DCM_ALARM_TYPE_END)
		return dcm_reason_set(reason, -EINVAL, "is not the name of an alarm");
	if (!repeated)
		memset(config->alarm, 0, sizeof(config->alarm));
	config->alarm[type] = true;
	return 0;
}

void dcm_reclaim_config_print_caps(const struct dcm_reclaim_config *config, FILE *out)
{
	for (size_t i = 0; i < config->caps; i++)
		fprintf(out, "max_unused = %s %" PRIu64 "\n", config->cap[i].what,
			config->cap[i].max_unused);
	if (!config->caps)
		fputs("# max_unused = overlay 20000000\n", out);
}

void dcm_reclaim_config_print_alarms(const struct dcm_reclaim_config *config, FILE *out)
{
	bool any = false;

	for (int type = 1; type < DCM_ALARM_TYPE_END; type++) {
		if (config->alarm[type])
			fprintf(out, "alarm = %s\n", dcm_alarm_type_name(type));
		any = any || config->alarm[type];
	}
	if (!any)
		fputs("# alarm = superblock_unused\n", out);
}

/* ---- decisions ---- */

static bool exceeds_cap(const struct dcm_reclaim_config *config,
			const struct dcm_snapshot *snapshot, const struct dcm_snap_superblock *row,
			struct dcm_reason *why)
{
	const char *fstype = dcm_snapshot_str(snapshot, row->fstype);
	const char *mountpoint = dcm_snapshot_str(snapshot, row->mountpoint);

	for (size_t i = 0; i < config->caps; i++) {
		const struct dcm_reclaim_cap *cap = &config->cap[i];

		if (row->unused <= cap->max_unused ||
		    (strcmp(cap->what, fstype) != 0 && strcmp(cap->what, mountpoint) != 0))
			continue;
		dcm_reason_set(why, 0, "%" PRIu64 " unused, more than max_unused %" PRIu64,
			       row->unused, cap->max_unused);
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

static void hold_back(const struct dcm_reclaim_config *config, const struct dcm_snapshot *snapshot,
		      const struct dcm_reclaim_past *past, size_t past_count, int64_t now_ns,
		      struct dcm_reclaim_decision *decision)
{
	const struct dcm_snap_superblock *row = decision->row;
	double seconds = dcm_reclaim_predict(dcm_snapshot_str(snapshot, row->fstype), row->unused);

	if (seconds > config->max_seconds) {
		decision->act = false;
		decision->refused = true;
		dcm_reason_set(&decision->held, 0,
			       "would take about %.3g s, more than max_seconds %.3g", seconds,
			       config->max_seconds);
	}
	for (size_t i = 0; i < past_count; i++) {
		/* A clock that was set back must not stop the rules for ever. */
		double ago = (double)(now_ns - past[i].time_ns) / 1e9;

		if (past[i].dev_major != row->dev_major || past[i].dev_minor != row->dev_minor ||
		    ago < 0 || ago >= config->interval)
			continue;
		decision->act = decision->refused = false;
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
		if (!exceeds_cap(config, snapshot, row, &decision.why) &&
		    !is_alarmed(config, snapshot, row, &decision.why))
			continue;
		hold_back(config, snapshot, past, past_count, now_ns, &decision);
		ret[n++] = decision;
	}
	return n;
}
