// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/recorder_tables.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/alarms/alarm_rules.h"
#include "common/model/alarms/recorder_line.h"
#include "common/model/metrics/text.h"

#define MAX_ROWS ((size_t)DCM_TABLE_COUNT * 16) /* that are looked at */

typedef const struct dcm_snap_table row_t;

/* ---- order ---- */

static int by_load(const void *a, const void *b)
{
	row_t *x = *(row_t *const *)a, *y = *(row_t *const *)b;

	return x->load != y->load ? DCM_COMPARE(y->load, x->load) : DCM_COMPARE(x->index, y->index);
}

void dcm_recorder_tables_order(const void **rows, size_t count, size_t most)
{
	size_t kept = DCM_MIN(count, most), longest = DCM_MIN(count, most / 2);

	qsort(rows, count, sizeof(*rows), dcm_snap_table_compare);
	qsort(rows + longest, count - longest, sizeof(*rows), by_load);
	qsort(rows, kept, sizeof(*rows), dcm_snap_table_compare);
}

/* ---- a line ---- */

static size_t pick(const struct dcm_alarm_input *input, const void *ret[MAX_ROWS])
{
	row_t *rows = input->rows[DCM_SEC_TABLES];
	size_t count = 0;

	for (size_t i = 0; i < input->count[DCM_SEC_TABLES] && count < MAX_ROWS; i++)
		if (DCM_ROW_HAS(&rows[i], load))
			ret[count++] = &rows[i];
	dcm_recorder_tables_order(ret, count, DCM_RECORDER_TABLE_ROWS);
	return DCM_MIN(count, (size_t)DCM_RECORDER_TABLE_ROWS);
}

static void add_row(const struct dcm_alarm_input *input, row_t *row, struct dcm_line *line)
{
	const struct dcm_alarm_view view = {.input = input};
	const struct dcm_alarm_sample sample = {.row = row};
	char name[DCM_ALARM_TEXT_SIZE], resource[DCM_ALARM_TEXT_SIZE];

	dcm_alarm_name_table(&view, &sample, name, sizeof(name));
	dcm_text_escape(DCM_TEXT_SAFE, name, resource, sizeof(resource));
	dcm_line_append(line, "{\"resource\":");
	dcm_line_text(line, resource);
	dcm_line_append(line, ",\"longest\":");
	dcm_line_number(line, DCM_ROW_HAS(row, longest), (double)row->longest);
	dcm_line_append(line, ",\"load\":");
	dcm_line_number(line, true, row->load);
	dcm_line_append(line, "}");
}

/* False: there is nothing to say. Rows that do not fit are left out. */
static bool format(const struct dcm_alarm_input *input, struct dcm_alarm_clock now,
		   char text[DCM_RECORDER_TABLES_SIZE])
{
	static const char end[] = "]}}\n";
	struct dcm_line line = {text, DCM_RECORDER_TABLES_SIZE - sizeof(end), false}, before;
	const void *rows[MAX_ROWS];
	size_t count = pick(input, rows);

	dcm_line_append(&line, "{\"tables\":{");
	dcm_line_time(&line, "time", now.realtime_ns);
	dcm_line_append(&line, ",\"rows\":[");
	for (size_t i = 0; i < count; i++) {
		before = line;
		dcm_line_append(&line, i ? "," : "");
		add_row(input, rows[i], &line);
		if (line.full) {
			line = before;
			break;
		}
	}
	strcpy(line.at, end);
	return count;
}

/* ---- the ring ---- */

static uint64_t runs_of(const struct dcm_alarm_input *input)
{
	const struct dcm_snap_source *rows = input->rows[DCM_SEC_SOURCES];

	for (size_t i = 0; i < input->count[DCM_SEC_SOURCES]; i++)
		if (rows[i].index == DCM_SOURCE_TABLES + 1 && DCM_ROW_HAS(&rows[i], runs))
			return rows[i].runs;
	return 0;
}

static bool is_due(const struct dcm_recorder_tables *tables, uint64_t runs, uint64_t now_ns)
{
	const uint64_t step = DCM_RECORDER_TABLE_S * DCM_NSEC_PER_SEC;

	if (!tables->count)
		return true;
	return runs != tables->runs &&
	       (now_ns < tables->last_ns || now_ns - tables->last_ns >= step);
}

void dcm_recorder_tables_add(struct dcm_recorder_tables *tables,
			     const struct dcm_alarm_input *input, struct dcm_alarm_clock now,
			     uint64_t sample)
{
	size_t slot = tables->count % DCM_RECORDER_TABLE_RING;
	uint64_t runs = runs_of(input);

	if (!is_due(tables, runs, now.monotonic_ns) || !format(input, now, tables->ring[slot].line))
		return;
	tables->ring[slot].sample = sample;
	tables->runs = runs;
	tables->last_ns = now.monotonic_ns;
	tables->count++;
	/* a writer that was stopped loses the oldest */
	if (tables->count - tables->cursor > DCM_RECORDER_TABLE_RING)
		tables->cursor = tables->count - DCM_RECORDER_TABLE_RING;
}

void dcm_recorder_tables_begin(struct dcm_recorder_tables *tables, uint64_t first)
{
	uint64_t at = DCM_EXCESS(tables->count, (uint64_t)DCM_RECORDER_TABLE_RING);

	while (at + 1 < tables->count &&
	       tables->ring[(at + 1) % DCM_RECORDER_TABLE_RING].sample <= first)
		at++;
	tables->cursor = at;
}

const char *dcm_recorder_tables_next(struct dcm_recorder_tables *tables, uint64_t sample)
{
	size_t slot = tables->cursor % DCM_RECORDER_TABLE_RING;

	if (tables->cursor == tables->count || tables->ring[slot].sample > sample)
		return NULL;
	tables->cursor++;
	return tables->ring[slot].line;
}
