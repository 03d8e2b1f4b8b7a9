// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon reclaim --rules: the daemon's last snapshot against [reclaim]. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
#include "cli/lib/output.h"
#include "cli/lib/snapshot_source.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/kernel/reclaim/reclaim_log.h"
#include "common/kernel/reclaim/reclaim_runs.h"
#include "common/model/reclaim/reclaim_rules.h"

#define MAX_DUE 256

static int take_snapshot(const struct dcm_config *config, struct dcm_snapshot **ret)
{
	_cleanup_(sample_closep) struct sample *sample = NULL;
	static const volatile sig_atomic_t stop;
	int err = sample_open(config, true, &stop, &sample);

	return err ? err : sample_take(sample, ret);
}

/* What is due, and why, as it is gathered. */
struct due {
	struct dcm_reclaim_targets targets;
	struct reclaim_due *why; /* of each */
};

/* Moves what @more has to the end. */
static int add_targets(struct due *due, struct dcm_reclaim_targets *more,
		       const struct reclaim_due *why)
{
	size_t old = due->targets.count, count = old + more->count;
	struct dcm_reclaim_target *item = reallocarray(due->targets.item, count, sizeof(*item));
	struct reclaim_due *reasons;

	if (item)
		due->targets.item = item;
	reasons = item ? reallocarray(due->why, count, sizeof(*reasons)) : NULL;
	if (!reasons) {
		dcm_reclaim_targets_deinit(more);
		return -ENOMEM;
	}
	due->why = reasons;
	memcpy(item + old, more->item, more->count * sizeof(*item));
	for (size_t i = old; i < count; i++)
		reasons[i] = *why;
	free(more->item);
	due->targets.count = count;
	return 0;
}

static void print_decision(const struct dcm_snapshot *snapshot,
			   const struct dcm_reclaim_decision *decision)
{
	_cleanup_free_ char *shown = output_text(dcm_snapshot_str(snapshot, decision->row->fstype));

	fprintf(stderr, "dcachemon: %s %u:%u: %s%s%s\n", shown ? shown : "?",
		decision->row->dev_major, decision->row->dev_minor, decision->why.text,
		decision->act ? "" : "; due, but held back: ", decision->held.text);
}

static int take_decision(const struct dcm_snapshot *snapshot,
			 const struct dcm_reclaim_decision *decision, struct due *due)
{
	const char *fstype = dcm_snapshot_str(snapshot, decision->row->fstype);
	const struct reclaim_due why = {
		.why = decision->why,
		.capped = decision->capped,
		.max_unused = decision->max_unused,
		.identity = dcm_reclaim_row_identity(decision->row),
	};
	struct dcm_reclaim_targets more = {0};
	struct dcm_reason reason = {""};
	int err;

	print_decision(snapshot, decision);
	if (!decision->act)
		return 0;
	err = dcm_reclaim_find_device(decision->row->dev_major, decision->row->dev_minor, fstype,
				      &reason, &more);
	if (err == -ENOENT)
		return 0; /* unmounted meanwhile */
	return err ? err : add_targets(due, &more, &why);
}

/* Attempts of any kind, also on what had gone: what a rule does is never sooner after one than the
 * interval. */
static int read_past(const char *folder, struct dcm_reclaim_past **ret, size_t *ret_count)
{
	_cleanup_free_ struct dcm_reclaim_entry *entries = NULL;
	struct dcm_reclaim_past *past;
	size_t count, n = 0;
	int err = dcm_reclaim_log_read(folder, &entries, &count);

	if (err)
		return err;
	past = calloc(count + 1, sizeof(*past));
	if (!past)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (entries[i].outcome != DCM_RECLAIM_REFUSED)
			past[n++] = (struct dcm_reclaim_past){.dev_major = entries[i].dev_major,
							      .dev_minor = entries[i].dev_minor,
							      .time_ns = entries[i].time_ns,
							      .identity = entries[i].identity};
	*ret = past;
	*ret_count = n;
	return 0;
}

/* ---- what is remembered ---- */

static int append(const struct dcm_config *config, struct dcm_reclaim_entry *entry)
{
	entry->time_ns = (int64_t)dcm_clock_ns(CLOCK_REALTIME);
	return dcm_reclaim_log_append(config->state.folder, entry,
				      (int64_t)(config->reclaim.interval * 1e9));
}

static const char *error_of(const struct reclaim_item *item)
{
	if (item->err || reclaim_was_stopped(item))
		return *item->reason.text ? item->reason.text : strerror(-item->err);
	if (item->result.options != DCM_RECLAIM_CHANGED)
		return "";
	return item->result.put_back ? "mount options changed and put back"
				     : "mount options changed";
}

