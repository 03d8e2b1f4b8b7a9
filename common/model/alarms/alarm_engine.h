/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files of the alarm engine share. Nobody else includes it. */
#ifndef DCM_MODEL_ALARM_ENGINE_H
#define DCM_MODEL_ALARM_ENGINE_H

#include "common/base/hash_table.h"
#include "common/model/alarms/alarm.h"
#include "common/model/alarms/alarm_hold.h"
#include "common/model/alarms/alarm_rules.h"

/* Resources of one type above a level whose hold time runs. */
#define DCM_ALARM_MAX_PENDING 64

/* Key of the alarm that counts the resources for which there was no room. */
#define DCM_ALARM_MORE_KEY UINT64_MAX

/* A resource that is above a level (pending) or has an alarm (active). */
struct dcm_alarm_track {
	uint64_t key;	   /* hash key in "bound" */
	uint64_t identity; /* hash key in "unbound" */
	UT_hash_handle hh;
	struct dcm_alarm_transition last; /* the newest; severity CLEARED: pending, no alarm */
	double value;			  /* newest */
	enum dcm_severity level;	  /* of that value, without hold times */
	enum dcm_severity due;		  /* severity that the hold times allow */
	enum dcm_source source;
	struct dcm_alarm_rule rule; /* as of the newest value */
	struct dcm_alarm_holds holds;
	struct dcm_alarm_timer gone;
	uint64_t target;  /* dcm_alarm_target_hash() of the rule that follows it; 0: none */
	uint64_t touched; /* evaluation in which a value or its loss was last seen */
	uint64_t visited; /* evaluation in which the resource was last met */
	double ahead;
};

struct dcm_alarm_type_state {
	struct dcm_alarm_track *bound;	 /* by key */
	struct dcm_alarm_track *unbound; /* restored, resource not met yet; by identity */
	size_t active, pending;
	uint64_t warnings, criticals, clears; /* transitions */
};

/* A superblock that bears, or once bore, the name of a rule's target. */
struct dcm_alarm_target {
	uint64_t key; /* of its samples */
	UT_hash_handle hh;
	uint64_t hash; /* of the target */
	uint64_t seen; /* evaluation in which the superblock was last there */
};

struct dcm_alarm_engine {
	struct dcm_alarm_config config;
	double lowest[DCM_ALARM_TYPE_END]; /* level below which no rule of the type raises */
	bool overridden[DCM_ALARM_TYPE_END];
	struct dcm_alarm_type_state types[DCM_ALARM_TYPE_END];
	struct dcm_alarm_target *targets; /* by key */
	struct dcm_alarm_rates rates;
	struct dcm_alarm_transition ring[DCM_ALARM_EVENTS]; /* slot: sequence % size */
	uint64_t sequence;
	uint64_t oldest; /* sequence of the oldest transition in the ring */
	uint32_t next_index;
	struct dcm_notify_counts notified;
	bool notifications; /* enabled */
	uint64_t evaluation;
	uint64_t started_ns, last_ns;
};

/* ---- alarm_tracks.c ---- */

struct dcm_alarm_track *dcm_alarm_track_find(struct dcm_alarm_type_state *type, uint64_t key);

/* Adds a pending track; NULL when memory is short. */
struct dcm_alarm_track *dcm_alarm_track_add(struct dcm_alarm_type_state *type, uint64_t key);

/* Finds a restored track of the same resource and gives it the new key; NULL: none. */
struct dcm_alarm_track *dcm_alarm_track_bind(struct dcm_alarm_type_state *type, uint64_t identity,
					     uint64_t key);
void dcm_alarm_track_remove(struct dcm_alarm_type_state *type, struct dcm_alarm_track *track);
void dcm_alarm_tracks_clear(struct dcm_alarm_type_state *type);

/* The active, or the pending, track that matters least; NULL: none. */
struct dcm_alarm_track *dcm_alarm_track_mildest(const struct dcm_alarm_type_state *type,
						bool active);

/* Worse severity first, then the higher value. */
bool dcm_alarm_worse(enum dcm_severity a, double a_value, enum dcm_severity b, double b_value);

static inline bool dcm_alarm_track_active(const struct dcm_alarm_track *track)
{
	return track->last.severity != DCM_SEVERITY_CLEARED;
}

/* ---- alarm_targets.c ---- */

/* Stays equal over a restart; never 0. */
uint64_t dcm_alarm_target_hash(const char *target);

/* The target whose name the superblock of @key bears, or bore last; 0: none. */
uint64_t dcm_alarm_target_of(const struct dcm_alarm_engine *engine, uint64_t key);

/* @hash 0 changes nothing. */
void dcm_alarm_target_set(struct dcm_alarm_engine *engine, uint64_t key, uint64_t hash);

/* Takes the names of this evaluation; forgets superblocks that are gone. */
void dcm_alarm_targets_update(struct dcm_alarm_engine *engine, const struct dcm_alarm_view *view);
void dcm_alarm_targets_clear(struct dcm_alarm_engine *engine);

/* ---- alarm_emit.c ---- */

struct dcm_alarm_now {
	struct dcm_alarm_clock clock;
	uint64_t credit_ns; /* since the previous evaluation */
};

/* How a transition came about, for its text. */
enum dcm_alarm_cause {
	DCM_ALARM_BY_VALUE,
	DCM_ALARM_BY_LOSS,	/* the resource is gone */
	DCM_ALARM_BY_RULE,	/* the rule or its source is switched off */
	DCM_ALARM_BY_WORSE_ONES /* more alarms than are kept */
};

/* Makes the transition of @track to @severity: sequence, ring, counters, and a text that ends in
 * @note if it is raised. */
void dcm_alarm_emit(struct dcm_alarm_engine *engine, enum dcm_alarm_type type,
		    struct dcm_alarm_track *track, enum dcm_severity severity,
		    enum dcm_alarm_cause cause, const char *note, struct dcm_alarm_clock clock);

#define DCM_ALARM_NUMBER_SIZE 48

/* Plain digits: no exponent of the usual figures, never a plus sign. */
void dcm_alarm_number(double value, char buf[DCM_ALARM_NUMBER_SIZE]);

/* Appends a transition to the ring; gives it its sequence. */
void dcm_alarm_record(struct dcm_alarm_engine *engine, struct dcm_alarm_transition *transition);

#endif
