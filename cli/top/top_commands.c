// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_commands.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/lib/run_program.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"

#define MAX_ARGUMENTS 12
#define MAX_SECONDS   30
#define REAP_NS	      (100 * DCM_NSEC_PER_MSEC)

struct arguments {
	const char *list[MAX_ARGUMENTS + 1]; /* ends with NULL */
	size_t count;
	char text[32]; /* of one that is made */
};

void top_commands_init(struct top_commands *commands)
{
	*commands = (struct top_commands){.fd = -1};
}

/* ---- the command line ---- */

static void argument(struct arguments *arguments, const char *word)
{
	if (arguments->count < MAX_ARGUMENTS)
		arguments->list[arguments->count++] = word;
}

static void option(struct arguments *arguments, const char *name, const char *value)
{
	if (!value)
		return;
	argument(arguments, name);
	argument(arguments, value);
}

static void explain_arguments(const struct top_commands *commands, struct arguments *arguments)
{
	argument(arguments, "show");
	argument(arguments, "--explain");
	if (commands->daemon)
		argument(arguments, "--cached");
	if (commands->daemon)
		option(arguments, "--socket", commands->socket);
	option(arguments, "--config", commands->config);
}

/* False when there is no superblock to name. */
static bool reclaim_arguments(const struct top_commands *commands, struct top_view *view,
			      struct arguments *arguments)
{
	const struct dcm_snap_superblock *s =
		top_row_superblock(view->model, view->focus, top_view_selected(view));

	if (!s || (!commands->daemon && !DCM_ROW_HAS(s, dev_major)))
		return false;
	argument(arguments, "reclaim");
	argument(arguments, "--dry-run");
	if (commands->daemon)
		snprintf(arguments->text, sizeof(arguments->text), "%u", s->index);
	else
		snprintf(arguments->text, sizeof(arguments->text), "%u:%u", s->dev_major,
			 s->dev_minor);
	option(arguments, commands->daemon ? "--superblock" : "--device", arguments->text);
	if (commands->daemon)
		option(arguments, "--socket", commands->socket);
	option(arguments, "--config", commands->config);
	return true;
}

/* The story of the row's alarm. Without a daemon it has none: the numbers are of this program's own
 * alarms, not of those that were recorded. */
static void events_arguments(const struct top_commands *commands, struct top_view *view,
			     struct arguments *arguments)
{
	const struct dcm_snap_alarm *alarm = top_view_selected(view)->data;

	argument(arguments, "events");
	option(arguments, "--config", commands->config);
	if (!commands->daemon)
		return;
	snprintf(arguments->text, sizeof(arguments->text), "%u", alarm->index);
	argument(arguments, arguments->text);
}

/* What @action runs; false: nothing for such a row. */
static bool find_arguments(const struct top_commands *commands, struct top_view *view,
			   enum top_action action, struct arguments *arguments)
{
	*arguments = (struct arguments){.count = 0};
	argument(arguments, program_invocation_name);
	if (action == TOP_ACTION_RECLAIM)
		return reclaim_arguments(commands, view, arguments);
	if (action == TOP_ACTION_WHO) {
		argument(arguments, "who");
		return true;
	}
	if (view->focus == TOP_CHAINS)
		explain_arguments(commands, arguments);
	else if (view->focus == TOP_ALARMS && top_view_selected(view))
		events_arguments(commands, view, arguments);
	return arguments->count > 1;
}

/* ---- the window ---- */

static void open_window(struct top_view *view, enum top_action action,
			const struct arguments *arguments)
{
	const struct top_row *row = top_view_selected(view);
	_cleanup_free_ char *text = NULL;
	char title[sizeof(view->window.title)] = "dcachemon";

	for (size_t i = 1; i < arguments->count; i++) {
		fit_append(title, sizeof(title), " ", 1, FIT_LEFT);
		fit_append(title, sizeof(title), arguments->list[i], fit_width(arguments->list[i]),
			   FIT_LEFT);
	}
	/* the story of an alarm says it all */
	if (action == TOP_ACTION_EXPLAIN && row && view->focus != TOP_ALARMS)
		text = top_row_text(view->model, view->focus, row);
	top_window_open(&view->window,
			arguments->count > 1 ? title : top_table_columns(view->focus)->name);
	if (text)
		top_window_add_text(&view->window, text);
	if (text && arguments->count > 1)
		top_window_add_text(&view->window, "\n");
}

static void say(struct top_view *view, const char *text)
{
	if (view->window.open)
		top_window_add_text(&view->window, text);
}

static void launch(struct top_commands *commands, struct top_view *view,
		   const struct arguments *arguments, uint64_t now_ns)
{
	char text[160];
	int err;

	if (commands->pid) {
		say(view, "The command before has not ended yet.\n");
		return;
	}
	err = program_start(arguments->list, &commands->pid, &commands->fd);
	if (err) {
		snprintf(text, sizeof(text), "It cannot be started: %s\n", strerror(-err));
		say(view, text);
		return;
	}
	commands->due_ns = now_ns + MAX_SECONDS * DCM_NSEC_PER_SEC;
}

void top_commands_start(struct top_commands *commands, struct top_view *view,
			enum top_action action, uint64_t now_ns)
{
	struct arguments arguments;
	bool runs = find_arguments(commands, view, action, &arguments);

	open_window(view, action, &arguments);
	if (runs)
		launch(commands, view, &arguments, now_ns);
	else if (action == TOP_ACTION_RECLAIM)
		say(view, "This row belongs to no superblock that can be named.\n");
}

/* ---- while it runs ---- */

static void close_output(struct top_commands *commands)
{
	if (commands->fd >= 0)
		close(commands->fd);
	commands->fd = -1;
}

void top_commands_stop(struct top_commands *commands)
{
	if (!commands->pid)
		return;
	kill(commands->pid, SIGKILL);
	close_output(commands);
}

/* Returns whether it has said something or has closed its output. */
static bool take_output(struct top_commands *commands, struct top_view *view)
{
	struct pollfd poll_fd = {.fd = commands->fd, .events = POLLIN};
	char part[4096];
	bool changed = false;

	while (commands->fd >= 0 && poll(&poll_fd, 1, 0) > 0) {
		ssize_t n = read(commands->fd, part, sizeof(part));

		changed = true;
		if (n > 0 && view->window.open)
			top_window_add(&view->window, part, (size_t)n);
		else if (n <= 0)
			close_output(commands);
	}
	return changed;
}

/* Once it has ended; returns whether it has. */
static bool reap(struct top_commands *commands, struct top_view *view)
{
	char text[80];
	int status;

	if (waitpid(commands->pid, &status, WNOHANG) == 0)
		return false;
	commands->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status)) {
		snprintf(text, sizeof(text), "\n[exit status %d]\n", WEXITSTATUS(status));
		say(view, text);
	}
	return true;
}

bool top_commands_step(struct top_commands *commands, struct top_view *view, uint64_t now_ns,
		       uint64_t *next_ns)
{
	char text[80];
	bool changed;

	if (!commands->pid)
		return false;
	changed = take_output(commands, view);
	if (commands->fd >= 0 && now_ns >= commands->due_ns) {
		snprintf(text, sizeof(text), "\n[ended: it took more than %d s]\n", MAX_SECONDS);
		say(view, text);
		top_commands_stop(commands);
		changed = true;
	}
	if (commands->fd < 0 && reap(commands, view))
		return true;
	*next_ns = DCM_MIN(*next_ns, commands->fd < 0 ? now_ns + REAP_NS : commands->due_ns);
	return changed;
}
