// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon snmpd: what the interface reload of snmpd costs on this host, and how to stop it. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "common/base/cleanup.h"
#include "common/kernel/snapshot_fd.h"
#include "common/model/config_keys.h"
#include "config_file.h"
#include "output.h"
#include "sample.h"
#include "snmp-client/cache_timeout.h"
#include "snmpd.h"

/* Below: harmless. From the second on requests time out (net-snmp's snmp_alarm.c runs the reload
 * before it reads any), from the third on none is answered any more. */
#define RATIO_COSTLY  0.1
#define RATIO_MISSING 0.6
#define RATIO_WEDGED  1.0

static const volatile sig_atomic_t never;

static bool daemon_answers(const char *path)
{
	_cleanup_close_ int fd = -1;

	return *path && dcm_snapshot_client_connect(path, &fd) == 0;
}

/* From the daemon, or measured now: only what the forecast is made of. */
static int take(struct dcm_config *config, struct dcm_snapshot **ret)
{
	_cleanup_(sample_closep) struct sample *sample = NULL;
	bool cached = daemon_answers(config->sampling.socket);
	int err;

	config->sampling.interval[DCM_SOURCE_HASH] = 0;
	config->sampling.interval[DCM_SOURCE_SUPERBLOCKS] = 0;
	err = sample_open(config, cached, &never, &sample);
	return err ? err : sample_take(sample, ret);
}

static void print_advice(double ratio)
{
	if (ratio < RATIO_COSTLY) {
		puts("Nothing needs to be done.");
		return;
	}
	if (ratio >= RATIO_WEDGED)
		puts("An snmpd with its built-in interface table answers nothing here, ignores "
		     "SIGTERM "
		     "and has to\nbe killed with SIGKILL.");
	else if (ratio >= RATIO_MISSING)
		puts("Part of the requests to snmpd go unanswered.");
	puts("Take the tables over: [if_mib] takeover in dcachemon.conf(5), and mute the built-in "
	     "reload:\n\"dcachemon snmpd config\" prints how. What makes lookups slow: \"dcachemon "
	     "show --explain\".");
}

static void print_watched(const struct dcm_config *config)
{
	struct dcm_snmpd_watch watch;
	struct dcm_reason reason = {""};
	_cleanup_free_ char *modules = NULL;
	enum snmpd_verdict verdict;

	if (dcm_snmpd_watch(config->sampling.root, config->if_mib.mute_address, SNMPD_WATCH_SECONDS,
			    &reason, &watch)) {
		printf("not measured        %s\n\n", reason.text);
		return;
	}
	verdict = snmpd_judge(&watch);
	modules = output_text(watch.modules);
	if (watch.pid)
		printf("process             %d, modules (-I) %s\n", (int)watch.pid,
		       modules && *modules ? modules : "all");
	if (watch.has_cpu)
		printf("CPU, measured       %.3g s per 3 s, all it did\n",
		       watch.cpu_seconds / watch.seconds * 3);
	printf("answers             %u of %u at %s%s\n"
	       "longest wait        %.3g s\n"
	       "state               %s\n",
	       watch.answered, watch.sent, config->if_mib.mute_address,
	       watch.refused ? " (nobody listens there)" : "", watch.silence_seconds,
	       snmpd_verdict_name(verdict));
	if (*snmpd_verdict_fix(verdict))
		printf("to do               %s\n", snmpd_verdict_fix(verdict));
	putchar('\n');
}

