// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/files/cached_file.h"
#include "common/kernel/reclaim/reclaim_others.h"
#include "common/kernel/reclaim/reclaim_way.h"
#include "common/parse/psi.h"

/* The kernel is asked to end a step after this time: see reclaim_cgroup.h. */
#define STEP_SECONDS 0.1
/*
 * Another superblock lost entries: the loss is its own when it goes on at half that speed in a
 * pause without steps. So often, and so long, such pauses are made.
 */
#define PAUSES		  5
#define PAUSE_SECONDS_MIN 0.1
#define PAUSE_SECONDS_MAX 1.0
/* A share of less time than this is mostly noise. */
#define PRESSURE_NS (200 * DCM_NSEC_PER_MSEC)

/* ---- memory pressure ---- */

struct pressure {
	struct dcm_cached_file file;
	char *text;
	size_t size;
	bool known;
	uint64_t at_ns, total_us; /* at the last look */
	double base;		  /* percent, before the first step */
};

static bool read_total(struct pressure *pressure, uint64_t *ret_us)
{
	struct dcm_psi psi;
	size_t len;

	if (dcm_cached_file_read(&pressure->file, &pressure->text, &pressure->size, 4096, &len) ||
	    dcm_psi_parse(pressure->text, len, &psi) || !psi.some.has_total)
		return false;
	*ret_us = psi.some.total_us;
	return true;
}

/* Before the first step: the average of the last ten seconds, as the kernel keeps it. */
static int pressure_begin(struct pressure *pressure)
{
	struct dcm_psi psi;
	size_t len;

	*pressure = (struct pressure){.at_ns = dcm_now_ns()};
	if (dcm_cached_file_init(&pressure->file, "", "/proc/pressure/memory"))
		return -ENOMEM;
	pressure->known = read_total(pressure, &pressure->total_us);
	len = pressure->known ? strlen(pressure->text) : 0;
	if (pressure->known && !dcm_psi_parse(pressure->text, len, &psi) && psi.some.has_avg10)
		pressure->base = psi.some.avg10;
	return 0;
}

static void pressure_end(struct pressure *pressure)
{
	dcm_cached_file_deinit(&pressure->file);
	free(pressure->text);
}

static void pressure_look(struct pressure *pressure, struct dcm_reclaim_progress *progress)
{
	uint64_t now_ns = dcm_now_ns(), total_us;
	double share;

	if (!pressure->known || now_ns - pressure->at_ns < PRESSURE_NS ||
	    !read_total(pressure, &total_us))
		return;
	share = 100e3 * (double)(total_us - pressure->total_us) /
		(double)(now_ns - pressure->at_ns);
	progress->pressure = DCM_MAX(share - pressure->base, 0.0);
	pressure->at_ns = now_ns;
	pressure->total_us = total_us;
}

/* ---- the loop ---- */

struct watch {
	const struct dcm_reclaim_steps *steps;
	const struct dcm_reclaim_target *target;
	const struct dcm_reclaim_choice *choice;
	struct dcm_reclaim_others others;
	struct pressure pressure;
	struct dcm_cgroup cgroup;     /* as it is now */
	uint64_t begin_ns, others_ns; /* of the steps; of what others have lost */
	unsigned int pauses;
};

static int look(struct watch *watch, struct dcm_reason *reason,
		struct dcm_reclaim_progress *progress)
{
	const struct dcm_walk_superblock *superblock;
	struct dcm_reclaim_count count;
	size_t superblocks;
	int err = dcm_reclaim_count(watch->steps->walk, watch->target, reason, &count);

	if (!err)
		err = dcm_walk_superblocks(watch->steps->walk, reason, &superblock, &superblocks);
	if (err)
		return err;
	if (!dcm_reclaim_may_be_same(&watch->steps->identity, &count.identity))
		return dcm_reason_set(reason, -ESTALE,
				      "another filesystem has its device number by now");
	progress->now = count.unused;
	progress->others = dcm_reclaim_others_worst(&watch->others, superblock, superblocks);
	if (*watch->cgroup.folder && !dcm_cgroup_measure(&watch->cgroup))
		progress->cache_bytes =
			DCM_EXCESS(watch->choice->cgroup.cache_bytes, watch->cgroup.cache_bytes);
	pressure_look(&watch->pressure, progress);
	progress->interrupted = *watch->steps->stop != 0;
	progress->seconds = (double)(dcm_now_ns() - watch->begin_ns) / DCM_NSEC_PER_SEC;
	return 0;
}

