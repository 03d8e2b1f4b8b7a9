// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/sampler/sampler.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/trim.h"
#include "common/kernel/files/housekeeping.h"
#include "common/model/config/snmp_address.h"
#include "common/sampling/alarms_run.h"
#include "common/sampling/collector.h"
#include "common/sampling/numbers_run.h"
#include "common/transport/snapshot_memfd.h"
#include "common/transport/snapshot_server.h"
#include "snmp-subagent/agent/agent_process.h"
#include "snmp-subagent/agent_config.h"
#include "snmp-subagent/sampler/daemonize.h"
#include "snmp-subagent/sampler/sampler_privileges.h"
#include "snmp-subagent/sampler/supervisor.h"
#include "snmp-subagent/sampler/systemd_notify.h"
#include "snmp-subagent/sandbox.h"

#define DEFAULT_CONFIG DCM_SYSCONFDIR "/dcachemon/dcachemon.conf"
#define AGENT_GRACE_MS 2000
#define TRIM_NS	       (5 * DCM_NSEC_PER_SEC) /* after the first snapshot */

struct sampler {
	struct dcm_command_line options;
	struct dcm_config config;
	struct dcm_collector *collector;
	struct dcm_numbers *numbers;
	struct dcm_alarms *alarms;
	struct dcm_snapshot_server *server;
	struct dcm_supervisor supervise;
	struct dcm_systemd service;
	int signal_fd;
	int ready_fd;
	bool ready;
	uint64_t trim_ns; /* when what the start needed is given back; 0: not yet, or done */
	struct dcm_complaint publish_failing, write_failing, numbers_failing;
	unsigned needs;	 /* of contexts, when privileges were given up */
	bool has_reload; /* as logged last */
	uint32_t reload_every;
	bool stop;
};

/* ---- configuration ---- */

/* The default file may be missing; one that was named may not. */
static int load_config(struct dcm_command_line *options, struct dcm_config *ret)
{
	if (!options->config_path && access(DEFAULT_CONFIG, F_OK) == 0)
		options->config_path = DEFAULT_CONFIG;
	if (options->config_path)
		return dcm_agent_config_read(options->config_path, ret);
	dcm_config_defaults(ret);
	return 0;
}

static void reload(struct sampler *s)
{
	struct dcm_config fresh;
	int err;

	if (load_config(&s->options, &fresh) < 0) {
		dcm_log(DCM_LOG_ERROR, "the old configuration stays in force");
		return;
	}
	dcm_agent_config_warn(&s->config, &fresh, DCM_CONFIG_BY_SAMPLER);
	if (dcm_contexts_config_needs(&fresh.if_mib.contexts) & ~s->needs)
		dcm_log(DCM_LOG_WARNING, "[if_mib] context: the right to enter namespaces was "
					 "given up at the start, where "
					 "no context needed it: restart");
	err = dcm_collector_reconfigure(s->collector, &fresh);
	if (err)
		dcm_log(DCM_LOG_ERROR, "reconfiguring: %s", strerror(-err));
	dcm_alarms_configure(s->alarms, &fresh);
	s->config = fresh;
	dcm_log(DCM_LOG_NOTICE, "configuration read again");
	dcm_supervisor_signal(&s->supervise, SIGHUP);
}

/* ---- sources ---- */

static void log_change(const struct dcm_collector_change *change)
{
	const char *name = dcm_source_name(change->source);
	const char *colon = change->reason.text[0] ? ": " : "";

	switch (change->after) {
	case DCM_STATE_FAILED:
	case DCM_STATE_STUCK:
		dcm_log(DCM_LOG_WARNING, "source %s %s%s%s", name,
			change->after == DCM_STATE_STUCK ? "is stuck" : "fails", colon,
			change->reason.text);
		break;
	case DCM_STATE_UNSUPPORTED:
		dcm_log(DCM_LOG_NOTICE, "source %s is not available%s%s", name, colon,
			change->reason.text);
		break;
	case DCM_STATE_OK:
		dcm_log(change->before == DCM_STATE_STARTING ? DCM_LOG_INFO : DCM_LOG_NOTICE,
			"source %s works%s%s%s", name,
			change->before == DCM_STATE_STARTING ? "" : " again", colon,
			change->reason.text);
		break;
	default:
		dcm_log(DCM_LOG_DEBUG, "source %s: %s%s%s", name,
			dcm_source_state_name(change->after), colon, change->reason.text);
	}
}

