// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_who.h"

#include <errno.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/wrap_text.h"
#include "common/base/cleanup.h"
#include "common/kernel/files/state_file.h"

#define MAX_BYTES (4u << 20)

/* The members of "who --json" (who_print.c), as far as they are shown. */
#define COUNT(key)                                                              \
	{                                                                       \
		.name = key, .unit = "entries", .type = DCM_T_U64, .json = true \
	}
#define INTERVAL(key) COUNT(key), COUNT(key "_low"), COUNT(key "_high")
#define TEXT(key)                                                        \
	{                                                                \
		.name = key, .unit = "", .type = DCM_T_STR, .json = true \
	}

static const struct dcm_metric members[] = {
	INTERVAL("namespaces"),
	INTERVAL("new_negative"),
	INTERVAL("failed_lookups"),
	INTERVAL("dentries"),
	{.name = "pid", .unit = "", .kind = DCM_KIND_KEY, .type = DCM_T_U32, .json = true},
	TEXT("command"),
	TEXT("cgroup"),
	TEXT("directory"),
	{.name = "container_name",
	 .object = "container",
	 .unit = "",
	 .type = DCM_T_STR,
	 .json = true},
	{.name = "sample_names", .unit = "", .type = DCM_T_STRINGS, .json = true},
};

static const struct dcm_table arrays[] = {
	{.name = "processes", .metrics = members, .count = DCM_ARRAY_SIZE(members)},
	{.name = "cgroups", .metrics = members, .count = DCM_ARRAY_SIZE(members)},
	{.name = "directories", .metrics = members, .count = DCM_ARRAY_SIZE(members)},
	{.name = "namespace_makers", .metrics = members, .count = DCM_ARRAY_SIZE(members)},
};

#define NAME(title, k)                     \
	{                                  \
		.heading = title, .key = k \
	}
/* clang-format off */
#define ABOUT(title, k) \
	{.heading = title, .key = k, .low = k "_low", .high = k "_high", .both = true, .number = true}
#define NUMBERS \
	ABOUT("NEW-NEGATIVE", "new_negative"), ABOUT("FAILED", "failed_lookups"), \
	ABOUT("DENTRIES", "dentries")
#define PROCESS \
	{.heading = "PID", .key = "pid", .number = true}, NAME("COMMAND", "command")
/* clang-format on */

const struct state_table events_who_tables[] = {
	{.table = &arrays[0],
	 .title = "Processes",
	 .columns = {NUMBERS, PROCESS, NAME("CGROUP", "cgroup"), NAME("MOSTLY-IN", "directory"),
		     NAME("CONTAINER", "container_name")}},
	{.table = &arrays[1],
	 .title = "Control groups",
	 .columns = {NUMBERS, NAME("CGROUP", "cgroup"), NAME("MOSTLY-BY", "command"),
		     NAME("MOSTLY-IN", "directory"), NAME("CONTAINER", "container_name")}},
	{.table = &arrays[2],
	 .title = "Directories",
	 .columns = {NUMBERS, NAME("DIRECTORY", "directory"), NAME("MOSTLY-BY", "command"),
		     NAME("NAMES", "sample_names")}},
	{.table = &arrays[3],
	 .title = "Network namespaces",
	 .columns = {ABOUT("NAMESPACES", "namespaces"), PROCESS, NAME("CGROUP", "cgroup"),
		     NAME("CONTAINER", "container_name")}},
};

const size_t events_who_table_count = DCM_ARRAY_SIZE(events_who_tables);

/* ---- the file ---- */

int events_who_load(const char *path, json_object *document, struct dcm_reason *reason)
{
	_cleanup_free_ void *bytes = NULL;
	json_object *who, *array = NULL;
	size_t size;
	int err = dcm_state_file_read(path, MAX_BYTES, reason, &bytes, &size);

	if (err)
		return err;
	who = recording_parse(bytes, size);
	if (json_object_is_type(who, json_type_object))
		json_object_object_get_ex(who, arrays[0].name, &array);
	if (!json_object_is_type(array, json_type_array)) {
		bool is_locks = json_object_is_type(who, json_type_object) &&
				json_object_object_get_ex(who, "locks", NULL);

		json_object_put(who);
		if (is_locks)
			return dcm_reason_set(reason, -EINVAL,
					      "%s is from \"dcachemon who --locks\": a story takes "
					      "who makes dentries, from \"dcachemon who --json\"",
					      path);
		return dcm_reason_set(reason, -EINVAL, "%s is not from \"dcachemon who --json\"",
				      path);
	}
	json_object_object_add(document, "who", who);
	return 0;
}

int events_who_state(json_object *document, json_object **ret)
{
	json_object *who = json_object_object_get(document, "who"), *state, *tables, *table, *rows;

	*ret = NULL;
	if (!who)
		return 0;
	state = json_object_new_object();
	tables = json_object_new_object();
	if (!state || !tables) {
		json_object_put(state);
		json_object_put(tables);
		return -ENOMEM;
	}
	json_object_object_add(state, "tables", tables);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(arrays); i++) {
		table = json_object_new_object();
		rows = json_object_object_get(who, arrays[i].name);
		json_object_object_add(table, "rows", json_object_get(rows));
		json_object_object_add(tables, arrays[i].name, table);
	}
	*ret = state;
	return 0;
}

/* ---- what it says ---- */

void events_who_text(json_object *document, char ret[EVENTS_WHO_TEXT_SIZE])
{
	json_object *who = json_object_object_get(document, "who");
	json_object *totals = json_object_object_get(who, "totals");
	double time, seconds = 0, begin, end;
	const char *where = "";

	if (!recording_number(who, "time", &time)) {
		snprintf(ret, EVENTS_WHO_TEXT_SIZE,
			 "Watched by dcachemon who, it is not known when");
		return;
	}
	if (json_object_is_type(totals, json_type_object))
		recording_number(totals, "elapsed_seconds", &seconds);
	if (!recording_span(document, &begin, &end) || time < begin || time - seconds > end)
		where = ": not within this recording";
	snprintf(ret, EVENTS_WHO_TEXT_SIZE, "Watched by dcachemon who for %s until %s UTC%s",
		 human_seconds(seconds).text, recording_time(time).text, where);
}

int events_who_print(json_object *document, FILE *out)
{
	char text[EVENTS_WHO_TEXT_SIZE];
	json_object *state;
	int err = events_who_state(document, &state);

	if (err)
		return err;
	fputs("\nWho made dentries\n", out);
	if (!state) {
		wrap_paragraph(out, recording_nobody_watched);
		return 0;
	}
	events_who_text(document, text);
	wrap_paragraph(out, text);
	for (size_t i = 0; i < events_who_table_count && !err; i++)
		err = state_print_table(&events_who_tables[i], state, out);
	json_object_put(state);
	return err;
}
