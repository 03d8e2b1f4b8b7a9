// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/reclaim_forecast.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/human_numbers.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/cpu_load.h"
#include "common/kernel/reclaim/reclaim_log.h"

/* Counters of CPU time go on in steps of 10 ms. */
#define WATCH_NS (200 * DCM_NSEC_PER_MSEC)

/* Processor time of a part of a pass: enough to meet half a million entries. The median of some
 * parts leaves out those in which others took the caches. */
#define PART_NS (25 * DCM_NSEC_PER_MSEC)
#define PARTS	7

/* Parents are counted on a sample, as in the passes over big tables that the factors come from. */
#define SKETCH_EVERY 8

static void watch_cpus(struct dcm_forecast_cpus *ret)
{
	struct timespec moment = dcm_timespec(WATCH_NS);
	struct dcm_cpu_load *load;

	if (dcm_cpu_load_create("", &load))
		return;
	dcm_cpu_load_read(load, ret);
	while (nanosleep(&moment, &moment) && errno == EINTR)
		;
	dcm_cpu_load_read(load, ret);
	dcm_cpu_load_destroy(load);
}

/* Goes on with the pass under way for PART_NS. 1: it is complete; -errno. */
static int go_on(struct dcm_walk *walk, struct dcm_forecast_pass *ret)
{
	uint64_t begin = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID), spent = 0;
	struct dcm_walk_pass before, after;
	struct dcm_reason ignored;
	double fraction;
	int result = 0;

	dcm_walk_pass_result(walk, &before);
	while (result == 0 && spent < PART_NS) {
		result = dcm_walk_pass_step(walk, &ignored, &fraction);
		spent = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
	}
	dcm_walk_pass_result(walk, &after);
	*ret = (struct dcm_forecast_pass){
		.buckets = after.buckets - before.buckets,
		.entries = after.entries - before.entries,
		.cpu_seconds = (double)spent / DCM_NSEC_PER_SEC,
		.compat = dcm_walk_flavour(walk) != DCM_WALK_FAST,
	};
	return result;
}

static double pace_of_pass(struct dcm_walk *walk)
{
	struct dcm_forecast_pass part;
	struct dcm_reason ignored;
	double pace = 0;
	int result;

	dcm_walk_set_sketch(walk, SKETCH_EVERY);
	result = dcm_walk_pass_begin(walk, &ignored);

	/* The first part also pays for the program's own memory. */
	if (result == 0)
		result = go_on(walk, &part);
	if (result == 1)
		return dcm_forecast_pace(&part);
	for (size_t i = 0; i < PARTS && result == 0; i++) {
		double now;

		result = go_on(walk, &part);
		now = dcm_forecast_pace(&part);
		if (now > 0 && (!(pace > 0) || now < pace))
			pace = now;
	}
	return pace;
}

static void read_history(const char *folder, struct dcm_forecast_history *ret)
{
	_cleanup_free_ struct dcm_reclaim_entry *entries = NULL;
	size_t count;

	if (!*folder || dcm_reclaim_log_read(folder, &entries, &count))
		return;
	for (size_t i = 0; i < count; i++)
		dcm_forecast_remember(ret, &entries[i]);
}

void reclaim_forecast_host(const struct dcm_config *config, struct dcm_walk *walk,
			   struct dcm_forecast *ret)
{
	*ret = (struct dcm_forecast){0};
	watch_cpus(&ret->cpus);
	if (walk)
		ret->pace = pace_of_pass(walk);
	read_history(config->state.folder, &ret->history);
}

void reclaim_foresee(const struct dcm_forecast *forecast, struct reclaim_item *item)
{
	dcm_forecast_shrink(forecast, item->target->fstype, item->before, &item->foreseen);
	item->predicted_seconds = item->foreseen.clock.likely;
}

struct reclaim_range reclaim_range_text(const struct dcm_range *range)
{
	struct human low = human_seconds(range->low), high = human_seconds(range->high);
	struct reclaim_range ret;
	char *unit = strchr(low.text, ' ');

	/* "18.0 to 45.0 s", but "900 ms to 1.2 s" */
	if (unit && strchr(high.text, ' ') && !strcmp(unit, strchr(high.text, ' ')))
		*unit = '\0';
	if (!strcmp(low.text, high.text))
		snprintf(ret.text, sizeof(ret.text), "%s", high.text);
	else
		snprintf(ret.text, sizeof(ret.text), "%s to %s", low.text, high.text);
	return ret;
}
