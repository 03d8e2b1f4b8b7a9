/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that tells one alarm type from another: one record per type. The engine, the
 * configuration, the front ends, the files for monitoring systems and the tables of docs/alarms.md
 * and dcachemon.conf(5) read it.
 *
 * A new type is its number and record here, its extraction (alarm_rules.c), its name in the MIB and
 * its section in the runbook.
 */
#ifndef DCM_MODEL_ALARM_TYPES_H
#define DCM_MODEL_ALARM_TYPES_H

#include "common/model/snapshot/snapshot.h"

/* Values are those of DcmAlarmType in the MIB. Only ever append. */
enum dcm_alarm_type {
	DCM_ALARM_CHAIN_LENGTH = 1,
	DCM_ALARM_LOOKUP_LATENCY = 2,
	DCM_ALARM_SUPERBLOCK_UNUSED = 3,
	DCM_ALARM_SUPERBLOCK_SHRINK_SECONDS = 4,
	DCM_ALARM_NEGATIVE_COUNT = 5,
	DCM_ALARM_DENTRIES_TOTAL = 6,
	DCM_ALARM_SLAB_SHARE = 7,
	DCM_ALARM_GROWTH = 8,
	DCM_ALARM_NETNS_CHURN = 9,
	DCM_ALARM_RECLAIM_STALL = 10,
	DCM_ALARM_RECLAIM_RISK = 11,
	DCM_ALARM_SNMPD_WEDGE = 12,
	DCM_ALARM_SOURCE_FAILED = 13,
	DCM_ALARM_COVERAGE_STALE = 14,
	DCM_ALARM_TEST = 15, /* made by test-trap: has no rule */
	DCM_ALARM_DIRECTORY_CHILDREN = 16,
	DCM_ALARM_DIRECTORY_WATCH_SECONDS = 17,
	DCM_ALARM_RECLAIM_RULES = 18,
	DCM_ALARM_TABLE_CHAIN = 19,
	DCM_ALARM_TABLE_LOAD = 20,
	DCM_ALARM_TYPE_END,
};

/* When an alarm is raised and cleared. */
struct dcm_alarm_rule {
	bool enabled;
	bool has_warning, has_critical; /* a level that is off is absent */
	double warning, critical;
	double clear_ratio;
	double raise_after, clear_after; /* seconds */
	double extra;			 /* growth: within; reclaim_risk: min_unused */
};

struct dcm_alarm_sample;
struct dcm_alarm_view;

typedef void dcm_alarm_visit(void *ctx, const struct dcm_alarm_sample *sample);

/* Visits every resource of the type once. */
typedef void dcm_alarm_extract(const struct dcm_alarm_view *view, dcm_alarm_visit *visit,
			       void *ctx);

/* Raw name of the resource, for people and for [alarm NAME TARGET]. */
typedef void dcm_alarm_resource(const struct dcm_alarm_view *view,
				const struct dcm_alarm_sample *sample, char *buf, size_t size);

/* What else there is to say of the resource of row @index (0: the host) when its alarm is raised,
 * such as ", between 5 and 7": printable ASCII, safe for shells. Leaves @buf alone if there is
 * nothing. */
typedef void dcm_alarm_note(const struct dcm_alarm_view *view, uint32_t index, char *buf,
			    size_t size);

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
	dcm_alarm_note *note;	      /* NULL: nothing to add when it is raised */

	/* The value that the type watches, or that shows best what it is about. */
	struct dcm_alarm_metric metric;
	/* A scalar with the same figure, so the levels also apply to a poller of it. */
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

/* "chain_length" and so on; NULL: no type of that number. */
const char *dcm_alarm_type_name(enum dcm_alarm_type type);

/* "cleared", "warning", "critical" */
const char *dcm_severity_name(enum dcm_severity severity);

#endif
