// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/lib/human_numbers.h"
#include "common/base/cleanup.h"
#include "common/model/alarms/recorder_state.h"

#define NAME(title, k)                     \
	{                                  \
		.heading = title, .key = k \
	}
#define COUNT(title, k)                                    \
	{                                                  \
		.heading = title, .key = k, .number = true \
	}
#define ESTIMATED(title, k)                                                                    \
	{                                                                                      \
		.heading = title, .key = k, .low = k "_low", .high = k "_high", .number = true \
	}
#define PREDICTED(title, k)                                                           \
	{                                                                             \
		.heading = title, .low = k "_low_seconds", .high = k "_high_seconds", \
		.number = true                                                        \
	}
/* clang-format off */
#define PLACE(title) \
	{.heading = title, .key = "mountpoint", .instead = {"part_mountpoint", "process_command"}, \
	 .words = {"part: ", "process "}}
/* clang-format on */

const struct state_table state_tables[] = {
	{NULL,
	 DCM_SEC_ALARMS,
	 "Alarms that were raised, the newest first",
	 {NAME("SEVERITY", "severity"), NAME("TYPE", "type"), NAME("RESOURCE", "resource"),
	  COUNT("VALUE", "value"), COUNT("THRESHOLD", "threshold"), NAME("UNIT", "unit"),
	  NAME("TEXT", "text")}},
	{NULL,
	 DCM_SEC_SUPERBLOCKS,
	 "Superblocks by unused dentries",
	 {COUNT("UNUSED", "unused"), ESTIMATED("HASHED", "hashed"),
	  ESTIMATED("NEGATIVE", "negative"), PREDICTED("STALL", "shrink"), NAME("FSTYPE", "fstype"),
	  NAME("DEVICE", "device"), NAME("ID", "id"), PLACE("MOUNTPOINT"),
	  NAME("CONTAINER", "container_name")}},
	{NULL,
	 DCM_SEC_CHAINS,
	 "Longest hash chains",
	 {COUNT("LENGTH", "length"), COUNT("SAME-NAME", "same_name"), COUNT("UNUSED", "unused"),
	  NAME("FSTYPE", "fstype"), NAME("PARENT", "parent"), NAME("NAME", "name"),
	  NAME("CONTAINER", "container_name")}},
	{NULL,
	 DCM_SEC_DIRECTORIES,
	 "Directories by negative dentries",
	 {ESTIMATED("NEGATIVE", "negative"), ESTIMATED("CHILDREN", "children"),
	  PREDICTED("WATCH", "watch"), NAME("FSTYPE", "fstype"), NAME("DIRECTORY", "path"),
	  NAME("NAMES", "sample_names"), NAME("HINT", "hint"),
	  NAME("CONTAINER", "container_name")}},
	{NULL,
	 DCM_SEC_TABLES,
	 "Other hash tables by longest chain",
	 {COUNT("LONGEST", "longest"), COUNT("P99", "p99"), COUNT("LOAD", "load"),
	  COUNT("ENTRIES", "entries"), COUNT("BUCKETS", "buckets"), NAME("TABLE", "name"),
	  NAME("NAMESPACE", "namespace"), NAME("STATE", "state"), NAME("WHY", "reason")}},
	{NULL,
	 DCM_SEC_LOOKUPS,
	 "Lookups that are timed",
	 {COUNT("TIME", "seconds"), NAME("PATH", "path"), NAME("ERROR", "error")}},
	{NULL,
	 DCM_SEC_SOURCES,
	 "Where the figures come from",
	 {NAME("SOURCE", "name"), NAME("STATE", "state"), COUNT("AGE", "age_seconds"),
	  NAME("WHAT IS MISSING, AND WHY", "reason")}},
};

const size_t state_table_count = DCM_ARRAY_SIZE(state_tables);

const struct dcm_table *state_table_of(const struct state_table *shown)
{
	return shown->table ? shown->table : dcm_table_find(shown->section);
}

/* ---- the file ---- */

json_object *state_rows(json_object *state, const struct dcm_table *table, uint64_t *ret_total)
{
	json_object *tables, *object, *rows, *total;

	*ret_total = 0;
	if (!json_object_object_get_ex(state, "tables", &tables) ||
	    !json_object_is_type(tables, json_type_object) ||
	    !json_object_object_get_ex(tables, table->name, &object) ||
	    !json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, "rows", &rows) ||
	    !json_object_is_type(rows, json_type_array))
		return NULL;
	*ret_total = json_object_array_length(rows);
	if (json_object_object_get_ex(object, "total", &total) &&
	    json_object_is_type(total, json_type_int) && json_object_get_uint64(total) > *ret_total)
		*ret_total = json_object_get_uint64(total);
	return rows;
}

