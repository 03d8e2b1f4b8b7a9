// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon show: one sample, or one every N seconds, as tables or JSON. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/show_tables.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "cli/lib/snapshot_source.h"
#include "cli/lib/stop_signals.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"

#define SUPERBLOCKS_SHOWN 15
#define CHAINS_SHOWN	  10
#define MAX_WATCH	  86400.0

struct show {
	const char *config, *socket;
	bool all, json, cached, no_bpf, explain;
	double watch; /* seconds; 0: once */
};

static void sleep_until(uint64_t ns)
{
	const struct timespec when = dcm_timespec(ns);

	while (!stop_signal &&
	       clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

static int show_explained(const struct show *show, const struct dcm_snapshot *snapshot,
			  const struct print_limits *limits)
{
	struct explain explain = {0};
	int err = explain_open(&explain);

	if (!err && show->json) {
		err = json_explained(snapshot, &explain, stdout);
	} else if (!err) {
		err = print_snapshot(snapshot, limits, stdout);
		explain_print(&explain, snapshot, stdout);
	}
	explain_close(&explain);
	return err;
}

static int show_once(const struct show *show, struct sample *sample)
{
	const struct print_limits limits = {
		.superblocks = show->all ? SIZE_MAX : SUPERBLOCKS_SHOWN,
		.chains = show->all ? SIZE_MAX : CHAINS_SHOWN,
	};
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	int err = sample_take(sample, &snapshot);

	if (err)
		return err;
	if (show->watch > 0 && !show->json && isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	err = show->explain ? show_explained(show, snapshot, &limits)
	      : show->json  ? json_snapshot(snapshot, stdout)
			    : print_snapshot(snapshot, &limits, stdout);
	if (err)
		cli_error("cannot print: %s", strerror(-err));
	return err;
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
		if (!stop_signal && !show->json && !isatty(STDOUT_FILENO))
			putchar('\n');
	}
	return stop_signal ? 0 : err;
}

static int show_run(const struct show *show)
{
	_cleanup_(sample_closep) struct sample *sample = NULL;
	struct dcm_config config;
	int err;

	if (config_file_load(show->config, &config))
		return CLI_FAILED;
	if (show->no_bpf)
		config.sampling.bpf = false;
	if (show->socket)
		snprintf(config.sampling.socket, sizeof(config.sampling.socket), "%s",
			 show->socket);
	if (show->watch > 0)
		stop_signals_catch();
	err = sample_open(&config, show->cached, &stop_signal, &sample);
	if (!err)
		err = show->watch > 0 ? show_repeatedly(show, sample) : show_once(show, sample);
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
	return show_run(show);
}

const struct cli_command cli_show = {
	.name = "show",
	.summary = "Takes a complete sample of the dentry cache and prints it.",
	CLI_OPTIONS(options, struct show),
	.run = run,
};
