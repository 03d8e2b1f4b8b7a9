/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells a service manager how the process is, as sd_notify(3) describes; nothing without one. */
#ifndef DCM_SNMP_SYSTEMD_NOTIFY_H
#define DCM_SNMP_SYSTEMD_NOTIFY_H

#include <stdint.h>

struct dcm_systemd {
	uint64_t period_ns; /* between two signs of life; 0: no watchdog */
	uint64_t due_ns;
};

/* Reads WATCHDOG_USEC and WATCHDOG_PID: a sign of life is due in half of the time they allow. */
void dcm_systemd_init(struct dcm_systemd *service);

/* Sends "READY=1", "RELOADING=1", ... to NOTIFY_SOCKET; does not block, a failure is ignored. */
void dcm_systemd_tell(const char *message);

/* Sends WATCHDOG=1 when it is due; *@next_ns is lowered to when to call again. */
void dcm_systemd_alive(struct dcm_systemd *service, uint64_t now_ns, uint64_t *next_ns);

#endif