uint64_t state_cut(json_object *state)
{
	json_object *cut = json_object_object_get(state, "cut");

	return json_object_is_type(cut, json_type_int) ? json_object_get_uint64(cut) : 0;
}

/* A recording has it by its name, "who --json" in the object that it belongs to. */
static json_object *find_value(json_object *row, const struct dcm_metric *metric)
{
	json_object *object, *value;

	if (!json_object_is_type(row, json_type_object))
		return NULL;
	if (json_object_object_get_ex(row, metric->name, &value))
		return value;
	if (metric->object && json_object_object_get_ex(row, metric->object, &object) &&
	    json_object_is_type(object, json_type_object) &&
	    json_object_object_get_ex(object, dcm_metric_key(metric), &value))
		return value;
	return NULL;
}

/* NULL when it is absent or of no such type: one that "show --json" has. */
static json_object *value_of(json_object *row, const struct dcm_metric *metric)
{
	bool text = metric->type == DCM_T_STR || metric->type == DCM_T_DEVICE || metric->symbol;
	json_object *value = find_value(row, metric);

	switch (json_object_get_type(value)) {
	case json_type_string:
		return text ? value : NULL;
	case json_type_array:
		return metric->type == DCM_T_STRINGS ? value : NULL;
	case json_type_boolean:
		return metric->type == DCM_T_BOOL ? value : NULL;
	case json_type_int:
	case json_type_double:
		return text || metric->type == DCM_T_STRINGS || metric->type == DCM_T_BOOL ? NULL
											   : value;
	default:
		return NULL;
	}
}

static const struct dcm_metric *metric_of(const struct dcm_table *table, const char *key)
{
	for (size_t i = 0; key && i < table->count; i++)
		if (table->metrics[i].json && !strcmp(table->metrics[i].name, key))
			return &table->metrics[i];
	return NULL;
}

/* ---- names ---- */

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Undoes DCM_TEXT_JSON, in place. */
static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		bool hex = text[0] == '\\' && text[1] == 'x' && hex_digit(text[2]) >= 0 &&
			   hex_digit(text[3]) >= 0;
		int byte = hex ? hex_digit(text[2]) * 16 + hex_digit(text[3]) : 0;

		if (byte) {
			*out++ = (char)byte;
			text += 4;
			continue;
		}
		text += text[0] == '\\' && text[1] == '\\';
		*out++ = *text++;
	}
	*out = '\0';
}

static int set_name(struct state_cell *cell, const char *words, const char *text)
{
	if (asprintf(&cell->name, "%s%s", words, text) < 0) {
		cell->name = NULL;
		return -ENOMEM;
	}
	unescape(cell->name + strlen(words));
	return 0;
}

/* Several, a space between two. */
static int set_names(struct state_cell *cell, json_object *array)
{
	_cleanup_free_ char *joined = NULL;
	size_t size;
	FILE *out = open_memstream(&joined, &size);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *name = json_object_array_get_idx(array, i);

		if (json_object_is_type(name, json_type_string))
			fprintf(out, "%s%s", i ? " " : "", json_object_get_string(name));
	}
	if (fclose(out))
		return -ENOMEM;
	return *joined ? set_name(cell, "", joined) : 0;
}

/* ---- cells ---- */

void state_cell_deinit(struct state_cell *cell)
{
	free(cell->name);
	*cell = (struct state_cell){.name = NULL};
}

/* As the recording has it, if that is a number of usual length. */
static const char *exact(json_object *number)
{
	const char *digits = json_object_to_json_string(number);

	return digits && strlen(digits) <= 40 ? digits : NULL;
}

static struct human number_text(const struct dcm_metric *metric, json_object *value)
{
	struct human text;

	if (metric->type == DCM_T_TIME_NS) {
		snprintf(text.text, sizeof(text.text), "%.31s",
			 recording_time(json_object_get_double(value)).text);
		return text;
	}
	if (metric->kind == DCM_KIND_KEY) {
		snprintf(text.text, sizeof(text.text), "%.31s", json_object_get_string(value));
		return text;
	}
	if (json_object_is_type(value, json_type_int) && metric->unit[0] &&
	    json_object_get_int64(value) >= 0 && strcmp(metric->unit, "bytes") &&
	    strcmp(metric->unit, "seconds") && strcmp(metric->unit, "percent"))
		return human_count(json_object_get_uint64(value));
	return human_value(metric->unit, json_object_get_double(value));
}

