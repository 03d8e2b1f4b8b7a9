// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon reclaim: which way each filesystem goes, and going it. */
#include <errno.h>
#include <float.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
#include "cli/commands/reclaim_progress.h"
#include "cli/lib/output.h"
#include "cli/lib/stop_signals.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define GROWTH_NS (100 * DCM_NSEC_PER_MSEC)

/* ---- what others make meanwhile ---- */

static void stretch(struct dcm_range *seconds, double growth, double shrink)
{
	seconds->low = dcm_reclaim_seconds_beside(seconds->low, growth, shrink);
	seconds->likely = dcm_reclaim_seconds_beside(seconds->likely, growth, shrink);
	seconds->high = dcm_reclaim_seconds_beside(seconds->high, growth, shrink);
}

int reclaim_count(struct reclaim_item *item, struct dcm_walk *walk, struct dcm_reason *reason,
		  struct dcm_reclaim_count *ret)
{
	int err = dcm_reclaim_count(walk, item->target, reason, ret);

	item->gone = err == -ENOENT;
	return err;
}

static void add_growth(struct reclaim_item *item, struct dcm_walk *walk, uint64_t begin_ns)
{
	double seconds = (double)(dcm_now_ns() - begin_ns) / DCM_NSEC_PER_SEC;
	struct dcm_reclaim_count count;
	struct dcm_reason ignored;
	double growth;

	if (!item->has_before || reclaim_count(item, walk, &ignored, &count))
		return;
	growth = ((double)count.unused - (double)item->before) / seconds;
	item->has_growth = true;
	item->growth = growth > 0 ? growth : 0;
	stretch(&item->foreseen.clock, item->growth, reclaim_shrink_rate(item));
	item->predicted_seconds = item->foreseen.clock.likely;
}

double reclaim_shrink_rate(const struct reclaim_item *item)
{
	return item->predicted_seconds > 0 ? (double)item->before / item->predicted_seconds
					   : DBL_MAX;
}

void reclaim_measure_growth(struct reclaim_item *items, size_t count, struct dcm_walk *walk)
{
	struct timespec pause = dcm_timespec(GROWTH_NS);
	uint64_t begin_ns = dcm_now_ns();

	if (!walk || !count)
		return;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	for (size_t i = 0; i < count; i++)
		add_growth(&items[i], walk, begin_ns);
}

/* ---- which way ---- */

int reclaim_choose_way(const struct reclaim_bounds *bounds, struct dcm_walk *walk,
		       struct reclaim_item *item)
{
	const struct dcm_reclaim_way *only = bounds->way ? dcm_reclaim_way_find(bounds->way) : NULL;
	struct dcm_reclaim_wish wish = {.target = item->target,
					.cgroup = bounds->cgroup,
					.cache_bytes = (uint64_t)(bounds->max_cache * (1 << 20))};
	int err = 0;

	if (bounds->cgroup)
		only = dcm_reclaim_way_find("cgroup");
	if (walk)
		err = reclaim_count(item, walk, &item->why, &wish.count);
	else if (!only)
		only = dcm_reclaim_way_find("reconfigure"); /* steps are counted */
	else if (only->in_steps)
		err = dcm_reason_set(&item->why, -EOPNOTSUPP, "steps need a count");
	if (!err)
		err = dcm_reclaim_choose(&wish, only, &item->why, &item->choice);
	if (err) {
		item->err = err;
		item->reason = item->why;
		item->choice.way = NULL;
		item->why.text[0] = '\0';
	}
	return err;
}

bool reclaim_goes_in_steps(const struct reclaim_item *item)
{
	return item->choice.way && item->choice.way->in_steps;
}

/* ---- going it ---- */

int reclaim_in_steps(const struct reclaim_bounds *bounds, struct dcm_walk *walk,
		     struct reclaim_item *item)
{
	_cleanup_free_ char *name = output_text(item->target->mountpoint);
	struct reclaim_progress progress;
	struct dcm_reclaim_steps steps = {
		.walk = walk,
		.identity = item->identity,
		.bounds = {.seconds = bounds->max_seconds,
			   .pressure = bounds->max_pressure,
			   /* Who names a control group means all that is in it. */
			   .others = bounds->cgroup ? DBL_MAX : RECLAIM_MAX_OTHERS,
			   .cache_bytes = (uint64_t)(bounds->max_cache * (1 << 20))},
		.stop = &stop_signal,
		.show = reclaim_progress_show,
		.data = &progress,
	};
	int err;

	stop_signals_catch();
	reclaim_progress_begin(&progress, name ? name : "?");
	err = dcm_reclaim_in_steps(&steps, item->target, &item->choice, &item->reason, &item->end,
				   &item->progress);
	reclaim_progress_end(&progress);
	if (err)
		return err;
	item->result.seconds = item->progress.seconds;
	item->result.options = DCM_RECLAIM_SAME; /* nothing was reconfigured */
	return 0;
}

bool reclaim_was_stopped(const struct reclaim_item *item)
{
	return item->done && reclaim_goes_in_steps(item) && item->end != DCM_RECLAIM_REACHED;
}

/* ---- what is left ---- */

/* A superblock outlives its last mount: for a moment, or for as long as somebody has a file of it
 * open. No mount is left when none with its device number can be found. */
static bool is_unmounted(const struct dcm_reclaim_target *target)
{
	_cleanup_(dcm_reclaim_targets_deinit) struct dcm_reclaim_targets left = {0};
	struct dcm_reason ignored;

	return dcm_reclaim_find_device(target->dev_major, target->dev_minor, target->fstype,
				       &ignored, &left) == -ENOENT;
}

/* Whether its device number is another superblock's, whose mounts are all younger than the one that
 * was found, or than those of when it was counted. */
static bool is_other(const struct reclaim_item *item, const struct dcm_reclaim_identity *now)
{
	const struct dcm_reclaim_identity found = {.newest_mount = item->target->unique};

	return !dcm_reclaim_may_be_same(&found, now) ||
	       (item->has_before && !dcm_reclaim_may_be_same(&item->identity, now));
}

void reclaim_look_after(struct reclaim_item *item, struct dcm_walk *walk)
{
	bool unmounted = item->err == -ESTALE && is_unmounted(item->target);
	struct dcm_reclaim_count count;
	struct dcm_reason ignored;

	/* The mount that was found by its number may be the next one's: this tells. */
	if (walk && reclaim_count(item, walk, &ignored, &count) == 0) {
		item->gone = is_other(item, &count.identity);
		item->has_after = !item->gone;
		item->after = count.unused;
	}
	item->gone = item->gone || unmounted;
}
