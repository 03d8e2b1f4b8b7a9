/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends dcmAlarmRaised and dcmAlarmCleared through the AgentX session. What goes out and when is
 * the queue's decision (alarm_queue.h); the variables are those of the alarm table. Nothing
 * here waits for the master: while its socket is full, notifications stay in the queue.
 */
#ifndef DCM_SNMP_ALARM_SENDER_H
#define DCM_SNMP_ALARM_SENDER_H

#include "common/model/config/config.h"
#include "snmp-tables/metric_handler.h"

struct dcm_notifier;

/* @handler is kept: it knows the root and the names of the variables. -ENOMEM. */
int dcm_notifier_create(const struct dcm_config *config, const struct dcm_metric_handler *handler,
			uint64_t now_ns, struct dcm_notifier **ret);
void dcm_notifier_destroy(struct dcm_notifier *notifier); /* NULL is allowed */

void dcm_notifier_configure(struct dcm_notifier *notifier, const struct dcm_config *config);

/* A new snapshot (borrowed). */
void dcm_notifier_update(struct dcm_notifier *notifier, const struct dcm_snapshot *snapshot,
			 uint64_t now_ns);

/* What has become of the notifications so far. */
void dcm_notifier_counts(const struct dcm_notifier *notifier, struct dcm_notify_counts *ret);

/* The AgentX session was opened or lost. Sends nothing itself: safe within the library's calls. */
void dcm_notifier_connection(struct dcm_notifier *notifier, bool up, uint64_t now_ns);

/* Sends what is due, a few at a time. Returns when to call again, UINT64_MAX: after the next
 * update or connection. Not to be called within the library's calls. */
uint64_t dcm_notifier_run(struct dcm_notifier *notifier, uint64_t now_ns);

#endif
