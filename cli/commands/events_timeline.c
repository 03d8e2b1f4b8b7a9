// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/events_timeline.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands/events_recording.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/metrics/text.h"

#define TEXT_SIZE 1024
#define RECLAIM	  "reclaim"

static void add(json_object *object, const char *key, json_object *value)
{
	json_object_object_add(object, key, value);
}

static json_object *new_text(const char *raw)
{
	char text[DCM_TEXT_ROOM(TEXT_SIZE)];

	dcm_text_escape(DCM_TEXT_JSON, raw, text, sizeof(text));
	return json_object_new_string(text);
}

/* ---- reclaims ---- */

double timeline_reclaim_time(const struct dcm_reclaim_entry *entry)
{
	return (double)entry->time_ns / (double)DCM_NSEC_PER_SEC;
}

static json_object *new_count(bool has, uint64_t value)
{
	return has ? json_object_new_uint64(value) : NULL;
}

json_object *timeline_reclaim(const struct dcm_reclaim_entry *entry)
{
	json_object *object = json_object_new_object();
	char device[32];

	snprintf(device, sizeof(device), "%u:%u", entry->dev_major, entry->dev_minor);
	add(object, "time", json_object_new_double(timeline_reclaim_time(entry)));
	add(object, "result", json_object_new_string(dcm_reclaim_outcome_name(entry->outcome)));
	add(object, "fstype", new_text(entry->fstype));
	add(object, "target", new_text(entry->target));
	add(object, "device", json_object_new_string(device));
	add(object, "rule", *entry->rule ? new_text(entry->rule) : NULL);
	add(object, "error", *entry->error ? new_text(entry->error) : NULL);
	add(object, "before", new_count(entry->has_before, entry->before));
	add(object, "after", new_count(entry->has_after, entry->after));
	add(object, "seconds", entry->has_seconds ? json_object_new_double(entry->seconds) : NULL);
	return object;
}

static json_object *new_event(const struct dcm_reclaim_entry *entry)
{
	json_object *event = json_object_new_object();
	char text[TEXT_SIZE];

	dcm_reclaim_entry_text(entry, text, sizeof(text));
	add(event, "time", json_object_new_double(timeline_reclaim_time(entry)));
	add(event, "severity", json_object_new_string(RECLAIM));
	add(event, "type", json_object_new_string(RECLAIM));
	add(event, "text", new_text(text));
	return event;
}

/* ---- by time ---- */

static double time_of(json_object *event)
{
	double time = 0;

	recording_number(event, "time", &time);
	return time;
}

static bool is_reclaim(json_object *event)
{
	return strcmp(recording_string(event, "type"), RECLAIM) == 0;
}

/* Events of the recorder keep their order; an alarm comes before a reclaim. */
static int by_time(const void *a, const void *b)
{
	json_object *left = *(json_object *const *)a, *right = *(json_object *const *)b;
	double times[2] = {time_of(left), time_of(right)}, sequence[2] = {0, 0};

	if (times[0] != times[1])
		return times[0] < times[1] ? -1 : 1;
	if (is_reclaim(left) != is_reclaim(right))
		return is_reclaim(left) ? 1 : -1;
	recording_number(left, "sequence", &sequence[0]);
	recording_number(right, "sequence", &sequence[1]);
	return DCM_COMPARE(sequence[0], sequence[1]);
}

void timeline_add_reclaims(json_object *document, const struct dcm_reclaim_entry *entries,
			   size_t count)
{
	json_object *events = recording_array(document, "events"), *event;
	double begin, end;

	if (!recording_span(document, &begin, &end))
		return;
	for (size_t i = 0; i < count; i++) {
		double time = timeline_reclaim_time(&entries[i]);

		if (time < begin || time > end)
			continue;
		event = new_event(&entries[i]);
		add(event, RECLAIM, timeline_reclaim(&entries[i]));
		json_object_array_add(events, event);
	}
	json_object_array_sort(events, by_time);
}

/* ---- all together ---- */

struct timeline {
	json_object *list;
};

struct timeline *timeline_new(void)
{
	struct timeline *timeline = calloc(1, sizeof(*timeline));

	if (timeline)
		timeline->list = json_object_new_array();
	return timeline;
}

static void take_event(struct timeline *timeline, json_object *event, const char *recording)
{
	static const char *const keys[] = {"time", "severity", "type", "text", "sequence"};
	json_object *object = json_object_new_object(), *value;

	add(object, "kind", json_object_new_string(is_reclaim(event) ? RECLAIM : "alarm"));
	for (size_t i = 0; i < DCM_ARRAY_SIZE(keys); i++)
		if (json_object_object_get_ex(event, keys[i], &value))
			add(object, keys[i], json_object_get(value));
	add(object, "recording", recording ? json_object_new_string(recording) : NULL);
	json_object_array_add(timeline->list, object);
}

void timeline_take_recording(struct timeline *timeline, json_object *document)
{
	json_object *events = recording_array(document, "events");

	for (size_t i = 0; i < json_object_array_length(events); i++)
		take_event(timeline, json_object_array_get_idx(events, i),
			   recording_string(document, "name"));
}

void timeline_take_reclaim(struct timeline *timeline, const struct dcm_reclaim_entry *entry)
{
	json_object *event = new_event(entry);

	take_event(timeline, event, NULL);
	json_object_put(event);
}

static bool is_same(json_object *a, json_object *b)
{
	double sequences[2];

	return a && recording_number(a, "sequence", &sequences[0]) &&
	       recording_number(b, "sequence", &sequences[1]) && sequences[0] == sequences[1] &&
	       time_of(a) == time_of(b);
}

json_object *timeline_end(struct timeline *timeline)
{
	json_object *list = json_object_new_array(), *last = NULL;

	json_object_array_sort(timeline->list, by_time);
	for (size_t i = 0; i < json_object_array_length(timeline->list); i++) {
		json_object *event = json_object_array_get_idx(timeline->list, i);

		if (is_same(last, event))
			continue;
		json_object_array_add(list, json_object_get(event));
		last = event;
	}
	json_object_put(timeline->list);
	free(timeline);
	return list;
}
