// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon snmpd status: the snmpd that runs here, watched, and what its reload should cost. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands/snmpd.h"
#include "cli/lib/output.h"
#include "cli/lib/snapshot_source.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/transport/snapshot_memfd.h"
#include "snmp-client/cache_timeout.h"

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

static const char *advice(double ratio)
{
#define TAKE_OVER                                                                               \
	"Take the tables over: [if_mib] takeover in dcachemon.conf(5), and mute the built-in "  \
	"reload:\n\"dcachemon snmpd config\" prints how. What makes lookups slow: \"dcachemon " \
	"show --explain\"."
	if (ratio < RATIO_COSTLY)
		return "Nothing needs to be done about the interface table.";
	if (ratio >= RATIO_WEDGED)
		return "An snmpd with its built-in interface table answers nothing here, ignores "
		       "SIGTERM and has to\nbe killed with SIGKILL.\n" TAKE_OVER;
	if (ratio >= RATIO_MISSING)
		return "Part of the requests to snmpd go unanswered.\n" TAKE_OVER;
	return TAKE_OVER;
}

bool snmpd_status_muted(const struct snmpd_status *status)
{
	return status->reload_every > DCM_CACHE_TIMEOUT_BUILT_IN;
}

/* ---- the state ---- */

static void watch(const struct dcm_config *config, struct snmpd_status *status)
{
	struct dcm_snmpd_watch *found = &status->watch;

	if (dcm_snmpd_watch(config->sampling.root, config->if_mib.mute_address, SNMPD_WATCH_SECONDS,
			    &status->no_watch, found))
		return;
	status->verdict = snmpd_judge(found);
	snmpd_process_unknown(found, &status->no_process);
	snmpd_verdict_fix(status->verdict, found, &status->fix);
	if (!found->process.pid)
		status->no_version = status->no_process;
	else
		(void)snmpd_version(config->sampling.root, found->process.pid, &status->no_version,
				    status->version, sizeof(status->version));
	/* A GET would wait for seconds, and end the same way. */
	if (!found->answered)
		dcm_reason_set(&status->no_reload_every, -ETIMEDOUT, "snmpd does not answer");
	else
		(void)snmpd_get_reload(&config->if_mib, &status->no_reload_every,
				       &status->reload_every);
}

/* CLI_OK, or CLI_FAILED after a message. */
static int forecast(struct dcm_config *config, struct snmpd_status *status)
{
	if (take(config, &status->snapshot))
		return CLI_FAILED;
	if (!dcm_snapshot_count(status->snapshot, DCM_SEC_SNMPD))
		return cli_error("no forecast: the source \"snmpd\" has no sample");
	status->forecast = dcm_snapshot_row(status->snapshot, DCM_SEC_SNMPD, 0);
	if (!DCM_ROW_HAS(status->forecast, wedge_ratio))
		return cli_error(
			"no forecast: lookups of /proc/sys/net/ipv4 and ipv6 are not timed");
	status->advice = advice(status->forecast->wedge_ratio);
	return CLI_OK;
}

/* ---- for people ---- */

static void print_unknown(const char *label, const struct dcm_reason *reason)
{
	_cleanup_free_ char *text = output_text(reason->text);

	printf("%-19s unknown: %s\n", label, text ? text : "?");
}

static void print_process(const struct snmpd_status *status)
{
	_cleanup_free_ char *modules = output_text(status->watch.modules);
	_cleanup_free_ char *version = output_text(status->version);

	if (*status->no_process.text)
		print_unknown("process", &status->no_process);
	if (!status->watch.process.pid)
		return;
	if (!*status->no_process.text)
		printf("process             %d, modules (-I) %s\n", (int)status->watch.process.pid,
		       modules && *modules ? modules : "all");
	if (*status->no_version.text)
		print_unknown("version", &status->no_version);
	else
		printf("version             %s\n", version ? version : "?");
}

static void print_reload(const struct snmpd_status *status)
{
	if (status->verdict == SNMPD_ABSENT)
		return;
	if (*status->no_reload_every.text)
		print_unknown("mute", &status->no_reload_every);
	else
		printf("mute                %s: a reload every %u s\n",
		       snmpd_status_muted(status) ? "on" : "off", status->reload_every);
}

static void print_watched(const struct snmpd_status *status)
{
	const struct dcm_snmpd_watch *found = &status->watch;
	bool hidden = status->verdict == SNMPD_SILENT && found->process.seen == DCM_SNMPD_HIDDEN;

	if (*status->no_watch.text) {
		printf("not measured        %s\n\n", status->no_watch.text);
		return;
	}
	print_process(status);
	print_reload(status);
	if (found->has_cpu)
		printf("CPU, measured       %.3g s per 3 s, all it did\n",
		       found->cpu_seconds / found->seconds * 3);
	printf("answers             %u of %u at %s%s\n"
	       "longest wait        %.3g s\n"
	       "state               %s%s%s\n",
	       found->answered, found->sent, status->address,
	       found->refused ? " (nobody listens there)" : "", found->silence_seconds,
	       snmpd_verdict_name(status->verdict), hidden ? ", " : "",
	       hidden ? status->no_process.text : "");
	if (*status->fix.text)
		printf("to do               %s\n", status->fix.text);
	putchar('\n');
}

static void print_forecast(const struct snmpd_status *status)
{
	const struct dcm_snap_snmpd *row = status->forecast;

	if (row && DCM_ROW_HAS(row, module_mib))
		printf("DCACHEMON-MIB       %s\n",
		       row->module_mib ? "served by the module inside snmpd"
				       : "left to the agent by the module inside snmpd");
	if (row)
		printf("interfaces          %" PRIu64 "\n", row->interfaces);
	if (*status->advice)
		printf("reload, forecast    %.3g s every 3 s\n"
		       "CPU of idle snmpd   %.3g %%\n\n%s\n",
		       row->reload_seconds, 100 * DCM_MIN(row->wedge_ratio, 1), status->advice);
}

int snmpd_status_run(struct dcm_config *config, bool json)
{
	struct snmpd_status status = {.address = config->if_mib.mute_address, .advice = ""};
	int result;

	watch(config, &status);
	if (!json)
		print_watched(&status);
	result = forecast(config, &status);
	if (!json)
		print_forecast(&status);
	else if (snmpd_status_json(&status))
		result = cli_no_memory();
	dcm_snapshot_destroy(status.snapshot);
	return result;
}
