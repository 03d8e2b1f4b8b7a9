// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon who: watches for a few seconds which processes make dentries. */
#include "cli/commands/who.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
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
	bool allocations, json;
};

static void add_event(void *ctx, const struct dcm_who_event *event)
{
	dcm_who_table_add(ctx, event);
}

static void close_window(void *ctx, double period, double watched)
{
	dcm_who_table_close_window(ctx, period, watched);
}

static int rank(const struct dcm_who_table *table, struct who_report *report)
{
	for (int view = 0; view < DCM_WHO_VIEWS; view++) {
		int err =
			dcm_who_table_rank(table, view, &report->rows[view], &report->count[view]);

		if (err)
			return err;
	}
	return 0;
}

static int watch(double seconds, bool allocations, struct dcm_who_table *table,
		 struct dcm_who_totals *ret)
{
	_cleanup_free_ char *text = NULL;
	const struct dcm_who_sink sink = {add_event, close_window, table};
	struct dcm_reason reason = {""};
	struct dcm_who *who = NULL;
	int err = dcm_who_open(allocations, &reason, &who);

	if (!err && isatty(STDERR_FILENO))
		fprintf(stderr, "dcachemon: watching for %.3g s, Ctrl-C ends it early\n", seconds);
	if (!err)
		err = dcm_who_watch(who, seconds, &stop_signal, &sink, &reason);
	if (!err)
		dcm_who_totals(who, ret);
	dcm_who_close(who);
	if (!err)
		return 0;
	text = output_text(*reason.text ? reason.text : strerror(-err));
	cli_error("%s", text ? text : "?");
	return err;
}

static int run(const struct cli_command *command __attribute__((unused)), void *given,
	       int argc __attribute__((unused)), char **argv __attribute__((unused)))
{
	const struct who_options *wanted = given;
	struct who_report report = {.top = (size_t)wanted->top};
	struct dcm_who_table *table = NULL;
	int err = dcm_who_table_create(&table);

	if (err)
		return cli_no_memory();
	stop_signals_catch();
	err = watch(wanted->seconds, wanted->allocations, table, &report.totals);
	if (!err) {
		dcm_who_table_end(table, report.totals.elapsed_seconds, report.totals.call_seconds,
				  report.totals.all_is_left);
		report.unplaced = dcm_who_table_unplaced(table);
		report.other = dcm_who_table_other(table);
		err = rank(table, &report);
		if (!err)
			err = wanted->json ? who_print_json(&report) : who_print(&report);
		if (err)
			cli_error("cannot print: %s", strerror(-err));
	}
	for (int view = 0; view < DCM_WHO_VIEWS; view++)
		free(report.rows[view]);
	dcm_who_table_destroy(table);
	return err ? CLI_FAILED : CLI_OK;
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
	{'j', "json", NULL, "one JSON document", CLI_SET(struct who_options, json)},
	{0},
};

static const struct who_options defaults = {
	.seconds = SECONDS_DEFAULT, .top = TOP_DEFAULT, .allocations = true};

const struct cli_command cli_who = {
	.name = "who",
	.summary = "Watches for a few seconds which process, cgroup and directory makes dentries.",
	CLI_OPTIONS(options, struct who_options),
	.given_defaults = &defaults,
	.run = run,
};
