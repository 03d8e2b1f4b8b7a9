// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon who: watches for a few seconds who makes dentries, and says so. */
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
#define SECONDS_MAX	300.0
#define TOP_DEFAULT	10
#define TOP_MAX		DCM_WHO_MAX_ROWS

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

static int who_run(double seconds, bool allocations, size_t top, bool json)
{
	struct who_report report = {.top = top};
	struct dcm_who_table *table = NULL;
	int err = dcm_who_table_create(&table);

	if (err)
		return cli_no_memory();
	stop_signals_catch();
	err = watch(seconds, allocations, table, &report.totals);
	if (!err) {
		dcm_who_table_end(table, report.totals.elapsed_seconds, report.totals.call_seconds);
		report.unplaced = dcm_who_table_unplaced(table);
		report.other = dcm_who_table_other(table);
		err = rank(table, &report);
		if (!err)
			err = json ? who_print_json(&report) : who_print(&report);
		if (err)
			cli_error("cannot print: %s", strerror(-err));
	}
	for (int view = 0; view < DCM_WHO_VIEWS; view++)
		free(report.rows[view]);
	dcm_who_table_destroy(table);
	return err ? CLI_FAILED : CLI_OK;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},	  {"json", no_argument, NULL, 'j'},
		{"lookups-only", no_argument, NULL, 'l'}, {"seconds", required_argument, NULL, 's'},
		{"top", required_argument, NULL, 't'},	  {0},
	};
	double seconds = SECONDS_DEFAULT, top = TOP_DEFAULT;
	bool json = false, allocations = true;
	int option;

	while ((option = getopt_long(argc, argv, "hjs:t:", options, NULL)) != -1) {
		if (option == 'j')
			json = true;
		else if (option == 'l')
			allocations = false;
		else if (option != 's' && option != 't')
			return cli_common_option(command, option);
		else if (option == 's' && !cli_number(optarg, 0.1, SECONDS_MAX, &seconds))
			return cli_usage_error(command, "--seconds needs a number from 0.1 to %g",
					       SECONDS_MAX);
		else if (option == 't' &&
			 (!cli_number(optarg, 1, TOP_MAX, &top) || top != floor(top)))
			return cli_usage_error(command, "--top needs a whole number from 1 to %d",
					       TOP_MAX);
	}
	if (optind != argc)
		return cli_usage_error(command, "takes no arguments");
	return who_run(seconds, allocations, (size_t)top, json);
}

const struct cli_command cli_who = {
	.name = "who",
	.arguments = "[OPTION]...",
	.summary = "Watches for a few seconds which process, cgroup and directory makes dentries.",
	.options = "  -s, --seconds N        how long, 0.1 to 300 (default 5)\n"
		   "  -t, --top N            rows per table (default 10)\n"
		   "      --lookups-only     failed lookups alone, without allocations\n"
		   "  -j, --json             one JSON document\n",
	.run = run,
};
