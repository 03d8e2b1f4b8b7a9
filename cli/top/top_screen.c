// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_screen.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/lib/human_numbers.h"
#include "cli/top/top_summary.h"
#include "common/base/minmax.h"
#include "common/base/units.h"

/* With 80 columns all, with 40 those that lead to the rest. */
#define KEYS	    "h help q quit Tab table s/S sort Enter row e explain w who r reclaim p pause"
#define WINDOW_KEYS "q back, arrows, PgUp, PgDn, Home, End scroll"
#define LEAST_ROWS  3  /* of the table in focus */
#define OTHER_ROWS  3  /* of another */
#define LEAST_LAST  16 /* columns of a table's last column */
#define STALE_NS    (5 * DCM_NSEC_PER_SEC)

static void line_text(struct top_screen *screen, size_t at, enum top_look look, const char *text)
{
	struct top_line *line = &screen->lines[at];

	line->look = look;
	*line->text = '\0';
	fit_append(line->text, sizeof(line->text), text, screen->columns, FIT_LEFT);
}

/* ---- the title ---- */

static void title(struct top_screen *screen, const struct top_view *view, uint64_t now_ns)
{
	const struct dcm_snapshot *snapshot = top_model_snapshot(view->model);
	uint64_t taken_ns = snapshot ? snapshot->header->monotonic_ns : 0;
	uint64_t age_ns = DCM_EXCESS(now_ns, taken_ns);
	time_t when = snapshot ? (time_t)(snapshot->header->realtime_ns / 1000000000) : 0;
	char text[512], stamp[32] = "";
	uint64_t age_seconds = age_ns / DCM_NSEC_PER_SEC;
	bool stale = snapshot && age_ns > STALE_NS && !view->paused;
	struct tm tm;

	if (snapshot && localtime_r(&when, &tm))
		strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm);
	if (*view->trouble)
		snprintf(text, sizeof(text), "dcachemon top  %s  %s", stamp, view->trouble);
	else if (!snapshot)
		snprintf(text, sizeof(text), "dcachemon top  waiting for the first sample");
	else if (view->paused)
		snprintf(text, sizeof(text), "dcachemon top  %s  PAUSED, p goes on", stamp);
	else
		snprintf(text, sizeof(text), "dcachemon top  %s  %s%s%s", stamp, view->origin,
			 stale ? ", no news for " : "",
			 stale ? human_seconds((double)age_seconds).text : "");
	line_text(screen, 0, *view->trouble || stale ? TOP_LOOK_TROUBLE : TOP_LOOK_TITLE, text);
}

/* ---- the window ---- */

static void draw_window(struct top_screen *screen, struct top_view *view)
{
	struct top_window *window = &view->window;
	size_t shown = screen->rows - 2;
	char text[8192];

	view->window_shown = shown;
	/* what there is may have become less, and the screen higher */
	top_window_scroll(window, 0, 0, shown);
	line_text(screen, 0, TOP_LOOK_TITLE, window->title);
	for (size_t i = 0; i < shown; i++) {
		top_window_line(window, window->first + i, text, sizeof(text));
		line_text(screen, 1 + i, TOP_LOOK_PLAIN, fit_skip(text, window->skip));
	}
	line_text(screen, screen->rows - 1, TOP_LOOK_KEYS, WINDOW_KEYS);
}

/* ---- how the lines are divided ---- */

struct layout {
	size_t summary;		  /* lines of it */
	size_t lines[TOP_TABLES]; /* of each table with its heading; 0: none */
};

/* A table without rows has a line that says why; no alarms are no table. */
static size_t wanted_lines(struct top_view *view, enum top_table table)
{
	size_t count;

	top_model_rows(view->model, table, &count);
	if (!count)
		return table == TOP_ALARMS ? 0 : 2;
	return 1 + count;
}

/* The summary, the table in focus and some rows of the others; what is left for the focus, and what
 * that does not need for the others. */
