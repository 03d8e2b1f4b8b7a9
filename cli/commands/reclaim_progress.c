// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/reclaim_progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/lib/human_numbers.h"
#include "common/base/clock.h"

#define BAR		 24
#define TERMINAL_EVERY	 (100 * DCM_NSEC_PER_MSEC)
#define LINES_EVERY	 (5 * DCM_NSEC_PER_SEC)
#define CLEAR_TO_THE_END "\033[K"

void reclaim_progress_begin(struct reclaim_progress *progress, const char *name)
{
	*progress = (struct reclaim_progress){
		.name = name, .terminal = isatty(STDERR_FILENO), .last_ns = dcm_now_ns()};
}

/* "43 %, 700,123 left, 85,000 per second, 8.2 s to go" */
static void print_numbers(const struct dcm_reclaim_progress *state, int percent)
{
	double left = dcm_reclaim_seconds_left(state);

	fprintf(stderr, "%d %%, %s left, %s per second", percent, human_count(state->now).text,
		human_count((uint64_t)dcm_reclaim_rate(state)).text);
	if (left >= 0)
		fprintf(stderr, ", %s to go", human_seconds(left).text);
}

static int percent_of(const struct dcm_reclaim_progress *state)
{
	if (!state->before || state->now >= state->before)
		return 0;
	return (int)(100.0 * (double)(state->before - state->now) / (double)state->before);
}

void reclaim_progress_show(const struct dcm_reclaim_progress *state, void *data)
{
	struct reclaim_progress *progress = data;
	uint64_t now_ns = dcm_now_ns();
	int percent = percent_of(state), filled = percent * BAR / 100;
	char bar[BAR + 1];

	if (now_ns - progress->last_ns < (progress->terminal ? TERMINAL_EVERY : LINES_EVERY))
		return;
	progress->last_ns = now_ns;
	if (!progress->terminal) {
		fprintf(stderr, "dcachemon: %s: ", progress->name);
		print_numbers(state, percent);
		fputc('\n', stderr);
		return;
	}
	memset(bar, '-', BAR);
	memset(bar, '#', (size_t)filled);
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] ", bar);
	print_numbers(state, percent);
	fputs(CLEAR_TO_THE_END, stderr);
	fflush(stderr);
	progress->drawn = true;
}

void reclaim_progress_end(struct reclaim_progress *progress)
{
	if (progress->drawn)
		fputs("\r" CLEAR_TO_THE_END, stderr);
	progress->drawn = false;
}
