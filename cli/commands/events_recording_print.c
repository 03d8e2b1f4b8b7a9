// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A recording as text: its events, and one line of chart per value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/events_recording.h"
#include "cli/commands/events_timeline.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/model/metrics/metrics.h"

#define WIDTH  60
#define SHADES " .:-=+*#%@"

/* What is charted, in this order, by its key in the recording. */
static const char *const charted[] = {
	"dentries",	 "unused",     "negative",	     "slab_bytes",     "free_bytes",
	"max_chain",	 "namespaces", "namespaces_created", "psi_some_avg10", "psi_full_avg10",
	"pgscan_direct", "allocstall", "slabs_scanned",	     "drop_slab",
};

static const struct dcm_metric *metric_of(const char *key)
{
	const struct dcm_metric *metric;
	enum dcm_section section;

	for (size_t i = 0; (metric = dcm_metric_recorded(i, &section)); i++)
		if (!strcmp(metric->recorded, key))
			return metric;
	return NULL;
}

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

static struct human show(const char *unit, double value)
{
	struct human text;

	if (!strcmp(unit, "bytes") && value >= 0)
		return human_bytes((uint64_t)value);
	if (!strcmp(unit, "seconds"))
		return human_seconds(value);
	if (strcmp(unit, "percent") && fabs(value) < 1e18)
		return human_signed((int64_t)value);
	snprintf(text.text, sizeof(text.text), "%.4g%s", value,
		 strcmp(unit, "percent") ? "" : " %");
	return text;
}

static void chart_print(const struct chart *chart, const char *label, const char *unit, FILE *out)
{
	char line[WIDTH + 1];

	if (!chart->any)
		return;
	if (chart->low == chart->high) {
		fprintf(out, "%-18.18s  steady at %s\n", label, show(unit, chart->low).text);
		return;
	}
	chart_line(chart, line);
	fprintf(out, "%-18.18s |%s| %s to %s\n", label, line, show(unit, chart->low).text,
		show(unit, chart->high).text);
}

/* ---- values ---- */

/* A counter is shown as its increase from sample to sample. */
static void print_series(json_object *document, const struct dcm_metric *m, FILE *out)
{
	json_object *samples = recording_array(document, "samples");
	double time, value, last = NAN;
	struct chart chart;

	chart_start(&chart, document);
	for (size_t i = 0; i < json_object_array_length(samples); i++) {
		json_object *sample = json_object_array_get_idx(samples, i);

		if (!recording_number(sample, "time", &time) ||
		    !recording_number(sample, m->recorded, &value))
			continue;
		if (m->kind != DCM_KIND_COUNTER)
			chart_add(&chart, time, value);
		else if (value >= last) /* not of the first, not over a reset */
			chart_add(&chart, time, value - last);
		last = value;
	}
	chart_print(&chart, m->recorded, m->unit, out);
}

static void print_lookup(json_object *document, size_t number, FILE *out)
{
	json_object *path = json_object_array_get_idx(recording_array(document, "lookups"), number);
	json_object *samples = recording_array(document, "samples"), *lookups;
	_cleanup_free_ char *label = output_text(json_object_get_string(path) ?: "");
	struct chart chart;
	double time;

	chart_start(&chart, document);
	for (size_t i = 0; i < json_object_array_length(samples); i++) {
		json_object *sample = json_object_array_get_idx(samples, i), *value;

		if (!recording_number(sample, "time", &time) ||
		    !json_object_object_get_ex(sample, "lookups", &lookups) ||
		    !json_object_is_type(lookups, json_type_array))
			continue;
		value = json_object_array_get_idx(lookups, number);
		if (value && isfinite(json_object_get_double(value)))
			chart_add(&chart, time, json_object_get_double(value));
	}
	chart_print(&chart, label ? label : "", "seconds", out);
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

/* Where the events lie above the charts: "!" a raise, "r" a reclaim, "o" only clears. */
static void print_marks(json_object *document, const struct timeline *timeline, FILE *out)
{
	char line[WIDTH + 1];
	bool reclaims = false;
	struct chart chart;

	chart_start(&chart, document);
	memset(line, ' ', WIDTH);
	line[WIDTH] = '\0';
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_event *event = &timeline->events[i];
		char *mark = &line[column_of(&chart, event->time)];

		if (!event->has_time)
			continue;
		reclaims = reclaims || event->reclaim;
		if (event->reclaim)
			*mark = *mark == '!' ? '!' : 'r';
		else if (!is_clear(event) || *mark == ' ')
			*mark = is_clear(event) ? 'o' : '!';
	}
	fprintf(out, "%-18s |%s| ! raised, o cleared%s\n", "events", line,
		reclaims ? ", r reclaim" : "");
}

void recording_print(json_object *document, const struct timeline *timeline, FILE *out)
{
	double begin, end;

	print_events(timeline, out);
	if (!recording_span(document, &begin, &end))
		return;
	fprintf(out, "\n%s to %s UTC, %zu samples\n\n", recording_time(begin).text,
		recording_time(end).text,
		(size_t)json_object_array_length(recording_array(document, "samples")));
	print_marks(document, timeline, out);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(charted); i++)
		print_series(document, metric_of(charted[i]), out);
	for (size_t i = 0; i < json_object_array_length(recording_array(document, "lookups")); i++)
		print_lookup(document, i, out);
}
