/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "dcachemon who --json" saw at the time, as a part of the story of an alarm. */
#ifndef DCM_CLI_EVENTS_WHO_H
#define DCM_CLI_EVENTS_WHO_H

#include <json-c/json.h>
#include <stdio.h>

#include "cli/events/events_state.h"
#include "common/base/reason.h"

/* Its tables, in the order of "who". */
extern const struct state_table events_who_tables[];
extern const size_t events_who_table_count;

/* Reads @path into member "who" of @document (events_recording.h), as it is. -errno with a reason;
 * -EINVAL: it is no such document. */
int events_who_load(const char *path, json_object *document, struct dcm_reason *reason);

/* Its arrays as the tables of a state (events_state.h), to be freed with json_object_put(); NULL
 * without any. -ENOMEM */
int events_who_state(json_object *document, json_object **ret);

/* When and for how long it was watched, and whether that was within the time of the recording. */
#define EVENTS_WHO_TEXT_SIZE 200
void events_who_text(json_object *document, char ret[EVENTS_WHO_TEXT_SIZE]);

/* That and the tables as text, or that nobody watched. 0 or -errno. */
int events_who_print(json_object *document, FILE *out);

#endif
