// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_timeline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/events/events_recording.h"
#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"

#define RECLAIM "reclaim"
#define CHANGE	"change"

void timeline_deinit(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++) {
		json_object_put(timeline->events[i].alarm);
		json_object_put(timeline->events[i].recording);
		free(timeline->events[i].text);
	}
	free(timeline->events);
	*timeline = (struct timeline){.count = 0};
}

int timeline_add_recording(struct timeline *timeline, json_object *document)
{
	json_object *events = recording_array(document, "events");

	for (size_t i = 0; i < json_object_array_length(events); i++) {
		struct timeline_event event = {
			.alarm = json_object_get(json_object_array_get_idx(events, i)),
			.recording = json_object_get(json_object_object_get(document, "name")),
		};

		event.has_time = recording_number(event.alarm, "time", &event.time);
		if (DCM_APPEND(timeline, events, &event)) {
			json_object_put(event.alarm);
			json_object_put(event.recording);
			return -ENOMEM;
		}
	}
	return 0;
}

double timeline_reclaim_time(const struct dcm_reclaim_entry *entry)
{
	return (double)entry->time_ns / (double)DCM_NSEC_PER_SEC;
}

int timeline_add_reclaim(struct timeline *timeline, const struct dcm_reclaim_entry *entry)
{
	const struct timeline_event event = {
		.has_time = true, .time = timeline_reclaim_time(entry), .reclaim = entry};

	return DCM_APPEND(timeline, events, &event);
}

/* ---- changes ---- */

static int add_change(struct timeline *timeline, double time, const char *change, char *text)
{
	struct timeline_event event = {
		.has_time = true, .time = time, .change = change, .text = text};
	int err = text ? DCM_APPEND(timeline, events, &event) : -ENOMEM;

	if (err)
		free(text);
	return err;
}

/* Seconds between two reloads, as those who mute them say; NAN: nobody mutes them, 0: only when
 * asked. */
static void reload_words(double every, char ret[64])
{
	if (isnan(every))
		snprintf(ret, 64, "on its own");
	else if (every == 0)
		snprintf(ret, 64, "only when asked");
	else
		snprintf(ret, 64, "every %.9g s", every);
}

static char *reload_text(double before, double every)
{
	char *text, now[64], was[64];

	reload_words(every, now);
	reload_words(before, was);
	if (asprintf(&text, "snmpd reloads its interface table %s (before: %s)", now, was) < 0)
		return NULL;
	return text;
}

static char *drop_text(double times)
{
	char *text;

	if (asprintf(&text, "somebody dropped all slab caches by hand, %.0f time%s", times,
		     times == 1 ? "" : "s") < 0)
		return NULL;
	return text;
}

int timeline_add_changes(struct timeline *timeline, json_object *document)
{
	json_object *samples = recording_array(document, "samples");
	double every = NAN, drops = NAN, now, time;
	bool begun = false;
	int err = 0;

	for (size_t i = 0; i < json_object_array_length(samples) && !err; i++) {
		json_object *sample = json_object_array_get_idx(samples, i);

		if (!recording_number(sample, "time", &time))
			continue;
		if (!recording_number(sample, "snmpd_reload_every_seconds", &now))
			now = NAN;
		if (begun && now != every && !(isnan(now) && isnan(every)))
			err = add_change(timeline, time, "snmpd_reload", reload_text(every, now));
		begun = true;
		every = now;
		if (!recording_number(sample, "drop_slab", &now))
			continue;
		if (!err && now > drops)
			err = add_change(timeline, time, "drop_slab", drop_text(now - drops));
		drops = now;
	}
	return err;
}

/* ---- order ---- */

static int by_time(const void *a, const void *b)
{
	const struct timeline_event *left = a, *right = b;
	double sequence[2] = {0, 0};

	if (left->time != right->time)
		return DCM_COMPARE(left->time, right->time);
	if (!left->alarm != !right->alarm)
		return left->alarm ? -1 : 1;
	recording_number(left->alarm, "sequence", &sequence[0]);
	recording_number(right->alarm, "sequence", &sequence[1]);
	return DCM_COMPARE(sequence[0], sequence[1]);
}

