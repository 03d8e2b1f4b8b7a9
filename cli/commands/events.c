// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon events: lists what was reclaimed and what the flight recorder wrote when alarms were
 * raised, and shows one recording. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/events/events_page.h"
#include "cli/events/events_recording.h"
#include "cli/events/events_series.h"
#include "cli/events/events_state.h"
#include "cli/events/events_timeline.h"
#include "cli/events/events_who.h"
#include "cli/lib/load_config.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/kernel/files/recorder_files.h"
#include "common/kernel/reclaim/reclaim_log.h"
#include "common/sampling/alarms_run.h"

#define PATH_ROOM (DCM_PATH_SIZE + 32)

enum form { FORM_TEXT, FORM_JSON, FORM_HTML };

struct names {
	char **list;
	size_t count;
};

struct reclaims {
	struct dcm_reclaim_entry *list; /* oldest first */
	size_t count;
};

static void free_reclaims(struct reclaims *reclaims)
{
	free(reclaims->list);
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

/* NULL after it has been said why, with *@status set. */
static json_object *load(const char *folder, const char *name, int *status)
{
	struct dcm_reason reason = {""};
	json_object *document;

	if (!recording_load(folder, name, &reason, &document))
		return document;
	*status = cli_reason(reason.text);
	return NULL;
}

/* ---- the list ---- */

/* The raise that started the recording; NULL in a damaged one. */
static json_object *first_event(json_object *document)
{
	json_object *events = recording_array(document, "events");

	return json_object_array_length(events) ? json_object_array_get_idx(events, 0) : NULL;
}

static void list_row(struct table *table, json_object *document)
{
	json_object *event = first_event(document);
	double begin = 0, end = 0;
	char text[32];

	table_row(table);
	table_name(table, recording_string(document, "name"));
	recording_span(document, &begin, &end);
	table_cell(table, recording_time(begin).text);
	snprintf(text, sizeof(text), "%lld", (long long)(end - begin));
	table_cell(table, text);
	snprintf(text, sizeof(text), "%zu",
		 (size_t)json_object_array_length(recording_array(document, "events")));
	table_cell(table, text);
	table_name(table, recording_string(event, "text"));
}

static void reclaim_row(struct table *table, const struct dcm_reclaim_entry *entry)
{
	char seconds[32] = "-", text[1024];

	if (entry->has_seconds)
		snprintf(seconds, sizeof(seconds), "%.3g", entry->seconds);
	dcm_reclaim_entry_text(entry, text, sizeof(text));
	table_row(table);
	table_cell(table, "reclaim");
	table_cell(table, recording_time(timeline_reclaim_time(entry)).text);
	table_cell(table, seconds);
	table_cell(table, "-");
	table_name(table, text);
}

/* Those up to @time; returns how many of them that are. */
static size_t reclaim_rows(struct table *table, const struct reclaims *reclaims, size_t from,
			   double time)
{
	for (; from < reclaims->count; from++) {
		if (timeline_reclaim_time(&reclaims->list[from]) > time)
			break;
		reclaim_row(table, &reclaims->list[from]);
	}
	return from;
}

/* Names of recordings are in the order of time. */
static int print_table(const char *folder, const struct names *names,
		       const struct reclaims *reclaims)
{
	static const struct table_column columns[] = {{"RECORDING", TABLE_LEFT},
						      {"FROM (UTC)", TABLE_LEFT},
						      {"SECONDS", TABLE_RIGHT},
						      {"EVENTS", TABLE_RIGHT},
						      {"FIRST", TABLE_CUT}};
	_cleanup_(table_deinit) struct table table;
	int status = CLI_OK, err;
	double begin = 0, end;
	size_t next = 0;

	table_init(&table, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < names->count; i++) {
		json_object *document = load(folder, names->list[i], &status);

		if (!document)
			continue;
		recording_span(document, &begin, &end);
		next = reclaim_rows(&table, reclaims, next, begin);
		list_row(&table, document);
		json_object_put(document);
	}
	reclaim_rows(&table, reclaims, next, INFINITY);
	err = table_print(&table, stdout);
	return err ? cli_error("printing: %s", strerror(-err)) : status;
}

/* ---- the list as JSON ---- */

static void add_recording(struct json_writer *w, json_object *document)
{
	double begin = NAN, end = NAN;

	recording_span(document, &begin, &end);
	json_open_object(w, NULL);
	json_value(w, "name", json_object_object_get(document, "name"));
	json_double(w, "begin", begin);
	json_double(w, "end", end);
	json_u64(w, "events", json_object_array_length(recording_array(document, "events")));
	json_value(w, "first", first_event(document));
	json_close(w);
}

static int add_recordings(struct json_writer *w, const char *folder, const struct names *names,
			  struct timeline *timeline)
{
	int status = CLI_OK;

	json_open_array(w, "recordings");
	for (size_t i = 0; i < names->count; i++) {
		json_object *document = load(folder, names->list[i], &status);

		if (!document)
			continue;
		add_recording(w, document);
		if (timeline_add_recording(timeline, document))
			status = cli_no_memory();
		json_object_put(document);
	}
	json_close(w);
	return status;
}

static int print_list_json(const char *folder, const struct names *names,
			   const struct reclaims *reclaims)
{
	_cleanup_(timeline_deinit) struct timeline timeline = {.count = 0};
	_cleanup_(json_deinit) struct json_writer w;
	int status, err;

	json_init(&w);
	status = add_recordings(&w, folder, names, &timeline);
	json_open_array(&w, "reclaims");
	for (size_t i = 0; i < reclaims->count; i++) {
		timeline_write_reclaim(&w, NULL, &reclaims->list[i]);
		if (timeline_add_reclaim(&timeline, &reclaims->list[i]))
			status = cli_no_memory();
	}
	json_close(&w);
	timeline_sort(&timeline);
	timeline_write(&w, &timeline);
	err = json_print(&w, stdout);
	return err ? cli_error("printing: %s", strerror(-err)) : status;
}

/* ---- one ---- */

/* Only what the list has: a name is no way to read other files. */
static const char *find_name(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->list[i], name))
			return names->list[i];
	return NULL;
}

