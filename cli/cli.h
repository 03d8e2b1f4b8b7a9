/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dcachemon, the command line: the table of commands and what they share. */
#ifndef DCM_CLI_CLI_H
#define DCM_CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>

enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli_command {
	const char *name;
	const char *arguments; /* "[OPTION]... FILE" */
	const char *summary;   /* one line for the overview */
	const char *options;   /* the lines of --help below "Options:", each with a newline */
	/* argv[0] is "dcachemon NAME"; returns enum cli_exit. */
	int (*run)(const struct cli_command *command, int argc, char **argv);
};

extern const struct cli_command cli_show, cli_check, cli_who, cli_reclaim, cli_doctor,
	cli_check_config, cli_default_config, cli_test_trap, cli_events, cli_snmpd;

/* Everything but the process: finds the command, runs it, closes stdout. Returns enum cli_exit. */
int cli_main(int argc, char **argv);

void cli_help(const struct cli_command *command);

/* Prints "dcachemon NAME: MESSAGE" (unless @fmt is NULL: getopt did) and the hint; CLI_USAGE. */
int cli_usage_error(const struct cli_command *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What getopt_long returns for an option of every command or a mistake: --help, '?' or ':'. */
int cli_common_option(const struct cli_command *command, int option);

/* Takes a whole argument as a number from @min to @max. */
bool cli_number(const char *text, double min, double max, double *ret);

/* Prints "dcachemon: MESSAGE" on stderr; returns CLI_FAILED. */
int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same of memory. */
int cli_no_memory(void);

#endif
