// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/model/alarms/alarm_engine.h"

#define NUMBER_SIZE DCM_ALARM_NUMBER_SIZE

void dcm_alarm_number(double value, char buf[NUMBER_SIZE])
{
	if (fabs(value) >= 1e15)
		snprintf(buf, NUMBER_SIZE, "%s", "over 1000000000000000");
	else if (fabs(value) >= 100 || value == floor(value))
		snprintf(buf, NUMBER_SIZE, "%lld", llround(value));
	else
		snprintf(buf, NUMBER_SIZE, "%.3g", value);
}

static void format_value(const struct dcm_alarm_type_record *record, double value,
			 char buf[NUMBER_SIZE])
{
	dcm_alarm_number(record->scale ? value * record->scale : value, buf);
}

/* ", critical level in 3 hours" */
static void format_ahead(const struct dcm_alarm_track *track, enum dcm_alarm_type type, char *buf,
			 size_t size)
{
	char hours[NUMBER_SIZE];

	*buf = '\0';
	if (type != DCM_ALARM_GROWTH || track->last.severity == DCM_SEVERITY_CLEARED)
		return;
	dcm_alarm_number(track->ahead / 3600, hours);
	snprintf(buf, size, ", critical level in %s hours", hours);
}

/* How the value stands to the level: one that fell from critical may be below that of a warning,
 * yet not far or long enough for the warning to end. */
static void format_level(const struct dcm_alarm_type_record *record,
			 const struct dcm_alarm_track *track, char *buf, size_t size)
{
	const struct dcm_alarm_transition *t = &track->last;
	double clear = dcm_alarm_rule_threshold(&track->rule, DCM_SEVERITY_CLEARED);
	char threshold[NUMBER_SIZE], other[NUMBER_SIZE];

	format_value(record, t->threshold, threshold);
	if (t->severity == DCM_SEVERITY_CLEARED) {
		snprintf(buf, size, "below %s", threshold);
	} else if (t->value >= t->threshold) {
		snprintf(buf, size, "at or above %s", threshold);
	} else if (t->value >= clear) {
		format_value(record, clear, other);
		snprintf(buf, size, "below %s but not below %s", threshold, other);
	} else {
		dcm_alarm_number(track->rule.clear_after, other);
		snprintf(buf, size, "below %s but not yet for %s seconds", threshold, other);
	}
}

static void by_value(const struct dcm_alarm_type_record *record,
		     const struct dcm_alarm_track *track, enum dcm_alarm_type type,
		     const char *note, char *buf, size_t size)
{
	const struct dcm_alarm_transition *t = &track->last;
	bool clear = t->severity == DCM_SEVERITY_CLEARED;
	char value[NUMBER_SIZE], level[3 * NUMBER_SIZE], ahead[80];
	char text[3 * DCM_ALARM_TEXT_SIZE];
	size_t len;

	if (!record->between) {
		snprintf(buf, size, "%s %.120s %s", record->before, t->resource,
			 clear ? record->cleared : record->raised);
		return;
	}
	format_value(record, t->value, value);
	format_level(record, track, level, sizeof(level));
	format_ahead(track, type, ahead, sizeof(ahead));
	snprintf(text, sizeof(text), "%s %.120s %s %s%s%s, %s%s%s", record->before, t->resource,
		 record->between, value, *record->after ? " " : "", record->after, level, ahead,
		 clear ? "" : note);
	/* The end of a note may be cut. */
	len = strnlen(text, size - 1);
	memcpy(buf, text, len);
	buf[len] = '\0';
}

static void more_text(const struct dcm_alarm_track *track, enum dcm_alarm_type type, char *buf,
		      size_t size)
{
	if (track->last.severity == DCM_SEVERITY_CLEARED)
		snprintf(buf, size, "no more %s alarms than are listed", dcm_alarm_type_name(type));
	else
		snprintf(buf, size, "and %lld more resources at or above a level of %s",
			 llround(track->last.value), dcm_alarm_type_name(type));
}

static void make_text(const struct dcm_alarm_track *track, enum dcm_alarm_type type,
		      enum dcm_alarm_cause cause, const char *note, char *buf, size_t size)
{
	const struct dcm_alarm_type_record *record = dcm_alarm_type_record(type);
	const char *name = track->last.resource;

	switch (cause) {
	case DCM_ALARM_BY_VALUE:
		if (track->key == DCM_ALARM_MORE_KEY)
			more_text(track, type, buf, size);
		else
			by_value(record, track, type, note, buf, size);
		break;
	case DCM_ALARM_BY_LOSS:
		snprintf(buf, size, "%s %.120s %s", record->before, name, record->gone);
		break;
	case DCM_ALARM_BY_RULE:
		snprintf(buf, size, "%s %.120s is no longer watched", record->before, name);
		break;
	case DCM_ALARM_BY_WORSE_ONES:
		snprintf(buf, size, "%s %.120s is no longer listed beside worse ones",
			 record->before, name);
		break;
	}
}

void dcm_alarm_record(struct dcm_alarm_engine *engine, struct dcm_alarm_transition *transition)
{
	transition->sequence = ++engine->sequence;
	engine->ring[transition->sequence % DCM_ALARM_EVENTS] = *transition;
	if (!engine->oldest)
		engine->oldest = transition->sequence;
	if (engine->sequence - engine->oldest >= DCM_ALARM_EVENTS)
		engine->oldest = engine->sequence - DCM_ALARM_EVENTS + 1;
}

static void count(struct dcm_alarm_type_state *state, enum dcm_severity before,
		  enum dcm_severity after)
{
	if (after == DCM_SEVERITY_WARNING)
		state->warnings++;
	else if (after == DCM_SEVERITY_CRITICAL)
		state->criticals++;
	else
		state->clears++;
	if (before == DCM_SEVERITY_CLEARED) {
		state->pending--;
		state->active++;
	}
	if (after == DCM_SEVERITY_CLEARED) {
		state->active--;
		state->pending++;
	}
}

/* 1.. and back to 1 after four thousand million alarms */
static uint32_t take_index(struct dcm_alarm_engine *engine)
{
	if (++engine->next_index == 0)
		engine->next_index = 1;
	return engine->next_index;
}

void dcm_alarm_emit(struct dcm_alarm_engine *engine, enum dcm_alarm_type type,
		    struct dcm_alarm_track *track, enum dcm_severity severity,
		    enum dcm_alarm_cause cause, const char *note, struct dcm_alarm_clock clock)
{
	struct dcm_alarm_transition *t = &track->last;
	enum dcm_severity before = t->severity;

	if (before == DCM_SEVERITY_CLEARED)
		t->index = take_index(engine);
	t->type = type;
	t->severity = severity;
	t->time_ns = clock.realtime_ns;
	t->value = track->value;
	t->threshold = dcm_alarm_rule_threshold(&track->rule, severity);
	make_text(track, type, cause, note, t->text, sizeof(t->text));
	dcm_alarm_record(engine, t);
	count(&engine->types[type], before, severity);
}
