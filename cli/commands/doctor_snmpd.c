// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The way from the daemon through snmpd to a manager: socket, view, traps, names, load. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/commands/doctor.h"
#include "cli/commands/snmpd.h"
#include "cli/lib/run_program.h"
#include "common/base/cleanup.h"
#include "common/transport/snapshot_memfd.h"

#define DAEMON_USER   "dcachemon"
#define SNMPD_USER    "Debian-snmp" /* elsewhere it is root */
#define ARGUMENTS_MAX 24

const struct dcm_snmpd_conf *doctor_snmpd_conf(struct doctor *doctor)
{
	static struct dcm_snmpd_conf none = {.main = DCM_SNMPD_CONF_DEFAULT};
	struct dcm_snmpd_process process = {.pid = 0};
	struct dcm_snmpd_endpoint at;

	if (doctor->snmpd_conf)
		return doctor->snmpd_conf;
	doctor->snmpd_conf = malloc(sizeof(*doctor->snmpd_conf));
	if (!doctor->snmpd_conf)
		return &none;
	if (!dcm_snmpd_resolve(doctor->config.if_mib.mute_address, NULL, &at))
		dcm_snmpd_process_find(doctor->root, &at, &process);
	if (process.pid && strcmp(process.program, "snmpd") != 0)
		process.pid = 0;
	dcm_snmpd_conf_read(doctor->root, process.pid, doctor->snmpd_conf);
	return doctor->snmpd_conf;
}

static const char *root_oid(const struct doctor *doctor)
{
	return *doctor->config.snmp.root_oid ? doctor->config.snmp.root_oid : DCM_ROOT_OID;
}

/* ---- users and modes ---- */

int doctor_find_identity(const char *name, struct doctor_identity *ret)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw)
		return -ENOENT;
	ret->uid = pw->pw_uid;
	ret->count = DCM_ARRAY_SIZE(ret->groups);
	if (getgrouplist(name, pw->pw_gid, ret->groups, &ret->count) < 0)
		ret->count = DCM_ARRAY_SIZE(ret->groups);
	return 0;
}

/* What mode bits alone grant; access lists are not looked at. */
static bool may(const struct doctor_identity *who, const struct stat *st, unsigned wanted)
{
	if (who->uid == 0)
		return true;
	if (st->st_uid == who->uid)
		return (st->st_mode >> 6 & wanted) == wanted;
	for (int i = 0; i < who->count; i++)
		if (who->groups[i] == st->st_gid)
			return (st->st_mode >> 3 & wanted) == wanted;
	return (st->st_mode & wanted) == wanted;
}

int doctor_find_barrier(const struct doctor_identity *who, const char *path, char *ret, size_t size)
{
	char part[DCM_PATH_SIZE];
	struct stat st;

	*ret = '\0';
	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		size_t len = slash ? (size_t)(slash - path) : strlen(path);

		if (len >= sizeof(part))
			return -ENAMETOOLONG;
		memcpy(part, path, len);
		part[len] = '\0';
		if (stat(part, &st) < 0)
			return -errno;
		if (!may(who, &st, slash ? 1 : 6)) {
			snprintf(ret, size, "%s", part);
			return 0;
		}
		if (!slash)
			return 0;
	}
}

/* What a running daemon knows of snmpd, within *@ret, which is the caller's; NULL: nothing. */
static const struct dcm_snap_snmpd *take_row(const struct doctor *doctor, struct dcm_snapshot **ret)
{
	struct dcm_reason reason = {""};
	_cleanup_close_ int fd = -1;

	if (!*doctor->config.sampling.socket ||
	    dcm_snapshot_client_connect(doctor->config.sampling.socket, &fd) ||
	    dcm_snapshot_client_wait(fd, 2000, &reason, ret))
		return NULL;
	return dcm_snapshot_row(*ret, DCM_SEC_SNMPD, 0);
}

/* ---- may the module in snmpd open the snapshot socket, and what does it serve? ---- */