static void divide(struct top_view *view, size_t lines, size_t summary, struct layout *ret)
{
	size_t wanted[TOP_TABLES], left, more;

	*ret = (struct layout){.summary = DCM_MIN(summary, lines / 3)};
	left = lines - ret->summary;
	for (int t = 0; t < TOP_TABLES; t++)
		wanted[t] = wanted_lines(view, (enum top_table)t);
	wanted[view->focus] = DCM_MAX(wanted[view->focus], (size_t)2);
	more = DCM_MIN(wanted[view->focus], (size_t)1 + LEAST_ROWS);
	ret->lines[view->focus] = DCM_MIN(more, left);
	left -= ret->lines[view->focus];
	for (int t = 0; t < TOP_TABLES; t++) {
		size_t some = DCM_MIN(wanted[t], (size_t)1 + OTHER_ROWS);

		if (t == (int)view->focus || some > left)
			continue;
		ret->lines[t] = some;
		left -= some;
	}
	for (int i = 0; i < TOP_TABLES; i++) {
		int t = ((int)view->focus + i) % TOP_TABLES;

		if (!ret->lines[t])
			continue;
		more = DCM_MIN(left, wanted[t] - ret->lines[t]);
		ret->lines[t] += more;
		left -= more;
	}
}

/* ---- a table ---- */

struct shape {
	const struct top_columns *columns;
	bool hidden[TOP_COLUMNS_MAX];
	size_t width[TOP_COLUMNS_MAX];
};

static size_t used_width(const struct shape *shape)
{
	size_t used = 1;

	for (size_t c = 0; c < shape->columns->count; c++)
		if (!shape->hidden[c])
			used += 1 + (c + 1 < shape->columns->count
					     ? shape->width[c]
					     : DCM_MIN(shape->width[c], (size_t)LEAST_LAST));
	return used;
}

/* Hides the column that is needed least; false when all that are left are needed. */
static bool hide_one(struct shape *shape)
{
	size_t least = 0;
	int need = 0;

	for (size_t c = 0; c < shape->columns->count; c++)
		if (!shape->hidden[c] && shape->columns->columns[c].need > need) {
			need = shape->columns->columns[c].need;
			least = c;
		}
	if (need)
		shape->hidden[least] = true;
	return need > 0;
}

/* As wide as titles and cells, with columns left out until they fit in @columns; the last one gets
 * what is left, and of other texts none more than a third. */
static void find_shape(const struct top_view *view, enum top_table table,
		       const struct top_row *rows, size_t count, size_t columns, struct shape *ret)
{
	size_t last;
	char cell[TOP_CELL_SIZE];

	*ret = (struct shape){.columns = top_table_columns(table)};
	last = ret->columns->count - 1;
	for (size_t c = 0; c <= last; c++) {
		const struct top_column *column = &ret->columns->columns[c];

		/* one more for the mark of the order */
		ret->width[c] = strlen(column->title) + (view->places[table].sort == c);
		for (size_t i = 0; i < count; i++) {
			top_cell(view->model, column, &rows[i], cell, sizeof(cell));
			ret->width[c] = DCM_MAX(ret->width[c], fit_width(cell));
		}
		if (column->align == FIT_LEFT && c < last)
			ret->width[c] = DCM_MIN(ret->width[c], columns / 3);
	}
	while (used_width(ret) > columns && hide_one(ret))
		;
	ret->width[last] = 0;
	ret->width[last] = DCM_EXCESS(columns, used_width(ret));
}

static void heading(struct top_screen *screen, const struct top_view *view, enum top_table table,
		    size_t at, const struct shape *shape, size_t shown, size_t count)
{
	const struct top_place *place = &view->places[table];
	struct top_line *line = &screen->lines[at];
	char title_text[64];

	line->look = TOP_LOOK_HEADING;
	snprintf(line->text, sizeof(line->text), " ");
	for (size_t c = 0; c < shape->columns->count; c++) {
		const struct top_column *column = &shape->columns->columns[c];
		bool last = c + 1 == shape->columns->count;
		char part[48] = "";

		if (shape->hidden[c])
			continue;
		if (last && shown < count)
			snprintf(part, sizeof(part), " (%zu of %zu)", shown, count);
		snprintf(title_text, sizeof(title_text), "%.15s%s%s", column->title,
			 place->sort != c   ? ""
			 : place->ascending ? "^"
					    : "*",
			 part);
		fit_append(line->text, sizeof(line->text), " ", 1, FIT_LEFT);
		fit_append(line->text, sizeof(line->text), title_text, shape->width[c],
			   column->align);
	}
}

static enum top_look row_look(enum top_table table, const struct top_row *row)
{
	const struct dcm_snap_alarm *alarm = row->data;

	if (table != TOP_ALARMS)
		return TOP_LOOK_PLAIN;
	return alarm->severity == DCM_SEVERITY_CRITICAL ? TOP_LOOK_CRITICAL : TOP_LOOK_WARNING;
}