static int begin(struct watch *watch, struct dcm_reason *reason,
		 struct dcm_reclaim_progress *progress)
{
	const struct dcm_walk_superblock *superblock;
	size_t count;
	int err = dcm_walk_superblocks(watch->steps->walk, reason, &superblock, &count);

	if (err)
		return err;
	if (dcm_reclaim_others_init(superblock, count, watch->target->dev_major,
				    watch->target->dev_minor, &watch->others) ||
	    pressure_begin(&watch->pressure))
		return dcm_reason_no_memory(reason);
	watch->begin_ns = watch->others_ns = dcm_now_ns();
	err = look(watch, reason, progress);
	progress->before = progress->now;
	return err;
}

static int step(struct watch *watch, void *run, struct dcm_reason *reason,
		struct dcm_reclaim_progress *progress)
{
	double left = watch->steps->bounds.seconds - progress->seconds;
	uint64_t begin_ns = dcm_now_ns();
	bool more = false;
	int err = watch->choice->way->step(run, DCM_MIN(left, STEP_SECONDS), reason, &more);
	double seconds = (double)(dcm_now_ns() - begin_ns) / DCM_NSEC_PER_SEC;

	if (err)
		return err;
	progress->steps++;
	progress->longest_step_seconds = DCM_MAX(progress->longest_step_seconds, seconds);
	progress->exhausted = !more;
	err = look(watch, reason, progress);
	if (!err && watch->steps->show)
		watch->steps->show(progress, watch->steps->data);
	return err;
}

/* Whether others lose entries without us as well: a pause without steps tells. */
static int excuse_others(struct watch *watch, struct dcm_reason *reason,
			 struct dcm_reclaim_progress *progress)
{
	double seconds = (double)(dcm_now_ns() - watch->others_ns) / DCM_NSEC_PER_SEC;
	double pause = DCM_MIN(DCM_MAX(seconds, PAUSE_SECONDS_MIN), PAUSE_SECONDS_MAX);
	struct timespec ts = dcm_timespec((uint64_t)(pause * DCM_NSEC_PER_SEC));
	const struct dcm_walk_superblock *superblock;
	size_t count;
	int err;

	watch->pauses++;
	*reason = (struct dcm_reason){0};
	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	err = dcm_walk_superblocks(watch->steps->walk, reason, &superblock, &count);
	if (err)
		return err;
	dcm_reclaim_others_excuse(&watch->others, pause / seconds / 2, superblock, count);
	watch->others_ns = dcm_now_ns();
	return look(watch, reason, progress);
}

/* What follows the last look; ends with the reason why no step does. */
static int next(struct watch *watch, struct dcm_reason *reason, enum dcm_reclaim_end *ret_end,
		struct dcm_reclaim_progress *progress)
{
	int err;

	while ((*ret_end = dcm_reclaim_next(&watch->steps->bounds, progress, reason)) ==
		       DCM_RECLAIM_OTHERS &&
	       watch->pauses < PAUSES) {
		err = excuse_others(watch, reason, progress);
		if (err)
			return err;
	}
	return 0;
}

static int go_on(struct watch *watch, struct dcm_reason *reason, enum dcm_reclaim_end *ret_end,
		 struct dcm_reclaim_progress *progress)
{
	void *run;
	int err = begin(watch, reason, progress);

	if (!err)
		err = watch->choice->way->open(watch->choice, reason, &run);
	if (err)
		return err;
	err = next(watch, reason, ret_end, progress);
	while (!err && *ret_end == DCM_RECLAIM_GOES_ON) {
		err = step(watch, run, reason, progress);
		if (!err)
			err = next(watch, reason, ret_end, progress);
	}
	watch->choice->way->close(run);
	return err;
}

int dcm_reclaim_in_steps(const struct dcm_reclaim_steps *steps,
			 const struct dcm_reclaim_target *target,
			 const struct dcm_reclaim_choice *choice, struct dcm_reason *reason,
			 enum dcm_reclaim_end *ret_end, struct dcm_reclaim_progress *ret_progress)
{
	struct watch watch = {.steps = steps,
			      .target = target,
			      .choice = choice,
			      .pressure.file.fd = -1,
			      .cgroup = choice->cgroup};
	int err;

	*ret_progress = (struct dcm_reclaim_progress){0};
	err = go_on(&watch, reason, ret_end, ret_progress);
	dcm_reclaim_others_deinit(&watch.others);
	pressure_end(&watch.pressure);
	return err;
}
