// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands/who.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/json_container.h"
#include "cli/lib/json_writer.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/containers/container_text.h"

static struct human rounded(double value)
{
	return human_count((uint64_t)llround(value));
}

/* ---- tables ---- */

#define MAX_COLUMNS 11

/* The control group of a row, if it has one of its own. */
static const char *cgroup_of(const struct dcm_who_row *row, enum dcm_who_view view)
{
	if (view == DCM_WHO_PROCESSES)
		return row->cgroup.text;
	return view == DCM_WHO_CGROUPS ? row->key : NULL;
}

/* Whether one of the rows that are printed has a container. */
static bool any_contained(const struct who_report *report, enum dcm_who_view view)
{
	for (size_t i = 0; i < report->count[view] && i < report->top; i++)
		if (who_containers_find(report->containers, cgroup_of(report->rows[view][i], view)))
			return true;
	return false;
}

static bool any_maker_contained(const struct who_report *report)
{
	for (size_t i = 0; i < report->maker_count && i < report->top; i++)
		if (who_containers_find(report->containers, report->makers[i]->cgroup))
			return true;
	return false;
}

static const struct table_column container_column = {"CONTAINER", TABLE_CUT};

/* What is printed of a view: the columns that this kernel can fill. */
static size_t choose_columns(const struct who_report *report, enum dcm_who_view view,
			     struct table_column *ret)
{
	static const struct table_column who[DCM_WHO_VIEWS][4] = {
		[DCM_WHO_PROCESSES] = {{"PID", TABLE_RIGHT},
				       {"COMMAND", TABLE_LEFT},
				       {"CGROUP", TABLE_CUT},
				       {"MOSTLY-IN", TABLE_CUT}},
		[DCM_WHO_CGROUPS] = {{"CGROUP", TABLE_CUT},
				     {"MOSTLY-BY", TABLE_LEFT},
				     {"MOSTLY-IN", TABLE_CUT}},
		[DCM_WHO_DIRECTORIES] = {{"DIRECTORY", TABLE_CUT},
					 {"MOSTLY-BY", TABLE_LEFT},
					 {"NAMES", TABLE_CUT}},
	};
	size_t n = 0;

	if (report->totals.with_negative)
		ret[n++] = (struct table_column){"NEW-NEGATIVE", TABLE_RIGHT};
	if (report->totals.with_negative && view == DCM_WHO_DIRECTORIES)
		ret[n++] = (struct table_column){"+/-", TABLE_RIGHT};
	if (report->totals.with_dentries)
		ret[n++] = (struct table_column){"DENTRIES", TABLE_RIGHT};
	ret[n++] = (struct table_column){"FAILED", TABLE_RIGHT};
	ret[n++] = (struct table_column){"+/-", TABLE_RIGHT};
	for (size_t i = 0; i < 4 && who[view][i].name; i++)
		ret[n++] = who[view][i];
	if (any_contained(report, view))
		ret[n++] = container_column;
	return n;
}

/* How far off it may be, by the longer side. */
static void cell_error(struct table *table, struct dcm_who_interval i)
{
	double side = fmax(i.value - i.low, i.high - i.value);
	char text[16];

	if (i.value <= 0 || side <= 0)
		snprintf(text, sizeof(text), "%s", i.high > 0 ? "exact" : "-");
	else if (side >= 10 * i.value)
		snprintf(text, sizeof(text), ">1000 %%");
	else
		snprintf(text, sizeof(text), "%u %%", (unsigned int)ceil(100 * side / i.value));
	table_cell(table, text);
}

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

void who_cell_container(struct table *table, struct who_containers *containers, const char *cgroup)
{
	const struct dcm_container *container = who_containers_find(containers, cgroup);
	char id[DCM_CONTAINER_ID_SIZE], text[DCM_CONTAINER_TEXT_SIZE] = "";

	if (container) {
		const struct dcm_container_words words = dcm_container_words_of(container, id);

		dcm_container_text(&words, text, sizeof(text));
	}
	cell_or_name(table, text);
}

static void add_counts(struct table *table, const struct who_report *report, enum dcm_who_view view,
		       const struct dcm_who_row *row)
{
	table_row(table);
	if (report->totals.with_negative)
		table_cell(table, rounded(row->negative.value).text);
	if (report->totals.with_negative && view == DCM_WHO_DIRECTORIES)
		cell_error(table, row->negative);
	if (report->totals.with_dentries)
		table_cell(table, rounded(row->dentries.value).text);
	table_cell(table, rounded(row->failed.value).text);
	cell_error(table, row->failed);
}

static void add_row(struct table *table, const struct who_report *report, enum dcm_who_view view,
		    bool containers, const struct dcm_who_row *row)
{
	char pid[16];

	add_counts(table, report, view, row);
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
	if (containers)
		who_cell_container(table, report->containers, cgroup_of(row, view));
}