static void draw_row(struct top_screen *screen, const struct top_view *view, enum top_table table,
		     size_t at, const struct shape *shape, const struct top_row *row, bool selected)
{
	struct top_line *line = &screen->lines[at];
	char cell[TOP_CELL_SIZE];

	line->look = selected ? TOP_LOOK_SELECTED : row_look(table, row);
	snprintf(line->text, sizeof(line->text), "%s", selected ? ">" : " ");
	for (size_t c = 0; c < shape->columns->count; c++) {
		const struct top_column *column = &shape->columns->columns[c];

		if (shape->hidden[c])
			continue;
		top_cell(view->model, column, row, cell, sizeof(cell));
		fit_append(line->text, sizeof(line->text), " ", 1, FIT_LEFT);
		fit_append(line->text, sizeof(line->text), cell, shape->width[c], column->align);
	}
}

/* Why @table has no rows. */
static void draw_empty(struct top_screen *screen, const struct top_view *view, enum top_table table,
		       size_t at)
{
	const struct dcm_snap_source *source =
		top_model_source(top_model_snapshot(view->model), top_table_source(table));
	const char *state = !source			    ? "not sampled"
			    : source->state == DCM_STATE_OK ? "none"
							    : dcm_source_state_name(source->state);
	char text[64];

	snprintf(text, sizeof(text), "  %s", state);
	line_text(screen, at, TOP_LOOK_PLAIN, text);
}

/* The rows that are shown include the selected one. */
static void scroll(struct top_place *place, bool focus, size_t shown, size_t count)
{
	place->shown = shown;
	if (!focus || place->selected < place->first)
		place->first = focus ? place->selected : 0;
	if (focus && place->selected >= place->first + shown)
		place->first = place->selected + 1 - shown;
	place->first = DCM_MIN(place->first, DCM_EXCESS(count, shown));
}

static void draw_table(struct top_screen *screen, struct top_view *view, enum top_table table,
		       size_t at, size_t lines)
{
	struct top_place *place = &view->places[table];
	bool focus = table == view->focus;
	size_t count, shown;
	const struct top_row *rows = top_view_rows(view, table, &count);
	struct shape shape;

	shown = DCM_MIN(lines - 1, count);
	scroll(place, focus, shown, count);
	rows += place->first;
	find_shape(view, table, rows, shown, screen->columns, &shape);
	heading(screen, view, table, at, &shape, shown, count);
	if (!count)
		draw_empty(screen, view, table, at + 1);
	for (size_t i = 0; i < shown; i++)
		draw_row(screen, view, table, at + 1 + i, &shape, &rows[i],
			 focus && place->first + i == place->selected);
}

/* ---- all of it ---- */

static void draw_tables(struct top_screen *screen, struct top_view *view)
{
	struct top_summary summary;
	struct layout layout;
	size_t at = 1;

	top_summary(view->model, &summary);
	divide(view, screen->rows - 2, summary.count, &layout);
	for (size_t i = 0; i < layout.summary; i++)
		line_text(screen, at++, TOP_LOOK_PLAIN, summary.lines[i]);
	for (int table = 0; table < TOP_TABLES; table++) {
		if (layout.lines[table])
			draw_table(screen, view, (enum top_table)table, at, layout.lines[table]);
		at += layout.lines[table];
	}
}

static void clear(struct top_screen *screen)
{
	screen->rows = DCM_MIN(screen->rows, (size_t)TOP_SCREEN_ROWS);
	screen->columns = DCM_MIN(screen->columns, (size_t)TOP_SCREEN_COLUMNS);
	for (size_t i = 0; i < screen->rows; i++)
		line_text(screen, i, TOP_LOOK_PLAIN, "");
}

void top_screen_draw(struct top_screen *screen, struct top_view *view, uint64_t now_ns)
{
	clear(screen);
	if (screen->rows < TOP_LEAST_ROWS || screen->columns < TOP_LEAST_COLUMNS) {
		if (screen->rows)
			line_text(screen, 0, TOP_LOOK_PLAIN, "too small");
		return;
	}
	if (view->window.open) {
		draw_window(screen, view);
		return;
	}
	title(screen, view, now_ns);
	if (top_model_snapshot(view->model))
		draw_tables(screen, view);
	line_text(screen, screen->rows - 1, TOP_LOOK_KEYS, KEYS);
}
