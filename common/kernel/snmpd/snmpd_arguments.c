// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_arguments.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/snmpd/snmpd_process.h"

/* Options of snmpd(8) that take a value (agent/snmpd.c); -D takes one in the same argument only. */
#define WITH_VALUE "cgIlLmMnpPSuxY-"

/* ---- where arguments begin ---- */

/* Fields of /proc/PID/stat, from 1 (proc(5)); zero without the right to trace. */
enum { FIELD_STACK = 28, FIELD_ARGUMENTS = 48 };

static bool read_field(const char *stat, int field, uint64_t *ret)
{
	const char *at = strrchr(stat, ')');

	/* What follows the name in parentheses is field 3. */
	for (int i = 3; at && i <= field; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return false;
	*ret = strtoull(at, NULL, 10);
	return *ret != 0;
}

static int by_place(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* execve(2) puts argc at the start of the stack, followed by the pointers to the arguments;
 * getopt(3) changes their order, not where they point. */
static bool take_starts(const uintptr_t *stack, size_t words, uint64_t first,
			struct dcm_snmpd_arguments *arguments)
{
	size_t count = words ? stack[0] : 0;

	if (!count || count >= words || count > DCM_ARRAY_SIZE(arguments->start))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (stack[i + 1] < first || stack[i + 1] - first >= arguments->size)
			return false;
		arguments->start[i] = stack[i + 1] - first;
	}
	qsort(arguments->start, count, sizeof(arguments->start[0]), by_place);
	arguments->count = count;
	return arguments->start[0] == 0;
}

static bool find_starts(const char *root, pid_t pid, struct dcm_snmpd_arguments *arguments)
{
	uintptr_t stack[DCM_ARRAY_SIZE(arguments->start) + 1];
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX], stat[2048];
	uint64_t at, first;
	ssize_t n;

	if (dcm_snmpd_process_read(root, pid, "stat", stat, sizeof(stat)) < 0 ||
	    !read_field(stat, FIELD_STACK, &at) || !read_field(stat, FIELD_ARGUMENTS, &first))
		return false;
	snprintf(path, sizeof(path), "%s/proc/%d/mem", root, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, stack, sizeof(stack), (off_t)at);
	return n > 0 && take_starts(stack, (size_t)n / sizeof(stack[0]), first, arguments);
}

/* A piece of a list of modules is a name of C; what has another letter, or digits alone, is the
 * next argument: an option, an address or a port. A bare host name looks like a module. */
static bool may_be_module(const char *text)
{
	bool letters = false;

	for (const char *at = text; *at; at++) {
		if (!isalnum((unsigned char)*at) && *at != '_')
			return false;
		letters |= !isdigit((unsigned char)*at);
	}
	return letters;
}

/* Whether @text has -I among its letters; *@ret_next: its list is the next argument. */
static bool begins_list(const char *text, bool *ret_next)
{
	*ret_next = false;
	if (*text != '-')
		return false;
	for (const char *at = text + 1; *at && *at != 'D'; at++) {
		if (*at == 'I') {
			*ret_next = !at[1];
			return true;
		}
		if (strchr(WITH_VALUE, *at))
			return false;
	}
	return false;
}

void dcm_snmpd_arguments_guess(struct dcm_snmpd_arguments *arguments)
{
	const char *end = arguments->text + arguments->size;
	bool list = false, next = false;

	arguments->exact = false;
	arguments->count = 0;
	for (const char *at = arguments->text; at < end; at += strlen(at) + 1) {
		if (list && !next && may_be_module(at))
			continue;
		if (arguments->count == DCM_ARRAY_SIZE(arguments->start))
			return;
		arguments->start[arguments->count++] = (size_t)(at - arguments->text);
		if (next)
			next = false;
		else
			list = begins_list(at, &next);
	}
}

int dcm_snmpd_arguments_read(const char *root, pid_t pid, struct dcm_snmpd_arguments *ret)
{
	ssize_t n = dcm_snmpd_process_read(root, pid, "cmdline", ret->text, sizeof(ret->text));

	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	ret->size = (size_t)n;
	ret->exact = find_starts(root, pid, ret);
	if (!ret->exact)
		dcm_snmpd_arguments_guess(ret);
	return 0;
}

/* ---- options ---- */

static size_t end_of(const struct dcm_snmpd_arguments *arguments, size_t i)
{
	size_t end = i + 1 < arguments->count ? arguments->start[i + 1] : arguments->size;

	return end && !arguments->text[end - 1] ? end - 1 : end;
}

/* All of argument @i from byte @from. */
static void take_rest(const struct dcm_snmpd_arguments *arguments, size_t i, size_t from,
		      struct dcm_snmpd_option *ret)
{
	size_t start = arguments->start[i] + from;

	ret->value = arguments->text + start;
	ret->size = end_of(arguments, i) - start;
}

static void take_option(const struct dcm_snmpd_arguments *arguments,
			struct dcm_snmpd_cursor *cursor, struct dcm_snmpd_option *ret)
{
	const char *text = arguments->text + arguments->start[cursor->argument];
	bool more = text[cursor->at + 1] != '\0';

	*ret = (struct dcm_snmpd_option){.letter = text[cursor->at], .value = ""};
	if (ret->letter == 'D' || (strchr(WITH_VALUE, ret->letter) && more)) {
		take_rest(arguments, cursor->argument, cursor->at + 1, ret);
		more = false;
	} else if (strchr(WITH_VALUE, ret->letter) && cursor->argument + 1 < arguments->count) {
		take_rest(arguments, ++cursor->argument, 0, ret);
	}
	cursor->at = more ? cursor->at + 1 : 0;
	cursor->argument += !more;
}

bool dcm_snmpd_arguments_next(const struct dcm_snmpd_arguments *arguments,
			      struct dcm_snmpd_cursor *cursor, struct dcm_snmpd_option *ret)
{
	const char *text;

	cursor->argument += !cursor->argument; /* the program's name */
	if (cursor->argument >= arguments->count)
		return false;
	text = arguments->text + arguments->start[cursor->argument];
	if (!cursor->at && !cursor->only_addresses && !strcmp(text, "--")) {
		cursor->only_addresses = true;
		cursor->argument++;
		return dcm_snmpd_arguments_next(arguments, cursor, ret);
	}
	if (!cursor->at && (cursor->only_addresses || *text != '-' || !text[1])) {
		*ret = (struct dcm_snmpd_option){.letter = 0};
		take_rest(arguments, cursor->argument++, 0, ret);
		return true;
	}
	cursor->at += !cursor->at; /* the dash */
	take_option(arguments, cursor, ret);
	return true;
}

/* ---- modules ---- */

static void append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	if (len + strlen(more) < size)
		strcpy(text + len, more);
	else if (size > 4 && (len < 3 || strcmp(text + len - 3, "...") != 0))
		strcpy(text + (len < size - 4 ? len : size - 4), "...");
}

void dcm_snmpd_arguments_modules(const struct dcm_snmpd_arguments *arguments, char *ret,
				 size_t size)
{
	struct dcm_snmpd_cursor cursor = {0};
	struct dcm_snmpd_option option;

	*ret = '\0';
	while (dcm_snmpd_arguments_next(arguments, &cursor, &option)) {
		const char *end = option.value + option.size;
		const char *before = *ret ? " " : "";

		if (option.letter != 'I')
			continue;
		for (const char *at = option.value; at < end; at += strlen(at) + 1) {
			append(ret, size, before);
			append(ret, size, at);
			before = ",";
		}
	}
}
