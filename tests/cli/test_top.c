// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon top without a terminal: rates and trends, the order of rows, what keys do. */
#include <math.h>

#include "tests/cli/top_host.h"

/* ---- rates ---- */

static void test_rates(void **state)
{
	const struct top_rate_key key = {7, TOP_UNUSED}, other = {7, TOP_NEGATIVE};
	struct top_rates *rates;
	double rate = -1;

	assert_int_equal(top_rates_create(&rates), 0);
	top_rates_note(rates, key, 1000, BEGIN_NS);
	assert_false(top_rates_get(rates, key, &rate));
	/* The same sample once more, then 4 s later. */
	top_rates_note(rates, key, 1000, BEGIN_NS + DCM_NSEC_PER_MSEC);
	assert_false(top_rates_get(rates, key, &rate));
	top_rates_note(rates, key, 900, BEGIN_NS + 4 * DCM_NSEC_PER_SEC);
	assert_true(top_rates_get(rates, key, &rate));
	assert_true(fabs(rate + 25) < 0.01);
	assert_false(top_rates_get(rates, other, &rate));
	/* It stays until the next sample, whose interval is its own. */
	top_rates_note(rates, key, 900, BEGIN_NS + 4 * DCM_NSEC_PER_SEC);
	top_rates_end_round(rates);
	assert_true(top_rates_get(rates, key, &rate));
	top_rates_note(rates, key, UINT64_MAX, BEGIN_NS + 5 * DCM_NSEC_PER_SEC);
	assert_true(top_rates_get(rates, key, &rate));
	assert_true(rate > 1.8e19 && isfinite(rate));
	/* An earlier sample is another sampler's. */
	top_rates_note(rates, key, 5, BEGIN_NS);
	assert_false(top_rates_get(rates, key, &rate));
	/* A row that is gone is forgotten. */
	top_rates_note(rates, key, 6, BEGIN_NS + DCM_NSEC_PER_SEC);
	top_rates_end_round(rates);
	assert_true(top_rates_get(rates, key, &rate));
	top_rates_end_round(rates);
	assert_false(top_rates_get(rates, key, &rate));
	top_rates_destroy(rates);
}

static void test_superblock_rate(void **state)
{
	struct fixture *f = *state;
	double rate;

	happens(f, (struct moment){.seconds = 0, .unused = 50000});
	happens(f, (struct moment){.seconds = 1, .sampled_ago = 1, .unused = 50000});
	assert_false(top_model_rate(f->model, TOP_UNUSED, 2, &rate));
	/* Sampled 10 s after the first time, seen 0.5 s later. */
	happens(f, (struct moment){.seconds = 10.5, .sampled_ago = 0.5, .unused = 62040});
	assert_true(top_model_rate(f->model, TOP_UNUSED, 2, &rate));
	assert_true(fabs(rate - 1204) < 0.1);
	assert_true(top_model_rate(f->model, TOP_UNUSED, 3, &rate));
	assert_true(fabs(rate) < 0.1);
	/* No count, no rate. */
	assert_true(top_model_rate(f->model, TOP_NEGATIVE, 2, &rate));
	happens(f, (struct moment){.seconds = 11, .estimated = true});
	assert_false(top_model_rate(f->model, TOP_NEGATIVE, 2, &rate));
}

static void test_trend(void **state)
{
	struct fixture *f = *state;
	double rate;

	assert_false(top_model_trend(f->model, TOP_TOTAL_DENTRIES, 10, &rate));
	for (int i = 0; i <= 200; i++) {
		happens(f, (struct moment){.seconds = i});
		assert_int_equal(top_model_trend(f->model, TOP_TOTAL_DENTRIES, 10, &rate), i >= 5);
		assert_int_equal(top_model_trend(f->model, TOP_TOTAL_DENTRIES, 60, &rate), i >= 30);
	}
	assert_true(fabs(rate - 100) < 1e-6);
	assert_true(top_model_trend(f->model, TOP_TOTAL_NEGATIVE, 10, &rate));
	assert_true(fabs(rate + 2) < 1e-6);
	/* The same snapshot twice is no new one. */
	happens(f, (struct moment){.seconds = 200});
	assert_true(top_model_trend(f->model, TOP_TOTAL_DENTRIES, 10, &rate));
	assert_true(fabs(rate - 100) < 1e-6);
}

/* ---- keys ---- */

static uint64_t selected_id(struct fixture *f)
{
	const struct top_row *row = top_view_selected(&f->view);

	return row ? row->id : 0;
}

static void test_selection(void **state)
{
	struct fixture *f = *state;

	happens(f, (struct moment){.seconds = 0, .unused = 500});
	/* 12000, 11000, ... 1000, and number 2 has 500. */
	assert_int_equal(selected_id(f), 12);
	press(f, "j");
	assert_int_equal(selected_id(f), 11);
	/* A row that was chosen is followed; the first row is whatever is first. */
	happens(f, (struct moment){.seconds = 1, .unused = 90000});
	assert_int_equal(selected_id(f), 11);
	assert_int_equal(f->view.places[TOP_SUPERBLOCKS].selected, 2);
	top_key(&f->view, TOP_KEY_HOME);
	assert_int_equal(selected_id(f), 2);
	happens(f, (struct moment){.seconds = 2, .unused = 500});
	assert_int_equal(selected_id(f), 12);
	top_key(&f->view, TOP_KEY_END);
	assert_int_equal(selected_id(f), 2);
	top_key(&f->view, TOP_KEY_PAGE_UP);
	top_key(&f->view, TOP_KEY_UP);
	top_key(&f->view, TOP_KEY_DOWN);
	assert_int_equal(selected_id(f), 1);
}

