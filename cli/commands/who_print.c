// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands/show_tables.h"
#include "cli/commands/who.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/model/metrics/text.h"

static struct human rounded(double value)
{
	return human_count((uint64_t)llround(value));
}

/* ---- tables ---- */

static void cell_or_name(struct table *table, const char *raw)
{
	if (raw && *raw)
		table_name(table, raw);
	else
		table_cell(table, NULL);
}

/* "curl (4711)" */
static void cell_process(struct table *table, const struct dcm_who_majority *command)
{
	char text[64];

	if (!command->text) {
		table_cell(table, NULL);
		return;
	}
	snprintf(text, sizeof(text), "%.30s (%u)", command->text, command->pid);
	table_name(table, text);
}

static void cell_samples(struct table *table, const struct dcm_who_row *row)
{
	char text[DCM_WHO_SAMPLES * 258] = "";

	for (size_t i = 0; i < DCM_WHO_SAMPLES && row->sample_name[i]; i++) {
		strcat(text, i ? " " : "");
		strncat(text, row->sample_name[i], 255);
	}
	cell_or_name(table, text);
}

static void add_counts(struct table *table, const struct who_report *report,
		       const struct dcm_who_row *row)
{
	table_row(table);
	if (report->totals.with_dentries)
		table_cell(table, rounded(row->dentries).text);
	table_cell(table, rounded(row->failed).text);
	table_cell(table, rounded(dcm_who_row_new_names(row)).text);
}

static void add_row(struct table *table, const struct who_report *report, enum dcm_who_view view,
		    const struct dcm_who_row *row)
{
	char pid[16];

	add_counts(table, report, row);
	if (view == DCM_WHO_PROCESSES) {
		snprintf(pid, sizeof(pid), "%u", row->pid);
		table_cell(table, pid);
	}
	cell_or_name(table, row->key);
	if (view != DCM_WHO_PROCESSES)
		cell_process(table, &row->command);
	else
		cell_or_name(table, row->cgroup.text);
	if (view == DCM_WHO_DIRECTORIES)
		cell_samples(table, row);
	else
		cell_or_name(table, row->directory.text);
}

static int print_view(const struct who_report *report, enum dcm_who_view view, const char *title,
		      const struct table_column *columns, size_t count)
{
	bool all = report->totals.with_dentries;
	struct table table;
	int err;

	if (!report->count[view])
		return 0;
	printf("\n%s\n", title);
	/* The first column exists only where allocations are seen. */
	table_init(&table, columns + !all, count - !all);
	for (size_t i = 0; i < report->count[view] && i < report->top; i++)
		add_row(&table, report, view, report->rows[view][i]);
	err = table_print(&table, stdout);
	table_deinit(&table);
	return err;
}

#define COUNT_COLUMNS                                       \
	{"DENTRIES", TABLE_RIGHT}, {"FAILED", TABLE_RIGHT}, \
	{                                                   \
		"NEW-NAMES", TABLE_RIGHT                    \
	}

static int print_lookups(const struct who_report *report)
{
	static const struct table_column processes[] = {COUNT_COLUMNS,
							{"PID", TABLE_RIGHT},
							{"COMMAND", TABLE_LEFT},
							{"CGROUP", TABLE_CUT},
							{"MOSTLY-IN", TABLE_CUT}};
	static const struct table_column cgroups[] = {COUNT_COLUMNS,
						      {"CGROUP", TABLE_CUT},
						      {"MOSTLY-BY", TABLE_LEFT},
						      {"MOSTLY-IN", TABLE_CUT}};
	static const struct table_column directories[] = {COUNT_COLUMNS,
							  {"DIRECTORY", TABLE_CUT},
							  {"MOSTLY-BY", TABLE_LEFT},
							  {"NAMES", TABLE_CUT}};
	int err = print_view(report, DCM_WHO_PROCESSES, "Processes", processes,
			     DCM_ARRAY_SIZE(processes));

	if (!err)
		err = print_view(report, DCM_WHO_CGROUPS, "Control groups", cgroups,
				 DCM_ARRAY_SIZE(cgroups));
	if (!err)
		err = print_view(report, DCM_WHO_DIRECTORIES, "Directories", directories,
				 DCM_ARRAY_SIZE(directories));
	return err;
}

static int print_namespaces(const struct who_report *report)
{
	static const struct table_column columns[] = {{"NAMESPACES", TABLE_RIGHT},
						      {"PID", TABLE_RIGHT},
						      {"COMMAND", TABLE_LEFT},
						      {"CGROUP", TABLE_CUT}};
	struct table table;
	char pid[16];
	int err;

	if (!report->count[DCM_WHO_NAMESPACES])
		return 0;
	puts("\nMakers of network namespaces");
	table_init(&table, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < report->count[DCM_WHO_NAMESPACES] && i < report->top; i++) {
		const struct dcm_who_row *row = report->rows[DCM_WHO_NAMESPACES][i];

		snprintf(pid, sizeof(pid), "%u", row->pid);
		table_row(&table);
		table_cell(&table, rounded(row->namespaces).text);
		table_cell(&table, pid);
		cell_or_name(&table, row->key);
		cell_or_name(&table, row->cgroup.text);
	}
	err = table_print(&table, stdout);
	table_deinit(&table);
	return err;
}

