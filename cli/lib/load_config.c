// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/load_config.h"

#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/kernel/files/config_file.h"

static void report(void *ctx, unsigned line, const char *section, const char *key,
		   const char *message)
{
	_cleanup_free_ char *where_section = output_text(section);
	_cleanup_free_ char *where_key = output_text(key);
	_cleanup_free_ char *text = output_text(message);

	fprintf(stderr, "%s:%u: ", (const char *)ctx, line);
	if (*section)
		fprintf(stderr, "[%s] ", where_section ? where_section : "?");
	if (*key)
		fprintf(stderr, "%s: ", where_key ? where_key : "?");
	fprintf(stderr, "%s\n", text ? text : "?");
}

static int load_stdin(char *shown, struct dcm_config *ret)
{
	_cleanup_free_ char *text = malloc(DCM_CONFIG_FILE_MAX + 1);
	size_t size;

	if (!text)
		return -ENOMEM;
	size = fread(text, 1, DCM_CONFIG_FILE_MAX + 1, stdin);
	if (ferror(stdin))
		return -EIO;
	return size > DCM_CONFIG_FILE_MAX ? -EFBIG
					  : dcm_config_parse(text, size, report, shown, ret);
}

int config_file_load(const char *path, struct dcm_config *ret)
{
	const char *name = path ? path : CONFIG_FILE_DEFAULT;
	_cleanup_free_ char *shown = output_text(strcmp(name, "-") ? name : "standard input");
	int err;

	if (!shown)
		return -ENOMEM;
	if (strcmp(name, "-") == 0)
		err = load_stdin(shown, ret);
	else
		err = dcm_config_load(name, report, shown, ret);
	if (!path && (err == -ENOENT || err == -EACCES)) {
		dcm_config_defaults(ret);
		return 0;
	}
	/* Mistakes have been reported one by one. */
	if (err && err != -EINVAL)
		cli_error("cannot read %s: %s", shown,
			  err == -ENOTSUP ? "not a regular file" : strerror(-err));
	return err;
}
