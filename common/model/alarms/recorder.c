// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/alarms/recorder_line.h"
#include "common/model/alarms/recorder_tables.h"
#include "common/model/metrics/metrics.h"

#define MAX_EVENTS 64
/* Publishing is not exact to the millisecond: a second is over a little earlier too. */
#define STEP_NS (900 * DCM_NSEC_PER_MSEC)

/* One of the metric table's recorded values. */
struct field {
	const struct dcm_metric *metric;
	enum dcm_section section;
};

struct sample {
	struct dcm_alarm_clock at;
	uint32_t has, has_lookup; /* bits of "value" and "lookup" */
	double value[DCM_RECORDER_VALUES];
	double lookup[DCM_RECORDER_LOOKUPS];
};

struct event {
	uint64_t after; /* number of the last sample before it */
	struct dcm_alarm_transition transition;
};

struct dcm_recorder {
	struct field fields[DCM_RECORDER_VALUES];
	size_t field_count;
	struct sample ring[DCM_RECORDER_SAMPLES]; /* slot: number % size */
	uint64_t count;				  /* samples ever taken; the next one's number */
	struct dcm_recorder_tables tables;
	char path[DCM_RECORDER_LOOKUPS][DCM_ALARM_TEXT_SIZE];
	struct event events[MAX_EVENTS]; /* of this recording, not written yet */
	size_t event_count;
	bool recording, begun;
	bool state_due;
	size_t states;			  /* of this recording so far */
	enum dcm_severity state_severity; /* the worst that has one */
	uint64_t state_types;		  /* bit of each type of alarm that has one */
	uint64_t cursor;		  /* number of the next sample to write */
	uint64_t first_ns, until_ns;
};
_Static_assert(DCM_ALARM_TYPE_END <= 64, "each type has its bit");
_Static_assert(sizeof(struct dcm_recorder) < 1 << 20, "recorder.h promises less than a MiB");
_Static_assert((DCM_RECORDER_SAMPLES + DCM_RECORDER_MAX_S) / DCM_RECORDER_TABLE_S + 2 <=
		       DCM_RECORDER_TABLES,
	       "recorder.h promises no more lines of tables");

int dcm_recorder_create(struct dcm_recorder **ret)
{
	struct dcm_recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	for (; r->field_count < DCM_RECORDER_VALUES; r->field_count++) {
		struct field *field = &r->fields[r->field_count];

		field->metric = dcm_metric_recorded(r->field_count, &field->section);
		if (!field->metric)
			break;
	}
	*ret = r;
	return 0;
}

void dcm_recorder_destroy(struct dcm_recorder *recorder)
{
	free(recorder);
}

/* ---- taking ---- */

static bool read_field(const struct dcm_alarm_input *input, const struct field *f, double *ret)
{
	const void *row = input->rows[f->section];

	if (!input->count[f->section] || !dcm_metric_present(f->metric, row))
		return false;
	*ret = dcm_metric_number(f->metric, row);
	return isfinite(*ret);
}

static void read_lookups(struct dcm_recorder *r, const struct dcm_alarm_input *input,
			 struct sample *sample)
{
	const struct dcm_snap_lookup *rows = input->rows[DCM_SEC_LOOKUPS];

	for (size_t i = 0; i < input->count[DCM_SEC_LOOKUPS] && i < DCM_RECORDER_LOOKUPS; i++) {
		const char *path =
			rows[i].path < input->strings_size ? input->strings + rows[i].path : "";

		dcm_text_escape(DCM_TEXT_SAFE, path, r->path[i], sizeof(r->path[i]));
		if (!DCM_ROW_HAS(&rows[i], seconds) || !isfinite(rows[i].seconds))
			continue;
		sample->lookup[i] = rows[i].seconds;
		sample->has_lookup |= 1U << i;
	}
}

static bool too_soon(const struct dcm_recorder *r, struct dcm_alarm_clock now)
{
	uint64_t last;

	if (!r->count)
		return false;
	last = r->ring[(r->count - 1) % DCM_RECORDER_SAMPLES].at.monotonic_ns;
	return now.monotonic_ns >= last && now.monotonic_ns - last < STEP_NS;
}

void dcm_recorder_add(struct dcm_recorder *r, const struct dcm_alarm_input *input,
		      struct dcm_alarm_clock now)
{
	struct sample *sample = &r->ring[r->count % DCM_RECORDER_SAMPLES];

	if (too_soon(r, now))
		return;
	*sample = (struct sample){.at = now};
	for (size_t i = 0; i < r->field_count; i++)
		if (read_field(input, &r->fields[i], &sample->value[i]))
			sample->has |= 1U << i;
	read_lookups(r, input, sample);
	dcm_recorder_tables_add(&r->tables, input, now, r->count);
	r->count++;
	/* a writer that was stopped loses the oldest samples, not the newest */
	if (r->count - r->cursor > DCM_RECORDER_SAMPLES)
		r->cursor = r->count - DCM_RECORDER_SAMPLES;
}

/* Whether a raise like this has no state yet, and there is room for it. */
static bool wants_state(const struct dcm_recorder *r, const struct dcm_alarm_transition *t)
{
	if (t->severity > r->state_severity && t->severity == DCM_SEVERITY_CRITICAL)
		return true;
	return !(r->state_types & 1ULL << t->type) &&
	       r->states + (r->state_severity < DCM_SEVERITY_CRITICAL) < DCM_RECORDER_STATES;
}

