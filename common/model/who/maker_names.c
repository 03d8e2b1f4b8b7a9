// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/who/maker_names.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/minmax.h"

#define COMMAND_SIZE 64
#define MAKER_SIZE   128

static void copy(const char *text, size_t len, char *out, size_t size)
{
	len = DCM_MIN(len, size - 1);
	memcpy(out, text, len);
	out[len] = '\0';
}

void dcm_maker_program(const char *command, char *out, size_t size)
{
	const char *stage = strstr(command, ":[");

	copy(command, stage && stage > command ? (size_t)(stage - command) : strlen(command), out,
	     size);
}

/* The program of the first @len bytes of @text. */
static void program_in(const char *text, size_t len, char out[COMMAND_SIZE])
{
	char command[COMMAND_SIZE];

	copy(text, len, command, sizeof(command));
	dcm_maker_program(command, out, COMMAND_SIZE);
}

/* "COMMAND of PARENT", then what else is known, into @out: a program that is its own parent is said
 * once. */
static void shorten(const char *maker, char *out, size_t size)
{
	static const char between[] = " of ";
	const char *of = strstr(maker, between), *above, *more;
	char command[COMMAND_SIZE], parent[COMMAND_SIZE];

	if (!of) {
		dcm_maker_program(maker, out, size);
		return;
	}
	above = of + sizeof(between) - 1;
	more = strstr(above, " for ");
	if (!more)
		more = above + strlen(above);
	program_in(maker, (size_t)(of - maker), command);
	program_in(above, (size_t)(more - above), parent);
	if (strcmp(command, parent) == 0)
		*parent = '\0';
	snprintf(out, size, "%s%s%s%s", command, *parent ? between : "", parent, more);
}

/* Whether @list, "A, B", has @maker in it. */
static bool has(const char *list, const char *maker)
{
	size_t len = strlen(maker);

	for (const char *at = list; (at = strstr(at, maker)); at++)
		if ((at == list || (at >= list + 2 && !memcmp(at - 2, ", ", 2))) &&
		    (!at[len] || at[len] == ','))
			return true;
	return false;
}

void dcm_maker_programs(const char *makers, char *out, size_t size)
{
	size_t len = 0;

	*out = '\0';
	for (const char *end; *makers; makers = end + strspn(end, ", ")) {
		char maker[MAKER_SIZE], program[2 * MAKER_SIZE];

		end = strstr(makers, ", ");
		if (!end)
			end = makers + strlen(makers);
		copy(makers, (size_t)(end - makers), maker, sizeof(maker));
		shorten(maker, program, sizeof(program));
		if (!*program || has(out, program))
			continue;
		len += (size_t)snprintf(out + len, DCM_EXCESS(size, len), "%s%s", len ? ", " : "",
					program);
		if (len >= size)
			return;
	}
}
