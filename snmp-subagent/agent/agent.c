// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/agent.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/base/minmax.h"
#include "common/transport/snapshot_memfd.h"
#include "snmp-subagent/agent/agentx.h"
#include "snmp-subagent/agent/alarm_sender.h"
#include "snmp-subagent/agent/context_tables.h"
#include "snmp-subagent/agent/if_takeover.h"
#include "snmp-subagent/agent/link_sender.h"
#include "snmp-subagent/agent_config.h"
#include "snmp-subagent/privileges.h"
#include "snmp-subagent/sandbox.h"
#include "snmp-subagent/signals.h"
#include "snmp-tables/metric_handler.h"

/* libnetsnmp has two: the session and its internal pipe. */
#define LIBRARY_FDS 32
#define OWN_FDS	    4

/* A registration that the master refuses is repeated after 1, 2, 4 .. 64 s. */
#define REREGISTER_MAX_SECONDS 64
/* How long a killed sampler may take to end with all its threads. */
#define SAMPLER_END_MS 300

struct agent {
	const struct dcm_agent_options *options;
	struct dcm_config config;
	struct dcm_metric_handler *handler;
	struct dcm_notifier *notifier;
	struct dcm_link_notifier *links;
	struct dcm_if_takeover *takeover;
	struct dcm_context_tables *contexts;
	struct dcm_signals signals;
	int snapshot_fd;
	struct dcm_complaint snapshot_bad;
	bool stop;
	bool told_to_stop; /* by whoever runs the service; the sampler lives */
	pid_t sampler;
	uint64_t snapshots;
	struct dcm_notify_counts reported;
	uint64_t reregister_ns; /* when to register anew; 0: not needed */
	unsigned reregister_seconds;
};

static const char *socket_name(const struct agent *agent)
{
	if (agent->options->agentx_socket)
		return agent->options->agentx_socket;
	if (*agent->config.snmp.agentx_socket)
		return agent->config.snmp.agentx_socket;
	return DCM_AGENTX_SOCKET;
}

/* ---- the master ---- */

static void on_agentx_event(void *ctx, bool connected, uint32_t uptime_ticks)
{
	struct dcm_mib_uptime uptime = {.at_ns = dcm_now_ns(), .ticks = uptime_ticks};
	struct agent *agent = ctx;

	dcm_notifier_connection(agent->notifier, connected, dcm_now_ns());
	dcm_link_notifier_connection(agent->links, connected);
	if (!connected) {
		dcm_log(DCM_LOG_WARNING, "lost the AgentX master at %s: looking for it every %d s",
			socket_name(agent), DCM_AGENTX_RETRY_SECONDS);
		return;
	}
	dcm_log(DCM_LOG_NOTICE, "connected to the AgentX master at %s", socket_name(agent));
	agent->reregister_seconds = 1;
	dcm_metric_handler_set_uptime(agent->handler, uptime);
	dcm_if_takeover_connected(agent->takeover, uptime);
	dcm_context_tables_connected(agent->contexts, uptime);
}

static bool on_request(void *ctx, struct snmp_pdu *pdu, bool next)
{
	struct agent *agent = ctx;

	return dcm_if_takeover_direct(agent->takeover, pdu, next) ||
	       dcm_context_tables_direct(agent->contexts, pdu, next);
}

/* A missing permission is silent in the library, which goes on trying: say it, with the remedy. */
static void check_socket_access(const struct agent *agent)
{
	const char *path = socket_name(agent);

	if (*path != '/' || !access(path, R_OK | W_OK) || errno != EACCES)
		return;
	dcm_log(DCM_LOG_WARNING,
		"no permission for the AgentX socket %s (uid %u): set \"agentXPerms 0660 0755 root "
		"GROUP\" in snmpd.conf and make the user a member of GROUP",
		path, (unsigned)geteuid());
}

static void log_absence(const struct agent *agent)
{
	if (!dcm_agentx_connected())
		dcm_log(DCM_LOG_WARNING, "no AgentX master at %s yet: looking for it every %d s",
			socket_name(agent), DCM_AGENTX_RETRY_SECONDS);
}

