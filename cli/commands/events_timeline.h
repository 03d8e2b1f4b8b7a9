/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened when: alarms from recordings (events_recording.h) and reclaims from reclaim.log. */
#ifndef DCM_CLI_EVENTS_TIMELINE_H
#define DCM_CLI_EVENTS_TIMELINE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/lib/json_writer.h"
#include "common/model/reclaim/reclaim_entry.h"

struct timeline_event {
	bool has_time;
	double time;				 /* seconds since 1970; 0 when it is unknown */
	json_object *alarm;			 /* as the recording has it, or NULL */
	json_object *recording;			 /* its name */
	const struct dcm_reclaim_entry *reclaim; /* or NULL */
};

/* Zeroed at the start. Keeps references to what was added of recordings; reclaims must outlive it.
 */
struct timeline {
	struct timeline_event *events;
	size_t count, room;
};

void timeline_deinit(struct timeline *timeline);

/* The events of a recording. -ENOMEM */
int timeline_add_recording(struct timeline *timeline, json_object *document);
int timeline_add_reclaim(struct timeline *timeline, const struct dcm_reclaim_entry *entry);

/* By time; an alarm comes before a reclaim, alarms in the order of their sequence. */
void timeline_sort(struct timeline *timeline);

/* Seconds since 1970. */
double timeline_reclaim_time(const struct dcm_reclaim_entry *entry);

/* "warning" and so on, "reclaim" */
const char *timeline_severity(const struct timeline_event *event);

/* Raw bytes, in @buf when it must be made. */
#define TIMELINE_TEXT_SIZE 1024
const char *timeline_text(const struct timeline_event *event, char buf[TIMELINE_TEXT_SIZE]);

/* One reclaim with all that the log has, as member @key. */
void timeline_write_reclaim(struct json_writer *w, const char *key,
			    const struct dcm_reclaim_entry *entry);

/*
 * "timeline": [{"kind":"alarm"|"reclaim","time","severity","type","text","recording"}..]; what two
 * recordings share is there once.
 */
void timeline_write(struct json_writer *w, const struct timeline *timeline);

/* "events" of one recording: alarms as they are there; reclaims are objects with "time", "severity"
 * and "type" both "reclaim", "text" and "reclaim". */
void timeline_write_events(struct json_writer *w, const struct timeline *timeline);

#endif