static int print_view(const struct who_report *report, enum dcm_who_view view, const char *title)
{
	bool containers = any_contained(report, view);
	struct table_column columns[MAX_COLUMNS];
	struct table table;
	int err;

	if (!report->count[view])
		return 0;
	printf("\n%s\n", title);
	table_init(&table, columns, choose_columns(report, view, columns));
	for (size_t i = 0; i < report->count[view] && i < report->top; i++)
		add_row(&table, report, view, containers, report->rows[view][i]);
	err = table_print(&table, stdout);
	table_deinit(&table);
	return err;
}

static int print_lookups(const struct who_report *report)
{
	int err = print_view(report, DCM_WHO_PROCESSES, "Processes");

	if (!err)
		err = print_view(report, DCM_WHO_CGROUPS, "Control groups");
	if (!err)
		err = print_view(report, DCM_WHO_DIRECTORIES, "Directories");
	return err;
}

static double a_second(const struct who_report *report, double count)
{
	return count / report->totals.elapsed_seconds;
}

static void add_maker(struct table *table, const struct who_report *report, bool containers,
		      const struct dcm_who_makers_row *row)
{
	char pid[16];

	table_row(table);
	table_cell(table, rounded(row->namespaces.value).text);
	cell_error(table, row->namespaces);
	table_cell(table, human_rate(a_second(report, row->namespaces.value)).text);
	table_name(table, row->command);
	cell_or_name(table, row->parent);
	snprintf(pid, sizeof(pid), "%u", row->pid);
	table_cell(table, row->pid ? pid : NULL);
	cell_or_name(table, row->cgroup);
	if (containers)
		who_cell_container(table, report->containers, row->cgroup);
}

static int print_makers(const struct who_report *report)
{
	static const struct table_column columns[] = {
		{"NAMESPACES", TABLE_RIGHT}, {"+/-", TABLE_RIGHT},    {"RATE", TABLE_RIGHT},
		{"COMMAND", TABLE_LEFT},     {"BY", TABLE_LEFT},      {"PID", TABLE_RIGHT},
		{"CGROUP", TABLE_CUT},	     {"CONTAINER", TABLE_CUT}};
	bool containers = any_maker_contained(report);
	struct table table;
	int err;

	if (!report->namespaces)
		return 0;
	printf("\nMakers of network namespaces: %s%s made, %s\n",
	       report->totals.netns_passed_over ? "at least " : "",
	       human_count(report->namespaces).text,
	       human_rate(a_second(report, (double)report->namespaces)).text);
	table_init(&table, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < report->maker_count && i < report->top; i++)
		add_maker(&table, report, containers, report->makers[i]);
	err = table_print(&table, stdout);
	table_deinit(&table);
	return err;
}

static void print_legend(const struct dcm_who_totals *t)
{
	printf("Watched system calls for %.3g of %.3g s. Counts are of all of it; +/- is how far "
	       "off "
	       "an\nestimate may be, 19 times in 20.\n",
	       t->watched_seconds, t->elapsed_seconds);
	if (t->with_negative)
		puts("NEW-NEGATIVE: negative dentries left in the cache, which the kernel counts. "
		     "FAILED: lookups of\nnames that do not exist, new or not.");
	else
		puts("FAILED: lookups of names that do not exist. How many of the names were new "
		     "is "
		     "not known: this\nkernel's counter of negative dentries was not found.");
	puts("FAILED and directories leave out what io_uring and 32-bit programs look up.");
	if (!t->with_dentries)
		puts("Dentries of existing files are not seen: this kernel allows no fentry "
		     "program.");
}

static void print_missing(const struct who_report *report)
{
	uint64_t lost = report->totals.dropped + report->other;

	if (report->unplaced >= 1)
		printf("\nOf %s new negative dentries the directory was not seen.\n",
		       rounded(report->unplaced).text);
	if (report->totals.negative_lost)
		printf("\n%s new negative dentries are in no row, for want of room.\n",
		       human_count(report->totals.negative_lost).text);
	if (report->totals.netns_lost)
		printf("\n%s network namespaces are in no row, for want of room.\n",
		       human_count(report->totals.netns_lost).text);
	if (lost)
		printf("\n%s events were lost for want of room.\n", human_count(lost).text);
	if (report->totals.passed_over)
		printf("\nUp to %s more: the kernel passed over as many events, which came "
		       "while it told of others.\n",
		       human_count(report->totals.passed_over).text);
}

int who_print(const struct who_report *report)
{
	int err;

	print_legend(&report->totals);
	if (!report->count[DCM_WHO_PROCESSES])
		puts("No lookup failed.");
	err = print_lookups(report);
	if (!err)
		err = print_makers(report);
	print_missing(report);
	return err;
}

/* ---- JSON ---- */

static void add_known(struct json_writer *w, const char *key, bool known, double value)
{
	json_u64_if(w, key, known, known ? (uint64_t)llround(value) : 0);
}

