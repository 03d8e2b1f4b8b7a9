/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals as events of a poll loop: HUP and USR1 through a signalfd(2), which keeps them away from
 * libnetsnmp's system calls; TERM and INT through a handler, because the library can be waiting for
 * a silent master just then and the process has to end nevertheless.
 */
#ifndef DCM_SNMP_SIGNALS_H
#define DCM_SNMP_SIGNALS_H

#include <stdbool.h>

struct dcm_signals {
	int fd;	     /* HUP, USR1 */
	int stop_fd; /* readable once TERM or INT has arrived */
};

struct dcm_signal_set {
	bool stop, reload, statistics;
};

/* After TERM or INT the process exits with 0 by force when it has not by itself in @seconds. */
int dcm_signals_open(unsigned seconds, struct dcm_signals *ret);
void dcm_signals_close(struct dcm_signals *signals);

/* What has arrived since the last call. Does not wait. */
struct dcm_signal_set dcm_signals_read(const struct dcm_signals *signals);

#endif
