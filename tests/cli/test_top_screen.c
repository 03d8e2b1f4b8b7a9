// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The screen of dcachemon top at 80 x 24, 40 x 10 and every other size, and text in columns. */
#include "tests/cli/top_host.h"
#include "tests/cli/top_screens.h"

/* ---- text in columns ---- */

static void test_fit(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		enum fit_align align;
		const char *out;
	} cases[] = {
		{"abc", 5, FIT_LEFT, "abc  "},
		{"abc", 5, FIT_RIGHT, "  abc"},
		{"abc", 3, FIT_LEFT, "abc"},
		{"abcd", 3, FIT_LEFT, "ab~"},
		{"abcd", 3, FIT_RIGHT, "ab~"},
		{"abcd", 1, FIT_LEFT, "~"},
		{"abc", 0, FIT_LEFT, ""},
		{"", 2, FIT_LEFT, "  "},
		/* two columns each */
		{"\xe6\x97\xa5\xe6\x9c\xac", 4, FIT_LEFT, "\xe6\x97\xa5\xe6\x9c\xac"},
		{"\xe6\x97\xa5\xe6\x9c\xac", 3, FIT_LEFT, "\xe6\x97\xa5~"},
		{"\xe6\x97\xa5\xe6\x9c\xac", 2, FIT_LEFT, "~ "},
		/* none */
		{"e\xcc\x81", 2, FIT_RIGHT, " e\xcc\x81"},
		/* what no terminal gets: ESC, C1, half a character */
		{"a\033[b\xc2\x9b\xe6\x97", 8, FIT_LEFT, "a?[b??? "},
	};
	char out[64];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		*out = '\0';
		fit_append(out, sizeof(out), cases[i].text, cases[i].columns, cases[i].align);
		assert_string_equal(out, cases[i].out);
	}
	assert_int_equal(fit_width("\xe6\x97\xa5"
				   "e\xcc\x81\xff"),
			 4);
	assert_string_equal(fit_skip("\xe6\x97\xa5"
				     "bc",
				     2),
			    "bc");
	assert_string_equal(fit_skip("abc", 7), "");
	/* No room is no harm. */
	strcpy(out, "ab");
	fit_append(out, 5, "cdefg", 5, FIT_LEFT);
	assert_string_equal(out, "abcd");
}

/* ---- screens ---- */

static void draw(struct fixture *f, size_t columns, size_t rows)
{
	uint64_t now = top_model_snapshot(f->model)
			       ? top_model_snapshot(f->model)->header->monotonic_ns
			       : 0;

	f->screen.rows = rows;
	f->screen.columns = columns;
	top_screen_draw(&f->screen, &f->view, now + 400 * DCM_NSEC_PER_MSEC);
	assert_int_equal(f->screen.rows, rows);
	/* Whatever it shows, each line fills the screen and none moves the cursor. */
	for (size_t i = 0; i < rows; i++) {
		assert_int_equal(fit_width(f->screen.lines[i].text), columns);
		for (const char *c = f->screen.lines[i].text; *c; c++)
			assert_false((unsigned char)*c < ' ' || *c == 0x7f);
	}
}

/* Blanks at the ends of lines are not compared. */
static void assert_screen(struct fixture *f, const char *const *expected)
{
	for (size_t i = 0; i < f->screen.rows; i++) {
		char line[sizeof(f->screen.lines[i].text)];
		size_t len;

		strcpy(line, f->screen.lines[i].text);
		for (len = strlen(line); len && line[len - 1] == ' '; len--)
			line[len - 1] = '\0';
		if (!strcmp(line, expected[i]))
			continue;
		for (size_t k = 0; k < f->screen.rows; k++)
			print_error("|%s|\n", f->screen.lines[k].text);
		fail_msg("line %zu is\n|%s| instead of\n|%s|", i, line, expected[i]);
	}
}

static bool shows(const struct fixture *f, const char *words)
{
	for (size_t i = 0; i < f->screen.rows; i++)
		if (strstr(f->screen.lines[i].text, words))
			return true;
	return false;
}

