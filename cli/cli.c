// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/cli.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/base/log.h"
#include "common/kernel/files/inherited.h"

static const struct cli_command *const commands[] = {
	&cli_show,	&cli_top,    &cli_check,	&cli_who,
	&cli_reclaim,	&cli_doctor, &cli_check_config, &cli_default_config,
	&cli_test_trap, &cli_events, &cli_snmpd,
};

static void overview(void)
{
	printf("Usage: dcachemon COMMAND [OPTION]...\n"
	       "Shows what fills the Linux dentry cache and what makes its lookups slow.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(commands); i++)
		printf("  %-15s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n  --help          this text; \"dcachemon COMMAND --help\" has the options\n"
	       "  --version       the version\n\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage. See dcachemon(1).\n");
}

int cli_usage_error(const struct cli_command *command, const char *fmt, ...)
{
	va_list ap;

	if (fmt) {
		fprintf(stderr, "dcachemon %s: ", command->name);
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try 'dcachemon %s --help'.\n", command->name);
	return command->usage_status ? command->usage_status : CLI_USAGE;
}

int cli_error(const char *fmt, ...)
{
	va_list ap;

	fputs("dcachemon: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CLI_FAILED;
}

int cli_reason(const char *reason)
{
	_cleanup_free_ char *text = output_text(reason);

	return text ? cli_error("%s", text) : cli_no_memory();
}

int cli_no_memory(void)
{
	return cli_error("out of memory");
}

bool cli_number(const char *text, double min, double max, double *ret)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !(value >= min && value <= max))
		return false;
	*ret = value;
	return true;
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
	char name[64];

	/* getopt prints its messages with this name in front. */
	snprintf(name, sizeof(name), "dcachemon %s", command->name);
	argv[0] = name;
	return cli_run(command, argc, argv);
}

static int dispatch(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word) {
		fputs("dcachemon: a command is missing\nTry 'dcachemon --help'.\n", stderr);
		return CLI_USAGE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		overview();
		return CLI_OK;
	}
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		puts("dcachemon " DCM_VERSION);
		return CLI_OK;
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(commands); i++) {
		if (strcmp(word, commands[i]->name) == 0)
			return run_command(commands[i], argc - 1, argv + 1);
	}
	fprintf(stderr, "dcachemon: unknown %s '%s'\nTry 'dcachemon --help'.\n",
		*word == '-' ? "option" : "command", word);
	return CLI_USAGE;
}

int cli_main(int argc, char **argv)
{
	int status;

	dcm_inherited_complete();
	setlocale(LC_ALL, "");
	/* Numbers in JSON and in scripts have a point whatever the language. */
	setlocale(LC_NUMERIC, "C");
	dcm_log_set_name("dcachemon");
	output_init();
	status = dispatch(argc, argv);
	return output_close(status);
}
