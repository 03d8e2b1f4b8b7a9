// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A recording as text: its events, and one line of chart per value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/events/events_series.h"
#include "cli/events/events_timeline.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"

#define WIDTH  60
#define SHADES " .:-=+*#%@"

/* The highest value per column, NaN where there is none. */
struct chart {
	double begin, end; /* seconds since 1970 */
	double column[WIDTH];
	double low, high;
	bool any;
};

static size_t column_of(const struct chart *chart, double time)
{
	double span = chart->end - chart->begin;
	double at = span > 0 ? (time - chart->begin) / span * WIDTH : 0;

	return at < 0 ? 0 : at >= WIDTH ? WIDTH - 1 : (size_t)at;
}

static void chart_start(struct chart *chart, json_object *document)
{
	*chart = (struct chart){.begin = 0};
	recording_span(document, &chart->begin, &chart->end);
	for (size_t i = 0; i < WIDTH; i++)
		chart->column[i] = NAN;
}

static void chart_add(struct chart *chart, double time, double value)
{
	double *column = &chart->column[column_of(chart, time)];

	if (!chart->any || value < chart->low)
		chart->low = value;
	if (!chart->any || value > chart->high)
		chart->high = value;
	if (isnan(*column) || value > *column)
		*column = value;
	chart->any = true;
}

static void chart_line(const struct chart *chart, char ret[WIDTH + 1])
{
	const int top = (int)strlen(SHADES) - 1;

	for (size_t i = 0; i < WIDTH; i++) {
		double share = (chart->column[i] - chart->low) / (chart->high - chart->low);

		/* a value that is there is never blank */
		ret[i] = isnan(chart->column[i]) ? ' ' : SHADES[1 + (int)(share * (top - 1) + 0.5)];
	}
	ret[WIDTH] = '\0';
}

static void chart_print(const struct chart *chart, const char *label, const char *unit, FILE *out)
{
	char line[WIDTH + 1];

	if (!chart->any)
		return;
	if (chart->low == chart->high) {
		fprintf(out, "%-18.18s  steady at %s\n", label, human_value(unit, chart->low).text);
		return;
	}
	chart_line(chart, line);
	fprintf(out, "%-18.18s |%s| %s to %s\n", label, line, human_value(unit, chart->low).text,
		human_value(unit, chart->high).text);
}

static void print_series(json_object *document, const struct series *series, FILE *out)
{
	_cleanup_free_ char *text = output_text(series->label), *label = NULL;
	struct chart chart;

	if (!text || asprintf(&label, "%s%s", series->what, text) < 0)
		return;

	chart_start(&chart, document);
	for (size_t i = 0; i < series->count; i++)
		chart_add(&chart, series->points[i].time, series->points[i].value);
	chart_print(&chart, label, series->unit, out);
}

/* ---- events ---- */

static bool is_clear(const struct timeline_event *event)
{
	return strcmp(timeline_severity(event), "cleared") == 0;
}

static void print_events(const struct timeline *timeline, FILE *out)
{
	char buf[TIMELINE_TEXT_SIZE];

	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_event *event = &timeline->events[i];
		_cleanup_free_ char *severity = output_text(timeline_severity(event));
		_cleanup_free_ char *text = output_text(timeline_text(event, buf));

		fprintf(out, "%s  %-8s  %s\n", recording_time(event->time).text,
			severity ? severity : "", text ? text : "");
	}
}

/* Where the events lie above the charts: "!" a raise, "r" a reclaim, "c" a change, "o" only clears.
 */
static char mark_of(const struct timeline_event *event)
{
	if (timeline_is_done(event))
		return event->reclaim ? 'r' : 'c';
	return is_clear(event) ? 'o' : '!';
}

static void print_marks(json_object *document, const struct timeline *timeline, FILE *out)
{
	static const char ranks[] = " ocr!"; /* the later one covers the others */
	bool reclaims = false, changes = false;
	char line[WIDTH + 1];
	struct chart chart;

	chart_start(&chart, document);
	memset(line, ' ', WIDTH);
	line[WIDTH] = '\0';
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_event *event = &timeline->events[i];
		char *at = &line[column_of(&chart, event->time)], mark = mark_of(event);

		if (!event->has_time)
			continue;
		reclaims = reclaims || mark == 'r';
		changes = changes || mark == 'c';
		if (strchr(ranks, mark) > strchr(ranks, *at))
			*at = mark;
	}
	fprintf(out, "%-18s |%s| ! raised, o cleared%s%s\n", "events", line,
		reclaims ? ", r reclaim" : "", changes ? ", c change" : "");
}

void recording_print(json_object *document, const struct timeline *timeline,
		     const struct series_list *series, FILE *out)
{
	double begin, end;

	print_events(timeline, out);
	if (!recording_span(document, &begin, &end))
		return;
	fprintf(out, "\n%s to %s UTC, %zu samples\n\n", recording_time(begin).text,
		recording_time(end).text,
		(size_t)json_object_array_length(recording_array(document, "samples")));
	print_marks(document, timeline, out);
	for (size_t i = 0; i < series->count; i++)
		print_series(document, &series->series[i], out);
}
