/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Follows the interfaces of the process's own network namespace through one rtnetlink socket: a
 * dump first, then messages of the group RTNLGRP_LINK, and another dump where the kernel says that
 * messages were lost. Nothing here waits, and only creation makes a system call that a seccomp
 * filter for a socket's user would refuse.
 */
#ifndef DCM_KERNEL_LINK_EVENTS_H
#define DCM_KERNEL_LINK_EVENTS_H

#include "common/base/reason.h"
#include "common/model/interfaces/link_queue.h"

struct dcm_link_events;

/* What is seen goes to @traps (borrowed). -errno with a reason. */
int dcm_link_events_create(struct dcm_link_queue *traps, struct dcm_reason *reason,
			   struct dcm_link_events **ret);
void dcm_link_events_destroy(struct dcm_link_events *events); /* NULL is allowed */

/* To be polled for POLLIN. */
int dcm_link_events_fd(const struct dcm_link_events *events);

/* Takes what is there, a bounded amount at a time: poll again. True when the first complete dump
 * ended within this call. */
bool dcm_link_events_read(struct dcm_link_events *events);

/* Asks for a dump when one is due. Returns when to call again, UINT64_MAX: after a read. */
uint64_t dcm_link_events_tick(struct dcm_link_events *events, uint64_t now_ns);

#endif
