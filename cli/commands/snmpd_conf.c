// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * snmpd.conf(5), as far as needed here: "NAME REST" per line, "#" begins a comment line, names
 * ignore case. "includeFile PATH" and "includeDir PATH" (its *.conf) stand for the lines in there.
 */
#include "cli/commands/snmpd_conf.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"

#define DEPTH_MAX 4

struct reader {
	const char *root;
	void (*see)(void *ctx, const char *name, const char *rest);
	void *ctx;
	int depth;
};

static int read_path(struct reader *reader, const char *path);

static void include(struct reader *reader, const char *path, bool folder)
{
	char pattern[512];
	glob_t found;

	if (reader->depth >= DEPTH_MAX)
		return;
	snprintf(pattern, sizeof(pattern), "%s%s%s%s", reader->root,
		 *path == '/' ? "" : "/etc/snmp/", path, folder ? "/*.conf" : "");
	if (glob(pattern, 0, NULL, &found))
		return;
	reader->depth++;
	for (size_t i = 0; i < found.gl_pathc; i++)
		(void)read_path(reader, found.gl_pathv[i]); /* what cannot be read says nothing */
	reader->depth--;
	globfree(&found);
}

static void take_line(struct reader *reader, char *line)
{
	char *name = line + strspn(line, " \t"), *rest = name + strcspn(name, " \t\r\n"), *end;

	if (*name == '#' || rest == name)
		return;
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");
	end = rest + strlen(rest);
	while (end > rest && isspace((unsigned char)end[-1]))
		*--end = '\0';
	if (!strcasecmp(name, "includeDir") || !strcasecmp(name, "includeFile"))
		include(reader, rest, !strcasecmp(name, "includeDir"));
	else
		reader->see(reader->ctx, name, rest);
}

static int read_path(struct reader *reader, const char *path)
{
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen(path, "re");
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) >= 0)
		take_line(reader, line);
	fclose(file);
	return 0;
}

int snmpd_conf_read(const char *root, void (*see)(void *ctx, const char *name, const char *rest),
		    void *ctx)
{
	struct reader reader = {.root = root, .see = see, .ctx = ctx};
	char path[512];

	snprintf(path, sizeof(path), "%s/etc/snmp/snmpd.conf", root);
	return read_path(&reader, path);
}
