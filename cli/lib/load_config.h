/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_CLI_LOAD_CONFIG_H
#define DCM_CLI_LOAD_CONFIG_H

#include "common/model/config/config.h"

#define CONFIG_FILE_DEFAULT DCM_SYSCONFDIR "/dcachemon/dcachemon.conf"

/*
 * Reads @path, "-" for standard input; every mistake goes to stderr as "PATH:LINE: [SECTION] KEY:
 * message". NULL reads CONFIG_FILE_DEFAULT, whose absence, or privacy, means the defaults.
 * 0 or -errno after a message; @ret is written only on success.
 */
int config_file_load(const char *path, struct dcm_config *ret);

/* The option that names it (cli.h), into a const char * of the command's. */
#define CONFIG_FILE_OPTION(type, member)                                                   \
	{                                                                                  \
		'c', "config", "FILE", "configuration (default: " CONFIG_FILE_DEFAULT ")", \
			CLI_TEXT(type, member)                                             \
	}

/* The option for another daemon than the configuration's, likewise. */
#define SOCKET_OPTION(type, member)                                                               \
	{                                                                                         \
		'\0', "socket", "PATH", "socket of the daemon (default: from the configuration)", \
			CLI_TEXT(type, member)                                                    \
	}

#endif
