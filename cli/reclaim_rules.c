// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon reclaim --rules: the daemon's last snapshot against [reclaim]. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/reclaim_log.h"
#include "output.h"
#include "reclaim.h"
#include "sample.h"

#define MAX_DUE 256

static int log_path(const struct dcm_config *config, char *out, size_t size)
{
	if (!config->state.folder[0])
		return cli_error("[reclaim] needs [state] folder, to remember what was done"),
		       -EINVAL;
	snprintf(out, size, "%s/reclaim.log", config->state.folder);
	return 0;
}

static int take_snapshot(const struct dcm_config *config, struct dcm_snapshot **ret)
{
	_cleanup_(sample_closep) struct sample *sample = NULL;
	static const volatile sig_atomic_t stop;
	int err = sample_open(config, true, &stop, &sample);

	return err ? err : sample_take(sample, ret);
}

/* Moves what @more has to the end of @targets. */
static int add_targets(struct dcm_reclaim_targets *targets, struct dcm_reclaim_targets *more)
{
	size_t count = targets->count + more->count;
	struct dcm_reclaim_target *item = reallocarray(targets->item, count, sizeof(*item));

	if (!item) {
		dcm_reclaim_targets_deinit(more);
		return -ENOMEM;
	}
	memcpy(item + targets->count, more->item, more->count * sizeof(*item));
	free(more->item);
	targets->item = item;
	targets->count = count;
	return 0;
}

static int take_decision(const struct dcm_snapshot *snapshot,
			 const struct dcm_reclaim_decision *decision,
			 struct dcm_reclaim_targets *targets)
{
	const char *fstype = dcm_snapshot_str(snapshot, decision->row->fstype);
	_cleanup_free_ char *shown = output_text(fstype);
	struct dcm_reclaim_targets more = {0};
	struct dcm_reason reason = {""};
	int err;

	fprintf(stderr, "dcachemon: %s %u:%u: %s%s\n", shown ? shown : "?",
		decision->row->dev_major, decision->row->dev_minor,
		decision->act ? "" : "due, but held back: ", decision->why.text);
	if (!decision->act)
		return 0;
	err = dcm_reclaim_find_device(decision->row->dev_major, decision->row->dev_minor, fstype,
				      &reason, &more);
	if (err == -ENOENT)
		return 0; /* unmounted meanwhile */
	return err ? err : add_targets(targets, &more);
}

int reclaim_rules_targets(const struct dcm_config *config, struct dcm_reclaim_targets *ret)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	_cleanup_free_ struct dcm_reclaim_decision *due = NULL;
	_cleanup_free_ struct dcm_reclaim_past *past = NULL;
	struct dcm_reclaim_targets targets = {0};
	char path[DCM_PATH_SIZE + 16];
	size_t past_count, count;
	int err;

	if (!config->reclaim.enabled) {
		fputs("dcachemon: [reclaim] enabled is no: nothing to do\n", stderr);
		return 0;
	}
	err = log_path(config, path, sizeof(path));
	if (!err)
		err = take_snapshot(config, &snapshot);
	if (err)
		return err;
	err = dcm_reclaim_log_read(path, &past, &past_count);
	due = calloc(MAX_DUE, sizeof(*due));
	if (err || !due)
		return cli_error("%s: %s", path, strerror(err ? -err : ENOMEM)), -EIO;
	count = dcm_reclaim_decide(&config->reclaim, snapshot, past, past_count,
				   (int64_t)dcm_clock_ns(CLOCK_REALTIME), due, MAX_DUE);
	for (size_t i = 0; i < count && !err; i++)
		err = take_decision(snapshot, &due[i], &targets);
	if (err) {
		cli_error("cannot find what is due: %s", strerror(-err));
		dcm_reclaim_targets_deinit(&targets);
		return err;
	}
	*ret = targets;
	return 0;
}

static void format_count(bool has, uint64_t value, char *out, size_t size)
{
	if (has)
		snprintf(out, size, "%" PRIu64, value);
	else
		snprintf(out, size, "-");
}

int reclaim_rules_record(const struct dcm_config *config, const struct reclaim_item *items,
			 size_t count)
{
	char path[DCM_PATH_SIZE + 16], line[512], before[24], after[24];
	int err = log_path(config, path, sizeof(path));

	for (size_t i = 0; i < count && !err; i++) {
		const struct reclaim_item *item = &items[i];

		if (!item->done)
			continue;
		format_count(item->has_before, item->before, before, sizeof(before));
		format_count(item->has_after, item->after, after, sizeof(after));
		snprintf(line, sizeof(line), "%lld %u:%u %.32s %s %s %.6f\n",
			 (long long)(dcm_clock_ns(CLOCK_REALTIME) / DCM_NSEC_PER_SEC),
			 item->target->dev_major, item->target->dev_minor, item->target->fstype,
			 before, after, item->result.seconds);
		err = dcm_reclaim_log_append(path, line);
		if (err)
			cli_error("%s: %s", path, strerror(-err));
	}
	return err;
}
