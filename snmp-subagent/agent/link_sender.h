/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends linkUp and linkDown of IF-MIB (RFC 2863) for the interfaces of the own network namespace
 * through the AgentX session. What goes out and when is decided by link_queue.h. Nothing
 * here waits for the kernel or for the master.
 */
#ifndef DCM_SNMP_LINK_SENDER_H
#define DCM_SNMP_LINK_SENDER_H

#include "snmp-subagent/agent/part.h"

/* Created before the seccomp filter, as it opens a netlink socket. Reloads change its limits;
 * whether anything is sent stays as it was. */
extern const struct dcm_part dcm_link_sender_part;

struct dcm_link_notifier; /* one of these; NULL is allowed below */

/* To be polled for POLLIN; -1: none. */
int dcm_link_notifier_fd(const struct dcm_link_notifier *notifier);
void dcm_link_notifier_read(struct dcm_link_notifier *notifier);

#endif
