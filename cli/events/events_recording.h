/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A recording of the flight recorder (model/recorder.h) as one JSON document. */
#ifndef DCM_CLI_EVENTS_RECORDING_H
#define DCM_CLI_EVENTS_RECORDING_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/base/reason.h"

/*
 * One JSON value from the first @len bytes of @text, to be freed with json_object_put(). NULL:
 * none, or it has what is no JSON and would be passed on: strings that are not UTF-8, NaN.
 */
json_object *recording_parse(const char *text, size_t len);

/*
 * Reads FOLDER/NAME, one JSON object per line, into
 *   {"name":NAME,"lookups":[PATH..],"samples":[{..}..],"events":[{..}..],"states":[{..}..],
 *    "tables":[{..}..]}
 * to be freed with json_object_put(). Lines that are no such object are left out: a recording under
 * way may end in half a line. -EINVAL: no recording at all; -errno of the file; with a reason.
 */
int recording_load(const char *folder, const char *name, struct dcm_reason *reason,
		   json_object **ret);

/* @value as a number, of at most 1e30 either way; false when it is null or something else. */
bool recording_value(json_object *value, double *ret);

/* The same of member @key of @object, which may be absent. */
bool recording_number(json_object *object, const char *key, double *ret);

/* Member @key as raw bytes, "" when it is absent. Valid while @object lives. */
const char *recording_string(json_object *object, const char *key);

/* Array @key of @document, never NULL for a loaded document. */
json_object *recording_array(json_object *document, const char *key);

/* Times of the first and the last sample, seconds since 1970; false without samples. */
bool recording_span(json_object *document, double *ret_begin, double *ret_end);

/* The first raise of alarm @number, which is digits, or, with NULL, of any; NULL: none. */
json_object *recording_raise(json_object *document, const char *number);

/* "Alarm 12: chain_length of /proc/sys/net/ipv6", of that raise. Raw bytes. */
#define RECORDING_TITLE_SIZE 400
void recording_title(json_object *document, const char *number, char ret[RECORDING_TITLE_SIZE]);

/* What a recording lacks, in words. */
extern const char recording_nothing_done[], recording_nobody_watched[], recording_no_state[],
	recording_no_samples[];

/* Title, events, which @timeline has with what was done among them, and charts, as text. */
struct timeline;
struct series_list;
void recording_print(json_object *document, const char *title, const struct timeline *timeline,
		     const struct series_list *series, FILE *out);

/* Seconds since 1970 as "2026-11-22 12:00:00", UTC. */
struct recording_time {
	char text[32];
};
struct recording_time recording_time(double seconds);

#endif
