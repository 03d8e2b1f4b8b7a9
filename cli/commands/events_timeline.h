/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened when: alarms out of recordings (events_recording.h) and reclaims out of
 * reclaim.log.
 */
#ifndef DCM_CLI_EVENTS_TIMELINE_H
#define DCM_CLI_EVENTS_TIMELINE_H

#include <json-c/json.h>

#include "common/model/reclaim/reclaim_entry.h"

/* Seconds since 1970. */
double timeline_reclaim_time(const struct dcm_reclaim_entry *entry);

/* One reclaim with all that the log has, as an element of "reclaims". */
json_object *timeline_reclaim(const struct dcm_reclaim_entry *entry);

/* Adds those within the time of a recording to its "events", in the order of time: objects with
 * "time", "severity" and "type" both "reclaim", "text" and "reclaim". */
void timeline_add_reclaims(json_object *document, const struct dcm_reclaim_entry *entries,
			   size_t count);

struct timeline;

struct timeline *timeline_new(void);

/* The events of a recording, beside its name. */
void timeline_take_recording(struct timeline *timeline, json_object *document);
void timeline_take_reclaim(struct timeline *timeline, const struct dcm_reclaim_entry *entry);

/*
 * All of them by time, as an array of {"time","kind":"alarm"|"reclaim","severity","type","text",
 * "recording"}; what two recordings share is there once. Frees the timeline.
 */
json_object *timeline_end(struct timeline *timeline);

#endif