static void test_order(void **state)
{
	struct fixture *f = *state;

	happens(f, (struct moment){.seconds = 0, .unused = 50000});
	happens(f, (struct moment){.seconds = 10, .unused = 40000});
	assert_int_equal(selected_id(f), 2);
	press(f, "s"); /* by rate: the others' is 0 */
	assert_int_not_equal(selected_id(f), 2);
	press(f, "S");
	assert_int_equal(selected_id(f), 2);
	press(f, "s"); /* by negative dentries, the greatest first again */
	assert_int_equal(selected_id(f), 12);
	press(f, "ss"); /* rate, hashed */
	assert_int_equal(selected_id(f), 12);
	press(f, "s"); /* texts are left out */
	assert_int_equal(f->view.places[TOP_SUPERBLOCKS].sort, 0);
	assert_int_equal(selected_id(f), 2);
}

static void test_focus(void **state)
{
	struct fixture *f = *state;

	happens(f, (struct moment){.seconds = 0});
	press(f, "\t");
	assert_int_equal(f->view.focus, TOP_CHAINS);
	assert_int_equal(selected_id(f), 701);
	press(f, "\t\t"); /* no alarm: it is left out */
	assert_int_equal(f->view.focus, TOP_SUPERBLOCKS);
	happens(f, (struct moment){.seconds = 1, .alarm = true});
	top_key(&f->view, TOP_KEY_BACK_TAB);
	assert_int_equal(f->view.focus, TOP_ALARMS);
	assert_int_equal(selected_id(f), 7);
	/* It ends meanwhile: there is no row, and no action for one. */
	happens(f, (struct moment){.seconds = 2});
	assert_int_equal(selected_id(f), 0);
	press(f, "erj");
	press(f, "\t");
	assert_int_equal(f->view.focus, TOP_SUPERBLOCKS);
}

static void test_actions(void **state)
{
	struct fixture *f = *state;
	const struct dcm_snap_superblock *s;

	happens(f, (struct moment){.seconds = 0});
	assert_int_equal(top_key(&f->view, 'q'), TOP_ACTION_QUIT);
	assert_int_equal(top_key(&f->view, 'w'), TOP_ACTION_WHO);
	assert_int_equal(top_key(&f->view, 'r'), TOP_ACTION_RECLAIM);
	assert_int_equal(top_key(&f->view, 'e'), TOP_ACTION_EXPLAIN);
	press(f, "\t\t");
	s = top_row_superblock(f->model, f->view.focus, top_view_selected(&f->view));
	assert_non_null(s);
	assert_int_equal(s->index, 2);
	press(f, "p");
	assert_true(f->view.paused);
	press(f, " ");
	assert_false(f->view.paused);
	press(f, "\0337x");
	assert_int_equal(top_key(&f->view, 0), TOP_ACTION_NONE);
	press(f, "h");
	assert_true(f->view.window.open);
	assert_int_equal(top_key(&f->view, 'q'), TOP_ACTION_CLOSED);
	assert_false(f->view.window.open);
}

/* ---- a window ---- */

static void test_window(void **state)
{
	struct top_window w = {0};
	char line[64];

	top_window_open(&w, "title");
	assert_int_equal(top_window_lines(&w), 0);
	top_window_line(&w, 0, line, sizeof(line));
	assert_string_equal(line, "");
	top_window_add_text(&w, "one\n\tt");
	top_window_add(&w, "w\0o\nthree\n", 10);
	assert_int_equal(top_window_lines(&w), 3);
	top_window_line(&w, 1, line, sizeof(line));
	assert_string_equal(line, "        tw?o");
	top_window_line(&w, 1, line, 5);
	assert_string_equal(line, "    ");
	top_window_line(&w, 3, line, sizeof(line));
	assert_string_equal(line, "");
	top_window_scroll(&w, 100, 40, 2);
	assert_int_equal(w.first, 1);
	assert_int_equal(w.skip, 40);
	top_window_scroll(&w, -100, -100, 2);
	assert_int_equal(w.first + w.skip, 0);
	top_window_scroll(&w, 1, 0, 10);
	assert_int_equal(w.first, 0);
	/* There is an end. */
	for (int i = 0; i < 1 << 15; i++)
		top_window_add_text(&w, "0123456789012345678901234567890123456789\n");
	assert_true(w.length <= TOP_WINDOW_MAX);
	top_window_line(&w, top_window_lines(&w) - 1, line, sizeof(line));
	assert_string_equal(line, "[the rest is left out]");
	top_window_close(&w);
	assert_false(w.open);
}

static void test_row_in_full(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *text = NULL;

	happens(f, (struct moment){.seconds = 0});
	press(f, "\t");
	top_key(&f->view, TOP_KEY_DOWN);
	text = top_row_text(f->model, TOP_CHAINS, top_view_selected(&f->view));
	assert_non_null(text);
	assert_non_null(strstr(text, "length                   1000 entries\n"));
	assert_non_null(strstr(text, "a\\x0ab\\x1b[2Jc\\x9b"));
	assert_null(strchr(text, '\033'));
	assert_int_equal(top_key(&f->view, TOP_KEY_ENTER), TOP_ACTION_NONE);
	assert_true(f->view.window.open);
	assert_string_equal(f->view.window.title, "chains");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		TEST(test_superblock_rate),
		TEST(test_trend),
		TEST(test_selection),
		TEST(test_order),
		TEST(test_focus),
		TEST(test_actions),
		cmocka_unit_test(test_window),
		TEST(test_row_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
