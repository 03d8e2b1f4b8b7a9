// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_page.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "cli/events/events_plot.h"
#include "cli/events/events_recording.h"
#include "cli/events/events_state.h"
#include "cli/events/events_who.h"
#include "cli/lib/html_writer.h"
#include "cli/lib/human_numbers.h"
#include "common/base/cleanup.h"
#include "common/model/alarms/recorder.h"
#include "common/model/alarms/recorder_state.h"

/* Shares of the page: a row begins below its limit and is no longer than ROW_BYTES. What is not a
 * row, the charts, has the rest. */
#define ROW_BYTES    (STATE_COLUMNS * (HTML_TEXT_ROOM + 300))
#define EVENTS_LIMIT (160u << 10)
#define DONE_LIMIT   (320u << 10)
#define CHARTS_BYTES (25 * (PLOT_COLUMNS * 48 + PLOT_MARKS * 80 + 2 * HTML_TEXT_ROOM))
#define ROWS_LIMIT   (PAGE_BYTES - (32u << 10))
_Static_assert(DONE_LIMIT + ROW_BYTES + CHARTS_BYTES < ROWS_LIMIT, "charts fit");

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width\"/>\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\"/>\n<style>body{font:14px/1.4 sans-serif;margin:2em;max-width:100em}"
	"table{border-collapse:collapse;font-size:90%}th,td{border:1px solid #999;padding:.2em "
	".5em;text-align:left;vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}"
	"td.n{text-align:right;white-space:nowrap}th{background:#eee}table{margin:1em 0}"
	"caption{text-align:left;font-weight:bold;padding:.3em 0}"
	"th,td:first-child{white-space:nowrap;overflow-wrap:normal}";

struct page {
	struct html html;
	json_object *document;
	const char *title;
	const struct timeline *timeline;
	const struct series_list *series;
};

static void add_heading(struct html *html, const char *title)
{
	html_add(html, "<h2>%s</h2>\n", title);
}

static void add_words(struct html *html, const char *words)
{
	html_add(html, "<p>");
	html_text(html, words);
	html_add(html, "</p>\n");
}

/* Of @all rows. */
static void add_left_out(struct html *html, uint64_t shown, uint64_t all)
{
	if (shown < all)
		html_add(html,
			 "<p class=\"left-out\"><data value=\"%" PRIu64 "\">%s</data> more are not "
			 "shown.</p>\n",
			 all - shown, human_count(all - shown).text);
}

static void add_text_cell(struct html *html, const char *raw)
{
	html_add(html, "<td>");
	html_text(html, raw);
	html_add(html, "</td>");
}

static void add_header(struct html *html, const char *caption, const char *const titles[],
		       size_t count)
{
	html_add(html, "<table><caption>%s</caption><tr>", caption);
	for (size_t i = 0; i < count; i++)
		html_add(html, "<th scope=\"col\">%s</th>", titles[i]);
	html_add(html, "</tr>\n");
}

/* ---- what happened, and what was done ---- */

static void add_event(struct html *html, const struct timeline_event *event)
{
	char buf[TIMELINE_TEXT_SIZE];

	html_add(html, "<tr><td>%s</td>", event->has_time ? recording_time(event->time).text : "-");
	add_text_cell(html, timeline_severity(event));
	add_text_cell(html, timeline_type(event));
	add_text_cell(html, timeline_text(event, buf));
	html_add(html, "</tr>\n");
}

static void add_events(struct page *page)
{
	static const char *const titles[] = {"Time (UTC)", "Severity", "Type", "Text"};
	size_t shown = 0;

	add_heading(&page->html, "What happened");
	add_header(&page->html, "Alarms, and what was done, in order of time", titles,
		   DCM_ARRAY_SIZE(titles));
	for (; shown < page->timeline->count; shown++) {
		if (html_size(&page->html) > EVENTS_LIMIT)
			break;
		add_event(&page->html, &page->timeline->events[shown]);
	}
	html_add(&page->html, "</table>\n");
	add_left_out(&page->html, shown, page->timeline->count);
}

