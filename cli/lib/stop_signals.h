/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SIGINT and SIGTERM end a command in good order, with what it has so far. */
#ifndef DCM_CLI_STOP_SIGNALS_H
#define DCM_CLI_STOP_SIGNALS_H

#include <signal.h>

/* Not 0 once one of them came after stop_signals_catch(). */
extern volatile sig_atomic_t stop_signal;

/* Catches both, without SA_RESTART: a sleep or a wait ends at once. */
void stop_signals_catch(void);

#endif
