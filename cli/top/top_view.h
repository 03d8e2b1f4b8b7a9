/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What somebody sees of the model at the moment: the table and row, its order, a window. Pure. */
#ifndef DCM_CLI_TOP_VIEW_H
#define DCM_CLI_TOP_VIEW_H

#include "cli/top/top_tables.h"
#include "cli/top/top_window.h"

struct top_place {
	size_t selected; /* row in the order of the screen */
	bool chosen;	 /* by its user: followed through changes of the order */
	uint64_t id;	 /* of the row that was chosen */
	size_t first;	 /* row at the top */
	size_t shown;	 /* rows that had room the last time */
	size_t sort;	 /* column */
	bool ascending;
};

struct top_view {
	struct top_model *model; /* borrowed */
	enum top_table focus;	 /* the table that keys are about */
	struct top_place places[TOP_TABLES];
	bool paused;
	const char *origin; /* where snapshots come from: "daemon" */
	char trouble[256];  /* why there are none; printable; "": there are */
	struct top_window window;
	size_t window_shown; /* its lines that had room the last time */
};

void top_view_init(struct top_view *view, struct top_model *model);
void top_view_deinit(struct top_view *view);

/* The rows of @table in their order, with places[table].selected up to date. */
const struct top_row *top_view_rows(struct top_view *view, enum top_table table, size_t *ret_count);

/* The row that keys are about, NULL without one. */
const struct top_row *top_view_selected(struct top_view *view);

/* Selects another row of the table in focus: @by rows further. */
void top_view_move(struct top_view *view, long by);

/* Orders the table in focus by the next column that is a number; or the other way round. */
void top_view_sort_next(struct top_view *view);
void top_view_sort_reverse(struct top_view *view);

/* Another table gets the focus, @by further, of those that have rows. */
void top_view_focus(struct top_view *view, int by);

#endif
