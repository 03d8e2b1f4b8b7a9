/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flight recorder: what the cheap sources said second by second in the last ten minutes. When
 * an alarm is raised, that and the two minutes after it become JSON lines. Pure: a ring and a
 * formatter; kernel/recorder_files.h writes them.
 *
 * One JSON object per line:
 *   {"recording":1,"schema_version":1,"lookups":[PATH, ...]}   the first line
 *   {"sample":{"time":SECONDS,"monotonic":SECONDS,"dentries":N, ...,"lookups":[SECONDS, ...]}}
 *   {"event":{"sequence":N,"time":SECONDS,"type":"chain_length","severity":"warning", ...}}
 *   {"state":{"time":SECONDS,"tables":{..},"cut":N}}           recorder_state.h
 *   {"tables":{"time":SECONDS,"rows":[{..}..]}}                recorder_tables.h
 * Values are those of the metric table that have a "recorded" key.
 * Samples, events and tables are in order of time; the first tables may be older than the first
 * sample. An absent value is null. A state comes with the first raise of each type and with the
 * first that is critical, as far as they are few enough; one more is kept for the latter. Readers
 * pass over lines that they do not know.
 */
#ifndef DCM_MODEL_RECORDER_H
#define DCM_MODEL_RECORDER_H

#include "common/model/alarms/alarm.h"

#define DCM_RECORDER_SAMPLES	 600 /* one a second */
#define DCM_RECORDER_LOOKUPS	 4
#define DCM_RECORDER_VALUES	 20 /* room for those of the metric table */
#define DCM_RECORDER_AFTER_S	 120
#define DCM_RECORDER_MAX_S	 600  /* however many alarms follow the first */
#define DCM_RECORDER_STATES	 4    /* at most */
#define DCM_RECORDER_TABLES	 64   /* lines of tables, at most */
#define DCM_RECORDER_TABLES_SIZE 3072 /* of one with its end; rows beyond are left out */
#define DCM_RECORDER_LINE_SIZE	 DCM_RECORDER_TABLES_SIZE /* room for any line but a state */

struct dcm_recorder;

/* Allocates all that it will ever need, less than a MiB. -ENOMEM. */
int dcm_recorder_create(struct dcm_recorder **ret);
void dcm_recorder_destroy(struct dcm_recorder *recorder);

/* Takes the second's values; calls within less than a second of the last are ignored. */
void dcm_recorder_add(struct dcm_recorder *recorder, const struct dcm_alarm_input *input,
		      struct dcm_alarm_clock now);

/* A transition: a raise starts a recording or keeps the present one going; tests do neither. */
void dcm_recorder_event(struct dcm_recorder *recorder,
			const struct dcm_alarm_transition *transition, struct dcm_alarm_clock now);

enum dcm_recorder_step {
	DCM_RECORDER_IDLE,  /* nothing to write at the moment */
	DCM_RECORDER_BEGIN, /* first line of a new recording */
	DCM_RECORDER_STATE, /* the present state (recorder_state.h) in place of a line */
	DCM_RECORDER_MORE,  /* one more line */
	DCM_RECORDER_END,   /* the recording is complete; no line */
};

/*
 * What to write next; call until it says IDLE. @line has DCM_RECORDER_LINE_SIZE bytes and gets one
 * line with its newline.
 */
enum dcm_recorder_step dcm_recorder_next(struct dcm_recorder *recorder, struct dcm_alarm_clock now,
					 char *line);

#endif