/* All raises of one evaluation share a state. */
static void note_raise(struct dcm_recorder *r, const struct dcm_alarm_transition *t)
{
	if (!r->state_due && wants_state(r, t)) {
		r->state_due = true;
		r->states++;
	}
	if (r->state_due) {
		r->state_types |= 1ULL << t->type;
		r->state_severity = DCM_MAX(r->state_severity, t->severity);
	}
}

void dcm_recorder_event(struct dcm_recorder *r, const struct dcm_alarm_transition *transition,
			struct dcm_alarm_clock now)
{
	bool raise = transition->severity != DCM_SEVERITY_CLEARED && !transition->test;

	if (raise && !r->recording) {
		r->recording = true;
		r->begun = false;
		r->event_count = 0;
		r->states = 0;
		r->state_types = 0;
		r->state_severity = DCM_SEVERITY_CLEARED;
		r->cursor = DCM_EXCESS(r->count, (uint64_t)DCM_RECORDER_SAMPLES);
		dcm_recorder_tables_begin(&r->tables, r->cursor);
		r->first_ns = now.monotonic_ns;
	}
	if (!r->recording)
		return;
	if (raise)
		note_raise(r, transition);
	if (raise)
		r->until_ns = now.monotonic_ns + DCM_RECORDER_AFTER_S * DCM_NSEC_PER_SEC;
	if (r->event_count < MAX_EVENTS)
		r->events[r->event_count++] = (struct event){r->count, *transition};
}

/* ---- formatting ---- */

static void format_begin(const struct dcm_recorder *r, struct dcm_line *line)
{
	dcm_line_append(line, "{\"recording\":1,\"schema_version\":1,\"lookups\":[");
	for (size_t i = 0; i < DCM_RECORDER_LOOKUPS; i++) {
		dcm_line_append(line, i ? "," : "");
		dcm_line_text(line, r->path[i]);
	}
	dcm_line_append(line, "]}\n");
}

static void format_sample(const struct dcm_recorder *r, const struct sample *s,
			  struct dcm_line *line)
{
	dcm_line_append(line, "{\"sample\":{");
	dcm_line_time(line, "time", s->at.realtime_ns);
	dcm_line_append(line, ",");
	dcm_line_time(line, "monotonic", (int64_t)s->at.monotonic_ns);
	for (size_t i = 0; i < r->field_count; i++) {
		dcm_line_append(line, ",\"%s\":", r->fields[i].metric->recorded);
		dcm_line_number(line, s->has & (1U << i), s->value[i]);
	}
	dcm_line_append(line, ",\"lookups\":[");
	for (size_t i = 0; i < DCM_RECORDER_LOOKUPS; i++) {
		dcm_line_append(line, i ? "," : "");
		dcm_line_number(line, s->has_lookup & (1U << i), s->lookup[i]);
	}
	dcm_line_append(line, "]}}\n");
}

static void format_event(const struct dcm_alarm_transition *t, struct dcm_line *line)
{
	const char *type = dcm_alarm_type_name(t->type);

	dcm_line_append(line, "{\"event\":{\"sequence\":%" PRIu64 ",", t->sequence);
	dcm_line_time(line, "time", t->time_ns);
	dcm_line_append(line, ",\"index\":%" PRIu32 ",\"type\":", t->index);
	dcm_line_text(line, type ? type : "unknown");
	dcm_line_append(line, ",\"severity\":\"%s\",\"resource\":", dcm_severity_name(t->severity));
	dcm_line_text(line, t->resource);
	dcm_line_append(line, ",\"value\":");
	dcm_line_number(line, isfinite(t->value), t->value);
	dcm_line_append(line, ",\"threshold\":");
	dcm_line_number(line, isfinite(t->threshold), t->threshold);
	dcm_line_append(line, ",\"text\":");
	dcm_line_text(line, t->text);
	dcm_line_append(line, ",\"test\":%s}}\n", t->test ? "true" : "false");
}

/* ---- writing ---- */

static bool is_over(const struct dcm_recorder *r, struct dcm_alarm_clock now)
{
	return now.monotonic_ns >= r->until_ns || now.monotonic_ns < r->first_ns ||
	       now.monotonic_ns - r->first_ns >= DCM_RECORDER_MAX_S * DCM_NSEC_PER_SEC;
}

enum dcm_recorder_step dcm_recorder_next(struct dcm_recorder *r, struct dcm_alarm_clock now,
					 char *text)
{
	struct dcm_line line = {text, DCM_RECORDER_LINE_SIZE, false};
	const char *tables;

	if (!r->recording)
		return DCM_RECORDER_IDLE;
	if (!r->begun) {
		r->begun = true;
		format_begin(r, &line);
		return DCM_RECORDER_BEGIN;
	}
	if (r->state_due) {
		r->state_due = false;
		return DCM_RECORDER_STATE;
	}
	tables = dcm_recorder_tables_next(&r->tables, r->cursor);
	if (tables) {
		strcpy(text, tables);
		return DCM_RECORDER_MORE;
	}
	if (r->event_count && r->events[0].after <= r->cursor) {
		format_event(&r->events[0].transition, &line);
		memmove(&r->events[0], &r->events[1], --r->event_count * sizeof(r->events[0]));
		return DCM_RECORDER_MORE;
	}
	if (r->cursor < r->count) {
		format_sample(r, &r->ring[r->cursor++ % DCM_RECORDER_SAMPLES], &line);
		return DCM_RECORDER_MORE;
	}
	if (!is_over(r, now))
		return DCM_RECORDER_IDLE;
	r->recording = false;
	return DCM_RECORDER_END;
}
