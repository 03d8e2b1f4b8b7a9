// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon doctor: what this host lets dcachemon see, and the line that fixes the rest. */
#include "cli/commands/doctor.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/show_tables.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/model/metrics/text.h"

static const char *const level_names[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_WARN] = "warn",
	[DOCTOR_FAIL] = "fail",
};

static void print_result(const char *name, const struct doctor_result *result)
{
	_cleanup_free_ char *text = output_text(result->text.text);
	_cleanup_free_ char *fix = output_text(result->fix.text);

	printf("%-5s %-17s %s\n", level_names[result->level], name, text ? text : "?");
	if (fix && *fix)
		printf("%-5s %-17s -> fix: %s\n", "", "", fix);
}

static json_object *new_text(const char *raw)
{
	char text[DCM_TEXT_ROOM(sizeof(((struct dcm_reason *)0)->text))];

	dcm_text_escape(DCM_TEXT_JSON, raw, text, sizeof(text));
	return json_object_new_string(text);
}

static json_object *new_result(const char *name, const struct doctor_result *result)
{
	json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	json_object_object_add(object, "name", json_object_new_string(name));
	json_object_object_add(object, "state", json_object_new_string(level_names[result->level]));
	json_object_object_add(object, "text", new_text(result->text.text));
	json_object_object_add(object, "fix",
			       *result->fix.text ? new_text(result->fix.text) : NULL);
	return object;
}

static void print_document(json_object *results)
{
	json_object *document = json_object_new_object();

	json_object_object_add(document, "schema_version",
			       json_object_new_int(JSON_SCHEMA_VERSION));
	json_object_object_add(document, "checks", results);
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}

static int examine(struct doctor *doctor, bool json)
{
	json_object *results = json ? json_object_new_array() : NULL;
	unsigned levels[DCM_ARRAY_SIZE(level_names)] = {0};

	for (size_t i = 0; i < doctor_check_count; i++) {
		struct doctor_result result = {.level = DOCTOR_OK};

		doctor_checks[i].run(doctor, &result);
		levels[result.level]++;
		if (json)
			json_object_array_add(results, new_result(doctor_checks[i].name, &result));
		else
			print_result(doctor_checks[i].name, &result);
	}
	if (json)
		print_document(results);
	else
		printf("\n%u ok, %u to look at, %u failed\n", levels[DOCTOR_OK],
		       levels[DOCTOR_WARN], levels[DOCTOR_FAIL]);
	return levels[DOCTOR_FAIL] ? CLI_FAILED : CLI_OK;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"json", no_argument, NULL, 'j'},
		{"snmp", required_argument, NULL, 's'},
		{0},
	};
	struct doctor doctor = {0};
	const char *config = NULL;
	bool json = false;
	int option, status;

	while ((option = getopt_long(argc, argv, "c:hjs:", options, NULL)) != -1) {
		if (option == 'c')
			config = optarg;
		else if (option == 'j')
			json = true;
		else if (option == 's')
			doctor.snmp_arguments = optarg;
		else
			return cli_common_option(command, option);
	}
	if (optind != argc)
		return cli_usage_error(command, "takes no arguments");
	if (config_file_load(config, &doctor.config))
		return CLI_FAILED;
	doctor.root = doctor.config.sampling.root;
	status = examine(&doctor, json);
	if (doctor.walk)
		dcm_walk_close(doctor.walk);
	return status;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.arguments = "[OPTION]...",
	.summary = "Says what this host lets dcachemon see, and what to do about the rest.",
	.options = "  -j, --json             one JSON document\n"
		   "  -s, --snmp ARGUMENTS   ask snmpd as a manager, such as \"-v2c -c public "
		   "localhost\"\n"
		   "  -c, --config FILE      configuration (default: " CONFIG_FILE_DEFAULT ")\n",
	.run = run,
};
