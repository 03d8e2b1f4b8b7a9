// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon check-config: says every mistake of a configuration file. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/lib/load_config.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"

static int run(const struct cli_command *command, int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	_cleanup_free_ char *shown = NULL;
	struct dcm_config config;
	int option = getopt_long(argc, argv, "h", options, NULL);

	if (option != -1)
		return cli_common_option(command, option);
	if (argc - optind != 1)
		return cli_usage_error(command, "needs one FILE");
	if (config_file_load(argv[optind], &config))
		return CLI_FAILED;
	shown = output_text(argv[optind]);
	printf("%s: no mistakes\n", shown ? shown : "");
	return CLI_OK;
}

const struct cli_command cli_check_config = {
	.name = "check-config",
	.arguments = "FILE",
	.summary = "Says every mistake in a configuration file (\"-\": standard input).",
	.options = "",
	.run = run,
};
