// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The state of the host at a raise as text. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/events/events_state.h"
#include "cli/lib/output.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/model/alarms/recorder_state.h"

#define WIDTH  110
#define INDENT 14

/* ---- tables ---- */

static int cell(struct table *t, const struct dcm_table *table, const struct state_column *column,
		json_object *row)
{
	_cleanup_(state_cell_deinit) struct state_cell value = {.name = NULL};
	int err = state_cell(table, column, row, &value);

	if (!err && value.name)
		table_name(t, value.name);
	else if (!err)
		table_cell(t, value.text);
	return err;
}

static int print_rows(const struct state_table *shown, const struct dcm_table *table,
		      json_object *rows, FILE *out)
{
	struct table_column columns[STATE_COLUMNS];
	_cleanup_(table_deinit) struct table t = {0};
	size_t count = 0;
	int err = 0;

	for (; count < STATE_COLUMNS && shown->columns[count].heading; count++)
		columns[count] = (struct table_column){shown->columns[count].heading,
						       shown->columns[count].number ? TABLE_RIGHT
										    : TABLE_CUT};
	table_init(&t, columns, count);
	for (size_t i = 0; i < json_object_array_length(rows) && !err; i++) {
		table_row(&t);
		for (size_t c = 0; c < count && !err; c++)
			err = cell(&t, table, &shown->columns[c],
				   json_object_array_get_idx(rows, i));
	}
	return err ? err : table_print(&t, out);
}

int state_print_table(const struct state_table *shown, json_object *state, FILE *out)
{
	const struct dcm_table *table = state_table_of(shown);
	uint64_t total;
	json_object *rows = state_rows(state, table, &total);

	if (!total)
		return 0;
	fprintf(out, "\n%s", shown->title);
	if (json_object_array_length(rows) < total)
		fprintf(out, " (%zu of %" PRIu64 ")", json_object_array_length(rows), total);
	fputc('\n', out);
	return json_object_array_length(rows) ? print_rows(shown, table, rows, out) : 0;
}

/* ---- what has one row ---- */

/* Lines of "key value, key value". */
struct flow {
	FILE *out;
	size_t column;
};

static void flow_add(struct flow *flow, const char *key, const char *value)
{
	size_t len = strlen(key) + strlen(value) + 3;

	if (flow->column > INDENT && flow->column + len > WIDTH) {
		fprintf(flow->out, ",\n%*s", INDENT, "");
		flow->column = INDENT;
	} else if (flow->column > INDENT) {
		fputs(", ", flow->out);
	}
	fprintf(flow->out, "%s %s", key, value);
	flow->column += len;
}

static int print_group(const struct dcm_table *table, json_object *state, FILE *out)
{
	struct flow flow = {out, INDENT};
	uint64_t total;
	json_object *rows = state_rows(state, table, &total);

	if (!rows || !json_object_array_length(rows))
		return 0;
	fprintf(out, "%-*s", INDENT, table->name);
	for (size_t i = 0; i < table->count; i++) {
		_cleanup_(state_cell_deinit) struct state_cell value = {.name = NULL};
		_cleanup_free_ char *name = NULL;

		if (!table->metrics[i].json)
			continue;
		if (state_value(&table->metrics[i], json_object_array_get_idx(rows, 0), &value))
			return -ENOMEM;
		name = value.name ? output_text(value.name) : NULL;
		if (name || value.text[0])
			flow_add(&flow, table->metrics[i].name, name ? name : value.text);
	}
	fputc('\n', out);
	return 0;
}

static int print_state(json_object *state, FILE *out)
{
	enum dcm_section section;
	double time;
	int err = 0;

	fprintf(out, "\nState at %s UTC",
		recording_number(state, "time", &time) ? recording_time(time).text : "?");
	if (state_cut(state))
		fprintf(out, ", %" PRIu64 " long texts cut", state_cut(state));
	fputs("\n\n", out);
	for (size_t i = 0; !err && (section = dcm_recorder_state_section(i)) != DCM_SEC_COUNT; i++)
		if (!dcm_table_find(section)->array)
			err = print_group(dcm_table_find(section), state, out);
	for (size_t i = 0; !err && i < state_table_count; i++)
		err = state_print_table(&state_tables[i], state, out);
	return err;
}

int state_print(json_object *states, FILE *out)
{
	int err = 0;

	for (size_t i = 0; !err && i < json_object_array_length(states); i++)
		err = print_state(json_object_array_get_idx(states, i), out);
	return err;
}
