/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A metric as a metric family of OpenMetrics 1.0: its name, type and help in base units. Everything
 * follows from the metric table: the name is the SNMP table's in snake case and the JSON key, with
 * the base unit at its end.
 */
#ifndef DCM_MODEL_FAMILY_H
#define DCM_MODEL_FAMILY_H

#include "common/model/metrics/metrics.h"

#define DCM_FAMILY_NAME_SIZE 96
#define DCM_FAMILY_HELP_SIZE 320

enum dcm_family_type {
	DCM_FAMILY_NONE, /* an identifier or a text: at most a label */
	DCM_FAMILY_GAUGE,
	DCM_FAMILY_COUNTER,
	DCM_FAMILY_STATESET, /* one series per state, 1 for the one that holds */
};

struct dcm_family {
	enum dcm_family_type type;
	char name[DCM_FAMILY_NAME_SIZE]; /* of a counter without "_total" */
	char help[DCM_FAMILY_HELP_SIZE]; /* not escaped */
	const char *unit;		 /* "seconds", "bytes", "ratio"; "" for plain numbers */
	double scale; /* turns the metric's unit into this one; 1: it is the same */
};

/* "dcachemon_superblock": the beginning of the names of all families of the table. */
void dcm_family_prefix(const struct dcm_table *table, char ret[DCM_FAMILY_NAME_SIZE]);

void dcm_family_of(const struct dcm_table *table, const struct dcm_metric *metric,
		   struct dcm_family *ret);

/*
 * Whether it is a label of the row's "..._info": a text that tells no rows apart. Sample names are
 * not, nor what is short-lived: they change all the time, and each change would make a new series.
 */
bool dcm_family_is_info(const struct dcm_metric *metric);

/* Values of a stateset are below this. */
#define DCM_FAMILY_STATES 64

/* Name of a value of an enumerated metric; NULL: no such value. */
const char *dcm_family_state(const struct dcm_metric *metric, uint32_t value);

#endif
