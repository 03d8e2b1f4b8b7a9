// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dcachemon check: a plugin for Nagios and compatible systems. One line, "|", performance data
 * "label=value;warning;critical", and the exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
 * (Monitoring Plugins Development Guidelines).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "cli/lib/snapshot_source.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/alarms/alarm.h"
#include "common/model/alarms/alarm_types.h"
#include "common/transport/snapshot_memfd.h"

#define DAEMON_TIMEOUT_MS 2000
#define MAX_AGE_SECONDS	  60
#define TEXTS_SHOWN	  3

enum { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

struct check {
	const char *config_path, *socket;
	enum dcm_alarm_type only; /* DCM_ALARM_TYPE_END: all */
	bool fresh, cached;
	struct dcm_config config;
	struct dcm_snapshot *values; /* of the sample */
	struct dcm_snapshot *alarms; /* the same, or made here */
};

/* A bar begins the performance data and a newline ends the line: neither may come from a name. */
static void print_text(const char *text)
{
	for (; *text; text++)
		putchar(*text == '|' || (unsigned char)*text < ' ' ? '_' : *text);
}

static int unknown(const char *why)
{
	fputs("DCACHEMON UNKNOWN - ", stdout);
	print_text(why);
	putchar('\n');
	return PLUGIN_UNKNOWN;
}

/* ---- where the alarms come from ---- */

static int ask_daemon(struct check *check)
{
	struct dcm_reason reason;
	_cleanup_close_ int fd = -1;
	int err = dcm_snapshot_client_connect(check->config.sampling.socket, &fd);

	if (!err)
		err = dcm_snapshot_client_wait(fd, DAEMON_TIMEOUT_MS, &reason, &check->values);
	return err;
}

/* Levels as configured, but no hold times: there is only this one look. */
static int judge(struct check *check)
{
	_cleanup_(dcm_alarm_engine_destroyp) struct dcm_alarm_engine *engine = NULL;
	struct dcm_snapshot_builder *builder;
	struct dcm_alarm_input input;
	const struct dcm_snap_header *h = check->values->header;
	int err;

	dcm_alarm_config_drop_holds(&check->config.alarms);
	err = dcm_alarm_engine_create(&check->config.alarms, &engine);
	if (!err)
		err = dcm_snapshot_builder_create(&builder);
	if (err)
		return err;
	dcm_alarm_input_from_snapshot(check->values, &input);
	dcm_alarm_engine_evaluate(engine, &input,
				  (struct dcm_alarm_clock){h->monotonic_ns, h->realtime_ns});
	dcm_alarm_engine_write(engine, builder);
	err = dcm_snapshot_builder_finish(builder, h->realtime_ns, h->monotonic_ns, &check->alarms);
	dcm_snapshot_builder_destroy(builder);
	return err;
}

static int sample_now(struct check *check)
{
	static const volatile sig_atomic_t never;
	_cleanup_(sample_closep) struct sample *sample = NULL;
	int err = sample_open(&check->config, false, &never, &sample);

	if (!err)
		err = sample_take(sample, &check->values);
	return err ? err : judge(check);
}

/* ---- the line ---- */

static bool wanted(const struct check *check, unsigned type)
{
	return check->only == DCM_ALARM_TYPE_END || check->only == type;
}

static const struct dcm_snap_alarm *alarm_at(const struct check *check, size_t i)
{
	const struct dcm_snap_alarm *row = dcm_snapshot_row(check->alarms, DCM_SEC_ALARMS, i);

	return wanted(check, row->type) ? row : NULL;
}

static size_t count_alarms(const struct check *check, uint32_t *ret_worst)
{
	size_t found = 0;

	*ret_worst = DCM_SEVERITY_CLEARED;
	for (size_t i = 0; i < dcm_snapshot_count(check->alarms, DCM_SEC_ALARMS); i++) {
		const struct dcm_snap_alarm *row = alarm_at(check, i);

		if (!row)
			continue;
		found++;
		if (row->severity > *ret_worst)
			*ret_worst = row->severity;
	}
	return found;
}

static void print_alarms(const struct check *check, size_t found)
{
	size_t shown = 0;

	printf("%zu alarm%s", found, found == 1 ? "" : "s");
	for (uint32_t severity = DCM_SEVERITY_CRITICAL; severity > DCM_SEVERITY_CLEARED; severity--)
		for (size_t i = 0; i < dcm_snapshot_count(check->alarms, DCM_SEC_ALARMS); i++) {
			const struct dcm_snap_alarm *row = alarm_at(check, i);

			if (!row || row->severity != severity || shown == TEXTS_SHOWN)
				continue;
			printf("%s%s: ", shown++ ? "; " : ": ", dcm_severity_name(severity));
			print_text(dcm_snapshot_str(check->alarms, row->text));
		}
	if (found > shown)
		printf("; and %zu more", found - shown);
}

/* An OK that rests on half of the sources must say so. */
static void print_missing(const struct check *check)
{
	bool any = false;

	for (size_t i = 0; i < dcm_snapshot_count(check->values, DCM_SEC_SOURCES); i++) {
		const struct dcm_snap_source *row =
			dcm_snapshot_row(check->values, DCM_SEC_SOURCES, i);

		if (row->state == DCM_STATE_OK || row->state == DCM_STATE_OFF)
			continue;
		printf("%s%s", any ? ", " : "; not seen: ",
		       dcm_source_name((enum dcm_source)(row->index - 1)));
		any = true;
	}
}

static const char *source_reason(const struct check *check, enum dcm_source source)
{
	for (size_t i = 0; i < dcm_snapshot_count(check->values, DCM_SEC_SOURCES); i++) {
		const struct dcm_snap_source *row =
			dcm_snapshot_row(check->values, DCM_SEC_SOURCES, i);

		if (row->index == (uint32_t)source + 1 && DCM_ROW_HAS(row, reason))
			return dcm_snapshot_str(check->values, row->reason);
	}
	return "";
}

/* The source that works and yet has nothing to judge @type by; DCM_SOURCE_COUNT: none. */
static enum dcm_source lacking_source(const struct check *check, enum dcm_alarm_type type)
{
	struct dcm_alarm_input input;

