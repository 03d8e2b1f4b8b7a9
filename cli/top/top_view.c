// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_view.h"

#include "common/base/minmax.h"

void top_view_init(struct top_view *view, struct top_model *model)
{
	*view = (struct top_view){.model = model, .focus = TOP_SUPERBLOCKS, .origin = ""};
}

void top_view_deinit(struct top_view *view)
{
	top_window_close(&view->window);
}

/* The place of the row that was chosen; of its neighbour once it is gone. */
static void follow(struct top_place *place, const struct top_row *rows, size_t count)
{
	if (!place->chosen || !count) {
		place->selected = 0;
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (rows[i].id == place->id) {
			place->selected = i;
			return;
		}
	place->selected = DCM_MIN(place->selected, count - 1);
	place->id = rows[place->selected].id;
}

const struct top_row *top_view_rows(struct top_view *view, enum top_table table, size_t *ret_count)
{
	struct top_place *place = &view->places[table];
	const struct top_row *rows;

	top_table_sort(view->model, table, place->sort, place->ascending);
	rows = top_model_rows(view->model, table, ret_count);
	follow(place, rows, *ret_count);
	return rows;
}

const struct top_row *top_view_selected(struct top_view *view)
{
	size_t count;
	const struct top_row *rows = top_view_rows(view, view->focus, &count);

	return count ? &rows[view->places[view->focus].selected] : NULL;
}

void top_view_move(struct top_view *view, long by)
{
	struct top_place *place = &view->places[view->focus];
	size_t count, step = by < 0 ? (size_t)-by : (size_t)by;
	const struct top_row *rows = top_view_rows(view, view->focus, &count);

	if (!count)
		return;
	place->selected = by < 0 ? DCM_EXCESS(place->selected, step)
				 : DCM_MIN(place->selected + step, count - 1);
	/* The first row stays the first, whatever it is. */
	place->chosen = place->selected > 0;
	place->id = rows[place->selected].id;
}

void top_view_sort_next(struct top_view *view)
{
	const struct top_columns *columns = top_table_columns(view->focus);
	struct top_place *place = &view->places[view->focus];

	do
		place->sort = (place->sort + 1) % columns->count;
	while (!top_column_sorts(&columns->columns[place->sort]));
	place->ascending = false;
}

void top_view_sort_reverse(struct top_view *view)
{
	struct top_place *place = &view->places[view->focus];

	place->ascending = !place->ascending;
}

void top_view_focus(struct top_view *view, int by)
{
	size_t count = 0;

	for (int i = 0; i < TOP_TABLES && !count; i++) {
		view->focus = (enum top_table)(((int)view->focus + by + TOP_TABLES) % TOP_TABLES);
		top_model_rows(view->model, view->focus, &count);
	}
}
