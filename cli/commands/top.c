// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon top: one screen, renewed each second, until somebody quits. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/load_config.h"
#include "cli/lib/stop_signals.h"
#include "cli/top/top_commands.h"
#include "cli/top/top_feed.h"
#include "cli/top/top_keys.h"
#include "cli/top/top_screen.h"
#include "cli/top/top_terminal.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/minmax.h"

/* Without news, so that it is seen how old the last are. With a daemon there is some each second.
 */
#define REDRAW_NS (2 * DCM_NSEC_PER_SEC)

struct top_options {
	const char *config, *socket;
	bool cached, fresh, no_bpf;
};

struct top {
	struct top_feed *feed;
	struct top_model *model;
	struct top_view view;
	struct top_commands commands;
	struct top_screen screen;
	uint64_t draw_ns; /* when the screen is due */
	bool quit;
};

/* Lines on the screen would be in the way. */
static void drop_log(void *ctx __attribute__((unused)),
		     enum dcm_log_level level __attribute__((unused)),
		     const char *line __attribute__((unused)))
{
}

/* ---- one turn ---- */

/* What is taken while it is paused is not shown, but its sampler goes on. */
static int take_snapshot(struct top *top, uint64_t now_ns, uint64_t *next_ns)
{
	struct dcm_snapshot *snapshot = top_feed_run(top->feed, now_ns, next_ns);

	if (strcmp(top->view.trouble, top_feed_trouble(top->feed))) {
		snprintf(top->view.trouble, sizeof(top->view.trouble), "%s",
			 top_feed_trouble(top->feed));
		top->draw_ns = 0;
	}
	if (!snapshot)
		return 0;
	if (top->view.paused) {
		dcm_snapshot_destroy(snapshot);
		return 0;
	}
	top->draw_ns = 0;
	return top_model_add(top->model, snapshot);
}

static void draw(struct top *top, uint64_t now_ns)
{
	if (now_ns < top->draw_ns)
		return;
	top_terminal_size(&top->screen);
	top_screen_draw(&top->screen, &top->view, now_ns);
	top_terminal_show(&top->screen);
	top->draw_ns = now_ns + REDRAW_NS;
}

static void take_keys(struct top *top, uint64_t now_ns)
{
	int key;

	while ((key = top_terminal_key()) != TOP_NO_KEY) {
		enum top_action action = top_key(&top->view, key);

		if (action == TOP_ACTION_QUIT)
			top->quit = true;
		else if (action == TOP_ACTION_CLOSED)
			top_commands_stop(&top->commands);
		else if (action != TOP_ACTION_NONE)
			top_commands_start(&top->commands, &top->view, action, now_ns);
	}
	/* also after a change of the size, which is no key */
	top->draw_ns = 0;
}

static void wait_events(struct top *top, uint64_t next_ns)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = top_feed_fd(top->feed), .events = POLLIN},
		{.fd = top->commands.fd, .events = POLLIN},
	};
	int n = poll(fds, DCM_ARRAY_SIZE(fds), dcm_timeout_ms(next_ns, dcm_now_ns()));

	if (n > 0 && fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		top->quit = true;
	else if (n < 0 || fds[0].revents)
		take_keys(top, dcm_now_ns());
}

static int run_until_quit(struct top *top)
{
	int err = 0;

	while (!stop_signal && !top->quit && !err) {
		uint64_t now = dcm_now_ns(), next = UINT64_MAX;

		err = take_snapshot(top, now, &next);
		if (top_commands_step(&top->commands, &top->view, now, &next))
			top->draw_ns = 0;
		draw(top, now);
		wait_events(top, DCM_MIN(next, top->draw_ns));
	}
	return err;
}

/* ---- start and end ---- */

static int show(struct top *top)
{
	int err = top_model_create(&top->model);

	if (err) {
		cli_no_memory();
		return err;
	}
	top_view_init(&top->view, top->model);
	top->view.origin = top_feed_origin(top->feed);
	top->commands.daemon = top_feed_is_daemon(top->feed);
	dcm_log_set_sink(drop_log, NULL);
	err = top_terminal_open();
	if (err)
		return err;
	err = run_until_quit(top);
	top_terminal_close();
	if (err)
		cli_no_memory();
	return err;
}

static int top_run(const struct top_options *options, const struct dcm_config *config)
{
	struct top *top = calloc(1, sizeof(*top));
	enum top_source source = options->cached  ? TOP_SOURCE_DAEMON
				 : options->fresh ? TOP_SOURCE_SELF
						  : TOP_SOURCE_AUTO;
	int err;

	if (!top)
		return cli_no_memory();
	top_commands_init(&top->commands);
	top->commands.config = options->config;
	top->commands.socket = options->socket;
	err = top_feed_open(config, source, &top->feed);
	if (!err)
		err = show(top);
	top_commands_stop(&top->commands);
	top_view_deinit(&top->view);
	top_model_destroy(top->model);
	top_feed_destroy(top->feed);
	free(top);
	return err ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
	{'\0', "cached", NULL, "only the snapshots of the running dcachemon-snmp",
	 CLI_SET(struct top_options, cached)},
	{'\0', "fresh", NULL,
	 "sample by itself, within the configured budget (default: where\n"
	 "dcachemon-snmp does not answer)",
	 CLI_SET(struct top_options, fresh)},
	SOCKET_OPTION(struct top_options, socket),
	CONFIG_FILE_OPTION(struct top_options, config),
	{'\0', "no-bpf", NULL, "by itself: only what /proc has",
	 CLI_SET(struct top_options, no_bpf)},
	{0},
};

static int run(const struct cli_command *command, void *given, int argc __attribute__((unused)),
	       char **argv __attribute__((unused)))
{
	const struct top_options *given_options = given;
	struct dcm_config config;

	if (given_options->cached && given_options->fresh)
		return cli_usage_error(command, "--cached and --fresh exclude each other");
	if (given_options->socket && strlen(given_options->socket) >= DCM_PATH_SIZE)
		return cli_usage_error(command, "the path of --socket is too long");
	if (config_file_load(given_options->config, &config))
		return CLI_FAILED;
	if (given_options->no_bpf)
		config.sampling.bpf = false;
	if (given_options->socket)
		snprintf(config.sampling.socket, sizeof(config.sampling.socket), "%s",
			 given_options->socket);
	return top_run(given_options, &config);
}

const struct cli_command cli_top = {
	.name = "top",
	.summary = "Shows what changes, each second: totals, superblocks, chains, directories, "
		   "alarms.",
	CLI_OPTIONS(options, struct top_options),
	.run = run,
};
