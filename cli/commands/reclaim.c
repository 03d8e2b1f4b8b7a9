// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon reclaim: frees the unused dentries of one superblock, after saying what that costs. */
#include "cli/commands/reclaim.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/reclaim_forecast.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/load_config.h"
#include "cli/lib/snapshot_source.h"
#include "cli/lib/stop_signals.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/reclaim/reclaim_safety.h"
#include "common/parse/number.h"

#define MAX_SECONDS_DEFAULT 30.0

struct reclaim {
	const char *path, *superblock, *device, *fstype, *container, *config, *socket, *trust;
	struct reclaim_bounds bounds; /* below 0: as configured */
	bool yes, dry_run, force, json, rules;
	char *group;		    /* of a container; bounds.cgroup then */
	struct dcm_config settings; /* with --superblock, --container and --rules */
};

static const char *words(const struct dcm_reason *reason, int err)
{
	return *reason->text ? reason->text : strerror(-err);
}

/* ---- which superblocks ---- */

static bool parse_index(const char *text, uint32_t *ret)
{
	uint64_t value;

	if (dcm_number_up_to(text, UINT32_MAX, &value))
		return false;
	*ret = (uint32_t)value;
	return true;
}

static bool parse_device(const char *text, uint32_t *ret_major, uint32_t *ret_minor)
{
	return !dcm_number_device((struct dcm_span){text, strlen(text)}, ret_major, ret_minor);
}

/* Indexes belong to the daemon: its snapshot says which superblock has this one. */
static int find_index(const struct reclaim *reclaim, uint32_t index,
		      struct dcm_reclaim_targets *ret)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	_cleanup_(sample_closep) struct sample *sample = NULL;
	static const volatile sig_atomic_t stop;
	struct dcm_reason reason = {""};
	int err = sample_open(&reclaim->settings, true, &stop, &sample);

	if (!err)
		err = sample_take(sample, &snapshot);
	if (err)
		return err;
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, DCM_SEC_SUPERBLOCKS); i++) {
		const struct dcm_snap_superblock *row =
			dcm_snapshot_row(snapshot, DCM_SEC_SUPERBLOCKS, i);

		if (row->index != index)
			continue;
		err = dcm_reclaim_find_device(row->dev_major, row->dev_minor,
					      dcm_snapshot_str(snapshot, row->fstype), &reason,
					      ret);
		if (err)
			cli_error("superblock %u: %s", index, words(&reason, err));
		return err;
	}
	cli_error("the daemon has no superblock %u; see dcachemon show --cached", index);
	return -ENOENT;
}

static int load_settings(struct reclaim *reclaim)
{
	bool needed = reclaim->rules || reclaim->superblock || reclaim->container ||
		      reclaim->config || reclaim->trust;

	if (config_file_load(reclaim->config, &reclaim->settings)) {
		if (needed)
			return -EINVAL;
		dcm_config_defaults(&reclaim->settings); /* where it is remembered */
	}
	if (reclaim->socket)
		snprintf(reclaim->settings.sampling.socket,
			 sizeof(reclaim->settings.sampling.socket), "%s", reclaim->socket);
	if (reclaim->bounds.max_pressure < 0)
		reclaim->bounds.max_pressure = reclaim->settings.reclaim.max_pressure;
	if (reclaim->bounds.max_cache < 0)
		reclaim->bounds.max_cache = reclaim->settings.reclaim.max_cache;
	if (!reclaim->rules)
		return 0;
	reclaim->yes = true;
	reclaim->bounds.max_seconds = reclaim->settings.reclaim.max_seconds;
	return 0;
}

/* A control group that was given bounds it as well as its own. */
static int find_container(struct reclaim *reclaim, struct dcm_reclaim_targets *ret)
{
	int err = reclaim_find_container(&reclaim->settings, reclaim->container, ret,
					 &reclaim->group);

	if (!err && !reclaim->bounds.cgroup)
		reclaim->bounds.cgroup = reclaim->group;
	return err;
}

static int find_targets(struct reclaim *reclaim, struct dcm_reclaim_targets *ret,
			struct reclaim_due **ret_due)
{
	struct dcm_reason reason = {""};
	uint32_t first, second;
	int err;

	if (reclaim->rules)
		return reclaim_rules_targets(&reclaim->settings, ret, ret_due);
	if (reclaim->container)
		return find_container(reclaim, ret);
	if (reclaim->superblock && parse_index(reclaim->superblock, &first))
		return find_index(reclaim, first, ret);
	if (reclaim->device && parse_device(reclaim->device, &first, &second))
		err = dcm_reclaim_find_device(first, second, NULL, &reason, ret);
	else if (reclaim->fstype)
		err = dcm_reclaim_find_fstype(reclaim->fstype, &reason, ret);
	else
		err = dcm_reclaim_find_path(reclaim->path, &reason, ret);
	if (!err)
		return 0;
	cli_reason(words(&reason, err));
	return err;
}