	dcm_alarm_input_from_snapshot(check->values, &input);
	return dcm_alarm_lacking_source(&input, &check->config.alarms, type);
}

/* Nor may it rest on values that a working source had to leave out. */
static void print_unjudged(const struct check *check, enum dcm_source source)
{
	const char *reason = source_reason(check, source);
	bool any = false;

	for (unsigned i = 1; *reason && i < DCM_ALARM_TYPE_END; i++) {
		if (!check->config.alarms.types[i].rule.enabled || dcm_alarm_type_record(i)->rate ||
		    lacking_source(check, i) != source)
			continue;
		printf("%s%s", any ? ", " : "; not judged: ", dcm_alarm_type_record(i)->name);
		any = true;
	}
	if (any) {
		fputs(": ", stdout);
		print_text(reason);
	}
}

/* The guidelines know digits, a minus and a point: no exponent. */
static void print_number(double value)
{
	char text[400];
	size_t len;

	snprintf(text, sizeof(text), "%.9f", value);
	len = strlen(text);
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	printf("%.*s", (int)len, text);
}

static void print_level(bool has, double level)
{
	putchar(';');
	if (has)
		print_number(level);
}

static void print_perfdata(const struct check *check)
{
	struct dcm_alarm_input input;
	bool any = false;

	dcm_alarm_input_from_snapshot(check->values, &input);
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++) {
		const struct dcm_alarm_rule *rule = &check->config.alarms.types[i].rule;
		const struct dcm_alarm_type_record *record = dcm_alarm_type_record(i);
		double value;

		if (!wanted(check, i) ||
		    !dcm_alarm_worst_value(&input, &check->config.alarms, i, &value))
			continue;
		printf("%s%s=", any ? " " : " | ", record->name);
		print_number(value);
		fputs(strcmp(record->unit, "seconds") == 0 ? "s" : "", stdout);
		print_level(rule->has_warning, rule->warning);
		print_level(rule->has_critical, rule->critical);
		any = true;
	}
}

static bool has_value(const struct check *check)
{
	struct dcm_alarm_input input;
	double value;

	dcm_alarm_input_from_snapshot(check->values, &input);
	return dcm_alarm_worst_value(&input, &check->config.alarms, check->only, &value);
}

/* Rates are judged by the daemon alone: its word counts, although there is no value to show. */
static bool is_rate(enum dcm_alarm_type type)
{
	return type != DCM_ALARM_TYPE_END && dcm_alarm_type_record(type)->rate;
}