static int status(struct dcm_config *config)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	const struct dcm_snap_snmpd *row;

	print_watched(config);
	if (take(config, &snapshot))
		return CLI_FAILED;
	if (!dcm_snapshot_count(snapshot, DCM_SEC_SNMPD))
		return cli_error("no forecast: the source \"snmpd\" has no sample");
	row = dcm_snapshot_row(snapshot, DCM_SEC_SNMPD, 0);
	printf("interfaces          %" PRIu64 "\n", row->interfaces);
	if (!DCM_ROW_HAS(row, dcm_snap_snmpd, wedge_ratio))
		return cli_error(
			"no forecast: lookups of /proc/sys/net/ipv4 and ipv6 are not timed");
	printf("reload, forecast    %.3g s every 3 s\n"
	       "CPU of idle snmpd   %.3g %%\n\n",
	       row->reload_seconds, row->wedge_ratio < 1 ? 100 * row->wedge_ratio : 100.0);
	print_advice(row->wedge_ratio);
	return CLI_OK;
}

static const char text[] =
	"# 1. For snmpd.conf: whom dcachemon-snmp may be (choose passwords of your own), and "
	"nothing\n"
	"#    but the timers of caches to write.\n"
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
	"#    a whole list: -I -smux,ifTable). Nothing answers then when dcachemon-snmp is not "
	"there.\n"
	"\n"
	"# While muted, built-in rows are up to %3$u s old when dcachemon-snmp dies, and built-in\n"
	"# linkUp and linkDown notifications come as late. Nothing helps an snmpd that does not\n"
	"# answer any more but SIGKILL.\n";

static int print_config(struct dcm_config *config)
{
	/* cppcheck does not know numbered arguments. */
	// cppcheck-suppress invalidPrintfArgType_s
	// cppcheck-suppress invalidPrintfArgType_uint
	printf(text, "CHANGE ME", DCM_CACHE_TIMEOUT_OID, config->if_mib.mute_seconds,
	       DCM_CACHE_ENTRY_OID);
	return CLI_OK;
}

static int mute(struct dcm_config *config)
{
	return snmpd_set_reload(&config->if_mib, config->if_mib.mute_seconds);
}

static int unmute(struct dcm_config *config)
{
	return snmpd_set_reload(&config->if_mib, DCM_CACHE_TIMEOUT_BUILT_IN);
}

static const struct {
	const char *name;
	int (*run)(struct dcm_config *config);
} words[] = {{"status", status}, {"mute", mute}, {"unmute", unmute}, {"config", print_config}};

/* The options that stand above the configuration, by the rules of its keys. */
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

static int run(const struct cli_command *command, int argc, char **argv)
{
	static const struct option options[] = {{"address", required_argument, NULL, 'a'},
						{"config", required_argument, NULL, 'c'},
						{"credentials", required_argument, NULL, 'C'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *config_path = NULL, *address = NULL, *credentials = NULL;
	struct dcm_config config;
	int option;

	while ((option = getopt_long(argc, argv, "a:c:h", options, NULL)) != -1) {
		if (option == 'c')
			config_path = optarg;
		else if (option == 'a')
			address = optarg;
		else if (option == 'C')
			credentials = optarg;
		else
			return cli_common_option(command, option);
	}
	for (size_t i = 0; optind + 1 == argc && i < DCM_ARRAY_SIZE(words); i++) {
		if (strcmp(argv[optind], words[i].name) != 0)
			continue;
		if (config_file_load(config_path, &config) ||
		    override(&config, "mute_address", address) ||
		    override(&config, "mute_credentials", credentials))
			return CLI_FAILED;
		return words[i].run(&config);
	}
	return cli_usage_error(command, "needs \"status\", \"mute\", \"unmute\" or \"config\"");
}

const struct cli_command cli_snmpd = {
	.name = "snmpd",
	.arguments = "[OPTION]... status|mute|unmute|config",
	.summary = "What interface reloads cost snmpd here; stops them, or prints lines for its "
		   "configuration.",
	.options = "  -a, --address ADDRESS  of snmpd (default: [if_mib] mute_address)\n"
		   "      --credentials FILE what mute and unmute need (default: [if_mib] "
		   "mute_credentials)\n"
		   "  -c, --config FILE      configuration (default: " CONFIG_FILE_DEFAULT ")\n",
	.run = run,
};
