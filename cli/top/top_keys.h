/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What keys do in "dcachemon top". Pure: commands are run by who gets the action. */
#ifndef DCM_CLI_TOP_KEYS_H
#define DCM_CLI_TOP_KEYS_H

#include "cli/top/top_view.h"

/* Keys that are no characters. */
enum top_key {
	TOP_KEY_UP = 256,
	TOP_KEY_DOWN,
	TOP_KEY_LEFT,
	TOP_KEY_RIGHT,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_BACK_TAB,
};

enum top_action {
	TOP_ACTION_NONE,
	TOP_ACTION_QUIT,
	TOP_ACTION_EXPLAIN, /* of the selected row */
	TOP_ACTION_WHO,
	TOP_ACTION_RECLAIM, /* a dry run for its superblock */
	TOP_ACTION_CLOSED,  /* the window: what runs for it is of no use any more */
};

/* @key: a character or an enum top_key. Changes @view; returns what is left to do. */
enum top_action top_key(struct top_view *view, int key);

#endif
