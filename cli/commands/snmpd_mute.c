// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon snmpd mute|unmute: the timer of a running snmpd, by SET. */
#include "cli/commands/snmpd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "snmp-client/cache_timeout.h"

static void closep(struct dcm_cache_timeout **client)
{
	dcm_cache_timeout_close(*client);
}

static int complain(const struct dcm_config_if_mib *config, const struct dcm_reason *reason)
{
	_cleanup_free_ char *text = output_text(reason->text);

	return cli_error("snmpd at %s: %s", config->mute_address, text ? text : "?");
}

static int open_client(const struct dcm_config_if_mib *config, struct dcm_reason *reason,
		       struct dcm_cache_timeout **ret)
{
	struct dcm_credentials credentials;
	int err;

	if (!*config->mute_credentials)
		return dcm_reason_set(reason, -ENOKEY,
				      "no credentials: --credentials FILE, or [if_mib] "
				      "mute_credentials; \"dcachemon snmpd config\" says what is "
				      "in it");
	err = dcm_credentials_read(config->mute_credentials, reason, &credentials);
	if (err)
		return err;
	err = dcm_cache_timeout_open(config->mute_address, &credentials, reason, ret);
	explicit_bzero(&credentials, sizeof(credentials));
	return err;
}

int snmpd_get_reload(const struct dcm_config_if_mib *config, struct dcm_reason *reason,
		     unsigned *ret_seconds)
{
	_cleanup_(closep) struct dcm_cache_timeout *client = NULL;
	int err = open_client(config, reason, &client);

	return err ? err : dcm_cache_timeout_get(client, reason, ret_seconds);
}

int snmpd_set_reload(const struct dcm_config_if_mib *config, unsigned seconds)
{
	_cleanup_(closep) struct dcm_cache_timeout *client = NULL;
	unsigned before = 0, after = 0;
	struct dcm_reason reason = {""};
	int err = open_client(config, &reason, &client);

	if (!err)
		err = dcm_cache_timeout_get(client, &reason, &before);
	if (!err && before != seconds)
		err = dcm_cache_timeout_set(client, seconds, &reason);
	if (!err)
		err = dcm_cache_timeout_get(client, &reason, &after);
	if (err)
		return complain(config, &reason);
	printf("snmpd at %s reloads its interface table every\n"
	       "before  %u s\n"
	       "after   %u s\n",
	       config->mute_address, before, after);
	return after == seconds ? CLI_OK : cli_error("snmpd took the value but did not keep it");
}