/* What came of writing to the state folder; positive: nothing was due. */
static void tell_written(int err, const struct dcm_reason *reason, struct dcm_complaint *complaint,
			 const char *again)
{
	if (err < 0)
		dcm_complain(complaint, DCM_LOG_ERROR, "%s", reason->text);
	else if (!err)
		dcm_settle(complaint, again);
}

/* ---- alarms ---- */

static void log_alarms(struct sampler *s)
{
	struct dcm_alarm_transition t;

	while (dcm_alarms_next_transition(s->alarms, &t))
		dcm_log(t.severity == DCM_SEVERITY_CLEARED ? DCM_LOG_NOTICE : DCM_LOG_WARNING,
			"alarm %u %s %s%s: %s", t.index, dcm_alarm_type_name(t.type),
			dcm_severity_name(t.severity), t.test ? " (test)" : "", t.text);
}

static void keep_alarms(struct sampler *s, const struct dcm_snapshot *snapshot)
{
	struct dcm_reason reason = {""};
	int err;

	log_alarms(s);
	err = dcm_alarms_flush(s->alarms, snapshot, dcm_now_ns(), &reason);
	tell_written(err, &reason, &s->write_failing, "alarms and recordings are written again");
}

static int open_alarms(struct sampler *s)
{
	struct dcm_reason reason = {""};
	int err = dcm_alarms_create(&s->config, &reason, &s->alarms);

	if (err) {
		dcm_log(DCM_LOG_ERROR, "alarms: %s", strerror(-err));
		return err;
	}
	if (reason.text[0])
		dcm_log(DCM_LOG_WARNING, "%s", reason.text);
	dcm_collector_set_hook(s->collector, dcm_alarms_hook, s->alarms);
	return 0;
}

/* ---- numbers of superblocks ---- */

static void keep_numbers(struct sampler *s)
{
	struct dcm_reason reason = {""};
	int err = dcm_numbers_flush(s->numbers, dcm_now_ns(), &reason);

	tell_written(err, &reason, &s->numbers_failing, "numbers of superblocks are written again");
}

static int open_numbers(struct sampler *s)
{
	struct dcm_reason reason = {""};
	int err = dcm_numbers_create(&s->config, dcm_collector_roster(s->collector), &reason,
				     &s->numbers);

	if (err)
		dcm_log(DCM_LOG_ERROR, "numbers of superblocks: %s", strerror(-err));
	else if (reason.text[0])
		dcm_log(DCM_LOG_WARNING, "%s", reason.text);
	return err;
}

/* ---- snapshots ---- */

static void publish(struct sampler *s)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	int err = dcm_collector_publish(s->collector, dcm_snapshot_server_readers(s->server),
					&snapshot);

	if (!err)
		err = dcm_snapshot_server_publish(s->server, snapshot);
	if (err)
		dcm_complain(&s->publish_failing, DCM_LOG_ERROR, "cannot publish a snapshot: %s",
			     strerror(-err));
	else
		dcm_settle(&s->publish_failing, "snapshots are published again");
	keep_numbers(s);
	dcm_collector_account(s->collector, DCM_COST_PUBLISHING);
	keep_alarms(s, snapshot);
	dcm_collector_account(s->collector, DCM_COST_ALARMS);
	if (!err && !s->ready) {
		dcm_daemonize_ready(s->ready_fd);
		s->ready = true;
		s->trim_ns = dcm_now_ns() + TRIM_NS;
	}
}

/* ---- the loop ---- */

static void start_agent(struct sampler *s, uint64_t now_ns)
{
	bool first = !s->supervise.started_ns;
	int fd;

	if (s->supervise.pid || now_ns < s->supervise.due_ns)
		return;
	dcm_collector_account(s->collector, DCM_COST_WAKING);
	if (dcm_supervisor_start(&s->supervise, &s->options, &s->config, now_ns, &fd) == 0) {
		dcm_alarms_agent_started(s->alarms);
		dcm_snapshot_server_add(s->server, fd);
	}
	if (first)
		dcm_collector_account_start(s->collector);
}