void doctor_say_module(const char *path, bool mib_wanted, const struct dcm_snap_snmpd *row,
		       struct doctor_result *ret)
{
	bool told = row && DCM_ROW_HAS(row, module_mib);
	const char *serves = "";

	if (told)
		serves = row->module_mib ? "; it serves DCACHEMON-MIB"
					 : "; it leaves DCACHEMON-MIB to the agent";
	else if (row)
		serves = "; it has not told the daemon yet what it serves";
	if (mib_wanted && row && !(told && row->module_mib)) {
		doctor_say(ret, DOCTOR_WARN,
			   "loaded into snmpd with dcachemonMIB, but %s: not connected yet, of an "
			   "earlier version, or refused, as snmpd's log then says",
			   told ? "it does not serve DCACHEMON-MIB"
				: "it has not told the daemon so");
		doctor_fix(ret, "systemctl restart snmpd");
		return;
	}
	doctor_say(ret, DOCTOR_OK, "loaded into snmpd, whose user may open %.100s%s", path, serves);
}

void doctor_check_module(struct doctor *doctor, struct doctor_result *ret)
{
	const struct dcm_snmpd_settings *settings = &doctor_snmpd_conf(doctor)->settings;
	const char *path = *settings->module_socket ? settings->module_socket : DCM_DEFAULT_SOCKET;
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct doctor_identity who = {.uid = 0};
	char barrier[DCM_PATH_SIZE];
	int err;

	if (!settings->module) {
		doctor_say(
			ret, DOCTOR_OK,
			"snmpd does not load it, see \"dcachemon snmpd config\" for what it does");
		return;
	}
	if (doctor_find_identity(SNMPD_USER, &who))
		who.uid = 0;
	err = doctor_find_barrier(&who, path, barrier, sizeof(barrier));
	if (err) {
		doctor_say(ret, DOCTOR_WARN, "loaded into snmpd, but %.120s: %s", path,
			   strerror(-err));
		doctor_fix(ret, "systemctl start dcachemon-snmp");
	} else if (*barrier) {
		doctor_say(ret, DOCTOR_WARN, "loaded into snmpd, but %.100s keeps its user out",
			   barrier);
		doctor_fix(ret,
			   "usermod -aG " DAEMON_USER " " SNMPD_USER "; systemctl restart snmpd");
	} else {
		doctor_say_module(path, settings->module_mib, take_row(doctor, &snapshot), ret);
	}
}

/* ---- does a manager see the objects? ---- */

/* Splits @text at blanks in place. */
static size_t split(char *text, const char *argv[], size_t count, size_t max)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t", &rest); word && count + 1 < max;
	     word = strtok_r(NULL, " \t", &rest))
		argv[count++] = word;
	argv[count] = NULL;
	return count;
}

static void judge_answer(struct doctor *doctor, int status, char *out, struct doctor_result *ret)
{
	const char *root = root_oid(doctor);

	out[strcspn(out, "\n")] = '\0';
	if (status == -ENOENT) {
		doctor_say(ret, DOCTOR_WARN, "no program snmpgetnext: not checked");
		doctor_fix(ret, "apt-get install snmp, or dnf install net-snmp-utils");
	} else if (status == -ETIMEDOUT || strstr(out, "Timeout")) {
		doctor_say(ret, DOCTOR_FAIL, "snmpd does not answer: wedged, or other credentials");
		doctor_fix(ret,
			   "systemctl status snmpd; at 100 %% of a core and deaf to SIGTERM it "
			   "is wedged: systemctl kill -s KILL snmpd");
	} else if (status != 0) {
		doctor_say(ret, DOCTOR_FAIL, "%.150s", out);
		doctor_fix(ret, "see the credentials given with --snmp");
	} else if (*out == '.' && !strncmp(out + 1, root, strlen(root)) &&
		   out[1 + strlen(root)] == '.') {
		doctor_say(ret, DOCTOR_OK, "a manager sees the objects below %.100s", root);
	} else {
		doctor_say(ret, DOCTOR_FAIL,
			   "a manager does not see %.100s: no subagent, or a view", root);
		doctor_fix(ret,
			   "in %s: view systemonly included .%.80s; then: systemctl start "
			   "dcachemon-snmp; systemctl reload snmpd",
			   doctor_snmpd_conf(doctor)->main, root);
	}
}

