// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon events: lists what was reclaimed and what the flight recorder wrote when alarms were
 * raised, and shows one recording. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/events_recording.h"
#include "cli/commands/events_timeline.h"
#include "cli/lib/load_config.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/kernel/files/recorder_files.h"
#include "common/kernel/reclaim/reclaim_log.h"
#include "common/sampling/alarms_run.h"

#define PATH_ROOM (DCM_PATH_SIZE + 32)

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

static void print_json(json_object *document)
{
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
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

static json_object *list_object(json_object *document)
{
	json_object *object = json_object_new_object(), *event = first_event(document);
	double begin = 0, end = 0;
	bool known = recording_span(document, &begin, &end);

	json_object_object_add(object, "name",
			       json_object_new_string(recording_string(document, "name")));
	json_object_object_add(object, "begin", known ? json_object_new_double(begin) : NULL);
	json_object_object_add(object, "end", known ? json_object_new_double(end) : NULL);
	json_object_object_add(object, "events",
			       json_object_new_int64((int64_t)json_object_array_length(
				       recording_array(document, "events"))));
	json_object_object_add(object, "first", json_object_get(event));
	return object;
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

static void print_document(json_object *recordings, const struct reclaims *reclaims,
			   struct timeline *timeline)
{
	json_object *document = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < reclaims->count; i++) {
		json_object_array_add(list, timeline_reclaim(&reclaims->list[i]));
		timeline_take_reclaim(timeline, &reclaims->list[i]);
	}
	json_object_object_add(document, "schema_version", json_object_new_int(1));
	json_object_object_add(document, "recordings", json_object_get(recordings));
	json_object_object_add(document, "reclaims", list);
	json_object_object_add(document, "timeline", timeline_end(timeline));
	print_json(document);
	json_object_put(document);
}

/* Names of recordings are in the order of time. */
static int print_list(const char *folder, const struct names *names,
		      const struct reclaims *reclaims, bool json)
{
	static const struct table_column columns[] = {{"RECORDING", TABLE_LEFT},
						      {"FROM (UTC)", TABLE_LEFT},
						      {"SECONDS", TABLE_RIGHT},
						      {"EVENTS", TABLE_RIGHT},
						      {"FIRST", TABLE_CUT}};
	json_object *list = json_object_new_array(), *document;
	struct timeline *timeline = timeline_new();
	int status = CLI_OK, err = 0;
	double begin = 0, end;
	struct table table;
	size_t next = 0;

	if (!timeline)
		return cli_no_memory();
	table_init(&table, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < names->count; i++) {
		struct dcm_reason reason = {""};

		if (recording_load(folder, names->list[i], &reason, &document)) {
			status = cli_error("%s", reason.text);
			continue;
		}
		recording_span(document, &begin, &end);
		next = reclaim_rows(&table, reclaims, next, begin);
		list_row(&table, document);
		json_object_array_add(list, list_object(document));
		timeline_take_recording(timeline, document);
		json_object_put(document);
	}
	reclaim_rows(&table, reclaims, next, INFINITY);
	if (!json)
		err = table_print(&table, stdout);
	if (json)
		print_document(list, reclaims, timeline);
	else
		json_object_put(timeline_end(timeline));
	json_object_put(list);
	table_deinit(&table);
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

static int print_one(const char *folder, const struct names *names, const char *name,
		     const struct reclaims *reclaims, bool json)
{
	const char *known = find_name(names, name);
	struct dcm_reason reason = {""};
	json_object *document;

	if (!known)
		return cli_error("no recording of that name in %s", folder);
	if (recording_load(folder, known, &reason, &document))
		return cli_error("%s", reason.text);
	timeline_add_reclaims(document, reclaims->list, reclaims->count);
	if (json)
		print_json(document);
	else
		recording_print(document, stdout);
	json_object_put(document);
	return CLI_OK;
}

/* ---- command ---- */

static int events(const char *folder, const char *log_folder, const char *name, bool json)
{
	_cleanup_(free_reclaims) struct reclaims reclaims = {0};
	_cleanup_(free_names) struct names names = {0};
	struct dcm_reason reason = {""};
	int status = CLI_OK, shown;
	int err = dcm_recorder_files_list(folder, &reason, &names.list, &names.count);

	if (err && err != -ENOENT)
		return cli_error("%s", reason.text);
	err = dcm_reclaim_log_read(log_folder, &reclaims.list, &reclaims.count);
	if (err)
		status = cli_error("%s/" DCM_RECLAIM_LOG_NAME ": %s", log_folder, strerror(-err));
	if (name)
		return print_one(folder, &names, name, &reclaims, json);
	if (!names.count && !reclaims.count && !json) {
		printf("no recordings in %s\n", folder);
		return status;
	}
	shown = print_list(folder, &names, &reclaims, json);
	return shown == CLI_OK ? status : shown;
}

struct events {
	const char *config, *folder;
	bool json;
};

static const struct cli_option options[] = {
	{'j', "json", NULL, "one JSON document", CLI_SET(struct events, json)},
	{'f', "folder", "PATH",
	 "directory of the recordings (default: recordings in the\n"
	 "configured state directory); reclaims are read from its\n"
	 "parent directory",
	 CLI_TEXT(struct events, folder)},
	CONFIG_FILE_OPTION(struct events, config),
	{0},
};

static int run(const struct cli_command *command __attribute__((unused)), void *given,
	       int argc __attribute__((unused)), char **argv)
{
	const struct events *wanted = given;
	const char *folder = wanted->folder, *log_folder;
	char configured[PATH_ROOM], above[PATH_MAX];
	struct dcm_config config;

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
	return events(folder, log_folder, argv[0], wanted->json);
}

const struct cli_command cli_events = {
	.name = "events",
	.arguments = "[NAME]",
	.summary = "Lists the recordings of alarms and the reclaims, or shows one recording.",
	CLI_OPTIONS(options, struct events),
	.max_arguments = 1,
	.too_many = "takes one NAME at most",
	.run = run,
};
