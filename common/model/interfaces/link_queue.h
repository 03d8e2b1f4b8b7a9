/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which linkUp or linkDown of IF-MIB (RFC 2863) is sent next. Pure: it takes states of interfaces,
 * the state of the connection and the time, and returns one notification at a time.
 *
 * For each interface it keeps the state that the manager was sent last and the current one. So an
 * interface that changed back before its turn costs nothing, the last state is never lost, and
 * changes while there was no connection are sent as that state. Interfaces wait in the order of
 * their changes, so one that changes all the time does not delay the others.
 */
#ifndef DCM_MODEL_LINK_QUEUE_H
#define DCM_MODEL_LINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/alarms/alarm_queue.h"

struct dcm_link_trap {
	bool up; /* linkUp, otherwise linkDown */
	uint32_t index;
	uint32_t flags; /* IFF_*; of the last message when it is removed */
	bool removed;
};

struct dcm_link_queue;

/* Only rate and burst of @limits apply. Times are nanoseconds of one monotonic clock. -ENOMEM. */
int dcm_link_queue_create(const struct dcm_notify_config *limits, uint64_t now_ns,
			  struct dcm_link_queue **ret);
void dcm_link_queue_destroy(struct dcm_link_queue *traps); /* NULL is allowed */
void dcm_link_queue_configure(struct dcm_link_queue *traps, const struct dcm_notify_config *limits);

/*
 * The interface @index has these IFF_* flags. A new one counts as having been down; until the first
 * complete list it counts as sent. -ENOMEM: it stays unknown.
 */
int dcm_link_queue_set(struct dcm_link_queue *traps, uint32_t index, uint32_t flags);

/* The interface is gone: down, for good. */
void dcm_link_queue_remove(struct dcm_link_queue *traps, uint32_t index);

/* Around the states of all interfaces, with changes between them. @complete false: that an
 * interface is not among them says nothing. */
void dcm_link_queue_list_begin(struct dcm_link_queue *traps);
void dcm_link_queue_list_end(struct dcm_link_queue *traps, bool complete);

/* Interfaces that are there, as far as is known. */
size_t dcm_link_queue_count(const struct dcm_link_queue *traps);

void dcm_link_queue_connection(struct dcm_link_queue *traps, bool connected);

/*
 * Takes the next notification: true and @ret, which counts as sent. Otherwise false and the time
 * to ask again, UINT64_MAX when only a change or a connection can alter that.
 */
bool dcm_link_queue_next(struct dcm_link_queue *traps, uint64_t now_ns, struct dcm_link_trap *ret,
			 uint64_t *ret_due_ns);

#endif
