// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
#include "cli/lib/stop_signals.h"
#include "cli/top/top_keys.h"
#include "common/base/cleanup.h"

#define ESCAPE_MS 50 /* between the bytes of one key */

enum { PAIR_WARNING = 1, PAIR_CRITICAL };

static struct {
	SCREEN *curses;
	FILE *out;
	bool colour;
} terminal;

/* ---- open and close ---- */

static void on_signal(int number __attribute__((unused)))
{
	stop_signal = 1;
}

/* What else would end the process without giving the terminal back. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	stop_signals_catch();
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGQUIT, &action, NULL);
}

/* https://no-color.org */
static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return !(no && *no) && has_colors();
}

static void prepare(void)
{
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	terminal.colour = wants_colour() && start_color() == OK;
	if (!terminal.colour)
		return;
	use_default_colors();
	init_pair(PAIR_WARNING, COLOR_YELLOW, -1);
	init_pair(PAIR_CRITICAL, COLOR_RED, -1);
}

/* curses would draw without moving the cursor, too. */
static bool is_usable(void)
{
	return terminal.curses && tigetstr("cup");
}

static int refuse(void)
{
	const char *type = getenv("TERM");
	_cleanup_free_ char *text = output_text(type ? type : "");

	if (terminal.curses)
		top_terminal_close();
	else
		fclose(terminal.out);
	cli_error("top cannot draw on a terminal of type \"%s\" (TERM)", text ? text : "?");
	return -ENOTSUP;
}

int top_terminal_open(void)
{
	int fd;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		cli_error("top needs a terminal; \"dcachemon show --watch 1\" writes anywhere");
		return -ENOTTY;
	}
	/* stdout is a stream of our own, of which curses would find no descriptor. */
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	terminal.out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!terminal.out) {
		cli_no_memory();
		return -ENOMEM;
	}
	catch_signals();
	terminal.curses = newterm(NULL, terminal.out, stdin);
	if (!is_usable())
		return refuse();
	prepare();
	return 0;
}

void top_terminal_close(void)
{
	if (!terminal.curses)
		return;
	endwin();
	delscreen(terminal.curses);
	fclose(terminal.out);
	terminal.curses = NULL;
}

/* ---- keys ---- */

int top_terminal_key(void)
{
	static const struct {
		int curses, key;
	} keys[] = {
		{KEY_UP, TOP_KEY_UP},	      {KEY_DOWN, TOP_KEY_DOWN},
		{KEY_LEFT, TOP_KEY_LEFT},     {KEY_RIGHT, TOP_KEY_RIGHT},
		{KEY_PPAGE, TOP_KEY_PAGE_UP}, {KEY_NPAGE, TOP_KEY_PAGE_DOWN},
		{KEY_HOME, TOP_KEY_HOME},     {KEY_END, TOP_KEY_END},
		{KEY_ENTER, TOP_KEY_ENTER},   {'\r', TOP_KEY_ENTER},
		{'\n', TOP_KEY_ENTER},	      {KEY_BTAB, TOP_KEY_BACK_TAB},
	};
	int key = getch();

	if (key == ERR || key == KEY_RESIZE)
		return TOP_NO_KEY;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(keys); i++)
		if (keys[i].curses == key)
			return keys[i].key;
	/* Others of curses have numbers that are ours here. */
	return key < KEY_MIN ? key : 0;
}

/* ---- drawing ---- */

void top_terminal_size(struct top_screen *screen)
{
	screen->rows = (size_t)LINES;
	screen->columns = (size_t)COLS;
}

static attr_t attributes(enum top_look look)
{
	switch (look) {
	case TOP_LOOK_TITLE:
		return A_BOLD;
	case TOP_LOOK_TROUBLE:
		return A_BOLD | A_REVERSE;
	case TOP_LOOK_HEADING:
		return A_UNDERLINE;
	case TOP_LOOK_SELECTED:
	case TOP_LOOK_KEYS:
		return A_REVERSE;
	case TOP_LOOK_WARNING:
		return A_BOLD | (terminal.colour ? COLOR_PAIR(PAIR_WARNING) : 0);
	case TOP_LOOK_CRITICAL:
		return A_BOLD | (terminal.colour ? COLOR_PAIR(PAIR_CRITICAL) : 0);
	default:
		return A_NORMAL;
	}
}

void top_terminal_show(const struct top_screen *screen)
{
	erase();
	for (size_t i = 0; i < screen->rows; i++) {
		attrset(attributes(screen->lines[i].look));
		mvaddstr((int)i, 0, screen->lines[i].text);
	}
	attrset(A_NORMAL);
	refresh();
}
