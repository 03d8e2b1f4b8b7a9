/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The alarm engine: a snapshot, rules and its own state in, transitions out. Pure: no files, no
 * clocks, no globals. It runs in the sampler just before a snapshot is finished, so that the rows
 * it writes (DCM_SEC_ALARMS, DCM_SEC_EVENTS, DCM_SEC_ALARM_COUNTS) are part of that snapshot.
 */
#ifndef DCM_MODEL_ALARM_H
#define DCM_MODEL_ALARM_H

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm_types.h"

/* ---- engine ---- */

#define DCM_ALARM_MAX_ACTIVE 64	 /* of one type, and one more that counts the rest */
#define DCM_ALARM_EVENTS     128 /* transitions that are kept */
#define DCM_ALARM_TEXT_SIZE  256

struct dcm_alarm_config;
struct dcm_alarm_engine;

/* Rows of a snapshot or of one that is still being built; borrowed. */
struct dcm_alarm_input {
	const void *rows[DCM_SEC_COUNT];
	size_t count[DCM_SEC_COUNT];
	const char *strings;
	size_t strings_size;
};

/* Holds are counted on the monotonic clock; the realtime clock is only a stamp. */
struct dcm_alarm_clock {
	uint64_t monotonic_ns;
	int64_t realtime_ns;
};

struct dcm_alarm_transition {
	uint64_t sequence; /* 1.. */
	uint32_t index;	   /* of the alarm: equal from its raise to its clear, never reused */
	enum dcm_alarm_type type;
	enum dcm_severity severity;
	enum dcm_section section; /* of the resource's row */
	uint32_t resource_index;  /* there; 0: none */
	bool test;
	int64_t time_ns; /* CLOCK_REALTIME */
	double value, threshold;
	char resource[DCM_ALARM_TEXT_SIZE]; /* printable, safe for shells */
	char text[DCM_ALARM_TEXT_SIZE];
};

void dcm_alarm_input_from_snapshot(const struct dcm_snapshot *snapshot,
				   struct dcm_alarm_input *ret);

/* Valid until a row or a string is added. */
void dcm_alarm_input_from_builder(const struct dcm_snapshot_builder *builder,
				  struct dcm_alarm_input *ret);

/* @config is copied. -ENOMEM. */
int dcm_alarm_engine_create(const struct dcm_alarm_config *config, struct dcm_alarm_engine **ret);
void dcm_alarm_engine_destroy(struct dcm_alarm_engine *engine);
DCM_DEFINE_CLEANUP(struct dcm_alarm_engine, dcm_alarm_engine_destroy)

/* Takes new rules; what is raised stays raised until the new rules say otherwise. */
void dcm_alarm_engine_configure(struct dcm_alarm_engine *engine,
				const struct dcm_alarm_config *config);

/*
 * Judges @input, to be called once per snapshot. Values of a source that is not working neither
 * raise nor clear. Returns the number of transitions.
 */
size_t dcm_alarm_engine_evaluate(struct dcm_alarm_engine *engine,
				 const struct dcm_alarm_input *input, struct dcm_alarm_clock now);

/*
 * The value of @type that is nearest to its levels in one look: the highest over all resources
 * whose source works. False without any; a rate (alarm_types.h) needs a history and has none here.
 */
bool dcm_alarm_worst_value(const struct dcm_alarm_input *input,
			   const struct dcm_alarm_config *config, enum dcm_alarm_type type,
			   double *ret);

/*
 * The working source that lacks what @type is judged by, as its reason says; DCM_SOURCE_COUNT when
 * there is a value, no resource, or no working source. Not for rates.
 */
enum dcm_source dcm_alarm_lacking_source(const struct dcm_alarm_input *input,
					 const struct dcm_alarm_config *config,
					 enum dcm_alarm_type type);

/* A raise and a clear marked as a test, outside all rules and counters. */
void dcm_alarm_engine_test(struct dcm_alarm_engine *engine, struct dcm_alarm_clock now);

/* Appends alarms, events and counts as rows. */
void dcm_alarm_engine_write(const struct dcm_alarm_engine *engine,
			    struct dcm_snapshot_builder *builder);

/* What became of the notifications. */
struct dcm_notify_counts {
	uint64_t handled; /* transitions up to this sequence need no notification any more */
	uint64_t sent;
	uint64_t suppressed; /* transitions that were over before they could be sent */
	uint64_t queued;     /* that wait at the moment */
};

/* For the row of DCM_SEC_ALARM_STATUS; @counts->handled is part of the saved state. @enabled: the
 * configuration allows notifications. */
void dcm_alarm_engine_set_notified(struct dcm_alarm_engine *engine,
				   const struct dcm_notify_counts *counts, bool enabled);
const struct dcm_notify_counts *dcm_alarm_engine_notified(const struct dcm_alarm_engine *engine);

/* Appends one transition as a row of @section (DCM_SEC_ALARMS or DCM_SEC_EVENTS), for whoever
 * wants to read its values through the metric table. */
void dcm_alarm_transition_write(const struct dcm_alarm_transition *transition,
				enum dcm_section section, struct dcm_snapshot_builder *builder);

/* Sequence of the newest transition, 0 before the first. */
uint64_t dcm_alarm_engine_sequence(const struct dcm_alarm_engine *engine);

/* A transition that is still in the ring, else NULL; valid until the next evaluate or test. */
const struct dcm_alarm_transition *
dcm_alarm_engine_transition(const struct dcm_alarm_engine *engine, uint64_t sequence);

#endif
