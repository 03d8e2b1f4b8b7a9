// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon doctor: what this host lets dcachemon see, and the line that fixes the rest. */
#include "cli/commands/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/json_writer.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"

static const char *const level_names[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_WARN] = "warn",
	[DOCTOR_FAIL] = "fail",
};

void doctor_say(struct doctor_result *ret, enum doctor_level level, const char *fmt, ...)
{
	va_list ap;

	ret->level = level;
	va_start(ap, fmt);
	vsnprintf(ret->text.text, sizeof(ret->text.text), fmt, ap);
	va_end(ap);
}

void doctor_fix(struct doctor_result *ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ret->fix, sizeof(ret->fix), fmt, ap);
	va_end(ap);
}

static void print_result(const char *name, const struct doctor_result *result)
{
	_cleanup_free_ char *text = output_text(result->text.text);
	_cleanup_free_ char *fix = output_text(result->fix);

	printf("%-5s %-17s %s\n", level_names[result->level], name, text ? text : "?");
	if (fix && *fix)
		printf("%-5s %-17s -> fix: %s\n", "", "", fix);
}

static void add_result(struct json_writer *w, const char *name, const struct doctor_result *result)
{
	json_open_object(w, NULL);
	json_text(w, "name", name);
	json_text(w, "state", level_names[result->level]);
	json_text(w, "text", result->text.text);
	json_text_if(w, "fix", result->fix);
	json_close(w);
}

static int examine(struct doctor *doctor, bool json)
{
	unsigned levels[DCM_ARRAY_SIZE(level_names)] = {0};
	struct json_writer w;
	int err = 0;

	json_init(&w);
	json_open_array(&w, "checks");
	for (size_t i = 0; i < doctor_check_count; i++) {
		struct doctor_result result = {.level = DOCTOR_OK};

		doctor_run(&doctor_checks[i], doctor, &result);
		levels[result.level]++;
		if (json)
			add_result(&w, doctor_checks[i].name, &result);
		else
			print_result(doctor_checks[i].name, &result);
	}
	if (json)
		err = json_print(&w, stdout);
	else
		printf("\n%u ok, %u to look at, %u failed\n", levels[DOCTOR_OK],
		       levels[DOCTOR_WARN], levels[DOCTOR_FAIL]);
	json_deinit(&w);
	if (err)
		return cli_error("printing: %s", strerror(-err));
	return levels[DOCTOR_FAIL] ? CLI_FAILED : CLI_OK;
}

struct doctor_options {
	const char *config, *snmp_arguments;
	bool json;
};

static const struct cli_option options[] = {
	{'j', "json", NULL, "one JSON document", CLI_SET(struct doctor_options, json)},
	{'s', "snmp", "ARGUMENTS", "ask snmpd as a manager, such as \"-v2c -c public localhost\"",
	 CLI_TEXT(struct doctor_options, snmp_arguments)},
	CONFIG_FILE_OPTION(struct doctor_options, config),
	{0},
};

static int run(const struct cli_command *command __attribute__((unused)), void *given,
	       int argc __attribute__((unused)), char **argv __attribute__((unused)))
{
	const struct doctor_options *wanted = given;
	struct doctor doctor = {.snmp_arguments = wanted->snmp_arguments};
	int status;

	if (config_file_load(wanted->config, &doctor.config))
		return CLI_FAILED;
	doctor.root = doctor.config.sampling.root;
	status = examine(&doctor, wanted->json);
	if (doctor.walk)
		dcm_walk_close(doctor.walk);
	free(doctor.snmpd_conf);
	return status;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.summary = "Says what this host lets dcachemon see, and what to do about the rest.",
	CLI_OPTIONS(options, struct doctor_options),
	.run = run,
};
