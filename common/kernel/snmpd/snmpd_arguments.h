/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line of a running snmpd(8), which it has changed since: net-snmp takes the list
 * behind -I apart in place, and each comma, colon or blank in it is a NUL in /proc/PID/cmdline.
 * Where the arguments began can be read from its stack, which execve(2) filled.
 */
#ifndef DCM_KERNEL_SNMPD_ARGUMENTS_H
#define DCM_KERNEL_SNMPD_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct dcm_snmpd_arguments {
	char text[8192]; /* each argument, and each piece of one, with its NUL */
	size_t size;
	size_t start[256]; /* where argument i begins in @text */
	size_t count;
	bool exact; /* read from the stack; else told by NULs, and by what a module's name can be */
};

/* Of process @pid below @root ("" but in tests). The stack takes the right to trace (ptrace(2),
 * PTRACE_MODE_READ). -errno; -ESRCH: it has no command line. */
int dcm_snmpd_arguments_read(const char *root, pid_t pid, struct dcm_snmpd_arguments *ret);

/* Where the arguments begin when only @text and @size are known; @exact becomes false. */
void dcm_snmpd_arguments_guess(struct dcm_snmpd_arguments *arguments);

struct dcm_snmpd_option {
	int letter;	   /* 'c', 'I', ..., '-' for --NAME=VALUE; 0: an address to listen at */
	const char *value; /* "" for options without; pieces of -I follow each other with NULs */
	size_t size;	   /* of all pieces, without the last NUL */
};

struct dcm_snmpd_cursor {
	size_t argument, at; /* all zero before the first call */
	bool only_addresses; /* after "--" */
};

/* The next option or address, in the order given. False: there are no more. */
bool dcm_snmpd_arguments_next(const struct dcm_snmpd_arguments *arguments,
			      struct dcm_snmpd_cursor *cursor, struct dcm_snmpd_option *ret);

/* All lists given to -I, "-smux,mteTrigger ifTable"; cut with "..." at @size. "" without any. */
void dcm_snmpd_arguments_modules(const struct dcm_snmpd_arguments *arguments, char *ret,
				 size_t size);

#endif
