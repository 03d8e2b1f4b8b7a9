// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon default-config: a commented file that changes nothing, to start from. */
#include <stdio.h>

#include "cli/cli.h"
#include "common/model/config/config.h"

static int run(const struct cli_command *command __attribute__((unused)),
	       void *given __attribute__((unused)), int argc __attribute__((unused)),
	       char **argv __attribute__((unused)))
{
	/* A write error is seen when stdout is closed. */
	(void)dcm_config_print_defaults(stdout);
	return CLI_OK;
}

const struct cli_command cli_default_config = {
	.name = "default-config",
	.summary = "Prints a commented configuration file with the defaults.",
	.run = run,
};