static int register_objects(struct agent *agent)
{
	const char *root = agent->config.snmp.root_oid;
	int err;

	err = dcm_metric_handler_register(agent->handler, *root ? root : DCM_ROOT_OID);
	if (err < 0)
		dcm_log(DCM_LOG_ERROR, "cannot register %s: %s", root, strerror(-err));
	return err;
}

static void check_registration(struct agent *agent, uint64_t now_ns)
{
	if (dcm_agentx_registration_lost() && !agent->reregister_ns) {
		agent->reregister_ns =
			now_ns + (uint64_t)agent->reregister_seconds * DCM_NSEC_PER_SEC;
		if (agent->reregister_seconds < REREGISTER_MAX_SECONDS)
			agent->reregister_seconds *= 2;
	}
	if (agent->reregister_ns && now_ns >= agent->reregister_ns) {
		agent->reregister_ns = 0;
		dcm_agentx_register_again();
	}
}

/* ---- the sampler ---- */

static void request_snapshot(struct agent *agent)
{
	int err = dcm_snapshot_client_request(agent->snapshot_fd);

	if (err < 0 && err != -EAGAIN) {
		dcm_log(DCM_LOG_NOTICE, "the sampler has ended (%s)", strerror(-err));
		agent->stop = true;
	}
}

/* The sampler publishes it, and keeps it for the next agent process. */
static void report_notifications(struct agent *agent)
{
	struct dcm_notify_counts counts;

	dcm_notifier_counts(agent->notifier, &counts);
	if (!memcmp(&counts, &agent->reported, sizeof(counts)))
		return;
	if (dcm_snapshot_client_report(agent->snapshot_fd, &counts) == 0)
		agent->reported = counts;
}

static void take_snapshot(struct agent *agent)
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};
	int err;

	err = dcm_snapshot_client_receive(agent->snapshot_fd, &reason, &snapshot);
	if (err == -EAGAIN)
		return;
	if (err == -EPIPE || err == -ECONNRESET) {
		dcm_log(DCM_LOG_NOTICE, "the sampler has ended");
		agent->stop = true;
		return;
	}
	if (!err) {
		err = dcm_metric_handler_swap(agent->handler, snapshot);
		if (err < 0) {
			dcm_snapshot_destroy(snapshot);
			dcm_reason_set(&reason, err, "%s", strerror(-err));
		} else {
			dcm_notifier_update(agent->notifier, snapshot, dcm_now_ns());
			dcm_if_takeover_swap(agent->takeover, snapshot);
			dcm_context_tables_swap(agent->contexts, snapshot);
		}
	}
	if (err < 0) {
		dcm_complain(&agent->snapshot_bad, DCM_LOG_ERROR,
			     "snapshot refused, the last one stays: %s", reason.text);
	} else {
		dcm_settle(&agent->snapshot_bad, "snapshots are accepted again");
		agent->snapshots++;
	}
	report_notifications(agent);
	request_snapshot(agent);
}

/* ---- signals ---- */

static void log_take_over(const struct agent *agent, enum dcm_log_level level)
{
	const struct dcm_latency *time = dcm_if_takeover_time(agent->takeover);

	if (time->calls)
		dcm_log(level,
			"interface tables: %" PRIu64 " calls, %" PRIu64 " requests, p99 %" PRIu64
			" us, max %" PRIu64 " us",
			time->calls, time->requests, dcm_latency_quantile(time, 0.99) / 1000,
			time->max_ns / 1000);
}

static void log_statistics(const struct agent *agent, enum dcm_log_level level)
{
	const struct dcm_latency *time = dcm_metric_handler_time(agent->handler);

	dcm_log(level,
		"handler: %" PRIu64 " calls, %" PRIu64 " requests, p50 %" PRIu64 " us, p99 %" PRIu64
		" us, max %" PRIu64 " us; %" PRIu64 " snapshots; %s",
		time->calls, time->requests, dcm_latency_quantile(time, 0.5) / 1000,
		dcm_latency_quantile(time, 0.99) / 1000, time->max_ns / 1000, agent->snapshots,
		dcm_agentx_connected() ? "connected" : "not connected");
	log_take_over(agent, level);
}

