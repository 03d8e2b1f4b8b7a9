/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends linkUp and linkDown of IF-MIB (RFC 2863) for the interfaces of the own network namespace
 * through the AgentX session. What goes out and when is decided by link_queue.h. Nothing
 * here waits for the kernel or for the master.
 */
#ifndef DCM_SNMP_LINK_SENDER_H
#define DCM_SNMP_LINK_SENDER_H

#include "common/base/reason.h"
#include "common/model/config/config.h"

/* Everywhere NULL is allowed: it sends nothing. */
struct dcm_link_notifier;

/* Before the seccomp filter: opens a netlink socket. NULL in @ret when the configuration says no.
 * -errno with a reason. */
int dcm_link_notifier_create(const struct dcm_config *config, uint64_t now_ns,
			     struct dcm_reason *reason, struct dcm_link_notifier **ret);
void dcm_link_notifier_destroy(struct dcm_link_notifier *notifier);

/* New limits; whether anything is sent stays as it was. */
void dcm_link_notifier_configure(struct dcm_link_notifier *notifier,
				 const struct dcm_config *config);

/* To be polled for POLLIN; -1: none. */
int dcm_link_notifier_fd(const struct dcm_link_notifier *notifier);
void dcm_link_notifier_read(struct dcm_link_notifier *notifier);

/* The AgentX session was opened or lost. Sends nothing itself: safe within the library's calls. */
void dcm_link_notifier_connection(struct dcm_link_notifier *notifier, bool up);

/* Sends what is due, a few at a time. Returns when to call again, UINT64_MAX: after the next read
 * or connection. Not to be called within the library's calls. */
uint64_t dcm_link_notifier_run(struct dcm_link_notifier *notifier, uint64_t now_ns);

#endif