static void handle_signals(struct sampler *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(s);
		else if (info.ssi_signo == SIGUSR2)
			dcm_alarms_test(s->alarms);
		else if (info.ssi_signo != SIGCHLD)
			s->stop = true;
	}
	dcm_supervisor_reap(&s->supervise, dcm_now_ns());
}

/* Whoever mutes snmpd, the agent process or the module inside, says so on the snapshot socket. */
static void take_reload(struct sampler *s)
{
	uint32_t every = 0;
	bool has = dcm_snapshot_server_reload_every(s->server, &every);

	if (has == s->has_reload && every == s->reload_every)
		return;
	s->has_reload = has;
	s->reload_every = every;
	dcm_collector_set_reload(s->collector, has ? &every : NULL);
	if (!has)
		dcm_log(DCM_LOG_NOTICE, "nobody mutes snmpd's reload of its interface table");
	else if (every)
		dcm_log(DCM_LOG_NOTICE,
			"snmpd reloads its interface table every %u s, says who "
			"mutes it",
			every);
	else
		dcm_log(DCM_LOG_NOTICE, "snmpd reloads its interface table only when asked, says "
					"its module");
}

static void take_module(struct sampler *s)
{
	bool served = false;
	bool connected = dcm_snapshot_server_module_mib(s->server, &served);

	dcm_collector_set_module_mib(s->collector, connected ? &served : NULL);
}

static void wait_events(struct sampler *s, uint64_t until_ns)
{
	struct pollfd fds[] = {
		{.fd = s->signal_fd, .events = POLLIN},
		{.fd = dcm_snapshot_server_fd(s->server), .events = POLLIN},
		{.fd = dcm_collector_fd(s->collector), .events = POLLIN}, /* wakes only */
	};
	struct dcm_interfaces_wanted wanted;
	struct dcm_notify_counts report;
	struct timespec left = dcm_timespec_until(until_ns);

	if (ppoll(fds, DCM_ARRAY_SIZE(fds), until_ns == UINT64_MAX ? NULL : &left, NULL) <= 0)
		return;
	if (fds[0].revents)
		handle_signals(s);
	if (fds[1].revents)
		dcm_snapshot_server_dispatch(s->server);
	take_reload(s);
	take_module(s);
	if (dcm_snapshot_server_take_report(s->server, &report))
		dcm_alarms_notified(s->alarms, &report);
	if (dcm_snapshot_server_interfaces_wanted(s->server, &wanted)) {
		uint64_t now = dcm_now_ns();

		dcm_collector_want_interfaces(
			s->collector, now, now + DCM_SNAPSHOT_INTERFACES_SECONDS * DCM_NSEC_PER_SEC,
			&wanted);
	}
}

/* At a wake-up that there is anyway. */
static void trim_once(struct sampler *s, uint64_t now_ns)
{
	if (!s->trim_ns || now_ns < s->trim_ns)
		return;
	s->trim_ns = 0;
	dcm_collector_account(s->collector, DCM_COST_WAKING);
	dcm_trim_process();
	dcm_collector_account_start(s->collector);
}

static void loop(struct sampler *s)
{
	while (!s->stop) {
		struct dcm_collector_change change;
		uint64_t now = dcm_now_ns(), next;

		dcm_collector_run(s->collector, now, &next);
		while (dcm_collector_next_change(s->collector, &change))
			log_change(&change);
		if (dcm_collector_wants_publish(s->collector, now))
			publish(s);
		trim_once(s, now);
		start_agent(s, now);
		if (!s->supervise.pid && s->supervise.due_ns < next)
			next = s->supervise.due_ns;
		dcm_systemd_alive(&s->service, now, &next);
		wait_events(s, next);
	}
}

/* ---- start and end ---- */

static int open_signals(int *ret_fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR2); /* raise and clear the test alarm */
	sigaddset(&set, SIGCHLD);
	/* Before any thread starts, so that none of them takes a signal. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* RLIMIT_FSIZE: a snapshot or a recording cannot be written */
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? -errno : 0;
}