void timeline_sort(struct timeline *timeline)
{
	if (timeline->count)
		qsort(timeline->events, timeline->count, sizeof(*timeline->events), by_time);
}

static bool is_same(const struct timeline_event *a, const struct timeline_event *b)
{
	double sequences[2];

	return recording_number(a->alarm, "sequence", &sequences[0]) &&
	       recording_number(b->alarm, "sequence", &sequences[1]) &&
	       sequences[0] == sequences[1] && a->time == b->time;
}

/* ---- what an event says ---- */

bool timeline_is_done(const struct timeline_event *event)
{
	return event->reclaim || event->change;
}

const char *timeline_severity(const struct timeline_event *event)
{
	if (event->change)
		return CHANGE;
	return event->reclaim ? RECLAIM : recording_string(event->alarm, "severity");
}

const char *timeline_type(const struct timeline_event *event)
{
	if (event->change)
		return event->change;
	return event->reclaim ? RECLAIM : recording_string(event->alarm, "type");
}

const char *timeline_text(const struct timeline_event *event, char buf[TIMELINE_TEXT_SIZE])
{
	if (event->change)
		return event->text;
	if (!event->reclaim)
		return recording_string(event->alarm, "text");
	dcm_reclaim_entry_text(event->reclaim, buf, TIMELINE_TEXT_SIZE);
	return buf;
}

/* ---- JSON ---- */

void timeline_write_reclaim(struct json_writer *w, const char *key,
			    const struct dcm_reclaim_entry *entry)
{
	json_open_object(w, key);
	json_double(w, "time", timeline_reclaim_time(entry));
	json_text(w, "result", dcm_reclaim_outcome_name(entry->outcome));
	json_text(w, "fstype", entry->fstype);
	json_text(w, "target", entry->target);
	json_device(w, "device", entry->dev_major, entry->dev_minor);
	json_text_if(w, "rule", entry->rule);
	json_text_if(w, "error", entry->error);
	json_u64_if(w, "before", entry->has_before, entry->before);
	json_u64_if(w, "after", entry->has_after, entry->after);
	json_double(w, "seconds", entry->has_seconds ? entry->seconds : NAN);
	json_close(w);
}

/* The members that what was done has like an alarm. */
static void add_members(struct json_writer *w, const struct timeline_event *event)
{
	char text[TIMELINE_TEXT_SIZE];

	json_double(w, "time", event->time);
	json_text(w, "severity", timeline_severity(event));
	json_text(w, "type", timeline_type(event));
	json_text(w, "text", timeline_text(event, text));
}

static void add_alarm(struct json_writer *w, json_object *alarm)
{
	static const char *const keys[] = {"time", "severity", "type", "text", "sequence"};
	json_object *value;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(keys); i++)
		if (json_object_object_get_ex(alarm, keys[i], &value))
			json_value(w, keys[i], value);
}

void timeline_write(struct json_writer *w, const struct timeline *timeline)
{
	const struct timeline_event *last = NULL, *event;

	json_open_array(w, "timeline");
	for (size_t i = 0; i < timeline->count; i++) {
		event = &timeline->events[i];
		if (last && is_same(last, event))
			continue;
		json_open_object(w, NULL);
		json_text(w, "kind", event->reclaim ? RECLAIM : "alarm");
		if (event->reclaim)
			add_members(w, event);
		else
			add_alarm(w, event->alarm);
		json_value(w, "recording", event->recording);
		json_close(w);
		last = event;
	}
	json_close(w);
}

void timeline_write_events(struct json_writer *w, const struct timeline *timeline)
{
	json_open_array(w, "events");
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_event *event = &timeline->events[i];

		if (!timeline_is_done(event)) {
			json_value(w, NULL, event->alarm);
			continue;
		}
		json_open_object(w, NULL);
		add_members(w, event);
		if (event->reclaim)
			timeline_write_reclaim(w, RECLAIM, event->reclaim);
		json_close(w);
	}
	json_close(w);
}
