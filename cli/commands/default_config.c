// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon default-config: a commented file that changes nothing, to start from. */
#include <stdio.h>

#include "cli/cli.h"
#include "common/model/config/config.h"

static int run(const struct cli_command *command, int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	int option = getopt_long(argc, argv, "h", options, NULL);

	if (option != -1)
		return cli_common_option(command, option);
	if (optind != argc)
		return cli_usage_error(command, "takes no arguments");
	/* A write error is seen when stdout is closed. */
	(void)dcm_config_print_defaults(stdout);
	return CLI_OK;
}

const struct cli_command cli_default_config = {
	.name = "default-config",
	.arguments = "",
	.summary = "Prints a commented configuration file with the defaults.",
	.options = "",
	.run = run,
};
