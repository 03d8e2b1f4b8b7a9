/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends dcmAlarmRaised and dcmAlarmCleared through the AgentX session. What goes out and when is
 * the queue's decision (alarm_queue.h); the variables are those of the alarm table. Nothing
 * here waits for the master: while its socket is full, notifications stay in the queue.
 */
#ifndef DCM_SNMP_ALARM_SENDER_H
#define DCM_SNMP_ALARM_SENDER_H

#include "common/model/alarms/alarm.h"
#include "snmp-subagent/agent/part.h"

/* Needs the metric handler, which knows the root and the names of the variables. */
extern const struct dcm_part dcm_alarm_sender_part;

struct dcm_notifier; /* one of these */

/* What has become of the notifications so far. */
void dcm_notifier_counts(const struct dcm_notifier *notifier, struct dcm_notify_counts *ret);

#endif