/* ---- what it would cost ---- */

static void measure(struct reclaim_item *item, struct dcm_walk *walk,
		    const struct dcm_forecast *forecast)
{
	struct dcm_reclaim_count count = {0};
	int err;

	if (walk) {
		err = reclaim_count(item, walk, &item->reason, &count);
		item->before = count.unused;
		item->has_before = !err;
		item->identity = count.identity;
	} else {
		err = dcm_reclaim_unused_at_most(&item->reason, &item->before);
	}
	if (err)
		item->err = err;
	reclaim_foresee(forecast, item);
}

/* Whether what a rule meant is still that, and too much: the snapshot was of a moment ago. */
static int look_again(struct reclaim_item *item)
{
	const struct reclaim_due *due = item->due;

	if (!due || !item->has_before)
		return 0;
	if (!dcm_reclaim_may_be_same(&due->identity, &item->identity))
		return dcm_reason_set(&item->reason, -ESTALE,
				      "another filesystem has its device number by now");
	if (due->capped && item->before <= due->max_unused)
		return dcm_reason_set(&item->reason, -EALREADY,
				      "%" PRIu64 " unused by now, no more than max_unused %" PRIu64,
				      item->before, due->max_unused);
	return 0;
}

static void refuse(struct reclaim_item *item, const struct reclaim *reclaim)
{
	if (!item->err)
		item->err = look_again(item);
	if (item->err)
		return;
	if (reclaim_goes_in_steps(item))
		return; /* nothing is reconfigured, and it stops in time */
	if (reclaim_doubt(item, reclaim->settings.state.folder, reclaim->force,
			  reclaim->bounds.max_seconds))
		return;
	if (item->foreseen.clock.high > reclaim->bounds.max_seconds)
		item->err = dcm_reason_set(&item->reason, -ETIME,
					   "would take %s, at worst more than %s %.3g",
					   reclaim_range_text(&item->foreseen.clock).text,
					   reclaim->rules ? "max_seconds" : "--max-seconds",
					   reclaim->bounds.max_seconds);
	else if (!reclaim->force)
		item->err = dcm_reclaim_judge_growth(item->growth, reclaim_shrink_rate(item),
						     &item->reason);
}

/* Containers come and go: what was chosen by its type or by a rule, not by name, need not be there
 * any more. */
static bool is_missed(const struct reclaim *reclaim, const struct reclaim_item *item)
{
	return item->err && !(item->gone && (reclaim->fstype || reclaim->rules));
}

/* Every doubt about any of them is settled before the first one is touched. */
static int plan(const struct reclaim *reclaim, struct dcm_walk *walk, struct reclaim_item *items,
		size_t count)
{
	struct dcm_forecast forecast;
	int err = 0;

	reclaim_forecast_host(&reclaim->settings, walk, &forecast);
	for (size_t i = 0; i < count; i++)
		measure(&items[i], walk, &forecast);
	reclaim_measure_growth(items, count, walk);
	for (size_t i = 0; i < count; i++) {
		if (!items[i].err)
			reclaim_choose_way(&reclaim->bounds, walk, &items[i]);
		refuse(&items[i], reclaim);
		if (is_missed(reclaim, &items[i]) && items[i].err != -EALREADY &&
		    items[i].err != -ESTALE)
			err = items[i].err;
	}
	return err;
}

/* ---- doing it ---- */

static bool confirm(size_t count)
{
	char line[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fflush(stdout);
		cli_error("cannot ask for confirmation: not a terminal (use --yes or --dry-run)");
		return false;
	}
	printf(count == 1 ? "Reclaim it? [y/N] " : "Reclaim these %zu? [y/N] ", count);
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) && (*line == 'y' || *line == 'Y');
}

static void reclaim_one(const struct reclaim *reclaim, struct reclaim_item *item,
			struct dcm_walk *walk)
{
	uint64_t cpu_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);

	item->err = reclaim_goes_in_steps(item)
			    ? reclaim_in_steps(&reclaim->bounds, walk, item)
			    : dcm_reclaim_reconfigure(item->target, &item->limits, &item->reason,
						      &item->result);
	item->cpu_seconds =
		(double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns) / DCM_NSEC_PER_SEC;
	item->tried = true;
	item->done = !item->err;
	reclaim_look_after(item, walk);
}

/* What is refused stays as it is. */
static int reclaim_all(const struct reclaim *reclaim, struct reclaim_item *items, size_t count,
		       struct dcm_walk *walk)
{
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		if (items[i].err || stop_signal)
			continue;
		reclaim_one(reclaim, &items[i], walk);
		if (is_missed(reclaim, &items[i]) || reclaim_was_stopped(&items[i]))
			err = -EIO;
	}
	return err;
}

