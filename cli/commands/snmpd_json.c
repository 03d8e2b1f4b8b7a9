// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* "dcachemon snmpd status --json": the same as the text, by keys that dcachemon(1) lists. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands/show_tables.h"
#include "cli/commands/snmpd.h"
#include "common/base/cleanup.h"
#include "snmp-client/cache_timeout.h"

/* Adds @value (consumed; NULL is JSON's null). Remembers the first failure. */
static void add(json_object *object, const char *key, json_object *value, int *err)
{
	if (object && json_object_object_add(object, key, value) == 0)
		return;
	json_object_put(value);
	*err = *err ? *err : -ENOMEM;
}

/* null for "". */
static void add_text(json_object *object, const char *key, const char *raw, int *err)
{
	json_object *value = NULL;

	if (*raw && json_new_string(raw, &value))
		*err = -ENOMEM;
	add(object, key, value, err);
}

static void add_number(json_object *object, const char *key, bool known, double number, int *err)
{
	json_object *value = NULL;

	if (known && json_new_number(number, &value))
		*err = -ENOMEM;
	add(object, key, value, err);
}

static void add_measured(json_object *document, const struct snmpd_status *status, int *err)
{
	const struct dcm_snmpd_watch *watch = &status->watch;
	json_object *object = json_object_new_object();

	add_number(object, "seconds", true, watch->seconds, err);
	add_number(object, "cpu_seconds", watch->has_cpu, watch->cpu_seconds, err);
	add_number(object, "cpu_seconds_per_reload", watch->has_cpu,
		   watch->cpu_seconds / watch->seconds * DCM_CACHE_TIMEOUT_BUILT_IN, err);
	add(object, "requests", json_object_new_uint64(watch->sent), err);
	add(object, "answers", json_object_new_uint64(watch->answered), err);
	add_number(object, "longest_wait_seconds", true, watch->silence_seconds, err);
	add(object, "refused", json_object_new_boolean(watch->refused), err);
	add(document, "measured", object, err);
}

static void add_mute(json_object *document, const struct snmpd_status *status, int *err)
{
	bool known = !*status->no_reload_every.text;
	json_object *object = json_object_new_object();

	add(object, "on", known ? json_object_new_boolean(snmpd_status_muted(status)) : NULL, err);
	add(object, "reload_every_seconds",
	    known ? json_object_new_uint64(status->reload_every) : NULL, err);
	add_text(object, "unknown", status->no_reload_every.text, err);
	add(document, "mute", object, err);
}

static void add_watched(json_object *document, const struct snmpd_status *status, int *err)
{
	pid_t pid = status->watch.pid;

	add(document, "pid", pid ? json_object_new_int(pid) : NULL, err);
	add_text(document, "modules", status->watch.modules, err);
	add_text(document, "version", status->version, err);
	add_text(document, "version_unknown", status->no_version.text, err);
	add_mute(document, status, err);
	add_measured(document, status, err);
	add_text(document, "state", snmpd_verdict_name(status->verdict), err);
	add_text(document, "fix", snmpd_verdict_fix(status->verdict), err);
}

static void add_unwatched(json_object *document, int *err)
{
	static const char *const keys[] = {"pid",  "modules",  "version", "version_unknown",
					   "mute", "measured", "state",	  "fix"};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(keys); i++)
		add(document, keys[i], NULL, err);
}

int snmpd_status_json(const struct snmpd_status *status)
{
	json_object *document = json_object_new_object(), *row = NULL;
	char advice[512];
	int err = 0;

	add(document, "schema_version", json_object_new_int(JSON_SCHEMA_VERSION), &err);
	add_text(document, "address", status->address, &err);
	add_text(document, "not_measured", status->no_watch.text, &err);
	if (*status->no_watch.text)
		add_unwatched(document, &err);
	else
		add_watched(document, status, &err);
	if (status->forecast && json_row(status->snapshot, DCM_SEC_SNMPD, 0, &row))
		err = -ENOMEM;
	add(document, "forecast", row, &err);
	snprintf(advice, sizeof(advice), "%s", status->advice);
	for (char *at = advice; (at = strchr(at, '\n'));)
		*at = ' ';
	add_text(document, "advice", advice, &err);
	if (!err)
		puts(json_object_to_json_string_ext(
			document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
	return err;
}