void doctor_check_view(struct doctor *doctor, struct doctor_result *ret)
{
	const char *argv[ARGUMENTS_MAX] = {"snmpgetnext", "-On", "-t", "2", "-r", "1"};
	char oid[DCM_MAX_OID_TEXT + 1], out[512];
	_cleanup_free_ char *words = NULL;
	size_t count;

	if (!doctor->snmp_arguments) {
		doctor_say(ret, DOCTOR_OK,
			   "not checked; try --snmp \"-v2c -c COMMUNITY localhost\"");
		return;
	}
	words = strdup(doctor->snmp_arguments);
	if (!words)
		return;
	count = split(words, argv, 6, ARGUMENTS_MAX - 1);
	snprintf(oid, sizeof(oid), ".%s", root_oid(doctor));
	argv[count++] = oid;
	argv[count] = NULL;
	judge_answer(doctor, program_run(argv, 8000, out, sizeof(out)), out, ret);
}

/* ---- where do alarms go? ---- */

void doctor_check_trap_sink(struct doctor *doctor, struct doctor_result *ret)
{
	const struct dcm_snmpd_conf *conf = doctor_snmpd_conf(doctor);

	if (!doctor->config.snmp.notifications) {
		doctor_say(ret, DOCTOR_OK, "notifications are switched off in the configuration");
	} else if (conf->settings.sinks) {
		doctor_say(
			ret, DOCTOR_OK,
			"%u in snmpd's configuration, the first: %s %s; try: dcachemon test-trap",
			conf->settings.sinks, conf->settings.sink, conf->settings.sink_host);
	} else if (conf->unreadable) {
		doctor_say(ret, DOCTOR_WARN, "%.120s: %s", conf->unread,
			   strerror(-conf->unreadable));
		doctor_fix(ret, "sudo dcachemon doctor");
	} else if (!conf->has_main) {
		doctor_say(ret, DOCTOR_WARN, "%.120s: %s", conf->main, strerror(ENOENT));
		doctor_fix(ret, "apt-get install snmpd");
	} else {
		doctor_say(ret, DOCTOR_WARN,
			   "snmpd knows no receiver: alarms are not sent anywhere");
		doctor_fix(ret,
			   "in %s: informsink HOST COMMUNITY; then: systemctl reload snmpd; "
			   "dcachemon test-trap",
			   conf->main);
	}
}

/* ---- do names resolve? ---- */

void doctor_check_mib(struct doctor *doctor, struct doctor_result *ret)
{
	static const char *const argv[] = {"snmptranslate",
					   "-m",
					   "+DCACHEMON-MIB",
					   "-On",
					   "DCACHEMON-MIB::dcachemonMIB",
					   NULL};
	const char *root = root_oid(doctor), *last;
	char out[8192];
	int status = program_run(argv, 8000, out, sizeof(out));

	if (status == -ENOENT) {
		doctor_say(ret, DOCTOR_OK,
			   "no program snmptranslate: managers elsewhere need the MIB");
		return;
	}
	while (*out && out[strlen(out) - 1] == '\n')
		out[strlen(out) - 1] = '\0';
	last = strrchr(out, '\n');
	last = last ? last + 1 : out;
	if (!status && *last == '.' && !strcmp(last + 1, root)) {
		doctor_say(ret, DOCTOR_OK, "DCACHEMON-MIB resolves to %.100s", root);
	} else if (!status && *last == '.') {
		doctor_say(ret, DOCTOR_WARN, "DCACHEMON-MIB says %.80s, the daemon serves %.80s",
			   last + 1, root);
		doctor_fix(ret, "change the root in DCACHEMON-MIB.txt, or root_oid");
	} else {
		doctor_say(ret, DOCTOR_WARN,
			   "DCACHEMON-MIB does not resolve: only numeric OIDs work here");
		doctor_fix(ret, "apt-get install erlang-snmp; export MIBDIRS=+$(echo "
				"/usr/lib/erlang/lib/snmp-*/mibs), for SNMPv2-SMI, -TC and -CONF");
	}
}

