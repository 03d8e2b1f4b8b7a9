/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened when: alarms from recordings (events_recording.h), reclaims from reclaim.log, and
 * what else somebody did, as the samples of a recording show it. */
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
	const char *change;			 /* "snmpd_reload", "drop_slab", or NULL */
	char *text;				 /* of a change */
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

/* What the samples of a recording show that somebody did: snmpd muted or not, slab caches dropped.
 * -ENOMEM */
int timeline_add_changes(struct timeline *timeline, json_object *document);

/* By time; an alarm comes before what was done, alarms in the order of their sequence. */
void timeline_sort(struct timeline *timeline);

/* Seconds since 1970. */
double timeline_reclaim_time(const struct dcm_reclaim_entry *entry);

/* Whether somebody did it: a reclaim or a change. */
bool timeline_is_done(const struct timeline_event *event);

/* "warning" and so on, "reclaim", "change" */
const char *timeline_severity(const struct timeline_event *event);

/* "chain_length" and so on, "reclaim", "snmpd_reload", "drop_slab" */
const char *timeline_type(const struct timeline_event *event);

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
 * and "type" both "reclaim", "text" and "reclaim"; changes have the severity "change". */
void timeline_write_events(struct json_writer *w, const struct timeline *timeline);

#endif