enum dcm_reclaim_outcome reclaim_outcome(const struct reclaim_item *item)
{
	if (!item->done && item->gone)
		return DCM_RECLAIM_GONE;
	if (!item->done)
		return item->tried ? DCM_RECLAIM_FAILED : DCM_RECLAIM_REFUSED;
	if (reclaim_was_stopped(item))
		return DCM_RECLAIM_STOPPED;
	return item->result.options == DCM_RECLAIM_CHANGED ? DCM_RECLAIM_OPTIONS_CHANGED
							   : DCM_RECLAIM_DONE;
}

static int record_item(const struct dcm_config *config, const struct reclaim_item *item)
{
	struct dcm_reclaim_entry entry = {
		.dev_major = item->target->dev_major,
		.dev_minor = item->target->dev_minor,
		.outcome = reclaim_outcome(item),
		.has_before = item->has_before,
		.has_after = item->has_after,
		.has_seconds = item->done,
		.before = item->before,
		.after = item->after,
		.seconds = item->result.seconds,
		.identity = item->identity,
		.has_cpu_seconds = item->done && !reclaim_goes_in_steps(item),
		.cpu_seconds = item->cpu_seconds,
	};

	snprintf(entry.fstype, sizeof(entry.fstype), "%s", item->target->fstype);
	snprintf(entry.target, sizeof(entry.target), "%s", item->target->mountpoint);
	snprintf(entry.rule, sizeof(entry.rule), "%s", item->due ? item->due->why.text : "");
	snprintf(entry.error, sizeof(entry.error), "%s", error_of(item));
	return append(config, &entry);
}

/* What a rule no longer wants is no refusal. */
static bool is_worth_a_line(const struct reclaim_item *item)
{
	return item->tried ||
	       (item->due && item->err && item->err != -EALREADY && item->err != -ESTALE);
}

int reclaim_record(const struct dcm_config *config, const struct reclaim_item *items, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		if (*config->state.folder && is_worth_a_line(&items[i]))
			err = record_item(config, &items[i]);
	if ((err == -ENOENT || err == -EACCES) && !items[0].due)
		return 0; /* by hand, on a host that keeps nothing, or by somebody who may not */
	if (err)
		cli_error("%s/" DCM_RECLAIM_LOG_NAME ": %s", config->state.folder, strerror(-err));
	return err;
}

void reclaim_remember_run(const struct dcm_config *config, bool failed)
{
	struct dcm_reason reason = {""};
	int64_t now_s = (int64_t)(dcm_clock_ns(CLOCK_REALTIME) / DCM_NSEC_PER_SEC);

	if (config->reclaim.enabled && *config->state.folder &&
	    dcm_reclaim_runs_end(config->state.folder, now_s, failed, &reason))
		cli_reason(reason.text);
}

/* ---- what is due ---- */

static int decide(const struct dcm_config *config, const struct dcm_snapshot *snapshot,
		  struct due *ret)
{
	_cleanup_free_ struct dcm_reclaim_decision *decisions = NULL;
	_cleanup_free_ struct dcm_reclaim_past *past = NULL;
	size_t past_count, count;
	int err = read_past(config->state.folder, &past, &past_count);

	decisions = calloc(MAX_DUE, sizeof(*decisions));
	if (err || !decisions)
		return err ? err : -ENOMEM;
	count = dcm_reclaim_decide(&config->reclaim, snapshot, past, past_count,
				   (int64_t)dcm_clock_ns(CLOCK_REALTIME), decisions, MAX_DUE);
	for (size_t i = 0; i < count && !err; i++)
		err = take_decision(snapshot, &decisions[i], ret);
	return err;
}

int reclaim_rules_targets(const struct dcm_config *config, struct dcm_reclaim_targets *ret,
			  struct reclaim_due **ret_due)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct due due = {0};
	int err;

	if (!config->reclaim.enabled) {
		fputs("dcachemon: [reclaim] enabled is no: nothing to do\n", stderr);
		return 0;
	}
	if (!config->state.folder[0])
		return cli_error("[reclaim] needs [state] folder, to remember what was done"),
		       -EINVAL;
	err = take_snapshot(config, &snapshot);
	if (err)
		return err;
	err = decide(config, snapshot, &due);
	if (err) {
		cli_error("cannot find what is due, or remember it in %s: %s", config->state.folder,
			  strerror(-err));
		dcm_reclaim_targets_deinit(&due.targets);
		free(due.why);
		return err;
	}
	*ret = due.targets;
	*ret_due = due.why;
	return 0;
}
