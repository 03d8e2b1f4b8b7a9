// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/agent.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/base/minmax.h"
#include "common/base/trim.h"
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

/* What the loop polls; then follow libnetsnmp's, two of them: the session and its internal pipe. */
enum { FD_SNAPSHOT, FD_SIGNAL, FD_STOP, FD_LINKS, OWN_FDS };
#define LIBRARY_FDS 32

/* A registration that the master refuses is repeated after 1, 2, 4 .. 64 s. */
#define REREGISTER_MAX_SECONDS 64
/* After this many, what only the start needed is given back. */
#define TRIM_SNAPSHOTS 5
/* How long a killed sampler may take to end with all its threads. */
#define SAMPLER_END_MS 300

enum part { PART_TAKEOVER, PART_CONTEXTS, PART_ALARMS, PART_LINKS, PART_COUNT };

/* In the order in which they get events. */
static const struct dcm_part *const part_types[PART_COUNT] = {
	[PART_TAKEOVER] = &dcm_if_takeover_part,
	[PART_CONTEXTS] = &dcm_context_tables_part,
	[PART_ALARMS] = &dcm_alarm_sender_part,
	[PART_LINKS] = &dcm_link_sender_part,
};

struct agent {
	const struct dcm_agent_options *options;
	struct dcm_config *config;
	struct dcm_metric_handler *handler;
	void *parts[PART_COUNT]; /* NULL: not there */
	struct dcm_signals signals;
	int snapshot_fd;
	struct dcm_complaint snapshot_bad;
	bool stop;
	bool told_to_stop; /* by the service manager; the sampler still runs */
	pid_t sampler;
	uint64_t snapshots;
	struct dcm_notify_counts reported;
	uint64_t reregister_ns; /* when to register again; 0: not needed */
	unsigned reregister_seconds;
};

/* For each part that is there and takes @event; @i is its number. */
#define FOR_EACH_PART(agent, i, event)          \
	for (size_t i = 0; i < PART_COUNT; i++) \
		if ((agent)->parts[i] && part_types[i]->event)

static const char *socket_name(const struct agent *agent)
{
	if (agent->options->agentx_socket)
		return agent->options->agentx_socket;
	if (*agent->config->snmp.agentx_socket)
		return agent->config->snmp.agentx_socket;
	return DCM_AGENTX_SOCKET;
}

/* ---- the master ---- */

static void on_agentx_event(void *ctx, bool connected, uint32_t uptime_ticks)
{
	struct dcm_mib_uptime uptime = {.at_ns = dcm_now_ns(), .ticks = uptime_ticks};
	struct agent *agent = ctx;

	if (connected)
		dcm_metric_handler_set_uptime(agent->handler, uptime);
	FOR_EACH_PART (agent, i, connection)
		part_types[i]->connection(agent->parts[i], connected, uptime);
	if (!connected) {
		dcm_log(DCM_LOG_WARNING, "lost the AgentX master at %s: looking for it every %d s",
			socket_name(agent), DCM_AGENTX_RETRY_SECONDS);
		return;
	}
	dcm_log(DCM_LOG_NOTICE, "connected to the AgentX master at %s", socket_name(agent));
	agent->reregister_seconds = 1;
}

static bool on_request(void *ctx, struct snmp_pdu *pdu, bool next)
{
	struct agent *agent = ctx;

	FOR_EACH_PART (agent, i, direct)
		if (part_types[i]->direct(agent->parts[i], pdu, next))
			return true;
	return dcm_metric_handler_direct(agent->handler, pdu, next);
}

/* The library keeps trying silently without permission: log it, with the remedy. */
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
	const char *root = agent->config->snmp.root_oid;
	int err;

	err = dcm_metric_handler_register(agent->handler, *root ? root : DCM_ROOT_OID);
	if (err < 0)
		dcm_log(DCM_LOG_ERROR, "cannot register %s: %s", root, strerror(-err));
	return err;
}

/* Returns when it is to be called again, UINT64_MAX: when the registration is lost. */
static uint64_t check_registration(struct agent *agent, uint64_t now_ns)
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
	return agent->reregister_ns ? agent->reregister_ns : UINT64_MAX;
}