/* The reclaims within the time of the recording; then all is in order. */
static int add_reclaims(struct timeline *timeline, json_object *document,
			const struct reclaims *reclaims)
{
	double begin, end;
	bool span = recording_span(document, &begin, &end);
	int err = 0;

	for (size_t i = 0; span && !err && i < reclaims->count; i++) {
		double time = timeline_reclaim_time(&reclaims->list[i]);

		if (time >= begin && time <= end)
			err = timeline_add_reclaim(timeline, &reclaims->list[i]);
	}
	timeline_sort(timeline);
	return err;
}

/* The newest recording with a raise of alarm @number, which is digits; NULL: none. One that has
 * only its end tells nothing of it. */
static const char *find_alarm(const char *folder, const struct names *names, const char *number)
{
	const char *found = NULL;

	for (size_t i = names->count; i-- && !found;) {
		struct dcm_reason reason;
		json_object *document;

		if (recording_load(folder, names->list[i], &reason, &document))
			continue;
		if (recording_raise(document, number))
			found = names->list[i];
		json_object_put(document);
	}
	return found;
}

static int print_one_json(json_object *document, const struct timeline *timeline)
{
	static const char *const keys[] = {"name", "lookups", "samples", "tables"};
	_cleanup_(json_deinit) struct json_writer w;
	int err;

	json_init(&w);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(keys); i++)
		json_value(&w, keys[i], json_object_object_get(document, keys[i]));
	timeline_write_events(&w, timeline);
	state_write_json(&w, recording_array(document, "states"));
	json_value(&w, "who", json_object_object_get(document, "who"));
	err = json_print(&w, stdout);
	return err ? cli_error("printing: %s", strerror(-err)) : CLI_OK;
}

/* @title: recording_title() */
static int print_one_as(enum form form, json_object *document, const char *title,
			const struct timeline *timeline)
{
	struct series_list series = {.count = 0};
	int err;

	if (form == FORM_JSON)
		return print_one_json(document, timeline);
	err = series_load(document, &series);
	if (!err && form == FORM_HTML) {
		err = page_print(document, title, timeline, &series, stdout);
	} else if (!err) {
		recording_print(document, title, timeline, &series, stdout);
		err = events_who_print(document, stdout);
		if (!err)
			err = state_print(recording_array(document, "states"), stdout);
	}
	series_deinit(&series);
	return err ? cli_error("printing: %s", strerror(-err)) : CLI_OK;
}

/* What a person asks for. */
struct story {
	const char *name; /* NULL: the list */
	const char *who;  /* file of "who --json"; NULL: none */
	enum form form;
};

