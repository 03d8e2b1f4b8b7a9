// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon who: watches for a few seconds which processes make dentries. */
#include "cli/commands/who.h"
#include "cli/commands/who_locks.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/load_config.h"
#include "cli/lib/stop_signals.h"
#include "common/base/cleanup.h"

#define SECONDS_DEFAULT 5.0
#define SECONDS_MAX	300
#define TOP_DEFAULT	10
#define TOP_MAX		DCM_WHO_MAX_ROWS
#define WORDS_(x)	#x
#define WORDS(x)	WORDS_(x)

struct who_options {
	double seconds, top;
	bool allocations, json, locks;
	const char *config;
};

DCM_DEFINE_CLEANUP(struct who_containers, who_containers_destroy)

/* What was seen, summed. */
struct sums {
	struct dcm_who_table *table;
	struct dcm_who_makers *makers;
};

static void add_event(void *ctx, const struct dcm_who_event *event)
{
	const struct sums *sums = ctx;

	dcm_who_table_add(sums->table, event);
}

static void add_maker(void *ctx, const struct dcm_who_maker *maker)
{
	const struct sums *sums = ctx;

	dcm_who_makers_add(sums->makers, maker);
}

static void close_window(void *ctx, double period, double watched)
{
	const struct sums *sums = ctx;

	dcm_who_table_close_window(sums->table, period, watched);
}

static int rank(const struct sums *sums, struct who_report *report)
{
	for (int view = 0; view < DCM_WHO_VIEWS; view++) {
		int err = dcm_who_table_rank(sums->table, view, &report->rows[view],
					     &report->count[view]);

		if (err)
			return err;
	}
	return dcm_who_makers_rank(sums->makers,
				   report->totals.netns_lost + report->totals.netns_passed_over,
				   &report->makers, &report->maker_count);
}

static int fill(const struct sums *sums, struct who_report *report)
{
	struct dcm_who_totals *totals = &report->totals;
	uint64_t other;
	int err;

	dcm_who_table_end(sums->table, totals->elapsed_seconds, totals->call_seconds,
			  totals->all_is_left);
	report->unplaced = dcm_who_table_unplaced(sums->table);
	report->namespaces = dcm_who_makers_total(sums->makers, &other) + totals->netns_lost;
	report->other = dcm_who_table_other(sums->table);
	err = rank(sums, report);
	totals->netns_lost += other;
	return err;
}

void who_say_begin(double seconds)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "dcachemon: watching for %.3g s, Ctrl-C ends it early\n", seconds);
}

int who_failed(int err, const struct dcm_reason *reason)
{
	cli_reason(*reason->text ? reason->text : strerror(-err));
	return err;
}

static int watch(double seconds, bool allocations, struct sums *sums, struct dcm_who_totals *ret)
{
	const struct dcm_who_sink sink = {add_event, add_maker, close_window, sums};
	struct dcm_reason reason = {""};
	struct dcm_who *who = NULL;
	int err = dcm_who_open(allocations, &reason, &who);

	if (!err) {
		who_say_begin(seconds);
		err = dcm_who_watch(who, seconds, &stop_signal, &sink, &reason);
	}
	if (!err)
		dcm_who_totals(who, ret);
	dcm_who_close(who);
	return err ? who_failed(err, &reason) : 0;
}

/* Without the files of runtimes it says all but names. */
static int open_containers(const struct dcm_config *config, struct who_containers **ret)
{
	if (!config->sampling.interval[DCM_SOURCE_CONTAINERS])
		return 0;
	return who_containers_create("", &config->containers, ret);
}

static int print(const struct who_options *wanted, const struct sums *sums,
		 struct who_report *report)
{
	int err = fill(sums, report);

	if (!err)
		err = wanted->json ? who_print_json(report) : who_print(report);
	if (err)
		cli_error("cannot print: %s", strerror(-err));
	return err;
}

static int who_dentries(const struct who_options *wanted, struct who_containers *containers)
{
	struct who_report report = {.top = (size_t)wanted->top, .containers = containers};
	struct sums sums = {0};
	int err = dcm_who_table_create(&sums.table) ?: dcm_who_makers_create(&sums.makers);

	if (err) {
		dcm_who_table_destroy(sums.table);
		return cli_no_memory();
	}
	stop_signals_catch();
	err = watch(wanted->seconds, wanted->allocations, &sums, &report.totals);
	if (!err)
		err = print(wanted, &sums, &report);
	for (int view = 0; view < DCM_WHO_VIEWS; view++)
		free(report.rows[view]);
	free(report.makers);
	dcm_who_makers_destroy(sums.makers);
	dcm_who_table_destroy(sums.table);
	return err ? CLI_FAILED : CLI_OK;
}

static int run(const struct cli_command *command, void *given, int argc __attribute__((unused)),
	       char **argv __attribute__((unused)))
{
	_cleanup_(who_containers_destroyp) struct who_containers *containers = NULL;
	const struct who_options *wanted = given;
	struct dcm_config config;

	if (wanted->locks && !wanted->allocations)
		return cli_usage_error(command, "--locks does not go with --lookups-only");
	if (config_file_load(wanted->config, &config))
		return CLI_FAILED;
	if (open_containers(&config, &containers))
		return cli_no_memory();
	return wanted->locks
		       ? who_locks(wanted->seconds, (size_t)wanted->top, wanted->json, containers)
		       : who_dentries(wanted, containers);
}

static const char *take_seconds(const char *argument, void *into)
{
	struct who_options *who = into;

	return cli_number(argument, 0.1, SECONDS_MAX, &who->seconds)
		       ? NULL
		       : "--seconds needs a number from 0.1 to " WORDS(SECONDS_MAX);
}

static const char *take_top(const char *argument, void *into)
{
	struct who_options *who = into;

	return cli_number(argument, 1, TOP_MAX, &who->top) && who->top == floor(who->top)
		       ? NULL
		       : "--top needs a whole number from 1 to " WORDS(TOP_MAX);
}

static const struct cli_option options[] = {
	{'s', "seconds", "N", "how long, 0.1 to 300 (default 5)", CLI_TAKE(take_seconds)},
	{'t', "top", "N", "rows per table (default 10)", CLI_TAKE(take_top)},
	{'\0', "lookups-only", NULL, "failed lookups alone, without allocations",
	 CLI_CLEAR(struct who_options, allocations)},
	{'l', "locks", NULL, "who waits for which lock instead",
	 CLI_SET(struct who_options, locks)},
	{'j', "json", NULL, "one JSON document", CLI_SET(struct who_options, json)},
	CONFIG_FILE_OPTION(struct who_options, config),
	{0},
};

static const struct who_options defaults = {
	.seconds = SECONDS_DEFAULT, .top = TOP_DEFAULT, .allocations = true};

const struct cli_command cli_who = {
	.name = "who",
	.summary = "Watches for a few seconds who makes dentries, or who waits for locks.",
	CLI_OPTIONS(options, struct who_options),
	.given_defaults = &defaults,
	.run = run,
};
