// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon show: one sample, or one every N seconds, as tables, JSON or text for Prometheus. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/show_openmetrics.h"
#include "cli/commands/show_tables.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "cli/lib/snapshot_source.h"
#include "cli/lib/stop_signals.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/state_file.h"

#define SUPERBLOCKS_SHOWN 15
#define CHAINS_SHOWN	  10
#define MAX_WATCH	  86400.0

struct show {
	const char *config, *socket;
	const char *output; /* a file in place of standard output */
	bool all, json, cached, no_bpf, explain;
	bool openmetrics, prometheus;
	double watch;			 /* seconds; 0: once */
	const struct dcm_config *loaded; /* once it is read */
};

static void sleep_until(uint64_t ns)
{
	const struct timespec when = dcm_timespec(ns);

	while (!stop_signal &&
	       clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

static bool show_for_programs(const struct show *show)
{
	return show->json || show->openmetrics || show->prometheus;
}

static int show_explained(const struct show *show, const struct dcm_snapshot *snapshot,
			  const struct print_limits *limits, FILE *out)
{
	struct explain explain = {0};
	int err = explain_open(show->loaded, &explain);

	if (!err && show->json) {
		err = json_explained(snapshot, &explain, out);
	} else if (!err) {
		err = print_snapshot(snapshot, limits, out);
		explain_print(&explain, snapshot, out);
	}
	explain_close(&explain);
	return err;
}

static int show_snapshot(const struct show *show, const struct dcm_snapshot *snapshot, FILE *out)
{
	const struct print_limits limits = {
		.superblocks = show->all ? SIZE_MAX : SUPERBLOCKS_SHOWN,
		.chains = show->all ? SIZE_MAX : CHAINS_SHOWN,
	};
	int err = show->openmetrics  ? openmetrics_snapshot(snapshot, OPENMETRICS, out)
		  : show->prometheus ? openmetrics_snapshot(snapshot, OPENMETRICS_CLASSIC, out)
		  : show->explain    ? show_explained(show, snapshot, &limits, out)
		  : show->json	     ? json_snapshot(snapshot, out)
				     : print_snapshot(snapshot, &limits, out);

	if (err)
		cli_error("cannot print: %s", strerror(-err));
	return err;
}

/* The file is replaced when all is there: its readers never see a part. */
static int show_in_file(const struct show *show, const struct dcm_snapshot *snapshot)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_reason reason = {""};
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return cli_no_memory();
	err = show_snapshot(show, snapshot, out);
	if (fclose(out) && !err)
		return cli_no_memory();
	if (!err)
		err = dcm_state_file_replace(show->output, text, size, 0644, &reason);
	if (*reason.text)
		cli_reason(reason.text);
	return err;
}

static int show_once(const struct show *show, struct sample *sample)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	int err = sample_take(sample, &snapshot);

	if (err)
		return err;
	if (show->output)
		return show_in_file(show, snapshot);
	if (show->watch > 0 && !show_for_programs(show) && isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	return show_snapshot(show, snapshot, stdout);
}

static int show_repeatedly(const struct show *show, struct sample *sample)
{
	uint64_t interval = (uint64_t)(show->watch * 1e9), next = dcm_now_ns();
	int err = 0;

	while (!stop_signal) {
		err = show_once(show, sample);
		if (err || !output_flush())
			break;
		/* A sample longer than the interval delays the next one instead of piling up. */
		next += interval;
		if (next < dcm_now_ns())
			next = dcm_now_ns();
		sleep_until(next);
		if (!stop_signal && !show->output && !show_for_programs(show) &&
		    !isatty(STDOUT_FILENO))
			putchar('\n');
	}
	return stop_signal ? 0 : err;
}

static int show_run(const struct show *given)
{
	_cleanup_(sample_closep) struct sample *sample = NULL;
	struct dcm_config config;
	struct show show = *given;
	int err;

	if (config_file_load(show.config, &config))
		return CLI_FAILED;
	show.loaded = &config;
	if (show.no_bpf)
		config.sampling.bpf = false;
	if (show.socket)
		snprintf(config.sampling.socket, sizeof(config.sampling.socket), "%s", show.socket);
	if (show.watch > 0)
		stop_signals_catch();
	err = sample_open(&config, show.cached, &stop_signal, &sample);
	if (!err)
		err = show.watch > 0 ? show_repeatedly(&show, sample) : show_once(&show, sample);
	return err ? CLI_FAILED : CLI_OK;
}

static const char *take_watch(const char *argument, void *into)
{
	struct show *show = into;

	return cli_number(argument, 0.1, MAX_WATCH, &show->watch)
		       ? NULL
		       : "--watch needs 0.1 to 86400 seconds";
}

static const struct cli_option options[] = {
	{'a', "all", NULL, "every superblock and chain, not only the largest",
	 CLI_SET(struct show, all)},
	{'e', "explain", NULL, "what long chains are made of, and whose they are",
	 CLI_SET(struct show, explain)},
	{'j', "json", NULL, "one JSON document per sample, on one line",
	 CLI_SET(struct show, json)},
	{'\0', "openmetrics", NULL, "OpenMetrics 1.0, for Prometheus",
	 CLI_SET(struct show, openmetrics)},
	{'\0', "prometheus", NULL, "the same in Prometheus' older text format, for node_exporter",
	 CLI_SET(struct show, prometheus)},
	{'o', "output", "FILE", "replace FILE by it, at once when all is there",
	 CLI_TEXT(struct show, output)},
	{'w', "watch", "SECONDS", "repeat until Ctrl-C", CLI_TAKE(take_watch)},
	{'\0', "fresh", NULL, "sample now (default)", CLI_CLEAR(struct show, cached)},
	{'\0', "cached", NULL, "the last snapshot of the running dcachemon-snmp",
	 CLI_SET(struct show, cached)},
	{'\0', "socket", "PATH", "its socket (default: from the configuration)",
	 CLI_TEXT(struct show, socket)},
	CONFIG_FILE_OPTION(struct show, config),
	{'\0', "no-bpf", NULL, "only what /proc has", CLI_SET(struct show, no_bpf)},
	{0},
};

static int run(const struct cli_command *command, void *given, int argc __attribute__((unused)),
	       char **argv __attribute__((unused)))
{
	const struct show *show = given;

	if (show->socket && strlen(show->socket) >= DCM_PATH_SIZE)
		return cli_usage_error(command, "the path of --socket is too long");
	if (show->json + show->openmetrics + show->prometheus > 1)
		return cli_usage_error(command,
				       "--json, --openmetrics and --prometheus exclude each other");
	if (show->explain && (show->openmetrics || show->prometheus))
		return cli_usage_error(command, "--explain is for tables and JSON");
	return show_run(show);
}

const struct cli_command cli_show = {
	.name = "show",
	.summary = "Takes a complete sample of the dentry cache and prints it.",
	CLI_OPTIONS(options, struct show),
	.run = run,
};