static void add_count(struct html *html, bool has, uint64_t value)
{
	if (has)
		html_add(html, "<td class=\"n\"><data value=\"%" PRIu64 "\">%s</data></td>", value,
			 human_count(value).text);
	else
		html_add(html, "<td class=\"n\">-</td>");
}

static void add_done(struct html *html, const struct timeline_event *event)
{
	const struct dcm_reclaim_entry *reclaim = event->reclaim;
	char buf[TIMELINE_TEXT_SIZE];

	html_add(html, "<tr><td>%s</td>", recording_time(event->time).text);
	add_text_cell(html, timeline_type(event));
	add_text_cell(html, reclaim ? dcm_reclaim_outcome_name(reclaim->outcome) : "-");
	add_count(html, reclaim && reclaim->has_before, reclaim ? reclaim->before : 0);
	add_count(html, reclaim && reclaim->has_after, reclaim ? reclaim->after : 0);
	if (reclaim && reclaim->has_seconds)
		html_add(html, "<td class=\"n\"><data value=\"%.17g\">%s</data></td>",
			 reclaim->seconds, human_seconds(reclaim->seconds).text);
	else
		html_add(html, "<td class=\"n\">-</td>");
	add_text_cell(html, timeline_text(event, buf));
	html_add(html, "</tr>\n");
}

static void add_all_done(struct page *page)
{
	static const char *const titles[] = {"Time (UTC)", "What",	"Result", "Unused before",
					     "After",	   "Wall time", "Text"};
	size_t all = 0, shown = 0;

	for (size_t i = 0; i < page->timeline->count; i++)
		all += timeline_is_done(&page->timeline->events[i]);
	add_heading(&page->html, "What was done");
	if (!all) {
		add_words(&page->html, recording_nothing_done);
		return;
	}
	add_header(&page->html, "Reclaims and changes, in order of time", titles,
		   DCM_ARRAY_SIZE(titles));
	for (size_t i = 0; i < page->timeline->count; i++) {
		if (!timeline_is_done(&page->timeline->events[i]) ||
		    html_size(&page->html) > DONE_LIMIT)
			continue;
		add_done(&page->html, &page->timeline->events[i]);
		shown++;
	}
	html_add(&page->html, "</table>\n");
	add_left_out(&page->html, shown, all);
}

/* ---- charts ---- */

static void add_steady(struct html *html, const struct series *series)
{
	html_add(html, "<tr><td>%s", series->what);
	html_text(html, series->label);
	html_add(html, "</td><td class=\"n\"><data value=\"%.17g\">%s</data>%s</td>", series->low,
		 human_value(series->unit, series->low).text,
		 series->counter ? " more per sample" : "");
	add_text_cell(html, series->help);
	html_add(html, "</tr>\n");
}

/* What is the same all the time needs no chart. */
static void add_all_steady(struct page *page, size_t samples)
{
	static const char *const titles[] = {"Name", "Value", "What it means"};
	const struct series_list *list = page->series;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += series_is_steady(&list->series[i], samples);
	if (!count)
		return;
	add_header(&page->html, "What stayed the same", titles, DCM_ARRAY_SIZE(titles));
	for (size_t i = 0; i < list->count; i++)
		if (series_is_steady(&list->series[i], samples))
			add_steady(&page->html, &list->series[i]);
	html_add(&page->html, "</table>\n");
}

static void add_charts(struct page *page)
{
	size_t samples = json_object_array_length(recording_array(page->document, "samples"));
	double begin, end;

	add_heading(&page->html, "Second by second");
	if (!recording_span(page->document, &begin, &end) || !page->series->count) {
		add_words(&page->html, recording_no_samples);
		return;
	}
	html_add(&page->html,
		 "<p>Lines across: an alarm raised (red, whole) or cleared (green, long dashes), a "
		 "reclaim (purple, short dashes), another change (orange, dots). Times are "
		 "UTC.</p>\n");
	if (page->timeline->count > PLOT_MARKS)
		html_add(&page->html, "<p>Only the first %d events have a line.</p>\n", PLOT_MARKS);
	for (size_t i = 0; i < page->series->count; i++)
		if (!series_is_steady(&page->series->series[i], samples))
			plot_add(&page->html, i + 1, &page->series->series[i], page->timeline,
				 begin, end);
	add_all_steady(page, samples);
}

