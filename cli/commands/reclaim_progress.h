/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How far a reclaim in steps is, on stderr: a bar on a terminal, else a line now and then. */
#ifndef DCM_CLI_RECLAIM_PROGRESS_H
#define DCM_CLI_RECLAIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/reclaim/reclaim_pace.h"

struct reclaim_progress {
	const char *name; /* of the filesystem, safe for a terminal */
	bool terminal;	  /* stderr is one */
	bool drawn;	  /* a bar is on the last line */
	uint64_t last_ns; /* when it was last told */
};

/* Also where stderr is a terminal: nothing before it has taken long enough to be of interest. */
void reclaim_progress_begin(struct reclaim_progress *progress, const char *name);

/* For struct dcm_reclaim_steps; @data: struct reclaim_progress. */
void reclaim_progress_show(const struct dcm_reclaim_progress *state, void *data);

/* Removes the bar. */
void reclaim_progress_end(struct reclaim_progress *progress);

#endif
