// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* "dcachemon snmpd status --json": the same as the text, by keys that dcachemon(1) lists. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands/show_tables.h"
#include "cli/commands/snmpd.h"
#include "common/base/cleanup.h"
#include "snmp-client/cache_timeout.h"

static void add_measured(struct json_writer *w, const struct dcm_snmpd_watch *watch)
{
	double cpu = watch->has_cpu ? watch->cpu_seconds : NAN; /* null */

	json_open_object(w, "measured");
	json_number(w, "seconds", watch->seconds);
	json_number(w, "cpu_seconds", cpu);
	json_number(w, "cpu_seconds_per_reload", cpu / watch->seconds * DCM_CACHE_TIMEOUT_BUILT_IN);
	json_u64(w, "requests", watch->sent);
	json_u64(w, "answers", watch->answered);
	json_number(w, "longest_wait_seconds", watch->silence_seconds);
	json_boolean(w, "refused", watch->refused);
	json_close(w);
}

static void add_mute(struct json_writer *w, const struct snmpd_status *status)
{
	json_open_object(w, "mute");
	if (!*status->no_reload_every.text) {
		json_boolean(w, "on", snmpd_status_muted(status));
		json_u64(w, "reload_every_seconds", status->reload_every);
	} else {
		json_null(w, "on");
		json_null(w, "reload_every_seconds");
	}
	json_text_if(w, "unknown", status->no_reload_every.text);
	json_close(w);
}

static void add_watched(struct json_writer *w, const struct snmpd_status *status)
{
	json_u64_if(w, "pid", status->watch.process.pid != 0, (uint64_t)status->watch.process.pid);
	json_text_if(w, "process_unknown", status->no_process.text);
	json_text_if(w, "modules", status->watch.modules);
	json_text_if(w, "version", status->version);
	json_text_if(w, "version_unknown", status->no_version.text);
	add_mute(w, status);
	add_measured(w, &status->watch);
	json_text_if(w, "state", snmpd_verdict_name(status->verdict));
	json_text_if(w, "fix", status->fix.text);
}

static void add_unwatched(struct json_writer *w)
{
	static const char *const keys[] = {"pid",      "process_unknown", "modules",
					   "version",  "version_unknown", "mute",
					   "measured", "state",		  "fix"};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(keys); i++)
		json_null(w, keys[i]);
}

int snmpd_status_json(const struct snmpd_status *status)
{
	struct json_writer w;
	char advice[512];
	int err;

	json_init(&w);
	json_text_if(&w, "address", status->address);
	json_text_if(&w, "not_measured", status->no_watch.text);
	if (*status->no_watch.text)
		add_unwatched(&w);
	else
		add_watched(&w, status);
	if (status->forecast)
		json_row(&w, "forecast", status->snapshot, DCM_SEC_SNMPD, 0);
	else
		json_null(&w, "forecast");
	snprintf(advice, sizeof(advice), "%s", status->advice);
	for (char *at = advice; (at = strchr(at, '\n'));)
		*at = ' ';
	json_text_if(&w, "advice", advice);
	err = json_print(&w, stdout);
	json_deinit(&w);
	return err;
}