static const char *why_unjudged(const struct check *check)
{
	enum dcm_source source;

	if (is_rate(check->only))
		return "a rate needs a running dcachemon-snmp";
	source = lacking_source(check, check->only);
	if (source < DCM_SOURCE_COUNT && *source_reason(check, source))
		return source_reason(check, source);
	return "nothing measures this at the moment";
}

static int report(const struct check *check)
{
	uint32_t worst;
	size_t found = count_alarms(check, &worst);
	bool judged = check->only == DCM_ALARM_TYPE_END || found || has_value(check) ||
		      (is_rate(check->only) && check->alarms == check->values);

	if (!judged)
		return unknown(why_unjudged(check));
	printf("DCACHEMON %s - ", worst == DCM_SEVERITY_CRITICAL  ? "CRITICAL"
				  : worst == DCM_SEVERITY_WARNING ? "WARNING"
								  : "OK");
	if (found)
		print_alarms(check, found);
	else
		printf("no alarms");
	if (check->only == DCM_ALARM_TYPE_END) {
		print_missing(check);
		for (int i = 0; i < DCM_SOURCE_COUNT; i++)
			print_unjudged(check, (enum dcm_source)i);
	}
	print_perfdata(check);
	putchar('\n');
	return worst == DCM_SEVERITY_CRITICAL  ? PLUGIN_CRITICAL
	       : worst == DCM_SEVERITY_WARNING ? PLUGIN_WARNING
					       : PLUGIN_OK;
}

/* ---- command ---- */

static int check_run(struct check *check)
{
	uint64_t now = dcm_now_ns();
	int err;

	if (config_file_load(check->config_path, &check->config))
		return unknown("the configuration cannot be read");
	if (check->socket)
		snprintf(check->config.sampling.socket, sizeof(check->config.sampling.socket), "%s",
			 check->socket);
	err = check->fresh ? -ENOENT : ask_daemon(check);
	if (!err && now > check->values->header->monotonic_ns &&
	    now - check->values->header->monotonic_ns > MAX_AGE_SECONDS * DCM_NSEC_PER_SEC)
		return unknown("the daemon's last sample is more than a minute old");
	if (err && check->cached)
		return unknown("no dcachemon-snmp answers");
	if (!err)
		check->alarms = check->values;
	else if (sample_now(check))
		return unknown("cannot sample");
	return report(check);
}

static void release(struct check *check)
{
	if (check->alarms != check->values)
		dcm_snapshot_destroy(check->alarms);
	dcm_snapshot_destroy(check->values);
}

static const char *take_only(const char *argument, void *into)
{
	struct check *check = into;

	check->only = dcm_alarm_type_find(argument, strlen(argument));
	return check->only == DCM_ALARM_TYPE_END ? "no alarm type of this name" : NULL;
}

static const struct cli_option options[] = {
	{'o', "only", "TYPE", "only this alarm type, such as chain_length", CLI_TAKE(take_only)},
	{'\0', "cached", NULL, "only what the running dcachemon-snmp says",
	 CLI_SET(struct check, cached)},
	{'\0', "fresh", NULL,
	 "sample now, without hold times\n"
	 "(default: the daemon, else a fresh sample)",
	 CLI_SET(struct check, fresh)},
	SOCKET_OPTION(struct check, socket),
	CONFIG_FILE_OPTION(struct check, config_path),
	{0},
};

static int run(const struct cli_command *command, void *given, int argc __attribute__((unused)),
	       char **argv __attribute__((unused)))
{
	struct check *check = given;
	int status;

	if ((check->fresh && check->cached) ||
	    (check->socket && strlen(check->socket) >= DCM_PATH_SIZE))
		return cli_usage_error(command, "%s", command->too_many);
	status = check_run(check);
	release(check);
	if (!output_flush()) /* 1 would be a WARNING that nobody raised */
		status = PLUGIN_UNKNOWN;
	return status;
}

static const struct check defaults = {.only = DCM_ALARM_TYPE_END};

const struct cli_command cli_check = {
	.name = "check",
	.summary = "Says in one line what is wrong, as a plugin for Nagios and compatible systems.",
	CLI_OPTIONS(options, struct check),
	.given_defaults = &defaults,
	.too_many = "these arguments do not fit together",
	.usage_status = PLUGIN_UNKNOWN, /* 2 would be CRITICAL */
	.run = run,
};
