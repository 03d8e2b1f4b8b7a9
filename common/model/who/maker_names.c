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

/* "COMMAND of PARENT", then what else is known, into @out: a program that is its own parent is said
 * once. */
static void shorten(const char *maker, char *out, size_t size)
{
	char text[COMMAND_SIZE], command[COMMAND_SIZE], parent[COMMAND_SIZE];
	const char *of = strstr(maker, " of "), *above = of ? of + strlen(" of ") : NULL;
	const char *more = above ? strstr(above, " for ") : NULL;

	copy(maker, of ? (size_t)(of - maker) : strlen(maker), text, sizeof(text));
	dcm_maker_program(text, command, sizeof(command));
	copy(above ? above : "", more ? (size_t)(more - above) : strlen(above ? above : ""), text,
	     sizeof(text));
	dcm_maker_program(text, parent, sizeof(parent));
	if (!of || strcmp(command, parent) == 0)
		*parent = '\0';
	snprintf(out, size, "%s%s%s%s", command, *parent ? " of " : "", parent, more ? more : "");
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