static void reload(struct agent *agent)
{
	struct dcm_config fresh;
	bool moved;

	if (!agent->options->config_path)
		return;
	if (dcm_agent_config_read(agent->options->config_path, &fresh) < 0) {
		dcm_log(DCM_LOG_ERROR, "%s not read: the configuration stays as it was",
			agent->options->config_path);
		return;
	}
	if (strcmp(fresh.snmp.agentx_socket, agent->config.snmp.agentx_socket) ||
	    strcmp(fresh.snmp.user, agent->config.snmp.user) ||
	    fresh.snmp.ping_interval != agent->config.snmp.ping_interval)
		dcm_log(DCM_LOG_WARNING,
			"[snmp] agentx_socket, ping_interval and user change with a restart only");
	if (fresh.if_mib.link_traps != agent->config.if_mib.link_traps)
		dcm_log(DCM_LOG_WARNING, "[if_mib] link_traps changes with a restart only");
	dcm_notifier_configure(agent->notifier, &fresh);
	dcm_link_notifier_configure(agent->links, &fresh);
	moved = strcmp(fresh.snmp.root_oid, agent->config.snmp.root_oid) != 0;
	memcpy(agent->config.snmp.root_oid, fresh.snmp.root_oid, sizeof(fresh.snmp.root_oid));
	dcm_if_takeover_configure(agent->takeover, &fresh);
	dcm_context_tables_configure(agent->contexts, &fresh);
	if (moved && register_objects(agent) == 0)
		dcm_log(DCM_LOG_NOTICE, "serving %s now", agent->config.snmp.root_oid);
}

/*
 * A killed sampler ends thread by thread: as long as one is left, getppid(2) still names it, though
 * the signal of its death has come. Its end of the socket closes with the last one.
 */
static bool sampler_lives(const struct agent *agent)
{
	struct pollfd fd = {.fd = agent->snapshot_fd, .events = POLLRDHUP};

	return poll(&fd, 1, SAMPLER_END_MS) == 0;
}

static void handle_signals(struct agent *agent)
{
	struct dcm_signal_set set = dcm_signals_read(&agent->signals);

	/* The death of the sampler sends the same signal (PR_SET_PDEATHSIG). */
	if (set.stop)
		agent->told_to_stop = getppid() == agent->sampler;
	if (set.stop)
		agent->stop = true;
	if (set.reload)
		reload(agent);
	if (set.statistics)
		log_statistics(agent, DCM_LOG_NOTICE);
}

/* ---- the loop ---- */

/* Lowers *@timeout_ms, -1 for ever, to the time left until @due_ns, rounded up. */
static void limit_timeout(uint64_t due_ns, int *timeout_ms)
{
	uint64_t now = dcm_now_ns();
	uint64_t left = due_ns > now ? (due_ns - now - 1) / DCM_NSEC_PER_MSEC + 1 : 0;

	if (due_ns == UINT64_MAX)
		return;
	if (*timeout_ms < 0 || left < (uint64_t)*timeout_ms)
		*timeout_ms = (int)DCM_MIN(left, (uint64_t)INT_MAX);
}

static void run_once(struct agent *agent)
{
	struct pollfd fds[OWN_FDS + LIBRARY_FDS] = {
		{.fd = agent->snapshot_fd, .events = POLLIN},
		{.fd = agent->signals.fd, .events = POLLIN},
		{.fd = agent->signals.stop_fd, .events = POLLIN},
		{.fd = dcm_link_notifier_fd(agent->links), .events = POLLIN},
	};
	int timeout = -1;
	size_t count;

	dcm_sandbox_report();
	dcm_if_takeover_tick(agent->takeover, dcm_now_ns(), &timeout);
	dcm_context_tables_tick(agent->contexts, dcm_now_ns(), &timeout);
	check_registration(agent, dcm_now_ns());
	if (agent->reregister_ns && (timeout < 0 || timeout > 1000))
		timeout = 1000;
	limit_timeout(dcm_notifier_run(agent->notifier, dcm_now_ns()), &timeout);
	limit_timeout(dcm_link_notifier_run(agent->links, dcm_now_ns()), &timeout);
	count = dcm_agentx_poll_prepare(fds + OWN_FDS, LIBRARY_FDS, &timeout);
	if (poll(fds, OWN_FDS + count, timeout) < 0) {
		if (errno == EINTR)
			return;
		dcm_log(DCM_LOG_ERROR, "poll: %s", strerror(errno));
		agent->stop = true;
		return;
	}
	if (fds[1].revents || fds[2].revents)
		handle_signals(agent);
	if (fds[0].revents && !agent->stop)
		take_snapshot(agent);
	if (agent->stop)
		return;
	if (fds[3].revents)
		dcm_link_notifier_read(agent->links);
	dcm_agentx_poll_dispatch(fds + OWN_FDS, count);
}