int state_value(const struct dcm_metric *metric, json_object *row, struct state_cell *ret)
{
	json_object *value = metric ? value_of(row, metric) : NULL;

	*ret = (struct state_cell){.name = NULL};
	switch (json_object_get_type(value)) {
	case json_type_string:
		return set_name(ret, "", json_object_get_string(value));
	case json_type_array:
		return set_names(ret, value);
	case json_type_boolean:
		return set_name(ret, "", json_object_get_boolean(value) ? "yes" : "no");
	case json_type_int:
	case json_type_double:
		snprintf(ret->text, sizeof(ret->text), "%s", number_text(metric, value).text);
		ret->exact[0] = exact(value);
		return 0;
	default:
		return 0;
	}
}

static void set_interval(const struct dcm_table *table, const struct state_column *column,
			 json_object *row, struct state_cell *cell)
{
	const struct dcm_metric *low = metric_of(table, column->low);
	const struct dcm_metric *high = metric_of(table, column->high);
	json_object *from = low ? value_of(row, low) : NULL,
		    *to = high ? value_of(row, high) : NULL;
	struct human least, most, value = {""};

	if (!from || !to)
		return;
	least = number_text(low, from);
	most = number_text(high, to);
	snprintf(value.text, sizeof(value.text), "%.31s", cell->text);
	if (!strcmp(least.text, most.text) && value.text[0])
		return;
	cell->exact[0] = exact(from);
	cell->exact[1] = exact(to);
	if (!cell->exact[0] || !cell->exact[1])
		cell->exact[0] = cell->exact[1] = NULL;
	if (!strcmp(least.text, most.text))
		snprintf(cell->text, sizeof(cell->text), "%s", least.text);
	else if (value.text[0])
		snprintf(cell->text, sizeof(cell->text), "%s (%s to %s)", value.text, least.text,
			 most.text);
	else
		snprintf(cell->text, sizeof(cell->text), "%s to %s", least.text, most.text);
}

int state_cell(const struct dcm_table *table, const struct state_column *column, json_object *row,
	       struct state_cell *ret)
{
	int err = state_value(metric_of(table, column->key), row, ret);

	if (err || ret->name || (ret->text[0] && !column->both))
		return err;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(column->instead) && column->instead[i]; i++) {
		const struct dcm_metric *other = metric_of(table, column->instead[i]);
		json_object *name = other ? value_of(row, other) : NULL;

		if (name)
			return set_name(ret, column->words[i], json_object_get_string(name));
	}
	if (column->low && (!column->both || ret->text[0]))
		set_interval(table, column, row, ret);
	return 0;
}

/* ---- JSON ---- */

/* The object that @metric is the first of; null without any of its members. Returns how many it
 * has. */
static size_t write_object(struct json_writer *w, const struct dcm_metric *metric, size_t left,
			   json_object *row)
{
	const char *object = metric->object;
	bool any = false;
	size_t count;

	for (count = 0; count < left && metric[count].object == object; count++)
		any = any || value_of(row, &metric[count]);
	if (any)
		json_open_object(w, object);
	else
		json_null(w, object);
	for (size_t i = 0; any && i < count; i++)
		json_value(w, dcm_metric_key(&metric[i]), value_of(row, &metric[i]));
	if (any)
		json_close(w);
	return count;
}

/* An array stays one. */
static void write_no_strings(struct json_writer *w, const char *key)
{
	json_open_array(w, key);
	json_close(w);
}

static void write_row(struct json_writer *w, const struct dcm_table *table, json_object *row)
{
	json_open_object(w, NULL);
	for (size_t i = 0; i < table->count; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (!metric->json)
			continue;
		if (metric->object)
			i += write_object(w, metric, table->count - i, row) - 1;
		else if (metric->type == DCM_T_STRINGS && !value_of(row, metric))
			write_no_strings(w, metric->name);
		else
			json_value(w, metric->name, value_of(row, metric));
	}
	json_close(w);
}

static void write_table(struct json_writer *w, const struct dcm_table *table, json_object *state)
{
	uint64_t total;
	json_object *rows = state_rows(state, table, &total);

	json_open_object(w, table->name);
	json_u64(w, "total", total);
	json_open_array(w, "rows");
	for (size_t i = 0; rows && i < json_object_array_length(rows); i++)
		write_row(w, table, json_object_array_get_idx(rows, i));
	json_close(w);
	json_close(w);
}

void state_write_json(struct json_writer *w, json_object *states)
{
	enum dcm_section section;

	json_open_array(w, "states");
	for (size_t i = 0; i < json_object_array_length(states); i++) {
		json_object *state = json_object_array_get_idx(states, i);
		double time;

		json_open_object(w, NULL);
		if (recording_number(state, "time", &time))
			json_value(w, "time", json_object_object_get(state, "time"));
		else
			json_null(w, "time");
		json_u64(w, "cut", state_cut(state));
		for (size_t s = 0; (section = dcm_recorder_state_section(s)) != DCM_SEC_COUNT; s++)
			write_table(w, dcm_table_find(section), state);
		json_close(w);
	}
	json_close(w);
}