static int print_one(const char *folder, const struct names *names, const struct story *story,
		     const struct reclaims *reclaims)
{
	const char *name = story->name;
	_cleanup_(timeline_deinit) struct timeline timeline = {.count = 0};
	bool number = *name && name[strspn(name, "0123456789")] == '\0';
	const char *known = number ? find_alarm(folder, names, name) : find_name(names, name);
	struct dcm_reason reason = {""};
	char title[RECORDING_TITLE_SIZE];
	json_object *document;
	int status = CLI_OK;

	if (!known && number)
		return cli_error("no recording of alarm %s in %s", name, folder);
	if (!known)
		return cli_error("no recording of that name in %s", folder);
	document = load(folder, known, &status);
	if (!document)
		return status;
	recording_title(document, number ? name : NULL, title);
	if (timeline_add_recording(&timeline, document) ||
	    timeline_add_changes(&timeline, document) ||
	    add_reclaims(&timeline, document, reclaims))
		status = cli_no_memory();
	else if (story->who && events_who_load(story->who, document, &reason))
		status = cli_reason(reason.text);
	else
		status = print_one_as(story->form, document, title, &timeline);
	json_object_put(document);
	return status;
}

/* ---- command ---- */

static int events(const char *folder, const char *log_folder, const struct story *story)
{
	bool json = story->form == FORM_JSON;
	_cleanup_(free_reclaims) struct reclaims reclaims = {0};
	_cleanup_(free_names) struct names names = {0};
	struct dcm_reason reason = {""};
	int status = CLI_OK, shown;
	int err = dcm_recorder_files_list(folder, &reason, &names.list, &names.count);

	if (err && err != -ENOENT)
		return cli_reason(reason.text);
	err = dcm_reclaim_log_read(log_folder, &reclaims.list, &reclaims.count);
	if (err)
		status = cli_error("%s/" DCM_RECLAIM_LOG_NAME ": %s", log_folder, strerror(-err));
	if (story->name)
		return print_one(folder, &names, story, &reclaims);
	if (!names.count && !reclaims.count && !json) {
		printf("no recordings in %s\n", folder);
		return status;
	}
	shown = json ? print_list_json(folder, &names, &reclaims)
		     : print_table(folder, &names, &reclaims);
	return shown == CLI_OK ? status : shown;
}

struct events {
	const char *config, *folder, *who;
	bool json, html;
};

static const struct cli_option options[] = {
	{'j', "json", NULL, "one JSON document", CLI_SET(struct events, json)},
	{'\0', "html", NULL,
	 "one recording as an HTML page that needs nothing else,\n"
	 "at most 1 MiB, to attach to a ticket",
	 CLI_SET(struct events, html)},
	{'\0', "who", "FILE", "what \"who --json\" saw meanwhile, as a part of it",
	 CLI_TEXT(struct events, who)},
	{'f', "folder", "PATH",
	 "directory of the recordings (default: recordings in the\n"
	 "configured state directory); reclaims are read from its\n"
	 "parent directory",
	 CLI_TEXT(struct events, folder)},
	CONFIG_FILE_OPTION(struct events, config),
	{0},
};

static int run(const struct cli_command *command, void *given, int argc __attribute__((unused)),
	       char **argv)
{
	const struct events *wanted = given;
	const struct story story = {argv[0], wanted->who,
				    wanted->html   ? FORM_HTML
				    : wanted->json ? FORM_JSON
						   : FORM_TEXT};
	const char *folder = wanted->folder, *log_folder;
	char configured[PATH_ROOM], above[PATH_MAX];
	struct dcm_config config;

	if (wanted->html && (wanted->json || !argv[0]))
		return cli_usage_error(command, "--html takes a recording and no --json");
	if (wanted->who && !argv[0])
		return cli_usage_error(command, "--who takes a recording, too");
	if (!folder) {
		if (config_file_load(wanted->config, &config))
			return CLI_FAILED;
		snprintf(configured, sizeof(configured), "%s/%s", config.state.folder,
			 DCM_ALARMS_RECORDINGS);
		folder = configured;
		log_folder = config.state.folder;
	} else {
		snprintf(above, sizeof(above), "%s/..", folder);
		log_folder = above;
	}
	return events(folder, log_folder, &story);
}

const struct cli_command cli_events = {
	.name = "events",
	.arguments = "[NAME|NUMBER]",
	.summary = "Lists recordings of alarms and reclaims, or tells the story of one.",
	CLI_OPTIONS(options, struct events),
	.max_arguments = 1,
	.too_many = "takes one NAME, or the NUMBER of an alarm, at most",
	.run = run,
};