static void enter_sandbox(const struct agent *agent)
{
	const struct dcm_sandbox_options options = {.role = DCM_SANDBOX_AGENT,
						    .inet = *socket_name(agent) != '/'};
	struct dcm_reason reason;
	int err;

	if (agent->options->no_seccomp)
		return;
	err = dcm_sandbox_enter(&options, &reason);
	if (err < 0)
		dcm_log(err == -EOPNOTSUPP ? DCM_LOG_DEBUG : DCM_LOG_WARNING,
			"system calls are not filtered: %s", reason.text);
}

/* The rest goes on without it. */
static void watch_links(struct agent *agent)
{
	struct dcm_reason reason;

	if (dcm_link_notifier_create(&agent->config, dcm_now_ns(), &reason, &agent->links) < 0)
		dcm_log(DCM_LOG_ERROR, "linkUp and linkDown are not sent: %s", reason.text);
}

static int start(struct agent *agent)
{
	struct dcm_agentx_options agentx = {.socket = socket_name(agent),
					    .ping_interval = agent->config.snmp.ping_interval,
					    .event = on_agentx_event,
					    .direct = on_request,
					    .ctx = agent};
	struct dcm_reason reason;
	int err;

	err = dcm_if_takeover_create(&agent->config, agent->snapshot_fd, agent->options->no_seccomp,
				     &agent->takeover);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "take-over: %s", strerror(-err));
		return err;
	}
	err = dcm_privileges_drop(agent->config.snmp.user, &reason);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "%s", reason.text);
		return err;
	}
	watch_links(agent);
	enter_sandbox(agent);
	check_socket_access(agent);
	err = dcm_agentx_init(&agentx);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "libnetsnmp does not start");
		return err;
	}
	err = dcm_metric_handler_create(&agent->handler);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "table of objects: %s", strerror(-err));
		return err;
	}
	err = dcm_notifier_create(&agent->config, agent->handler, dcm_now_ns(), &agent->notifier);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "notifications: %s", strerror(-err));
		return err;
	}
	err = dcm_context_tables_create(agent->snapshot_fd, &agent->contexts);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "contexts: %s", strerror(-err));
		return err;
	}
	dcm_context_tables_configure(agent->contexts, &agent->config);
	return register_objects(agent);
}

static void run(struct agent *agent)
{
	request_snapshot(agent);
	dcm_agentx_open();
	log_absence(agent);
	while (!agent->stop)
		run_once(agent);
	log_statistics(agent, DCM_LOG_DEBUG);
}

int dcm_agent_main(const struct dcm_agent_options *options)
{
	struct agent agent = {.options = options,
			      .config = *options->config,
			      .snapshot_fd = options->snapshot_fd,
			      .reregister_seconds = 1,
			      .sampler = getppid()};
	int err;

	err = dcm_signals_open(DCM_AGENT_STOP_SECONDS, &agent.signals);
	if (err < 0) {
		dcm_log(DCM_LOG_ERROR, "signals: %s", strerror(-err));
		return 1;
	}
	err = start(&agent);
	if (!err)
		run(&agent);
	if (agent.told_to_stop && dcm_if_takeover_mutes(agent.takeover) && sampler_lives(&agent))
		dcm_if_takeover_leave(agent.takeover);
	dcm_agentx_close();
	dcm_notifier_destroy(agent.notifier);
	dcm_link_notifier_destroy(agent.links);
	dcm_if_takeover_destroy(agent.takeover);
	dcm_context_tables_destroy(agent.contexts);
	dcm_metric_handler_destroy(agent.handler);
	close(agent.snapshot_fd);
	dcm_signals_close(&agent.signals);
	return err < 0 ? 1 : 0;
}
