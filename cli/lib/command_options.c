// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/base/cleanup.h"

#define HELP_COLUMN 25
#define MAX_OPTIONS 24
/* What getopt_long() returns for an option without a letter: this and its place. */
#define LONG_ONLY 256
#define GO_ON	  (-1)

/* ---- --help ---- */

static void print_option(const struct cli_option *option)
{
	char letter[] = {'-', option->letter, ',', '\0'}, name[64];

	snprintf(name, sizeof(name), "%s%s%s", option->name, option->argument ? " " : "",
		 option->argument ? option->argument : "");
	printf("  %3s --%-*s ", option->letter ? letter : "", HELP_COLUMN - 9, name);
	for (const char *c = option->help; *c; c++) {
		putchar(*c);
		if (*c == '\n')
			printf("%*s", HELP_COLUMN, "");
	}
	putchar('\n');
}

static void print_help(const struct cli_command *command)
{
	printf("Usage: dcachemon %s%s%s%s\n%s\n\nOptions:\n", command->name,
	       command->options ? " [OPTION]..." : "", command->arguments ? " " : "",
	       command->arguments ? command->arguments : "", command->summary);
	for (const struct cli_option *option = command->options; option && option->name; option++)
		print_option(option);
	printf("  -h, --help             this text\n");
}

/* ---- getopt ---- */

struct tables {
	struct option options[MAX_OPTIONS + 2]; /* --help and the end */
	char letters[2 * MAX_OPTIONS + 2];
};

static int value_of(const struct cli_command *command, const struct cli_option *option)
{
	return option->letter ? option->letter : LONG_ONLY + (int)(option - command->options);
}

static void make_tables(const struct cli_command *command, struct tables *ret)
{
	struct option *out = ret->options;
	char *letter = ret->letters;

	*ret = (struct tables){0};
	*out++ = (struct option){"help", no_argument, NULL, 'h'};
	*letter++ = 'h';
	for (const struct cli_option *option = command->options; option && option->name; option++) {
		if (out - ret->options > MAX_OPTIONS)
			abort();
		*out++ = (struct option){option->name,
					 option->argument ? required_argument : no_argument, NULL,
					 value_of(command, option)};
		if (!option->letter)
			continue;
		*letter++ = option->letter;
		if (option->argument)
			*letter++ = ':';
	}
}

static const struct cli_option *find_option(const struct cli_command *command, int value)
{
	for (const struct cli_option *option = command->options; option && option->name; option++)
		if (value_of(command, option) == value)
			return option;
	return NULL;
}

/* Returns what is wrong with @argument, NULL when it was taken. */
static const char *take(const struct cli_option *option, const char *argument, void *into)
{
	void *member = (char *)into + option->offset;

	switch (option->kind) {
	case CLI_KIND_SET:
	case CLI_KIND_CLEAR:
		*(bool *)member = option->kind == CLI_KIND_SET;
		break;
	case CLI_KIND_TEXT:
		*(const char **)member = argument;
		break;
	case CLI_KIND_TAKE:
		return option->take(argument, into);
	}
	return NULL;
}

/* GO_ON, or the status to end with: --help was printed, or what is wrong. */
static int take_options(const struct cli_command *command, int argc, char **argv, void *given)
{
	struct tables tables;
	int value;

	make_tables(command, &tables);
	optind = 0;
	while ((value = getopt_long(argc, argv, tables.letters, tables.options, NULL)) != -1) {
		const struct cli_option *option = find_option(command, value);
		const char *wrong = option ? take(option, optarg, given) : NULL;

		if (value == 'h') {
			print_help(command);
			return CLI_OK;
		}
		if (!option)
			return cli_usage_error(command, NULL);
		if (wrong)
			return cli_usage_error(command, "%s", wrong);
	}
	if (argc - optind > command->max_arguments)
		return cli_usage_error(command, "%s",
				       command->too_many ? command->too_many
							 : "takes no arguments");
	return GO_ON;
}

int cli_run(const struct cli_command *command, int argc, char **argv)
{
	_cleanup_free_ void *given = calloc(1, command->given_size + 1);
	int status;

	if (!given)
		return cli_no_memory();
	if (command->given_defaults)
		memcpy(given, command->given_defaults, command->given_size);
	status = take_options(command, argc, argv, given);
	return status == GO_ON ? command->run(command, given, argc - optind, argv + optind)
			       : status;
}
