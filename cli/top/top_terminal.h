/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The terminal of "dcachemon top", by ncurses. There is one at most. */
#ifndef DCM_CLI_TOP_TERMINAL_H
#define DCM_CLI_TOP_TERMINAL_H

#include <stdbool.h>

#include "cli/top/top_screen.h"

/* What there is instead of a key. */
#define TOP_NO_KEY (-1)

/* Takes the terminal at standard input and output; -errno after a message. SIGINT, SIGTERM, SIGHUP
 * and SIGQUIT set stop_signal from now on. */
int top_terminal_open(void);

/* Gives it back as it was. */
void top_terminal_close(void);

/* The next key that was pressed (top_keys.h); TOP_NO_KEY: none, and the size may have changed. */
int top_terminal_key(void);

/* The size of the terminal, into @screen. */
void top_terminal_size(struct top_screen *screen);

/* Sends what is different from the last time. */
void top_terminal_show(const struct top_screen *screen);

#endif
