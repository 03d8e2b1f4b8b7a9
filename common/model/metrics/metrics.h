/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one table of all values that dcachemon exports. JSON, SNMP, collectd, OpenMetrics and the
 * generated docs iterate it; a test holds the MIB against it. A new value is one line in metrics.c
 * (plus its source and the MIB's text).
 */
#ifndef DCM_MODEL_METRICS_H
#define DCM_MODEL_METRICS_H

#include "common/model/metrics/text.h"
#include "common/model/snapshot/snapshot.h"

/* How a value lies in its row. */
enum dcm_type {
	DCM_T_U32,
	DCM_T_U64,
	DCM_T_I64,
	DCM_T_DOUBLE,
	DCM_T_STR,
	DCM_T_TIME_NS, /* int64_t, nanoseconds since 1970 */
	DCM_T_BOOL,    /* uint32_t, 0 or 1 */
	DCM_T_DEVICE,  /* two uint32_t, major and minor: "8:1" */
	DCM_T_STRINGS, /* array of DCM_DIRECTORY_SAMPLES dcm_str, the first 0 ends it */
};

enum dcm_kind { DCM_KIND_GAUGE, DCM_KIND_COUNTER, DCM_KIND_TEXT, DCM_KIND_STATE, DCM_KIND_KEY };

/* SMIv2 syntax on the wire. */
enum dcm_snmp_type {
	DCM_SNMP_NONE,	     /* not served; with a mib_name: the not-accessible index */
	DCM_SNMP_GAUGE32,    /* saturates at 2^32-1 */
	DCM_SNMP_UNSIGNED32, /* indexes and identifiers; saturates */
	DCM_SNMP_COUNTER32,  /* wraps */
	DCM_SNMP_COUNTER64,
	DCM_SNMP_GAUGE64,    /* CounterBasedGauge64: Counter64 on the wire */
	DCM_SNMP_INTEGER,    /* INTEGER enumerations, Integer32 */
	DCM_SNMP_TRUTH,	     /* TruthValue: 1 true, 2 false */
	DCM_SNMP_STRING,     /* DisplayString */
	DCM_SNMP_DATETIME,   /* DateAndTime, 8 or 11 octets */
	DCM_SNMP_ROWPOINTER, /* of the row at resource_section, resource_index */
};

struct dcm_metric {
	const char *name;   /* key inside its JSON object, snake_case */
	const char *object; /* JSON: the object within the row's that it is in, whose name the key
			     * begins with ("container" of "container_id"); NULL: none. All
			     * members of one follow each other. */
	const char *help;   /* one sentence, states the unit */
	const char *unit;   /* "entries", "bytes", "seconds", "ratio", "" */
	enum dcm_kind kind;
	enum dcm_type type;
	uint16_t offset;  /* in the row */
	bool json;	  /* listed under the contract's JSON object */
	bool label;	  /* OpenMetrics: a label of all series of its row; it tells rows apart */
	bool short_lived; /* OpenMetrics: no label, each new text would make a new series */

	const char *mib_name; /* object descriptor, such as "dcmSuperblockUnused"; NULL: none */
	uint16_t column;      /* column, or scalar arc within its group */
	enum dcm_snmp_type snmp_type;
	bool snmp_empty;   /* a string that SNMP has as "" where it is absent: no row has a hole */
	double snmp_scale; /* multiplies before the cut to an integer; 0 means 1 */

	uint16_t column64;	/* 64-bit twin in an optional group, of a STRING too; 0: none */
	const char *mib_name64; /* Counter64 of a counter, CounterBasedGauge64 of a gauge */

	const char *(*symbol)(uint32_t value); /* name of an enumerated value; NULL: a number */

	const char *recorded; /* key in a flight recording, of single rows only; NULL: not there */

	const char *collectd_type; /* stock type; NULL: not dispatched */
	const char *collectd_type_instance;
};

/* One JSON object or array, one SNMP group or table, one family of collectd values. */
struct dcm_table {
	const char *name; /* JSON key: "totals", "superblocks", ... */
	enum dcm_section section;
	const char *help;
	const char *title;	 /* heading in a dashboard; NULL: collectd sends nothing of it */
	bool unpolled;		 /* for people and notifications: monitoring systems leave it out */
	const char *json_parent; /* object that holds this one; NULL: the outermost */
	bool array;   /* JSON array and SNMP conceptual table; otherwise a group of scalars */
	uint16_t arc; /* under dcmObjects: group, or table node */
	const char *mib_name;	    /* "dcmTotals", "dcmSuperblockTable" */
	const char *mib_entry_name; /* "dcmSuperblockEntry"; NULL for scalars */
	uint16_t change_arc;	    /* scalar arc under dcmTableChanges; 0: none */
	const char *change_mib_name;
	const struct dcm_metric *metrics;
	size_t count;
	/* member of the row that is the (single, Unsigned32) SNMP index */
	const struct dcm_metric *index;
};

/* Arc of dcmTableChanges under dcmObjects: one TimeStamp per table. */
#define DCM_TABLE_CHANGES_ARC 17

/* The first columns of the alarm table (DCM_SEC_ALARMS) that are served, in the order of their
 * arcs, are the variables of both notifications: sequence to time. */
#define DCM_ALARM_VARBINDS 9

extern const struct dcm_table dcm_tables[];
extern const size_t dcm_table_count;

/* The table of a section, NULL when the section is not exported. */
const struct dcm_table *dcm_table_find(enum dcm_section section);

bool dcm_metric_present(const struct dcm_metric *metric, const void *row);

/*
 * The @i-th value of a flight recording (model/alarms/recorder.h) and the section of its row; NULL
 * beyond the last.
 */
const struct dcm_metric *dcm_metric_recorded(size_t i, enum dcm_section *ret_section);

/* Its key in JSON, within the object that it is in. */
const char *dcm_metric_key(const struct dcm_metric *metric);

/* Numeric value of a present metric (not of a text) in its unit. */
double dcm_metric_number(const struct dcm_metric *metric, const void *row);

/*
 * Value times @scale as an integer, for a present metric that is not a text. Integers are exact
 * with scale 0 or 1; everything else is rounded to the nearest integer and saturated. Negative
 * values and NaN give 0.
 */
uint64_t dcm_metric_u64(const struct dcm_metric *metric, const void *row, double scale);

/* Raw bytes of a present DCM_T_STR metric. */
const char *dcm_metric_str(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
			   const void *row);

/*
 * Any present metric as text in @form (see text.h): strings escaped, several joined by a space,
 * devices as "major:minor", symbols by name, numbers in decimal without an exponent, times as
 * seconds. Returns the length written to @out. @size is at least 32.
 */
size_t dcm_metric_text(enum dcm_text_form form, const struct dcm_snapshot *snapshot,
		       const struct dcm_metric *metric, const void *row, char *out, size_t size);

#endif
