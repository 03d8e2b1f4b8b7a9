// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon check-config: says every mistake of a configuration file. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"

static int run(const struct cli_command *command, void *given __attribute__((unused)), int argc,
	       char **argv)
{
	_cleanup_free_ char *shown = NULL;
	struct dcm_config config;

	if (argc < 1)
		return cli_usage_error(command, "%s", command->too_many);
	if (config_file_load(argv[0], &config))
		return CLI_FAILED;
	shown = output_text(argv[0]);
	printf("%s: no mistakes\n", shown ? shown : "");
	return CLI_OK;
}

const struct cli_command cli_check_config = {
	.name = "check-config",
	.arguments = "FILE",
	.summary = "Lists every mistake in a configuration file (\"-\": standard input).",
	.max_arguments = 1,
	.too_many = "needs one FILE",
	.run = run,
};
