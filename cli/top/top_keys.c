// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_keys.h"

#include "common/base/cleanup.h"
#include "common/base/minmax.h"

#define ESCAPE	 '\033'
#define SIDEWAYS 20	     /* columns */
#define SCREENS	 1000000000L /* beyond any text */

static const char help[] =
	"Tab, Shift-Tab    another table: alarms, superblocks, chains, directories\n"
	"Up, Down, k, j    another row; so do PgUp, PgDn, Home, End\n"
	"s                 order by the next column with numbers; its title has a *\n"
	"S                 the other way round: ^\n"
	"Enter             all values of the row; \"dcachemon show --json\" has the same keys\n"
	"e                 explain the row: of a chain what it is made of and whose it is\n"
	"                  (show --explain), of an alarm its story (events NUMBER)\n"
	"w                 who makes dentries: watches for five seconds (who)\n"
	"r                 what freeing the row's superblock would do and cost; frees nothing\n"
	"                  (reclaim --dry-run)\n"
	"p, Space          pause, and go on\n"
	"h, ?              this text\n"
	"q, Ctrl-C         quit; in a window: back to the tables\n"
	"\n"
	"PER-SEC is the change from one sample to the next: superblocks are sampled every\n"
	"10 s by default, chains and directories with each pass over the hash table. Totals\n"
	"have the change over 10 s and over a minute.\n"
	"15.98M-16.02M is an estimate with its 95 % interval: there is no count yet. That of\n"
	"children may be the bounds of their error. 1,003+ is a lower bound.\n";

/* ---- keys of a window ---- */

static void scroll(struct top_view *view, long lines, long columns)
{
	top_window_scroll(&view->window, lines, columns, view->window_shown);
}

static enum top_action window_key(struct top_view *view, int key)
{
	const long page = DCM_MAX((long)view->window_shown - 1, 1L);

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		scroll(view, -1, 0);
		break;
	case TOP_KEY_DOWN:
	case TOP_KEY_ENTER:
	case 'j':
		scroll(view, 1, 0);
		break;
	case TOP_KEY_PAGE_UP:
		scroll(view, -page, 0);
		break;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		scroll(view, page, 0);
		break;
	case TOP_KEY_HOME:
		scroll(view, -SCREENS, -SCREENS);
		break;
	case TOP_KEY_END:
		scroll(view, SCREENS, 0);
		break;
	case TOP_KEY_LEFT:
		scroll(view, 0, -SIDEWAYS);
		break;
	case TOP_KEY_RIGHT:
		scroll(view, 0, SIDEWAYS);
		break;
	case 'q':
	case ESCAPE:
		top_window_close(&view->window);
		return TOP_ACTION_CLOSED;
	}
	return TOP_ACTION_NONE;
}

/* ---- keys of the tables ---- */

static void show_help(struct top_view *view)
{
	top_window_open(&view->window, "dcachemon top: keys");
	top_window_add_text(&view->window, help);
}

static void show_row(struct top_view *view)
{
	const struct top_row *row = top_view_selected(view);
	_cleanup_free_ char *text = row ? top_row_text(view->model, view->focus, row) : NULL;

	if (!text)
		return;
	top_window_open(&view->window, top_table_columns(view->focus)->name);
	top_window_add_text(&view->window, text);
}

/* To another row, if @key does that. */
static void move(struct top_view *view, int key)
{
	const long page = DCM_MAX((long)view->places[view->focus].shown - 1, 1L);
	long by = 0;

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		by = -1;
		break;
	case TOP_KEY_DOWN:
	case 'j':
		by = 1;
		break;
	case TOP_KEY_PAGE_UP:
	case TOP_KEY_PAGE_DOWN:
		by = key == TOP_KEY_PAGE_UP ? -page : page;
		break;
	case TOP_KEY_HOME:
	case TOP_KEY_END:
		by = key == TOP_KEY_HOME ? -SCREENS : SCREENS;
		break;
	}
	if (by)
		top_view_move(view, by);
}

/* An action that needs a row, NONE without one. */
static enum top_action with_row(struct top_view *view, enum top_action action)
{
	return top_view_selected(view) ? action : TOP_ACTION_NONE;
}

static enum top_action table_key(struct top_view *view, int key)
{
	switch (key) {
	case 'q':
		return TOP_ACTION_QUIT;
	case 'e':
		return with_row(view, TOP_ACTION_EXPLAIN);
	case 'r':
		return with_row(view, TOP_ACTION_RECLAIM);
	case 'w':
		return TOP_ACTION_WHO;
	case '\t':
	case TOP_KEY_RIGHT:
		top_view_focus(view, 1);
		break;
	case TOP_KEY_BACK_TAB:
	case TOP_KEY_LEFT:
		top_view_focus(view, -1);
		break;
	case 's':
		top_view_sort_next(view);
		break;
	case 'S':
		top_view_sort_reverse(view);
		break;
	case TOP_KEY_ENTER:
		show_row(view);
		break;
	case 'p':
	case ' ':
		view->paused = !view->paused;
		break;
	case 'h':
	case '?':
		show_help(view);
		break;
	default:
		move(view, key);
	}
	return TOP_ACTION_NONE;
}

enum top_action top_key(struct top_view *view, int key)
{
	return view->window.open ? window_key(view, key) : table_key(view, key);
}
