// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_recording.h"

#include <errno.h>
#include <json-c/json_visit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/recorder_files.h"
#include "common/kernel/files/state_file.h"

#define PATH_ROOM  1024
#define NUMBER_MAX 1e30 /* sums and differences of what is no larger are finite */

#ifndef JSON_TOKENER_VALIDATE_UTF8 /* json-c before 0.14 */
#define JSON_TOKENER_VALIDATE_UTF8 0
#endif

/* ---- parsing ---- */

/* json-c reads and writes NaN and Infinity, which are no JSON. */
static int check_value(json_object *value, int flags __attribute__((unused)),
		       json_object *parent __attribute__((unused)),
		       const char *key __attribute__((unused)),
		       size_t *index __attribute__((unused)), void *ret_good)
{
	bool *good = ret_good;

	/* Digits that are too many for a double are passed on as they are. */
	if (json_object_is_type(value, json_type_double) &&
	    strpbrk(json_object_to_json_string(value), "NI"))
		*good = false;
	return JSON_C_VISIT_RETURN_CONTINUE;
}

json_object *recording_parse(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *object;
	bool good = true;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	json_tokener_free(tokener);
	if (object && json_c_visit(object, 0, check_value, &good) == 0 && good)
		return object;
	json_object_put(object);
	return NULL;
}

/* ---- loading ---- */

static json_object *new_document(const char *name)
{
	json_object *document = json_object_new_object();

	json_object_object_add(document, "name", json_object_new_string(name));
	json_object_object_add(document, "lookups", json_object_new_array());
	json_object_object_add(document, "samples", json_object_new_array());
	json_object_object_add(document, "events", json_object_new_array());
	json_object_object_add(document, "states", json_object_new_array());
	json_object_object_add(document, "tables", json_object_new_array());
	return document;
}

static void move(json_object *line, const char *key, json_object *document, const char *array)
{
	json_object *value;

	if (json_object_object_get_ex(line, key, &value) &&
	    json_object_is_type(value, json_type_object))
		json_object_array_add(recording_array(document, array), json_object_get(value));
}

/* Whether it is the first line of a recording. */
static bool take_line(json_object *line, json_object *document)
{
	json_object *lookups;

	if (!json_object_is_type(line, json_type_object))
		return false;
	move(line, "sample", document, "samples");
	move(line, "event", document, "events");
	move(line, "state", document, "states");
	move(line, "tables", document, "tables");
	if (!json_object_object_get_ex(line, "recording", NULL) ||
	    !json_object_object_get_ex(line, "lookups", &lookups) ||
	    !json_object_is_type(lookups, json_type_array))
		return false;
	json_object_object_add(document, "lookups", json_object_get(lookups));
	return true;
}

static bool take_lines(char *text, json_object *document)
{
	bool begun = false;
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		json_object *object = recording_parse(line, strlen(line));

		begun = take_line(object, document) || begun;
		json_object_put(object);
	}
	return begun;
}

int recording_load(const char *folder, const char *name, struct dcm_reason *reason,
		   json_object **ret)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ void *bytes = NULL;
	json_object *document;
	char path[PATH_ROOM];
	size_t size;
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return dcm_reason_set(reason, -ENAMETOOLONG, "%s: name too long", name);
	err = dcm_state_file_read(path, 2 * DCM_RECORDER_FILE_BYTES, reason, &bytes, &size);
	if (err)
		return err;
	text = strndup(bytes, size); /* ends at a NUL that nobody wrote */
	if (!text)
		return dcm_reason_no_memory(reason);
	document = new_document(name);
	if (!take_lines(text, document)) {
		json_object_put(document);
		return dcm_reason_set(reason, -EINVAL, "%s is not a recording", path);
	}
	*ret = document;
	return 0;
}

json_object *recording_array(json_object *document, const char *key)
{
	return json_object_object_get(document, key);
}

bool recording_value(json_object *value, double *ret)
{
	double number;

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return false;
	number = json_object_get_double(value);
	if (!(fabs(number) <= NUMBER_MAX))
		return false;
	*ret = number;
	return true;
}

bool recording_number(json_object *object, const char *key, double *ret)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && recording_value(value, ret);
}

const char *recording_string(json_object *object, const char *key)
{
	json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

bool recording_span(json_object *document, double *ret_begin, double *ret_end)
{
	json_object *samples = recording_array(document, "samples");
	size_t count = json_object_array_length(samples);
	double begin, end;

	if (!count || !recording_number(json_object_array_get_idx(samples, 0), "time", &begin) ||
	    !recording_number(json_object_array_get_idx(samples, count - 1), "time", &end))
		return false;
	*ret_begin = begin;
	*ret_end = end;
	return true;
}

const char recording_nothing_done[] = "Nothing that dcachemon knows of: no reclaim, no change of "
				      "snmpd's mute, no slab caches dropped.";
const char recording_nobody_watched[] =
	"Nobody watched, or what \"dcachemon who --json\" said was not given (--who). Who made "
	"network namespaces is among the values of the state (makers).";
const char recording_no_state[] = "This recording has none: an earlier version made it.";
const char recording_no_samples[] = "The recording has no samples.";

static bool is_of(json_object *event, const char *number)
{
	json_object *index;

	return json_object_object_get_ex(event, "index", &index) &&
	       !strcmp(json_object_get_string(index) ?: "", number);
}

json_object *recording_raise(json_object *document, const char *number)
{
	json_object *events = recording_array(document, "events");

	for (size_t i = 0; i < json_object_array_length(events); i++) {
		json_object *event = json_object_array_get_idx(events, i);

		if (strcmp(recording_string(event, "severity"), "cleared") &&
		    (!number || is_of(event, number)))
			return event;
	}
	return NULL;
}

void recording_title(json_object *document, const char *number, char ret[RECORDING_TITLE_SIZE])
{
	json_object *event = recording_raise(document, number);
	const char *resource = recording_string(event, "resource");
	json_object *index = json_object_object_get(event, "index");
	const char *digits =
		json_object_is_type(index, json_type_int) ? json_object_get_string(index) : NULL;

	snprintf(ret, RECORDING_TITLE_SIZE, "Alarm%s%s: %s%s%s", digits ? " " : "", digits ?: "",
		 event ? recording_string(event, "type") : "no raise in this recording",
		 *resource ? " of " : "", resource);
}

struct recording_time recording_time(double seconds)
{
	struct recording_time ret = {"-"};
	struct tm tm;
	/* A file may have any number there. */
	time_t whole = fabs(seconds) < 1e11 ? (time_t)seconds : -1;

	if (whole != -1 && gmtime_r(&whole, &tm))
		strftime(ret.text, sizeof(ret.text), "%Y-%m-%d %H:%M:%S", &tm);
	return ret;
}
