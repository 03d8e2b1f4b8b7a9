/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Charts of a recording as SVG within an HTML page. */
#ifndef DCM_CLI_EVENTS_PLOT_H
#define DCM_CLI_EVENTS_PLOT_H

#include "cli/events/events_series.h"
#include "cli/events/events_timeline.h"
#include "cli/lib/html_writer.h"

/* What each chart has at most, so that its size is bounded. */
#define PLOT_COLUMNS 360 /* of the lowest and the highest value there */
#define PLOT_MARKS   64	 /* events */

/* The stylesheet's rules for charts. */
extern const char plot_style[];

/* A figure from @begin to @end (seconds since 1970) with its caption, which is also its name for
 * who cannot see it. @number: another one for each of a page. */
void plot_add(struct html *page, size_t number, const struct series *series,
	      const struct timeline *timeline, double begin, double end);

#endif