/* ---- the state ---- */

static void add_cell(struct html *html, const struct state_cell *cell, bool number)
{
	if (cell->name) {
		add_text_cell(html, cell->name);
		return;
	}
	html_add(html, number ? "<td class=\"n\">" : "<td>");
	if (cell->exact[1])
		html_add(html,
			 "<data class=\"low\" value=\"%s\"></data><data class=\"high\" "
			 "value=\"%s\">",
			 cell->exact[0], cell->exact[1]);
	else if (cell->exact[0])
		html_add(html, "<data value=\"%s\">", cell->exact[0]);
	html_add(html, "%s%s</td>", cell->text[0] ? cell->text : "-",
		 cell->exact[0] ? "</data>" : "");
}

static int add_row(struct html *html, const struct state_table *shown,
		   const struct dcm_table *table, json_object *row)
{
	int err = 0;

	html_add(html, "<tr>");
	for (size_t i = 0; !err && i < STATE_COLUMNS && shown->columns[i].heading; i++) {
		_cleanup_(state_cell_deinit) struct state_cell cell = {.name = NULL};

		err = state_cell(table, &shown->columns[i], row, &cell);
		add_cell(html, &cell, shown->columns[i].number);
	}
	html_add(html, "</tr>\n");
	return err;
}

static int add_table(struct html *html, const struct state_table *shown, json_object *state)
{
	const struct dcm_table *table = state_table_of(shown);
	size_t count, i = 0;
	uint64_t total;
	json_object *rows = state_rows(state, table, &total);
	int err = 0;

	if (!total)
		return 0;
	count = json_object_array_length(rows);
	html_add(html, "<table class=\"%s\"><caption>%s</caption><tr>", table->name, shown->title);
	for (size_t c = 0; c < STATE_COLUMNS && shown->columns[c].heading; c++)
		html_add(html, "<th scope=\"col\">%s</th>", shown->columns[c].heading);
	html_add(html, "</tr>\n");
	for (; i < count && !err && html_size(html) + ROW_BYTES < ROWS_LIMIT; i++)
		err = add_row(html, shown, table, json_object_array_get_idx(rows, i));
	html_add(html, "</table>\n");
	add_left_out(html, i, total);
	return err;
}

/* One value of what has one row, with what it means. */
static int add_value(struct html *html, const struct dcm_table *table,
		     const struct dcm_metric *metric, json_object *row)
{
	_cleanup_(state_cell_deinit) struct state_cell cell = {.name = NULL};
	int err = metric->json ? state_value(metric, row, &cell) : 0;

	if (err || (!cell.name && !cell.text[0]))
		return err;
	html_add(html, "<tr><td>%s</td><td>%s</td>", table->name, metric->name);
	add_cell(html, &cell, true);
	add_text_cell(html, metric->help);
	html_add(html, "</tr>\n");
	return 0;
}

static int add_values(struct html *html, json_object *state)
{
	static const char *const titles[] = {"Group", "Name", "Value", "What it means"};
	enum dcm_section section;
	uint64_t total;
	int err = 0;

	html_add(html, "<details><summary>Single values</summary>\n");
	add_header(html, "What the host has one of", titles, DCM_ARRAY_SIZE(titles));
	for (size_t s = 0; (section = dcm_recorder_state_section(s)) != DCM_SEC_COUNT; s++) {
		const struct dcm_table *table = dcm_table_find(section);
		json_object *rows = state_rows(state, table, &total);

		for (size_t i = 0; !table->array && total && i < table->count && !err; i++)
			if (html_size(html) + ROW_BYTES < ROWS_LIMIT)
				err = add_value(html, table, &table->metrics[i],
						json_object_array_get_idx(rows, 0));
	}
	html_add(html, "</table></details>\n");
	return err;
}