/* Three values; null where the kernel does not let them be seen. Keys are constants. */
#define ADD_INTERVAL(w, key, known, interval)                      \
	do {                                                       \
		add_known(w, key, known, (interval).value);        \
		add_known(w, key "_low", known, (interval).low);   \
		add_known(w, key "_high", known, (interval).high); \
	} while (0)

static void add_process(struct json_writer *w, uint32_t pid, const char *command)
{
	json_u64_if(w, "pid", command != NULL, pid);
	json_text_if(w, "command", command);
}

static void add_key(struct json_writer *w, const struct dcm_who_row *row, enum dcm_who_view view)
{
	switch (view) {
	case DCM_WHO_CGROUPS:
		json_text_if(w, "cgroup", row->key);
		add_process(w, row->command.pid, row->command.text);
		json_text_if(w, "directory", row->directory.text);
		break;
	case DCM_WHO_DIRECTORIES:
		json_text_if(w, "directory", row->key);
		add_process(w, row->command.pid, row->command.text);
		json_open_array(w, "sample_names");
		for (size_t i = 0; i < DCM_WHO_SAMPLES && row->sample_name[i]; i++)
			json_text_if(w, NULL, row->sample_name[i]);
		json_close(w);
		break;
	default:
		add_process(w, row->pid, row->key);
		json_text_if(w, "cgroup", row->cgroup.text);
		json_text_if(w, "directory", row->directory.text);
	}
}

static void add_entry(struct json_writer *w, const struct who_report *report,
		      enum dcm_who_view view, const struct dcm_who_row *row)
{
	const struct dcm_who_totals *t = &report->totals;

	json_open_object(w, NULL);
	ADD_INTERVAL(w, "new_negative", t->with_negative, row->negative);
	ADD_INTERVAL(w, "dentries", t->with_dentries, row->dentries);
	ADD_INTERVAL(w, "failed_lookups", true, row->failed);
	ADD_INTERVAL(w, "new_names", t->with_negative, row->names);
	add_key(w, row, view);
	if (view != DCM_WHO_DIRECTORIES)
		json_container(w, who_containers_find(report->containers, cgroup_of(row, view)));
	json_close(w);
}

static void add_makers(struct json_writer *w, const struct who_report *report)
{
	json_open_array(w, "namespace_makers");
	for (size_t i = 0; i < report->maker_count && i < report->top; i++) {
		const struct dcm_who_makers_row *row = report->makers[i];

		json_open_object(w, NULL);
		ADD_INTERVAL(w, "namespaces", true, row->namespaces);
		json_number(w, "per_second", a_second(report, row->namespaces.value));
		json_u64_if(w, "pid", row->pid != 0, row->pid);
		json_text(w, "command", row->command);
		json_text_if(w, "parent", row->parent);
		json_text_if(w, "cgroup", row->cgroup);
		json_container(w, who_containers_find(report->containers, row->cgroup));
		json_null(w, "directory"); /* as each row of former releases */
		json_close(w);
	}
	json_close(w);
}

static void add_totals(struct json_writer *w, const struct who_report *report)
{
	const struct dcm_who_totals *t = &report->totals;

	json_open_object(w, "totals");
	json_double(w, "elapsed_seconds", t->elapsed_seconds);
	json_double(w, "watched_seconds", t->watched_seconds);
	json_open_array(w, "not_seen");
	json_text(w, NULL, "io_uring");
	json_text(w, NULL, "32-bit programs");
	json_close(w);
	json_u64(w, "calls_seen", t->calls);
	json_u64(w, "failed_lookups_seen", t->failed_lookups);
	add_known(w, "dentries", t->with_dentries, (double)t->dentries);
	add_known(w, "new_negative", t->with_negative, (double)t->negative);
	add_known(w, "new_negative_unplaced", t->with_negative, report->unplaced);
	json_u64(w, "namespaces", report->namespaces);
	json_u64(w, "namespaces_lost", t->netns_lost);
	json_u64(w, "namespaces_passed_over", t->netns_passed_over);
	json_u64(w, "events_lost", t->dropped + report->other);
	json_u64(w, "events_passed_over", t->passed_over);
	json_close(w);
}

int who_print_json(const struct who_report *report)
{
	static const char *const keys[DCM_WHO_VIEWS] = {"processes", "cgroups", "directories"};
	struct json_writer w;
	int err;

	json_init(&w);
	json_time(&w, "time", (int64_t)dcm_clock_ns(CLOCK_REALTIME));
	add_totals(&w, report);
	for (int view = 0; view < DCM_WHO_VIEWS; view++) {
		json_open_array(&w, keys[view]);
		for (size_t i = 0; i < report->count[view] && i < report->top; i++)
			add_entry(&w, report, view, report->rows[view][i]);
		json_close(&w);
	}
	add_makers(&w, report);
	err = json_print(&w, stdout);
	json_deinit(&w);
	return err;
}
