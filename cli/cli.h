/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dcachemon, the command line: the table of commands and what they share. */
#ifndef DCM_CLI_CLI_H
#define DCM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_CHANGED = 3, /* reclaim: mount options are not what they were, or were put back */
};

enum cli_option_kind { CLI_KIND_TAKE, CLI_KIND_SET, CLI_KIND_CLEAR, CLI_KIND_TEXT };

/*
 * One option: getopt's table, --help and, through --help, the completion come from it. It goes into
 * a member of the command's structure, or to a function. Write the last members as one of
 *
 *   CLI_SET(struct show, json)      the bool becomes true
 *   CLI_CLEAR(struct show, cached)  or false
 *   CLI_TEXT(struct show, socket)   the const char * becomes the argument
 *   CLI_TAKE(take_watch)            the function says what is wrong with the argument, or NULL
 */
struct cli_option {
	char letter;	      /* '\0': long only */
	const char *name;     /* NULL: ends the table */
	const char *argument; /* what --help calls it; NULL: takes none */
	const char *help;     /* with a line feed where another line begins */
	enum cli_option_kind kind;
	size_t offset; /* of the member */
	const char *(*take)(const char *argument, void *into);
};

#define CLI_SET(type, member) \
	CLI_KIND_SET, _Generic(&((type *)NULL)->member, bool * : offsetof(type, member)), NULL
#define CLI_CLEAR(type, member) \
	CLI_KIND_CLEAR, _Generic(&((type *)NULL)->member, bool * : offsetof(type, member)), NULL
#define CLI_TEXT(type, member) \
	CLI_KIND_TEXT,                                                 \
		_Generic(&((type *)NULL)->member, const char **        \
			 : offsetof(type, member)),                    \
		NULL
#define CLI_TAKE(function) CLI_KIND_TAKE, 0, (function)

/* Its options and the structure that they go into, in a command. */
#define CLI_OPTIONS(table, type) .options = (table), .given_size = sizeof(type)

struct cli_command {
	const char *name;
	const char *arguments;		  /* after the options, such as "FILE"; NULL: none */
	const char *summary;		  /* one line for the overview */
	const struct cli_option *options; /* NULL: none but --help */
	size_t given_size;		  /* of the structure that they go into */
	const void *given_defaults;	  /* it begins as this; NULL: all zero */
	int max_arguments;		  /* beside options */
	const char *too_many;		  /* what is said of more; NULL: "takes no arguments" */
	int usage_status;		  /* after wrong usage; 0: CLI_USAGE */
	/* @given: what the options say. @argv: the @argc arguments beside them, then NULL. Returns
	 * enum cli_exit. */
	int (*run)(const struct cli_command *command, void *given, int argc, char **argv);
};

extern const struct cli_command cli_show, cli_top, cli_check, cli_who, cli_reclaim, cli_doctor,
	cli_check_config, cli_default_config, cli_test_trap, cli_events, cli_snmpd;

/* Everything but the process: finds the command, runs it, closes stdout. Returns enum cli_exit. */
int cli_main(int argc, char **argv);

/* Takes the options of @argv, runs the command with them and returns what it returns. */
int cli_run(const struct cli_command *command, int argc, char **argv);

/* Prints "dcachemon NAME: MESSAGE" (unless @fmt is NULL: getopt did) and the hint; returns the
 * command's status for wrong usage. */
int cli_usage_error(const struct cli_command *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Takes a whole argument as a number from @min to @max. */
bool cli_number(const char *text, double min, double max, double *ret);

/* Prints "dcachemon: MESSAGE" on stderr; returns CLI_FAILED. */
int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same with a reason, escaped for the terminal: it may have names that others chose. */
int cli_reason(const char *reason);

/* The same of memory. */
int cli_no_memory(void);

#endif
