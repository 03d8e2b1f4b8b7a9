// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands/who.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/json_writer.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"

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

/* null for "" too */
static void add_text(struct json_writer *w, const char *key, const char *raw)
{
	json_text(w, key, raw && *raw ? raw : NULL);
}

static void add_count(struct json_writer *w, const char *key, double value)
{
	json_u64(w, key, (uint64_t)llround(value));
}

static void add_process(struct json_writer *w, uint32_t pid, const char *command)
{
	if (command)
		json_u64(w, "pid", pid);
	else
		json_null(w, "pid");
	add_text(w, "command", command);
}

static void add_key(struct json_writer *w, const struct dcm_who_row *row, enum dcm_who_view view)
{
	switch (view) {
	case DCM_WHO_CGROUPS:
		add_text(w, "cgroup", row->key);
		add_process(w, row->command.pid, row->command.text);
		add_text(w, "directory", row->directory.text);
		break;
	case DCM_WHO_DIRECTORIES:
		add_text(w, "directory", row->key);
		add_process(w, row->command.pid, row->command.text);
		json_open_array(w, "sample_names");
		for (size_t i = 0; i < DCM_WHO_SAMPLES && row->sample_name[i]; i++)
			add_text(w, NULL, row->sample_name[i]);
		json_close(w);
		break;
	default:
		add_process(w, row->pid, row->key);
		add_text(w, "cgroup", row->cgroup.text);
		add_text(w, "directory", row->directory.text);
	}
}

static void add_entry(struct json_writer *w, const struct who_report *report,
		      enum dcm_who_view view, const struct dcm_who_row *row)
{
	json_open_object(w, NULL);
	if (view == DCM_WHO_NAMESPACES) {
		add_count(w, "namespaces", row->namespaces);
	} else {
		if (report->totals.with_dentries)
			add_count(w, "dentries", row->dentries);
		else
			json_null(w, "dentries");
		add_count(w, "failed_lookups", row->failed);
		add_count(w, "new_names", dcm_who_row_new_names(row));
	}
	add_key(w, row, view);
	json_close(w);
}

static void add_totals(struct json_writer *w, const struct who_report *report)
{
	const struct dcm_who_totals *t = &report->totals;

	json_open_object(w, "totals");
	json_double(w, "elapsed_seconds", t->elapsed_seconds);
	json_double(w, "watched_seconds", t->watched_seconds);
	json_u64(w, "calls_seen", t->calls);
	json_u64(w, "failed_lookups_seen", t->failed_lookups);
	if (t->with_dentries)
		json_u64(w, "dentries", t->dentries);
	else
		json_null(w, "dentries");
	json_u64(w, "events_lost", t->dropped + report->other);
	json_close(w);
}

int who_print_json(const struct who_report *report)
{
	static const char *const keys[DCM_WHO_VIEWS] = {"processes", "cgroups", "directories",
							"namespace_makers"};
	struct json_writer w;
	int err;

	json_init(&w);
	add_totals(&w, report);
	for (int view = 0; view < DCM_WHO_VIEWS; view++) {
		json_open_array(&w, keys[view]);
		for (size_t i = 0; i < report->count[view] && i < report->top; i++)
			add_entry(&w, report, view, report->rows[view][i]);
		json_close(&w);
	}
	err = json_print(&w, stdout);
	json_deinit(&w);
	return err;
}
