/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that tells one alarm type from another: one record per type. The engine, the
 * configuration, the front ends, the files for monitoring systems and the tables of docs/alarms.md
 * and dcachemon.conf(5) read it.
 *
 * A new type is its number in alarm.h, its record here, its extraction (alarm_rules.c), its name
 * in the MIB and its section in the runbook.
 */
#ifndef DCM_MODEL_ALARM_TYPES_H
#define DCM_MODEL_ALARM_TYPES_H

#include "common/model/alarms/alarm_config.h"

struct dcm_alarm_sample;
struct dcm_alarm_view;

typedef void dcm_alarm_visit(void *ctx, const struct dcm_alarm_sample *sample);

/* Visits every resource of the type once. */
typedef void dcm_alarm_extract(const struct dcm_alarm_view *view, dcm_alarm_visit *visit,
			       void *ctx);

/* Raw name of the resource, for people and for [alarm NAME TARGET]. */
typedef void dcm_alarm_resource(const struct dcm_alarm_view *view,
				const struct dcm_alarm_sample *sample, char *buf, size_t size);

/* A metric by its section and its name in the metric table. */
struct dcm_alarm_metric {
	enum dcm_section section;
	const char *name; /* NULL: none */
};

struct dcm_alarm_type_record {
	const char *name; /* [alarm NAME], JSON; the MIB writes it in camelCase */
	const char *unit; /* of value and threshold */
	bool rate;	  /* needs a history: one look at a snapshot gives no value */

	/* NULL: the type has no rule and is never evaluated. */
	dcm_alarm_extract *extract;
	dcm_alarm_resource *resource; /* NULL: "host", and the type takes no TARGET */

	/* The value that the type watches, or that shows best what it is about. */
	struct dcm_alarm_metric metric;
	/* A scalar that is the same figure, so that the levels hold for whoever polls it. */
	struct dcm_alarm_metric scalar;

	struct dcm_alarm_rule rule; /* the defaults */
	const char *extra_key;	    /* name of the key that only this type has; NULL: none */

	/* Sentences, each without a capital and a full stop at its ends but the notes. */
	const char *value; /* what the value is */
	const char *why;   /* why these levels; NULL: nothing to add to the value */
	const char *notes; /* more about the levels, as Markdown for docs/alarms.md; NULL: none */

	/*
	 * The text of a transition: "before RESOURCE between VALUE after, at or above THRESHOLD".
	 * Without "between" the value says nothing: "before RESOURCE raised", or "cleared".
	 */
	const char *before, *between, *after;
	const char *raised, *cleared;
	double scale;	  /* of value and threshold in the text; 0 means 1 */
	const char *gone; /* "before RESOURCE gone": the resource went away */
};

/* NULL: no type of that number. */
const struct dcm_alarm_type_record *dcm_alarm_type_record(enum dcm_alarm_type type);

/* Whether the type is evaluated and can be configured; false for any other number. */
bool dcm_alarm_has_rule(enum dcm_alarm_type type);

/* The type with a rule of that name, which has @len bytes; DCM_ALARM_TYPE_END: none. */
enum dcm_alarm_type dcm_alarm_type_find(const char *name, size_t len);

#endif
