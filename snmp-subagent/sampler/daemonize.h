/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_DAEMONIZE_H
#define DCM_SNMP_DAEMONIZE_H

/*
 * Detaches: returns in the child, with *@ret_ready_fd to be given to dcm_daemonize_ready(). The
 * parent waits and exits with 0 once the child is ready, with 1 when it died before. -errno when
 * that is not possible.
 */
int dcm_daemonize_enter(int *ret_ready_fd);

/* Tells the waiting parent (@ready_fd, -1: none) and systemd (NOTIFY_SOCKET) that all is up. */
void dcm_daemonize_ready(int ready_fd);

#endif
