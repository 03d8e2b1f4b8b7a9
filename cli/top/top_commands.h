/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Other commands of dcachemon, run by "dcachemon top" for a row: what they say goes into the
 * window. They are ended when they take too long, or when the window is closed. */
#ifndef DCM_CLI_TOP_COMMANDS_H
#define DCM_CLI_TOP_COMMANDS_H

#include <sys/types.h>

#include "cli/top/top_keys.h"

struct top_commands {
	const char *config, *socket; /* that top was given; NULL: none */
	bool daemon;		     /* snapshots are the daemon's */
	pid_t pid;		     /* that has not been reaped; 0: none */
	int fd;			     /* its output; -1: it has ended */
	uint64_t due_ns;	     /* when it is ended (CLOCK_MONOTONIC) */
};

void top_commands_init(struct top_commands *commands);

/* Ends what runs and does not wait for it. */
void top_commands_stop(struct top_commands *commands);

/* Opens the window of @view and starts what @action needs for the selected row. */
void top_commands_start(struct top_commands *commands, struct top_view *view,
			enum top_action action, uint64_t now_ns);

/* Takes output and ends what is due, without waiting; lowers *@next_ns to the next call. Returns
 * whether the window has changed. */
bool top_commands_step(struct top_commands *commands, struct top_view *view, uint64_t now_ns,
		       uint64_t *next_ns);

#endif
