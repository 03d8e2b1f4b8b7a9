// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/stop_signals.h"

#include <stddef.h>

volatile sig_atomic_t stop_signal;

static void on_signal(int number __attribute__((unused)))
{
	stop_signal = 1;
}

void stop_signals_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}