static void test_80x24(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i <= 70; i++)
		happens(f, (struct moment){.seconds = i,
					   .sampled_ago = i % 10,
					   .unused = 50000 + 12040 * ((uint64_t)i / 10),
					   .alarm = true});
	draw(f, 80, 24);
	assert_screen(f, screen_80x24);
	assert_int_equal(f->screen.lines[0].look, TOP_LOOK_TITLE);
	assert_true(shows(f, "q quit") && shows(f, "p pause"));
}

static void test_40x10(void **state)
{
	struct fixture *f = *state;

	happens(f, (struct moment){.seconds = 0, .unused = 50000, .alarm = true});
	happens(f, (struct moment){.seconds = 10, .unused = 62040, .alarm = true});
	top_key(&f->view, TOP_KEY_END);
	draw(f, 40, 10);
	assert_screen(f, screen_40x10);
}

static void test_estimates(void **state)
{
	struct fixture *f = *state;

	happens(f, (struct moment){.seconds = 0, .unused = 50000, .estimated = true});
	draw(f, 120, 40);
	assert_true(shows(f, "Hashed      199.9M-202.1M in 4,194,304 buckets"));
	assert_true(shows(f, "estimated from 12.5 % of it"));
	assert_true(shows(f, " 15.98M-16.02M "));
	assert_true(shows(f, "Alarms    none"));
	/* Once it is counted, children still have their error. */
	happens(f, (struct moment){.seconds = 1, .unused = 50000});
	draw(f, 120, 40);
	assert_true(shows(f, " 19,700-20,300 "));
}

static void test_states(void **state)
{
	struct fixture *f = *state;

	draw(f, 80, 24);
	assert_true(shows(f, "waiting for the first sample"));
	happens(f, (struct moment){.seconds = 0});
	f->view.paused = true;
	draw(f, 80, 24);
	assert_true(shows(f, "22:13:20  PAUSED"));
	f->view.paused = false;
	top_screen_draw(&f->screen, &f->view, BEGIN_NS + 12 * DCM_NSEC_PER_SEC);
	assert_true(shows(f, "no news for 12.0 s"));
	assert_int_equal(f->screen.lines[0].look, TOP_LOOK_TROUBLE);
	strcpy(f->view.trouble, "no daemon at /run/x: Connection refused");
	draw(f, 80, 24);
	assert_true(shows(f, "no daemon at /run/x: Connection refused"));
	press(f, "h");
	draw(f, 80, 24);
	assert_true(shows(f, "what freeing the row's superblock would do"));
	assert_false(shows(f, "no daemon at"));
}

/* Every size: nothing is written beside it, and every column that is needed is there. */
static void test_sizes(void **state)
{
	struct fixture *f = *state;

	happens(f, (struct moment){.seconds = 0, .alarm = true});
	for (size_t columns = 1; columns <= 200; columns += columns < 90 ? 1 : 17)
		for (size_t rows = 1; rows <= 60; rows++) {
			top_key(&f->view, rows % 2 ? TOP_KEY_END : TOP_KEY_HOME);
			draw(f, columns, rows);
			if (rows >= TOP_LEAST_ROWS && columns >= TOP_LEAST_COLUMNS)
				assert_true(shows(f, "UNUSED*") && shows(f, "> "));
		}
	f->screen.rows = 5000;
	f->screen.columns = 5000;
	top_screen_draw(&f->screen, &f->view, BEGIN_NS);
	assert_int_equal(f->screen.rows, TOP_SCREEN_ROWS);
	assert_int_equal(f->screen.columns, TOP_SCREEN_COLUMNS);
}

/* A snapshot from anybody, in both character sets. */
static void test_hostile(void **state)
{
	static const char *const locales[] = {"C.UTF-8", "C"};
	struct fixture *f = *state;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(locales); i++)
		for (int full = 0; full < 2; full++) {
			assert_non_null(setlocale(LC_ALL, locales[i]));
			assert_int_equal(top_model_add(f->model, synthetic_snapshot(full)), 0);
			for (int focus = 0; focus < TOP_TABLES; focus++) {
				press(f, "\ts");
				top_key(&f->view, TOP_KEY_END);
				draw(f, 132, 50);
			}
		}
	assert_true(shows(f, "a\\x0ab\\x1b[2Jc\\x9b"));
	draw(f, 80, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fit),	   TEST(test_80x24), TEST(test_40x10),	 TEST(test_estimates),
		TEST(test_states), TEST(test_sizes), TEST(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