static int reclaim_items(const struct reclaim *reclaim, struct dcm_walk *walk,
			 struct reclaim_item *items, size_t count)
{
	int err = plan(reclaim, walk, items, count), failed;

	if (!reclaim->json)
		reclaim_print_plan(items, count);
	/* A rule that cannot be followed does not stop the others. */
	if ((err && !reclaim->rules) || reclaim->dry_run || !count)
		return err;
	if (!reclaim->yes && !confirm(count))
		return -ECANCELED;
	failed = reclaim_all(reclaim, items, count, walk);
	if (!reclaim->json)
		reclaim_print_result(items, count);
	return err ? err : failed;
}

/* What went wrong without an error: that type is left alone from now on. */
static bool any_changed(const struct reclaim *reclaim, const struct reclaim_item *items,
			size_t count)
{
	bool changed = false;

	for (size_t i = 0; i < count; i++) {
		if (items[i].result.options != DCM_RECLAIM_CHANGED)
			continue;
		changed = true;
		reclaim_distrust(&items[i], reclaim->settings.state.folder);
	}
	return changed;
}

static bool any_failed(const struct reclaim *reclaim, const struct reclaim_item *items,
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].tried && is_missed(reclaim, &items[i]))
			return true;
	return false;
}

/* @ret_failed: more than a refusal was in the way. */
static int reclaim_run(struct reclaim *reclaim, bool *ret_failed)
{
	_cleanup_(dcm_reclaim_targets_deinit) struct dcm_reclaim_targets targets = {0};
	_cleanup_free_ struct reclaim_item *items = NULL;
	_cleanup_free_ struct reclaim_due *due = NULL;
	struct dcm_reason reason = {""};
	struct dcm_walk *walk = NULL;
	int err = find_targets(reclaim, &targets, &due);

	*ret_failed = err != 0;
	if (err)
		return CLI_FAILED;
	if (!targets.count && !reclaim->json)
		return CLI_OK; /* no rule applies */
	items = calloc(targets.count + 1, sizeof(*items));
	if (!items)
		return cli_no_memory();
	for (size_t i = 0; i < targets.count; i++) {
		items[i].target = &targets.item[i];
		items[i].due = due ? &due[i] : NULL;
	}
	if (dcm_walk_open("", DCM_WALK_AUTO, &reason, &walk))
		fprintf(stderr, "dcachemon: no count for one filesystem: %s\n", reason.text);
	err = reclaim_items(reclaim, walk, items, targets.count);
	dcm_walk_close(walk);
	*ret_failed = any_failed(reclaim, items, targets.count);
	if (!reclaim->dry_run && reclaim_record(&reclaim->settings, items, targets.count) &&
	    reclaim->rules) {
		*ret_failed = true;
		err = -EIO;
	}
	if (reclaim->json && reclaim_print_json(items, targets.count, reclaim->dry_run))
		return cli_no_memory();
	if (any_changed(reclaim, items, targets.count)) {
		*ret_failed = true;
		return CLI_CHANGED;
	}
	return err ? CLI_FAILED : CLI_OK;
}

/* ---- options ---- */

static int check(const struct cli_command *command, const struct reclaim *reclaim)
{
	int selectors = !!reclaim->path + !!reclaim->superblock + !!reclaim->device +
			!!reclaim->fstype + !!reclaim->container + reclaim->rules +
			!!reclaim->trust;
	uint32_t first, second;

	if (selectors != 1)
		return cli_usage_error(command, "needs one of MOUNTPOINT, --superblock, --device, "
						"--fstype, --container, --rules and --trust");
	if (reclaim->superblock && !parse_index(reclaim->superblock, &first))
		return cli_usage_error(command, "--superblock needs a number");
	if (reclaim->device && !parse_device(reclaim->device, &first, &second))
		return cli_usage_error(command, "--device needs MAJOR:MINOR");
	if (reclaim->bounds.cgroup && reclaim->bounds.way &&
	    strcmp(reclaim->bounds.way, "cgroup") != 0)
		return cli_usage_error(command, "--cgroup is the way cgroup");
	if (reclaim->rules && reclaim->bounds.cgroup)
		return cli_usage_error(command, "--rules takes no --cgroup");
	if (reclaim->rules && reclaim->force)
		return cli_usage_error(command, "--rules takes no --force");
	if (reclaim->json && !reclaim->rules && !reclaim->yes && !reclaim->dry_run)
		return cli_usage_error(command, "--json needs --yes or --dry-run");
	return CLI_OK;
}

static const char *take_max_seconds(const char *argument, void *into)
{
	struct reclaim *reclaim = into;

	return cli_number(argument, DBL_MIN, DBL_MAX, &reclaim->bounds.max_seconds)
		       ? NULL
		       : "--max-seconds needs a number above 0";
}