int who_print(const struct who_report *report)
{
	const struct dcm_who_totals *t = &report->totals;
	int err;

	printf("Watched %.3g of %.3g s; counts are estimates for all of it.\n", t->watched_seconds,
	       t->elapsed_seconds);
	puts("FAILED: lookups of names that do not exist. NEW-NAMES: different ones among them, "
	     "each leaves\na negative dentry.");
	if (!t->with_dentries)
		puts("Dentries of existing files are not seen: this kernel allows no fentry "
		     "program.");
	if (!report->count[DCM_WHO_PROCESSES])
		puts("No lookup failed.");
	err = print_lookups(report);
	if (!err)
		err = print_namespaces(report);
	if (t->dropped || report->other)
		printf("\n%s events were lost for want of room.\n",
		       human_count(t->dropped + report->other).text);
	return err;
}

/* ---- JSON ---- */

static json_object *new_text(const char *raw)
{
	size_t room = raw ? DCM_TEXT_ROOM(strlen(raw)) : 0;
	_cleanup_free_ char *text = raw && *raw ? malloc(room) : NULL;

	if (!text)
		return NULL;
	dcm_text_escape(DCM_TEXT_JSON, raw, text, room);
	return json_object_new_string(text);
}

static json_object *new_count(double value)
{
	return json_object_new_uint64((uint64_t)llround(value));
}

static void add_process(json_object *object, uint32_t pid, const char *command)
{
	json_object_object_add(object, "pid", command ? json_object_new_int64(pid) : NULL);
	json_object_object_add(object, "command", new_text(command));
}

static void add_key(json_object *object, const struct dcm_who_row *row, enum dcm_who_view view)
{
	json_object *names;

	switch (view) {
	case DCM_WHO_CGROUPS:
		json_object_object_add(object, "cgroup", new_text(row->key));
		add_process(object, row->command.pid, row->command.text);
		json_object_object_add(object, "directory", new_text(row->directory.text));
		break;
	case DCM_WHO_DIRECTORIES:
		json_object_object_add(object, "directory", new_text(row->key));
		add_process(object, row->command.pid, row->command.text);
		names = json_object_new_array();
		for (size_t i = 0; i < DCM_WHO_SAMPLES && row->sample_name[i]; i++)
			json_object_array_add(names, new_text(row->sample_name[i]));
		json_object_object_add(object, "sample_names", names);
		break;
	default:
		add_process(object, row->pid, row->key);
		json_object_object_add(object, "cgroup", new_text(row->cgroup.text));
		json_object_object_add(object, "directory", new_text(row->directory.text));
	}
}

static json_object *new_row(const struct who_report *report, enum dcm_who_view view,
			    const struct dcm_who_row *row)
{
	json_object *object = json_object_new_object();

	if (view == DCM_WHO_NAMESPACES) {
		json_object_object_add(object, "namespaces", new_count(row->namespaces));
	} else {
		json_object_object_add(object, "dentries",
				       report->totals.with_dentries ? new_count(row->dentries)
								    : NULL);
		json_object_object_add(object, "failed_lookups", new_count(row->failed));
		json_object_object_add(object, "new_names", new_count(dcm_who_row_new_names(row)));
	}
	add_key(object, row, view);
	return object;
}

static json_object *new_totals(const struct who_report *report)
{
	const struct dcm_who_totals *t = &report->totals;
	json_object *object = json_object_new_object();

	json_object_object_add(object, "elapsed_seconds",
			       json_object_new_double(t->elapsed_seconds));
	json_object_object_add(object, "watched_seconds",
			       json_object_new_double(t->watched_seconds));
	json_object_object_add(object, "calls_seen", json_object_new_uint64(t->calls));
	json_object_object_add(object, "failed_lookups_seen",
			       json_object_new_uint64(t->failed_lookups));
	json_object_object_add(object, "dentries",
			       t->with_dentries ? json_object_new_uint64(t->dentries) : NULL);
	json_object_object_add(object, "events_lost",
			       json_object_new_uint64(t->dropped + report->other));
	return object;
}

int who_print_json(const struct who_report *report)
{
	static const char *const keys[DCM_WHO_VIEWS] = {"processes", "cgroups", "directories",
							"namespace_makers"};
	json_object *document = json_object_new_object();

	if (!document)
		return -ENOMEM;
	json_object_object_add(document, "schema_version",
			       json_object_new_int(JSON_SCHEMA_VERSION));
	json_object_object_add(document, "totals", new_totals(report));
	for (int view = 0; view < DCM_WHO_VIEWS; view++) {
		json_object *array = json_object_new_array();

		for (size_t i = 0; i < report->count[view] && i < report->top; i++)
			json_object_array_add(array, new_row(report, view, report->rows[view][i]));
		json_object_object_add(document, keys[view], array);
	}
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
	return 0;
}
