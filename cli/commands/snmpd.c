// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon snmpd: what the interface reload of snmpd costs on this host, and how to stop it. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/snmpd.h"
#include "cli/lib/load_config.h"
#include "common/base/cleanup.h"
#include "common/model/config/config_keys.h"
#include "snmp-client/cache_timeout.h"

static const char text[] =
	"# Without credentials and by far the fastest: the module inside snmpd. In snmpd.conf:\n"
	"#dlmod dcachemon dcachemon\n"
	"#    and make snmpd's user a member of the group dcachemon. Then nothing below is "
	"needed.\n"
	"\n"
	"# 1. For snmpd.conf: the user of dcachemon-snmp (choose passwords of your own), which "
	"may\n"
	"#    write only the timers of caches.\n"
	"createUser dcachemon SHA \"%1$s\" AES \"%1$s\"\n"
	"view cacheview included .%4$s\n"
	"rwuser dcachemon priv -V cacheview\n"
	"#    In /etc/dcachemon/snmpd-credentials, mode 600: user = dcachemon, auth_protocol = "
	"SHA,\n"
	"#    auth_password = ..., priv_protocol = AES, priv_password = ...\n"
	"#    In dcachemon.conf, section [if_mib]: takeover = on,\n"
	"#    mute_credentials = /etc/dcachemon/snmpd-credentials\n"
	"\n"
	"# 2. Or by hand, on a running snmpd until its next start (0 and more than 2147483 do "
	"harm):\n"
	"#    dcachemon snmpd mute --credentials /etc/dcachemon/snmpd-credentials\n"
	"#    snmpset -v3 -u dcachemon -l authPriv ... localhost %2$s i %3$u\n"
	"\n"
	"# 3. Or in snmpd.conf, by snmpd itself at each start. Needs its modules mteTrigger and\n"
	"#    mteTriggerConf, which Debian's unit switches off with -I.\n"
	"#createUser iqw\n"
	"#iquerySecName iqw\n"
	"#view cacheview included .%4$s\n"
	"#rwuser iqw auth -V cacheview\n"
	"#setEvent muteIf -I .%2$s = %3$u\n"
	"#monitor -I -r 60 -e muteIf \"muteIf\" .%2$s < %3$u\n"
	"\n"
	"# 4. Or start snmpd without its interface tables: snmpd -I -ifTable (one leading dash "
	"covers\n"
	"#    a whole list: -I -smux,ifTable). Then nothing answers while dcachemon-snmp is not "
	"running.\n"
	"\n"
	"# While muted, built-in rows are up to %3$u s old if dcachemon-snmp dies, and built-in\n"
	"# linkUp and linkDown notifications are as late. Only SIGKILL helps an snmpd that no\n"
	"# longer answers.\n";

static int print_config(struct dcm_config *config, bool json __attribute__((unused)))
{
	/* cppcheck does not know numbered arguments. */
	// cppcheck-suppress invalidPrintfArgType_s
	// cppcheck-suppress invalidPrintfArgType_uint
	printf(text, "CHANGE ME", DCM_CACHE_TIMEOUT_OID, config->if_mib.mute_seconds,
	       DCM_CACHE_ENTRY_OID);
	return CLI_OK;
}

static int mute(struct dcm_config *config, bool json __attribute__((unused)))
{
	return snmpd_set_reload(&config->if_mib, config->if_mib.mute_seconds);
}

static int unmute(struct dcm_config *config, bool json __attribute__((unused)))
{
	return snmpd_set_reload(&config->if_mib, DCM_CACHE_TIMEOUT_BUILT_IN);
}

static const struct {
	const char *name;
	int (*run)(struct dcm_config *config, bool json);
} words[] = {
	{"status", snmpd_status_run}, {"mute", mute}, {"unmute", unmute}, {"config", print_config}};

/* The options override the configuration, by the rules of its keys. */
static int override(struct dcm_config *config, const char *name, const char *value)
{
	int key = dcm_config_key_find("if_mib", name), err;
	struct dcm_reason reason = {""};

	if (!value)
		return 0;
	err = dcm_config_key_set(&dcm_config_keys[key], value, false, config, &reason);
	if (err)
		cli_error("%s: %s", name, reason.text);
	return err;
}

struct snmpd {
	const char *config, *address, *credentials;
	bool json;
};

static const struct cli_option options[] = {
	{'a', "address", "ADDRESS", "of snmpd (default: [if_mib] mute_address)",
	 CLI_TEXT(struct snmpd, address)},
	{'\0', "credentials", "FILE",
	 "what mute and unmute need, and status to see a mute\n"
	 "(default: [if_mib] mute_credentials)",
	 CLI_TEXT(struct snmpd, credentials)},
	{'j', "json", NULL, "status as one JSON document", CLI_SET(struct snmpd, json)},
	CONFIG_FILE_OPTION(struct snmpd, config),
	{0},
};

static int run(const struct cli_command *command, void *given, int argc, char **argv)
{
	const struct snmpd *wanted = given;
	struct dcm_config config;

	for (size_t i = 0; argc && i < DCM_ARRAY_SIZE(words); i++) {
		if (strcmp(argv[0], words[i].name) != 0)
			continue;
		if (wanted->json && words[i].run != snmpd_status_run)
			return cli_usage_error(command, "--json is for \"status\"");
		if (config_file_load(wanted->config, &config) ||
		    override(&config, "mute_address", wanted->address) ||
		    override(&config, "mute_credentials", wanted->credentials))
			return CLI_FAILED;
		return words[i].run(&config, wanted->json);
	}
	return cli_usage_error(command, "%s", command->too_many);
}

const struct cli_command cli_snmpd = {
	.name = "snmpd",
	.arguments = "status|mute|unmute|config",
	.summary = "Says what interface reloads cost snmpd, stops them, or prints lines for "
		   "snmpd.conf.",
	CLI_OPTIONS(options, struct snmpd),
	.max_arguments = 1,
	.too_many = "needs \"status\", \"mute\", \"unmute\" or \"config\"",
	.run = run,
};
