// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A recording as text: its events, and a line of chart per value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/events/events_series.h"
#include "cli/events/events_timeline.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "cli/lib/wrap_text.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"

#define WIDTH  76
#define INDENT 2
#define TEXT   31 /* column of the text of an event */
#define SHADES " .:-=+*#%@"

/* The highest value per column, NaN where there is none. */
struct chart {
	double begin, end; /* seconds since 1970 */
	size_t columns;	   /* no more than there are samples */
	double column[WIDTH];
	double low, high;
	bool any;
};

static size_t column_of(const struct chart *chart, double time)
{
	double span = chart->end - chart->begin;
	double at = span > 0 ? (time - chart->begin) / span * (double)chart->columns : 0;

	return at < 0 ? 0 : at >= (double)chart->columns ? chart->columns - 1 : (size_t)at;
}

static void chart_start(struct chart *chart, json_object *document)
{
	size_t samples = json_object_array_length(recording_array(document, "samples"));

	*chart = (struct chart){.columns = DCM_MIN(DCM_MAX(samples, (size_t)1), (size_t)WIDTH)};
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

	for (size_t i = 0; i < chart->columns; i++) {
		double share = (chart->column[i] - chart->low) / (chart->high - chart->low);

		/* a value that is there is never blank */
		ret[i] = isnan(chart->column[i]) ? ' ' : SHADES[1 + (int)(share * (top - 1) + 0.5)];
	}
	ret[chart->columns] = '\0';
}

/* "1,000 to 8,190", "0 to 100 more per sample", "steady at 5" */
static void range_text(const struct chart *chart, const struct series *series, char ret[120])
{
	const char *more = series->counter ? " more per sample" : "";

	if (chart->low == chart->high)
		snprintf(ret, 120, "steady at %s%s", human_value(series->unit, chart->low).text,
			 more);
	else
		snprintf(ret, 120, "%s to %s%s", human_value(series->unit, chart->low).text,
			 human_value(series->unit, chart->high).text, more);
}

/* Its name and its range, and the line below. */
static void chart_print(const struct chart *chart, const char *label, const struct series *series,
			FILE *out)
{
	char line[WIDTH + 1], range[120];
	struct wrap wrap;

	range_text(chart, series, range);
	fputs(series->what, out);
	wrap_start(&wrap, out, strlen(series->what), INDENT);
	wrap_words(&wrap, "", label);
	wrap_words(&wrap, ":", range);
	wrap_end(&wrap);
	if (chart->low == chart->high)
		return;
	chart_line(chart, line);
	fprintf(out, "%*s|%s|\n", INDENT, "", line);
}

static void print_series(json_object *document, const struct series *series, FILE *out)
{
	_cleanup_free_ char *label = output_text(series->label);
	struct chart chart;

	chart_start(&chart, document);
	for (size_t i = 0; i < series->count; i++)
		chart_add(&chart, series->points[i].time, series->points[i].value);
	if (chart.any)
		chart_print(&chart, label ? label : "", series, out);
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
		struct wrap wrap;

		fprintf(out, "%-19s  %-8s  ", recording_time(event->time).text,
			severity ? severity : "");
		wrap_start(&wrap, out, TEXT, TEXT);
		wrap_words(&wrap, "", text ? text : "");
		wrap_end(&wrap);
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
	memset(line, ' ', chart.columns);
	line[chart.columns] = '\0';
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
	fprintf(out, "events: ! raised, o cleared%s%s\n%*s|%s|\n", reclaims ? ", r reclaim" : "",
		changes ? ", c change" : "", INDENT, "", line);
}

static void print_title(json_object *document, const char *title, FILE *out)
{
	_cleanup_free_ char *text = output_text(title);
	_cleanup_free_ char *name = output_text(recording_string(document, "name"));

	wrap_paragraph(out, text ? text : "");
	wrap_paragraph(out, name ? name : "");
}

static void print_done(const struct timeline *timeline, FILE *out)
{
	bool done = false;

	for (size_t i = 0; i < timeline->count; i++)
		done = done || timeline_is_done(&timeline->events[i]);
	if (done)
		return;
	fputs("\nWhat was done\n", out);
	wrap_paragraph(out, recording_nothing_done);
}

void recording_print(json_object *document, const char *title, const struct timeline *timeline,
		     const struct series_list *series, FILE *out)
{
	double begin, end;

	print_title(document, title, out);
	fputs("\nWhat happened (UTC)\n", out);
	print_events(timeline, out);
	print_done(timeline, out);
	if (!recording_span(document, &begin, &end)) {
		fprintf(out, "\n%s\n", recording_no_samples);
		return;
	}
	fprintf(out, "\nSecond by second, %s to ", recording_time(begin).text);
	fprintf(out, "%s UTC, %zu samples\n", recording_time(end).text,
		(size_t)json_object_array_length(recording_array(document, "samples")));
	print_marks(document, timeline, out);
	for (size_t i = 0; i < series->count; i++)
		print_series(document, &series->series[i], out);
}
