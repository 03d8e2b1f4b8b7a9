// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The state of the host at a raise as text. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/events/events_state.h"
#include "cli/lib/fit_text.h"
#include "cli/lib/output.h"
#include "cli/lib/table.h"
#include "cli/lib/wrap_text.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/alarms/recorder_state.h"

#define INDENT	   14 /* of values after the name of their group */
#define ROW_INDENT 4
#define BESIDE	   36 /* columns of numbers that leave room for names beside them */

/* ---- tables ---- */

static bool is_last(const struct state_table *shown, size_t column)
{
	return column == STATE_COLUMNS || !shown->columns[column].heading;
}

static int add_numbers(const struct state_table *shown, json_object *row, struct table *t)
{
	int err = 0;

	table_row(t);
	for (size_t c = 0; !is_last(shown, c) && !err; c++) {
		_cleanup_(state_cell_deinit) struct state_cell value = {.name = NULL};

		if (!shown->columns[c].number)
			continue;
		err = state_cell(state_table_of(shown), &shown->columns[c], row, &value);
		table_cell(t, value.text);
	}
	return err;
}

/* The numbers of all rows as lines, with their headings in the first. */
static int number_lines(const struct state_table *shown, json_object *rows, char **ret)
{
	struct table_column columns[STATE_COLUMNS];
	_cleanup_(table_deinit) struct table t = {0};
	size_t count = 0, size;
	FILE *out;
	int err = 0;

	*ret = NULL;
	for (size_t c = 0; !is_last(shown, c); c++)
		if (shown->columns[c].number)
			columns[count++] =
				(struct table_column){shown->columns[c].heading, TABLE_RIGHT};
	table_init(&t, columns, count);
	for (size_t i = 0; i < json_object_array_length(rows) && !err; i++)
		err = add_numbers(shown, json_object_array_get_idx(rows, i), &t);
	out = err ? NULL : open_memstream(ret, &size);
	if (!out)
		return err ?: -ENOMEM;
	err = table_print(&t, out);
	return fclose(out) ? -ENOMEM : err;
}

static size_t widest(const char *lines)
{
	size_t most = 0;

	while (*lines) {
		size_t bytes = strcspn(lines, "\n");
		_cleanup_free_ char *line = strndup(lines, bytes);

		most = DCM_MAX(most, line ? fit_width(line) : 0);
		lines += bytes + (lines[bytes] == '\n');
	}
	return most;
}

/* "key value", unless it is absent. */
static int add_value(struct wrap *wrap, const char *key, const struct state_cell *value)
{
	_cleanup_free_ char *name = NULL, *text = NULL;

	if (!value->name && !value->text[0])
		return 0;
	name = value->name ? output_text(value->name) : strdup(value->text);
	if (!name || asprintf(&text, "%s %s", key, name) < 0)
		return -ENOMEM;
	wrap_add(wrap, ",", text);
	return 0;
}

/* What of a row is not in the columns of numbers. */
static int add_cells(struct wrap *wrap, const struct state_table *shown, json_object *row,
		     bool numbers)
{
	int err = 0;

	for (size_t c = 0; !is_last(shown, c) && !err; c++) {
		_cleanup_(state_cell_deinit) struct state_cell value = {.name = NULL};
		const struct state_column *column = &shown->columns[c];

		if (column->number && !numbers)
			continue;
		err = state_cell(state_table_of(shown), column, row, &value);
		if (!err)
			err = add_value(wrap, column->number ? column->heading : column->key,
					&value);
	}
	return err;
}

/* Numbers in columns, and what has names beside or below them; @lines are those of the numbers. */
static int print_lines(const struct state_table *shown, json_object *rows, char *lines, FILE *out)
{
	size_t width = widest(lines), indent = width <= BESIDE ? width + 2 : ROW_INDENT;
	bool columns = width <= WRAP_COLUMNS;
	int err = 0;

	for (size_t i = 0; i <= json_object_array_length(rows) && !err; i++) {
		const char *line = strsep(&lines, "\n");
		struct wrap wrap;

		if (columns)
			fprintf(out, i && width <= BESIDE ? "%s  " : "%s\n", line ?: "");
		if (!i) /* headings */
			continue;
		if (columns && width > BESIDE)
			fprintf(out, "%*s", ROW_INDENT, "");
		wrap_start(&wrap, out, columns ? indent : 0, indent);
		err = add_cells(&wrap, shown, json_object_array_get_idx(rows, i - 1), !columns);
		wrap_end(&wrap);
	}
	return err;
}

int state_print_table(const struct state_table *shown, json_object *state, FILE *out)
{
	_cleanup_free_ char *lines = NULL;
	uint64_t total;
	json_object *rows = state_rows(state, state_table_of(shown), &total);
	int err;

	if (!total)
		return 0;
	fprintf(out, "\n%s", shown->title);
	if (json_object_array_length(rows) < total)
		fprintf(out, " (%zu of %" PRIu64 ")", json_object_array_length(rows), total);
	fputc('\n', out);
	if (!json_object_array_length(rows))
		return 0;
	err = number_lines(shown, rows, &lines);
	return err ?: print_lines(shown, rows, lines, out);
}

/* ---- what has one row ---- */

static int print_group(const struct dcm_table *table, json_object *state, FILE *out)
{
	struct wrap wrap;
	uint64_t total;
	json_object *rows = state_rows(state, table, &total);

	if (!rows || !json_object_array_length(rows))
		return 0;
	fprintf(out, "%-*s", INDENT, table->name);
	wrap_start(&wrap, out, INDENT, INDENT);
	for (size_t i = 0; i < table->count; i++) {
		_cleanup_(state_cell_deinit) struct state_cell value = {.name = NULL};
		const struct dcm_metric *metric = &table->metrics[i];

		if (metric->json &&
		    (state_value(metric, json_object_array_get_idx(rows, 0), &value) ||
		     add_value(&wrap, metric->name, &value)))
			return -ENOMEM;
	}
	wrap_end(&wrap);
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

	if (!json_object_array_length(states)) {
		fputs("\nState at the raise\n", out);
		wrap_paragraph(out, recording_no_state);
	}
	for (size_t i = 0; !err && i < json_object_array_length(states); i++)
		err = print_state(json_object_array_get_idx(states, i), out);
	return err;
}
