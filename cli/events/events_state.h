/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The states of the host that a recording has (model/alarms/recorder_state.h), table by table and
 * cell by cell, for text and HTML. A recording is a file that somebody may have written: what is no
 * such table, row or value is as if it were absent.
 */
#ifndef DCM_CLI_EVENTS_STATE_H
#define DCM_CLI_EVENTS_STATE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/lib/json_writer.h"
#include "common/model/metrics/metrics.h"

/* A column that people read: a name, a number, or, without that, the interval of an estimate or a
 * prediction. */
struct state_column {
	const char *heading;
	const char *key;	/* of the metric table; NULL: there is only an interval */
	const char *low, *high; /* keys of the interval; NULL: none */
	bool both;		/* the number and its interval, if it has one */
	const char *instead[2]; /* keys of names that are shown where there is no such name, and */
	const char *words[2];	/* what is put before each */
	bool number;
};

#define STATE_COLUMNS 9

/* A table with rows; those with one row are shown as names and values. */
struct state_table {
	const struct dcm_table *table; /* NULL: that of the section */
	enum dcm_section section;
	const char *title;
	struct state_column columns[STATE_COLUMNS]; /* ends at a heading that is NULL */
};

extern const struct state_table state_tables[];
extern const size_t state_table_count;

const struct dcm_table *state_table_of(const struct state_table *shown);

/* The rows of a table of @state, an array or NULL; @ret_total: how many the host had. */
json_object *state_rows(json_object *state, const struct dcm_table *table, uint64_t *ret_total);

/* How many of its texts were cut when it was recorded. */
uint64_t state_cut(json_object *state);

struct state_cell {
	char *name;	      /* raw bytes, to be freed; NULL: it is a number or absent */
	char text[120];	      /* the number or interval as people read it; "" when it is absent */
	const char *exact[2]; /* as the recording has it, two of an interval; NULL: none. Valid as
			       * long as the row */
};

void state_cell_deinit(struct state_cell *cell);

/* -ENOMEM */
int state_cell(const struct dcm_table *table, const struct state_column *column, json_object *row,
	       struct state_cell *ret);

/* One value of a row with its key, in the same way; nothing for what is absent. -ENOMEM */
int state_value(const struct dcm_metric *metric, json_object *row, struct state_cell *ret);

/* One table with its title as text; nothing when it has no rows. 0 or -errno. */
int state_print_table(const struct state_table *shown, json_object *state, FILE *out);

/* All states as text: tables, and the values of what has one row. 0 or -errno. */
int state_print(json_object *states, FILE *out);

/*
 * "states": [{"time","cut", NAME: {"total":N,"rows":[{..}..]} ..}..] with every table that a state
 * has; rows have every key of "show --json", null where the recording has none.
 */
void state_write_json(struct json_writer *w, json_object *states);

#endif