/* ---- is snmpd about to stop answering, or has it? ---- */

/* The forecast of a running daemon; false without one. */
static bool find_forecast(const struct doctor *doctor, double *ret)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	const struct dcm_snap_snmpd *row = take_row(doctor, &snapshot);

	if (!row || !DCM_ROW_HAS(row, reload_seconds))
		return false;
	*ret = row->reload_seconds;
	return true;
}

/* "", or ", " and why the process at the address is unknown. */
static void describe_process(const struct dcm_snmpd_watch *watch, struct dcm_reason *ret)
{
	struct dcm_reason unknown;

	snmpd_process_unknown(watch, &unknown);
	dcm_reason_set(ret, 0, "%s%.150s", *unknown.text ? ", " : "", unknown.text);
}

static void say_fix(enum snmpd_verdict verdict, const struct dcm_snmpd_watch *watch,
		    struct doctor_result *ret)
{
	struct dcm_reason text;

	snmpd_verdict_fix(verdict, watch, &text);
	doctor_fix(ret, "%s", text.text);
}

static void say_load(const struct doctor *doctor, const struct dcm_snmpd_watch *watch,
		     const char *forecast, struct doctor_result *ret)
{
	static const enum doctor_level levels[] = {
		[SNMPD_ABSENT] = DOCTOR_OK,   [SNMPD_WELL] = DOCTOR_OK,
		[SNMPD_SLOW] = DOCTOR_WARN,   [SNMPD_SILENT] = DOCTOR_WARN,
		[SNMPD_WEDGED] = DOCTOR_FAIL,
	};
	enum snmpd_verdict verdict = snmpd_judge(watch);
	struct dcm_reason process, cpu = {""};

	describe_process(watch, &process);
	if (watch->has_cpu)
		dcm_reason_set(&cpu, 0, "; %.3g s of CPU per 3 s",
			       watch->cpu_seconds / watch->seconds * 3);
	if (verdict == SNMPD_ABSENT)
		doctor_say(ret, levels[verdict], "no snmpd at %.60s; %s",
			   doctor->config.if_mib.mute_address, forecast);
	else
		doctor_say(ret, levels[verdict],
			   "%s%.70s: %u of %u answers, waiting %.3g s at most%.30s; %s",
			   snmpd_verdict_name(verdict), process.text, watch->answered, watch->sent,
			   watch->silence_seconds, cpu.text, forecast);
	if (levels[verdict] != DOCTOR_OK)
		say_fix(verdict, watch, ret);
}

void doctor_check_snmpd_load(struct doctor *doctor, struct doctor_result *ret)
{
	char forecast[64] = "no forecast yet: a running daemon makes it";
	struct dcm_reason reason = {""};
	struct dcm_snmpd_watch watch;
	double seconds = 0;

	if (find_forecast(doctor, &seconds))
		snprintf(forecast, sizeof(forecast), "a reload is forecast to take %.3g s",
			 seconds);
	if (dcm_snmpd_watch(doctor->root, doctor->config.if_mib.mute_address, SNMPD_WATCH_SECONDS,
			    &reason, &watch)) {
		doctor_say(ret, DOCTOR_WARN, "not measured: %.100s; %s", reason.text, forecast);
		return;
	}
	say_load(doctor, &watch, forecast, ret);
	if (ret->level == DOCTOR_OK && seconds >= 0.9) {
		ret->level = DOCTOR_WARN;
		doctor_fix(ret,
			   "see snmpd_wedge in dcachemon-runbook(7): reload less often, or start "
			   "snmpd with -I -ifTable");
	}
}
