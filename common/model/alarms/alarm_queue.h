/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which notification is sent next. Pure: it takes snapshots, the state of the connection and the
 * time, and returns one transition at a time.
 *
 * For each alarm the queue compares the state that the manager was sent last with the current one,
 * so a burst costs a bounded amount of memory and never loses the final state. A raise that had to
 * wait and is still true is sent later; one that is over by then is counted as suppressed together
 * with its clear. Every raise that was sent is followed by its clear.
 *
 * A new queue, after the end of its process, knows from the first snapshot how far
 * its predecessor came ("handled" of the alarm status): it sends all active alarms and every clear
 * after that.
 */
#ifndef DCM_MODEL_ALARM_QUEUE_H
#define DCM_MODEL_ALARM_QUEUE_H

#include "common/model/alarms/alarm.h"
#include "common/model/alarms/notify_config.h"

struct dcm_alarm_sender {
	struct dcm_alarm_transition transition;
	bool again; /* sent before, on an earlier connection */
};

struct dcm_alarm_queue;

/* All times are of one monotonic clock, nanoseconds. -ENOMEM. */
int dcm_alarm_queue_create(const struct dcm_notify_config *config, uint64_t now_ns,
			   struct dcm_alarm_queue **ret);
void dcm_alarm_queue_destroy(struct dcm_alarm_queue *queue);
void dcm_alarm_queue_configure(struct dcm_alarm_queue *queue,
			       const struct dcm_notify_config *config);

/* Takes the active alarms and the test transitions of a new snapshot. */
void dcm_alarm_queue_update(struct dcm_alarm_queue *queue, const struct dcm_snapshot *snapshot,
			    uint64_t now_ns);

/*
 * The connection to the master came up or went down. What was sent on an earlier connection may
 * have been lost with it: active alarms are sent again, and so are the clears of its last minute.
 */
void dcm_alarm_queue_connection(struct dcm_alarm_queue *queue, bool up, uint64_t now_ns);

/*
 * Takes the next notification: true and @ret, which counts as sent. Otherwise false and the time
 * to ask again, UINT64_MAX when only an update or a connection can change that.
 */
bool dcm_alarm_queue_next(struct dcm_alarm_queue *queue, uint64_t now_ns,
			  struct dcm_alarm_sender *ret, uint64_t *ret_due_ns);

void dcm_alarm_queue_counts(const struct dcm_alarm_queue *queue, struct dcm_notify_counts *ret);

#endif
