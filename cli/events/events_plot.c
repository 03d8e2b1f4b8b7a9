// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_plot.h"

#include <math.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/lib/human_numbers.h"
#include "common/base/minmax.h"

/* Units of the drawing: a column is 2 wide, values go from BOTTOM up to TOP. */
#define WIDTH  (2 * PLOT_COLUMNS)
#define TOP    4
#define BOTTOM 84
#define HEIGHT 100

const char plot_style[] =
	"figure{margin:1em 0}figcaption{font-size:90%}svg{width:100%;max-width:60em;border:1px "
	"solid "
	"#999;display:block}polyline{fill:none;stroke:#06c;stroke-width:1.5;stroke-linecap:round}"
	"svg "
	"text{font-size:10px;fill:#555;stroke:#fff;stroke-width:3px;paint-order:stroke}line{stroke-"
	"width:1}.raise{stroke:#c00}"
	".clear{stroke:#080;stroke-dasharray:10 4}.reclaim{stroke:#a0a;stroke-dasharray:4 3}"
	".change{stroke:#a50;stroke-dasharray:1 2}";

struct plot {
	struct html *page;
	size_t number;
	const struct series *series;
	double begin, span;
	size_t column; /* whose values "low" and "high" are */
	double low, high;
	bool any, drawing;
};

static size_t column_of(const struct plot *plot, double time)
{
	double at = plot->span > 0 ? (time - plot->begin) / plot->span * PLOT_COLUMNS : 0;

	return at < 0 ? 0 : at >= PLOT_COLUMNS ? PLOT_COLUMNS - 1 : (size_t)at;
}

static double height_of(const struct plot *plot, double value)
{
	const struct series *s = plot->series;

	return s->high > s->low ? BOTTOM - (value - s->low) / (s->high - s->low) * (BOTTOM - TOP)
				: (BOTTOM + TOP) / 2.0;
}

/* ---- the line ---- */

static void flush_column(struct plot *plot)
{
	size_t x = 2 * plot->column + 1;

	if (!plot->any)
		return;
	html_add(plot->page, "%s%zu,%.2f", plot->drawing ? " " : "<polyline points=\"", x,
		 height_of(plot, plot->low));
	/* the first one twice: of a point that stays alone nothing would be seen */
	if (plot->low != plot->high || !plot->drawing)
		html_add(plot->page, " %zu,%.2f", x, height_of(plot, plot->high));
	plot->drawing = true;
	plot->any = false;
}

static void end_line(struct plot *plot)
{
	flush_column(plot);
	if (plot->drawing)
		html_add(plot->page, "\"/>");
	plot->drawing = false;
}

static void add_point(struct plot *plot, const struct series_point *point)
{
	size_t column = column_of(plot, point->time);

	if (plot->any && column != plot->column)
		flush_column(plot);
	/* within one column a gap cannot be seen */
	if (point->gap && !plot->any)
		end_line(plot);
	plot->low = plot->any ? DCM_MIN(plot->low, point->value) : point->value;
	plot->high = plot->any ? DCM_MAX(plot->high, point->value) : point->value;
	plot->column = column;
	plot->any = true;
}

/* ---- what is around it ---- */

static const char *class_of(const struct timeline_event *event)
{
	if (timeline_is_done(event))
		return event->reclaim ? "reclaim" : "change";
	return strcmp(timeline_severity(event), "cleared") ? "raise" : "clear";
}

static void add_marks(struct plot *plot, const struct timeline *timeline)
{
	for (size_t i = 0; i < DCM_MIN(timeline->count, (size_t)PLOT_MARKS); i++) {
		const struct timeline_event *event = &timeline->events[i];
		size_t x = 2 * column_of(plot, event->time) + 1;

		if (event->has_time)
			html_add(plot->page,
				 "<line class=\"%s\" x1=\"%zu\" x2=\"%zu\" y1=\"0\" y2=\"%d\"/>",
				 class_of(event), x, x, BOTTOM);
	}
}

static void add_times(struct plot *plot)
{
	static const char *const anchors[] = {"start", "middle", "end"};

	for (int i = 0; i < 3; i++)
		html_add(plot->page, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>",
			 i * (WIDTH / 2), HEIGHT - 4, anchors[i],
			 recording_time(plot->begin + plot->span * i / 2).text + 11);
}

/* The highest and the lowest value, where the line has them. */
static void add_range(struct plot *plot)
{
	const struct series *s = plot->series;

	if (s->low == s->high)
		return;
	html_add(plot->page, "<text x=\"2\" y=\"%d\">%s</text>", TOP + 8,
		 human_value(s->unit, s->high).text);
	html_add(plot->page, "<text x=\"2\" y=\"%d\">%s</text>", BOTTOM,
		 human_value(s->unit, s->low).text);
}

static void add_number(struct html *page, const char *unit, double value)
{
	html_add(page, "<data value=\"%.17g\">%s</data>", value, human_value(unit, value).text);
}

static void add_caption(const struct plot *plot)
{
	const struct series *s = plot->series;

	html_add(plot->page, "<figcaption id=\"chart-%zu\"><b>%s", plot->number, s->what);
	html_text(plot->page, s->label);
	html_add(plot->page, "</b>: ");
	add_number(plot->page, s->unit, s->low);
	if (s->low != s->high) {
		html_add(plot->page, " to ");
		add_number(plot->page, s->unit, s->high);
	}
	html_add(plot->page, "%s%s", s->counter ? " more per sample" : "", *s->help ? ". " : "");
	html_text(plot->page, s->help);
	html_add(plot->page, "</figcaption>\n");
}

void plot_add(struct html *page, size_t number, const struct series *series,
	      const struct timeline *timeline, double begin, double end)
{
	struct plot plot = {.page = page,
			    .number = number,
			    .series = series,
			    .begin = begin,
			    .span = end - begin};

	html_add(page, "<figure>");
	add_caption(&plot);
	html_add(page, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"chart-%zu\">",
		 WIDTH, HEIGHT, number);
	add_marks(&plot, timeline);
	for (size_t i = 0; i < series->count; i++)
		add_point(&plot, &series->points[i]);
	end_line(&plot);
	add_range(&plot);
	add_times(&plot);
	html_add(page, "</svg></figure>\n");
}