static const char *take_max_pressure(const char *argument, void *into)
{
	struct reclaim *reclaim = into;

	return cli_number(argument, 0, 100, &reclaim->bounds.max_pressure)
		       ? NULL
		       : "--max-pressure needs a number from 0 to 100";
}

static const char *take_max_cache(const char *argument, void *into)
{
	struct reclaim *reclaim = into;

	return cli_number(argument, 0, 1 << 20, &reclaim->bounds.max_cache)
		       ? NULL
		       : "--max-cache needs a number of MiB";
}

static const char *take_way(const char *argument, void *into)
{
	struct reclaim *reclaim = into;

	reclaim->bounds.way = argument;
	return dcm_reclaim_way_find(argument) ? NULL
					      : "--way needs shrinker, cgroup or reconfigure";
}

static const struct cli_option options[] = {
	{'\0', "device", "MAJ:MIN",
	 "instead of MOUNTPOINT: the filesystem of that device,\n"
	 "even if only containers have it mounted",
	 CLI_TEXT(struct reclaim, device)},
	{'\0', "superblock", "INDEX", "the one with this index in the running daemon",
	 CLI_TEXT(struct reclaim, superblock)},
	{'\0', "fstype", "TYPE", "every filesystem of this type, such as proc",
	 CLI_TEXT(struct reclaim, fstype)},
	{'\0', "container", "NAME",
	 "the root directory of this container, by name or ID; of a\n"
	 "filesystem that it shares only what is charged to it",
	 CLI_TEXT(struct reclaim, container)},
	{'\0', "rules", NULL, "the filesystems that are due by the [reclaim] rules",
	 CLI_SET(struct reclaim, rules)},
	{'n', "dry-run", NULL, "say what it would free and how long that would take",
	 CLI_SET(struct reclaim, dry_run)},
	{'y', "yes", NULL, "do not ask", CLI_SET(struct reclaim, yes)},
	{'\0', "max-seconds", "N",
	 "stop between two steps after that long; refuse one call\n"
	 "that is predicted to take longer (default 30)",
	 CLI_TAKE(take_max_seconds)},
	{'\0', "max-pressure", "N", "stop when steps add more than N % to memory pressure",
	 CLI_TAKE(take_max_pressure)},
	{'\0', "max-cache", "N",
	 "MiB of page cache that may go along with the entries of\n"
	 "a control group; 0 leaves control groups alone",
	 CLI_TAKE(take_max_cache)},
	{'\0', "way", "NAME",
	 "only this way: shrinker, cgroup or reconfigure, instead\n"
	 "of the gentlest that can",
	 CLI_TAKE(take_way)},
	{'\0', "cgroup", "PATH",
	 "through this control group: all entries that it is\n"
	 "charged for, also those of other filesystems",
	 CLI_TEXT(struct reclaim, bounds.cgroup)},
	{'\0', "force", NULL,
	 "also network filesystems, types not known to keep their\n"
	 "mount options, read-only ext4, xfs, btrfs and jfs, and\n"
	 "where many entries are made meanwhile",
	 CLI_SET(struct reclaim, force)},
	{'\0', "trust", "TYPE",
	 "reclaim filesystems of TYPE again, after a reclaim has\n"
	 "changed mount options of one",
	 CLI_TEXT(struct reclaim, trust)},
	{'j', "json", NULL, "one JSON document, with --yes or --dry-run",
	 CLI_SET(struct reclaim, json)},
	{'\0', "socket", "PATH", "socket of the daemon, for --superblock",
	 CLI_TEXT(struct reclaim, socket)},
	CONFIG_FILE_OPTION(struct reclaim, config),
	{0},
};

static int run(const struct cli_command *command, void *given, int argc __attribute__((unused)),
	       char **argv)
{
	struct reclaim *reclaim = given;
	bool failed = true;
	int status;

	reclaim->path = argv[0];
	status = check(command, reclaim);
	if (status != CLI_OK)
		return status;
	if (load_settings(reclaim))
		return CLI_FAILED;
	if (reclaim->trust)
		return reclaim_trust(reclaim->settings.state.folder, reclaim->trust);
	status = reclaim_run(reclaim, &failed);
	free(reclaim->group);
	if (reclaim->rules && !reclaim->dry_run)
		reclaim_remember_run(&reclaim->settings, failed);
	return status;
}

static const struct reclaim defaults = {
	.bounds = {.max_seconds = MAX_SECONDS_DEFAULT, .max_pressure = -1, .max_cache = -1}};

const struct cli_command cli_reclaim = {
	.name = "reclaim",
	.arguments = "[MOUNTPOINT]",
	.summary = "Frees the unused dentries of one filesystem, the gentlest way that can.",
	CLI_OPTIONS(options, struct reclaim),
	.given_defaults = &defaults,
	.max_arguments = 1,
	.too_many = "takes one mount point",
	.run = run,
};