/* ---- the sampler ---- */

static void subscribe(struct agent *agent)
{
	int err = dcm_snapshot_client_subscribe(agent->snapshot_fd);

	if (err < 0) {
		dcm_log(DCM_LOG_NOTICE, "the sampler has ended (%s)", strerror(-err));
		agent->stop = true;
	}
}

/* The sampler publishes it, and keeps it for the next agent process. */
static void report_notifications(struct agent *agent)
{
	struct dcm_notify_counts counts;

	dcm_notifier_counts(agent->parts[PART_ALARMS], &counts);
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
			FOR_EACH_PART (agent, i, swap)
				part_types[i]->swap(agent->parts[i], snapshot);
		}
	}
	if (err < 0) {
		dcm_complain(&agent->snapshot_bad, DCM_LOG_ERROR,
			     "snapshot refused, the last one stays: %s", reason.text);
	} else {
		dcm_settle(&agent->snapshot_bad, "snapshots are accepted again");
		agent->snapshots++;
		/* By now the library is set up, and has a master or looks for one. */
		if (agent->snapshots == TRIM_SNAPSHOTS)
			dcm_trim_process();
	}
	report_notifications(agent);
}

/* ---- signals ---- */

static void log_takeover(const struct agent *agent, enum dcm_log_level level)
{
	const struct dcm_latency *time = dcm_if_takeover_time(agent->parts[PART_TAKEOVER]);

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
	log_takeover(agent, level);
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
	dcm_agent_config_warn(agent->config, &fresh, DCM_CONFIG_BY_AGENT);
	moved = strcmp(fresh.snmp.root_oid, agent->config->snmp.root_oid) != 0;
	memcpy(agent->config->snmp.root_oid, fresh.snmp.root_oid, sizeof(fresh.snmp.root_oid));
	FOR_EACH_PART (agent, i, configure)
		part_types[i]->configure(agent->parts[i], &fresh);
	if (moved && register_objects(agent) == 0)
		dcm_log(DCM_LOG_NOTICE, "serving %s now", agent->config->snmp.root_oid);
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

/* Returns when to call it again. */
static uint64_t run_parts(struct agent *agent)
{
	uint64_t due_ns = check_registration(agent, dcm_now_ns());

	FOR_EACH_PART (agent, i, run)
		due_ns = DCM_MIN(due_ns, part_types[i]->run(agent->parts[i], dcm_now_ns()));
	return due_ns;
}

static void run_once(struct agent *agent)
{
	struct dcm_link_notifier *links = agent->parts[PART_LINKS];
	struct pollfd fds[OWN_FDS + LIBRARY_FDS] = {
		[FD_SNAPSHOT] = {.fd = agent->snapshot_fd, .events = POLLIN},
		[FD_SIGNAL] = {.fd = agent->signals.fd, .events = POLLIN},
		[FD_STOP] = {.fd = agent->signals.stop_fd, .events = POLLIN},
		[FD_LINKS] = {.fd = dcm_link_notifier_fd(links), .events = POLLIN},
	};
	uint64_t due_ns, library_due_ns;
	size_t count;

	dcm_sandbox_report();
	due_ns = run_parts(agent);
	count = dcm_agentx_poll_prepare(fds + OWN_FDS, LIBRARY_FDS, &library_due_ns);
	due_ns = DCM_MIN(due_ns, library_due_ns);
	if (poll(fds, OWN_FDS + count, dcm_timeout_ms(due_ns, dcm_now_ns())) < 0) {
		if (errno == EINTR)
			return;
		dcm_log(DCM_LOG_ERROR, "poll: %s", strerror(errno));
		agent->stop = true;
		return;
	}
	if (fds[FD_SIGNAL].revents || fds[FD_STOP].revents)
		handle_signals(agent);
	if (fds[FD_SNAPSHOT].revents && !agent->stop)
		take_snapshot(agent);
	if (agent->stop)
		return;
	if (fds[FD_LINKS].revents)
		dcm_link_notifier_read(links);
	dcm_agentx_poll_dispatch(fds + OWN_FDS, count);
}

/* ---- start ---- */

static int create_part(struct agent *agent, enum part part, struct dcm_reason *reason)
{
	const struct dcm_part_context context = {.config = agent->config,
						 .snapshot_fd = agent->snapshot_fd,
						 .no_seccomp = agent->options->no_seccomp,
						 .metrics = agent->handler};

	return part_types[part]->create(&context, reason, &agent->parts[part]);
}

static int drop_privileges(struct agent *agent, struct dcm_reason *reason)
{
	return dcm_privileges_drop(agent->config->snmp.user, reason);
}

/* The rest works without it. */
static int watch_links(struct agent *agent, struct dcm_reason *reason)
{
	if (create_part(agent, PART_LINKS, reason) < 0)
		dcm_log(DCM_LOG_ERROR, "linkUp and linkDown are not sent: %s", reason->text);
	return 0;
}

static int enter_sandbox(struct agent *agent, struct dcm_reason *reason)
{
	static const struct dcm_sandbox_options options = {.role = DCM_SANDBOX_AGENT};
	int err;

	if (agent->options->no_seccomp)
		return 0;
	err = dcm_sandbox_enter(&options, reason);
	if (err < 0)
		dcm_log(err == -EOPNOTSUPP ? DCM_LOG_DEBUG : DCM_LOG_WARNING,
			"system calls are not filtered: %s", reason->text);
	return 0;
}

static int start_library(struct agent *agent, struct dcm_reason *reason)
{
	struct dcm_agentx_options agentx = {.socket = socket_name(agent),
					    .ping_interval = agent->config->snmp.ping_interval,
					    .event = on_agentx_event,
					    .direct = on_request,
					    .ctx = agent};
	int err;

	check_socket_access(agent);
	err = dcm_agentx_init(&agentx);
	return err < 0 ? dcm_reason_set(reason, err, "it does not start") : 0;
}

static int create_metrics(struct agent *agent, struct dcm_reason *reason)
{
	int err = dcm_metric_handler_create(DCM_METRIC_PRIORITY, &agent->handler);

	return err < 0 ? dcm_reason_set(reason, err, "%s", strerror(-err)) : 0;
}

/* The muting process of the take-over keeps privileges; the filter would refuse the netlink socket
 * of the links; alarms and contexts need the library. */
static const struct {
	const char *name;
	int (*run)(struct agent *agent, struct dcm_reason *reason); /* NULL: create the part */
	enum part part;
} steps[] = {
	{"take-over", .part = PART_TAKEOVER},
	{"privileges", .run = drop_privileges},
	{"link notifications", .run = watch_links},
	{"filter of system calls", .run = enter_sandbox},
	{"libnetsnmp", .run = start_library},
	{"table of objects", .run = create_metrics},
	{"notifications", .part = PART_ALARMS},
	{"contexts", .part = PART_CONTEXTS},
};

static int start(struct agent *agent)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(steps); i++) {
		struct dcm_reason reason = {""};
		int err = steps[i].run ? steps[i].run(agent, &reason)
				       : create_part(agent, steps[i].part, &reason);

		if (err < 0) {
			dcm_log(DCM_LOG_ERROR, "%s: %s", steps[i].name, reason.text);
			return err;
		}
	}
	return register_objects(agent);
}

static void run(struct agent *agent)
{
	subscribe(agent);
	dcm_agentx_open();
	log_absence(agent);
	while (!agent->stop)
		run_once(agent);
	log_statistics(agent, DCM_LOG_DEBUG);
}

int dcm_agent_main(const struct dcm_agent_options *options)
{
	struct agent agent = {.options = options,
			      .config = options->config,
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
	if (agent.told_to_stop && dcm_if_takeover_mutes(agent.parts[PART_TAKEOVER]) &&
	    sampler_lives(&agent))
		dcm_if_takeover_leave(agent.parts[PART_TAKEOVER]);
	dcm_agentx_close();
	FOR_EACH_PART (&agent, i, destroy)
		part_types[i]->destroy(agent.parts[i]);
	dcm_metric_handler_destroy(agent.handler);
	close(agent.snapshot_fd);
	dcm_signals_close(&agent.signals);
	return err < 0 ? 1 : 0;
}