static int open_server(struct sampler *s)
{
	const struct dcm_config_sampling *config = &s->config.sampling;
	struct dcm_reason reason;
	int err = dcm_snapshot_server_create(&s->server);

	if (err) {
		dcm_log(DCM_LOG_ERROR, "snapshot server: %s", strerror(-err));
		return err;
	}
	if (!config->socket[0])
		return 0;
	if (dcm_snapshot_server_listen(s->server, config->socket, config->socket_group, &reason) <
	    0)
		dcm_log(DCM_LOG_WARNING, "%s; continuing without a snapshot socket", reason.text);
	return 0;
}

/* The process that mutes snmpd inherits the filter; for another address than a local socket it has
 * to look up names and to send. The AgentX socket is always local (dcm_config_value_check_agentx).
 */
static bool mutes_over_network(const struct dcm_config_if_mib *config)
{
	return *config->mute_credentials && !dcm_snmp_address_path(config->mute_address);
}

static void give_up_privileges(struct sampler *s)
{
	const struct dcm_sandbox_options sandbox = {
		.role = DCM_SANDBOX_SAMPLER,
		.inet = mutes_over_network(&s->config.if_mib),
		.namespaces = dcm_contexts_config_needs(&s->config.if_mib.contexts) != 0,
		.kernel_log = s->options.level == DCM_LOG_DEBUG,
	};
	struct dcm_reason reason;
	int err;

	s->needs = dcm_contexts_config_needs(&s->config.if_mib.contexts);
	dcm_sampler_privileges_drop(dcm_collector_capabilities(s->collector),
				    s->config.snmp.user[0] != '\0');
	if (s->options.no_seccomp)
		return;
	err = dcm_sandbox_enter(&sandbox, &reason);
	if (err < 0)
		dcm_log(err == -EOPNOTSUPP ? DCM_LOG_DEBUG : DCM_LOG_WARNING,
			"system calls are not filtered: %s", reason.text);
}

static int start(struct sampler *s)
{
	struct dcm_reason reason = {""};
	int err = open_signals(&s->signal_fd);

	if (err) {
		dcm_log(DCM_LOG_ERROR, "signals: %s", strerror(-err));
		return err;
	}
	err = dcm_housekeeping_enter(s->config.sampling.root);
	if (err)
		dcm_log(DCM_LOG_WARNING, "cannot leave the isolated CPUs: %s", strerror(-err));
	err = dcm_collector_create(&s->config, &reason, &s->collector);
	if (err) {
		dcm_log(DCM_LOG_ERROR, "%s", reason.text);
		return err;
	}
	err = open_numbers(s);
	if (!err)
		err = open_alarms(s);
	if (!err)
		err = open_server(s);
	if (!err)
		give_up_privileges(s);
	return err;
}

static void finish(struct sampler *s)
{
	dcm_systemd_tell("STOPPING=1");
	dcm_supervisor_stop(&s->supervise, AGENT_GRACE_MS);
	dcm_snapshot_server_destroy(s->server);
	dcm_numbers_destroy(s->numbers);
	dcm_collector_destroy(s->collector);
	dcm_alarms_destroy(s->alarms);
	if (s->signal_fd >= 0)
		close(s->signal_fd);
}

int dcm_sampler_main(const struct dcm_command_line *options)
{
	static struct sampler s;
	int err;

	s = (struct sampler){.options = *options, .signal_fd = -1, .ready_fd = -1};
	dcm_supervisor_init(&s.supervise);
	dcm_log_set_name("dcachemon-snmp");
	dcm_log_set_level(options->level);
	if (load_config(&s.options, &s.config) < 0)
		return 1;
	if (!options->foreground) {
		err = dcm_daemonize_enter(&s.ready_fd);
		if (err) {
			dcm_log(DCM_LOG_ERROR, "cannot detach: %s", strerror(-err));
			return 1;
		}
		dcm_agent_process_log_to_syslog();
	}
	dcm_systemd_init(&s.service); /* after the fork: WATCHDOG_PID */
	err = start(&s);
	if (!err)
		loop(&s);
	finish(&s);
	return err ? 1 : 0;
}
