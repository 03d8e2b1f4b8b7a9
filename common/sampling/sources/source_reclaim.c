// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What "dcachemon reclaim" has done: the last line of its log, which has the sums as well. */
#include <errno.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/kernel/reclaim/reclaim_log.h"
#include "common/kernel/reclaim/reclaim_runs.h"
#include "common/sampling/source.h"

struct source {
	struct dcm_reclaim_watch *watch;
	bool known;			/* the log was read; it may be missing */
	struct dcm_reclaim_entry entry; /* all 0 while there is none */
	int64_t begin_s;		/* the first look: no run could be seen before it */
	bool has_runs;			/* the rules are in force */
	double rules_age;
	uint64_t rules_failed;
};

static const char *off_reason(const struct dcm_config *config)
{
	return config->state.folder[0] ? NULL : "[state] folder is empty: nothing is remembered";
}

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));
	int err = source ? dcm_reclaim_watch_create(dcm_collector_config(collector)->state.folder,
						    &source->watch)
			 : -ENOMEM;

	if (err) {
		free(source);
		return dcm_reason_no_memory(reason);
	}
	*ret_state = source;
	return 0;
}

static void destroy(void *state)
{
	struct source *source = state;

	dcm_reclaim_watch_destroy(source->watch);
	free(source);
}

/* Of "reclaim --rules", which somebody else starts. */
static int look_at_runs(const struct dcm_config *config, struct source *source,
			struct dcm_reason *reason)
{
	int64_t now_s = (int64_t)(dcm_clock_ns(CLOCK_REALTIME) / DCM_NSEC_PER_SEC);
	struct dcm_reclaim_runs runs = {0};
	int err = config->reclaim.enabled
			  ? dcm_reclaim_runs_read(config->state.folder, reason, &runs)
			  : 0;

	if (!source->begin_s)
		source->begin_s = now_s;
	source->has_runs = config->reclaim.enabled && (!err || err == -ENOENT);
	/* A clock that was set back makes no age. */
	source->rules_age =
		(double)DCM_MAX(now_s - (runs.good_s ? runs.good_s : source->begin_s), INT64_C(0));
	source->rules_failed = runs.failed;
	return source->has_runs || !config->reclaim.enabled ? 0 : err;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	int err;

	err = dcm_reclaim_watch_read(source->watch, &source->entry, &run->reason);
	source->known = !err;
	if (!err)
		err = look_at_runs(dcm_collector_config(collector), source, &run->reason);
	/* A right that is missing does not come by itself. */
	return err == -EACCES ? -EOPNOTSUPP : err ? err : DCM_RUN_DONE;
}

bool dcm_reclaim_history(const struct dcm_collector *collector, struct dcm_forecast_history *ret)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_RECLAIM);

	if (!source || !source->known)
		return false;
	*ret = *dcm_reclaim_watch_history(source->watch);
	return true;
}

static void publish_last(const struct dcm_reclaim_entry *entry, struct dcm_snap_reclaim *row,
			 struct dcm_snapshot_builder *builder)
{
	DCM_SET_FROM(row, entry, time_ns, dev_major, dev_minor);
	DCM_SET(row, result, entry->outcome);
	DCM_SET(row, target, dcm_snapshot_builder_text(builder, entry->target));
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, entry->fstype));
	if (*entry->rule)
		DCM_SET(row, rule, dcm_snapshot_builder_text(builder, entry->rule));
	if (*entry->error)
		DCM_SET(row, error, dcm_snapshot_builder_text(builder, entry->error));
	if (entry->has_before)
		DCM_SET(row, before, entry->before);
	if (entry->has_after)
		DCM_SET(row, after, entry->after);
	if (entry->has_seconds)
		DCM_SET(row, seconds, entry->seconds);
}

static void publish(struct dcm_collector *collector __attribute__((unused)), void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;
	struct dcm_snap_reclaim *row;

	if (!source->known)
		return;
	row = dcm_snapshot_builder_add(builder, DCM_SEC_RECLAIM);
	if (!row)
		return;
	DCM_SET_FROM(row, &source->entry.counts, actions, refusals, failures, freed);
	DCM_SET_IF(row, rules_age_seconds, source->has_runs, source->rules_age);
	DCM_SET_IF(row, rules_failed, source->has_runs, source->rules_failed);
	if (source->entry.outcome)
		publish_last(&source->entry, row, builder);
}

const struct dcm_source_ops dcm_source_reclaim = {
	.off_reason = off_reason,
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
};