static int add_state(struct html *html, json_object *state)
{
	double time;
	int err = 0;

	html_add(html, "<section class=\"state\"><h2>State at %s UTC</h2>\n",
		 recording_number(state, "time", &time) ? recording_time(time).text : "?");
	if (state_cut(state))
		html_add(html,
			 "<p class=\"cut\">%" PRIu64 " texts were cut at %d bytes when this "
			 "was recorded: they end in \"~\".</p>\n",
			 state_cut(state), DCM_RECORDER_STATE_TEXT);
	for (size_t i = 0; i < state_table_count && !err; i++)
		err = add_table(html, &state_tables[i], state);
	if (!err)
		err = add_values(html, state);
	html_add(html, "</section>\n");
	return err;
}

static int add_states(struct page *page)
{
	json_object *states = recording_array(page->document, "states");
	size_t count = json_object_array_length(states), i = 0;
	int err = 0;

	if (!count) {
		add_heading(&page->html, "State at the raise");
		add_words(&page->html, recording_no_state);
	}
	for (; i < count && i < DCM_RECORDER_STATES && !err; i++)
		err = add_state(&page->html, json_object_array_get_idx(states, i));
	add_left_out(&page->html, i, count);
	return err;
}

/* ---- who ---- */

static int add_who(struct page *page)
{
	json_object *state;
	char text[EVENTS_WHO_TEXT_SIZE];
	int err = events_who_state(page->document, &state);

	if (err)
		return err;
	add_heading(&page->html, "Who made dentries");
	if (!state) {
		add_words(&page->html, recording_nobody_watched);
		return 0;
	}
	events_who_text(page->document, text);
	html_add(&page->html, "<section class=\"who\"><p>");
	html_text(&page->html, text);
	html_add(&page->html, "</p>\n");
	for (size_t i = 0; i < events_who_table_count && !err; i++)
		err = add_table(&page->html, &events_who_tables[i], state);
	html_add(&page->html, "</section>\n");
	json_object_put(state);
	return err;
}

/* ---- the page ---- */

static void add_title(struct page *page)
{
	double begin, end;

	html_add(&page->html, "%s%s</style><title>dcachemon: ", head, plot_style);
	html_text(&page->html, page->title);
	html_add(&page->html, "</title></head><body>\n<main>\n<h1>");
	html_text(&page->html, page->title);
	html_add(&page->html, "</h1>\n<p>The story of an alarm: ");
	html_text(&page->html, recording_string(page->document, "name"));
	if (recording_span(page->document, &begin, &end)) {
		html_add(&page->html, ", from %s to ", recording_time(begin).text);
		html_add(&page->html, "%s UTC, %zu samples", recording_time(end).text,
			 json_object_array_length(recording_array(page->document, "samples")));
	}
	html_add(&page->html, "</p>\n");
}

static void add_foot(struct page *page)
{
	struct utsname host;

	if (page->html.cut)
		html_add(
			&page->html,
			"<p class=\"cut\">%u texts were cut at %d bytes for this page: they end in "
			"\"~\".</p>\n",
			page->html.cut, HTML_TEXT_BYTES);
	html_add(&page->html, "</main>\n<footer><p>Made by dcachemon " DCM_VERSION " on ");
	html_text(&page->html, uname(&host) ? "?" : host.nodename);
	html_add(&page->html,
		 " at %s UTC. Numbers are exact in the source of this page, as in "
		 "<code>dcachemon events --json</code>.</p></footer>\n</body></html>\n",
		 recording_time((double)time(NULL)).text);
}

int page_print(json_object *document, const char *title, const struct timeline *timeline,
	       const struct series_list *series, FILE *out)
{
	struct page page = {
		.document = document, .title = title, .timeline = timeline, .series = series};
	int err = html_init(&page.html);

	if (err)
		return err;
	add_title(&page);
	add_events(&page);
	add_all_done(&page);
	add_charts(&page);
	err = add_who(&page);
	if (!err)
		err = add_states(&page);
	add_foot(&page);
	if (!err)
		err = html_print(&page.html, out);
	html_deinit(&page.html);
	return err;
}
