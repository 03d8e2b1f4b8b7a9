// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/library/large_fd_set.h>

#include "snmp-subagent/agent/agentx.h"

#include <errno.h>
#include <limits.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "snmp-client/netsnmp_start.h"
#include "snmp-subagent/agent/agentx_refusals.h"
#include "snmp-subagent/agent/agentx_stream.h"
#include "snmp-subagent/agent/netsnmp_log.h"

#define APPLICATION	     "dcachemon-snmp"
#define DEFAULT_PING_SECONDS 15
#define NULL_NODES	     3 /* ccitt, iso, joint-iso-ccitt: netsnmp_subtree_load() */

/* A walk is one request at a time: how long the next one is waited for, and a series of them may
 * keep the rest of the loop. */
#define SERIES_PAUSE_MS 1
#define SERIES_NS	(20 * DCM_NSEC_PER_MSEC)

static struct {
	struct dcm_agentx_options options;
	bool initialized;
	bool connected;
	bool registration_lost;
	unsigned refusals; /* expected, see dcm_agentx_context_begin() */
	uint64_t connected_ns;
	netsnmp_session *session;
	netsnmp_callback library_callback; /* of the session */
	bool answered;			   /* a request, directly */
} agentx;

/*
 * libnetsnmp has one interval for two purposes: pings of a master that is there and attempts to
 * find one that is not. It reads it when it starts either timer; the right one is put in place
 * before that.
 */
static void set_interval(unsigned seconds)
{
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL,
			   (int)seconds);
}

/* ---- requests that need not go through the library ---- */

static bool answer_directly(netsnmp_session *session, netsnmp_pdu *request)
{
	netsnmp_pdu *response = snmp_clone_pdu(request);

	if (!response)
		return false;
	response->version = session->version;
	if (!agentx.options.direct(agentx.options.ctx, response,
				   request->command == DCM_AGENTX_GETNEXT)) {
		snmp_free_pdu(response);
		return false;
	}
	response->command = DCM_AGENTX_RESPONSE;
	if (!snmp_send(session, response))
		snmp_free_pdu(response);
	/* The master lives: no ping for a while. The library keeps the timer's number here. */
	if (session->securityModel != SNMP_DEFAULT_SECMODEL)
		snmp_alarm_reset((unsigned)session->securityModel);
	agentx.answered = true;
	return true;
}

/* The library (5.9.3) keeps the length that a PDU states but copies its context up to the first NUL
 * byte only; cloning such a PDU reads past the end of the copy. */
static void trim_context(netsnmp_pdu *pdu)
{
	if (pdu->community)
		pdu->community_len = strnlen((char *)pdu->community, pdu->community_len);
	if (pdu->contextName)
		pdu->contextNameLen = strnlen(pdu->contextName, pdu->contextNameLen);
}

/*
 * In front of the library's own callback, which sends every request to an agent inside this process
 * and its answer back, each through a pipe and the poll loop: a table is walked with one request
 * per value, so that this detour was half of the time.
 */
static int on_packet(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *magic)
{
	if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
		trim_context(pdu);
	if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && agentx.options.direct &&
	    session == agentx.session &&
	    (pdu->command == DCM_AGENTX_GET || pdu->command == DCM_AGENTX_GETNEXT) &&
	    answer_directly(session, pdu))
		return 1;
	return agentx.library_callback(operation, session, id, pdu, magic);
}

static void intercept(netsnmp_session *session)
{
	if (session->callback == on_packet)
		return;
	agentx.library_callback = session->callback;
	session->callback = on_packet;
}

/* ---- the session ---- */

static netsnmp_transport *session_transport(void)
{
	return agentx.session ? snmp_sess_transport(snmp_sess_pointer(agentx.session)) : NULL;
}

/* RFC 2741 7.1.4: the master has not yet noticed the end of our last session, or another subagent
 * has the same objects. */
static void on_refused(uint16_t error)
{
	if (agentx.refusals) {
		agentx.refusals--;
		return;
	}
	agentx.registration_lost = true;
	/* By the library, which then counts repetitions. */
	snmp_log(LOG_WARNING, "the master refused a registration: error %u %s\n", error,
		 dcm_agentx_error_name(error));
}

/* Called between Open and the registrations. The answer to Open carried the master's sysUpTime. */
static int on_start(int major __attribute__((unused)), int minor __attribute__((unused)),
		    void *session, void *ctx __attribute__((unused)))
{
	agentx.connected = true;
	agentx.connected_ns = dcm_now_ns();
	agentx.session = session;
	intercept(session);
	if (session_transport())
		dcm_agentx_refusals_watch(session_transport(), on_refused);
	set_interval(agentx.options.ping_interval);
	agentx.options.event(agentx.options.ctx, true, (uint32_t)netsnmp_get_agent_uptime());
	return 0;
}

static int on_stop(int major __attribute__((unused)), int minor __attribute__((unused)),
		   void *session __attribute__((unused)), void *ctx __attribute__((unused)))
{
	set_interval(DCM_AGENTX_RETRY_SECONDS);
	agentx.session = NULL;
	if (!agentx.connected)
		return 0;
	agentx.connected = false;
	agentx.options.event(agentx.options.ctx, false, 0);
	return 0;
}

/* The library's log line of a refusal: ours was before it. */
static bool on_library_message(const char *message)
{
	return !strncmp(message, "registering pdu failed", strlen("registering pdu failed"));
}

static void set_role(void)
{
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS,
			       1);
	/* Of SNMPv1 traps, which the master makes itself: without it the library opens a socket for
	 * each notification to find an address, and the seccomp filter refuses that. */
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_TRAP_ADDR, "0.0.0.0");
}

/* One attempt with one time-out: a repeated request on a stream would only be answered twice. */
static void limit_waiting(void)
{
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_RETRIES, 0);
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_TIMEOUT,
			   DCM_AGENTX_TIMEOUT_SECONDS);
}

int dcm_agentx_init(const struct dcm_agentx_options *options)
{
	agentx.options = *options;
	if (!agentx.options.ping_interval)
		agentx.options.ping_interval = DEFAULT_PING_SECONDS;
	dcm_library_isolate();
	set_role();
	dcm_netsnmp_log_start(on_library_message);
	if (*options->socket)
		netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
				      options->socket);
	if (init_agent(APPLICATION))
		return -EIO;
	agentx.initialized = true;
	set_interval(DCM_AGENTX_RETRY_SECONDS); /* after init_agent(), which sets its own */
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, on_start,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, on_stop, NULL);
	return 0;
}

/* What follows a call into the library that may have opened a session. */
static void after_call(void)
{
	if (!agentx.connected_ns)
		return;
	/* The library does not say that a registration timed out. */
	if (dcm_now_ns() - agentx.connected_ns >= DCM_AGENTX_TIMEOUT_SECONDS * DCM_NSEC_PER_SEC)
		agentx.registration_lost = true;
	agentx.connected_ns = 0;
	set_interval(DCM_AGENTX_RETRY_SECONDS); /* the ping timer runs: the next is a retry */
}

void dcm_agentx_open(void)
{
	limit_waiting();
	init_snmp(APPLICATION);
	limit_waiting(); /* reading the (absent) configuration may set its own defaults */
	after_call();
}

void dcm_agentx_close(void)
{
	if (!agentx.initialized)
		return;
	if (agentx.session)
		agentx.session->timeout = 1000000; /* do not wait 4 s for the last message */
	snmp_shutdown(APPLICATION);
	shutdown_agent();
	agentx.connected = false;
	agentx.session = NULL;
}

bool dcm_agentx_connected(void)
{
	return agentx.connected;
}

static int session_socket(void)
{
	const netsnmp_transport *transport = session_transport();

	return transport ? transport->sock : -1;
}

bool dcm_agentx_writable(void)
{
	struct pollfd fd = {.fd = session_socket(), .events = POLLOUT};

	/* Of a unix stream socket: less than a quarter of its buffer waits for the reader. */
	return fd.fd >= 0 && poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT);
}

bool dcm_agentx_registration_lost(void)
{
	bool lost = agentx.registration_lost && agentx.connected;

	agentx.registration_lost = false;
	return lost;
}

void dcm_agentx_register_again(void)
{
	if (!agentx.connected)
		return;
	register_mib_detach();
	register_mib_reattach();
}

void dcm_agentx_context_begin(const char *context)
{
	agentx.refusals = agentx.connected && !netsnmp_subtree_find_first(context) ? NULL_NODES : 0;
}

void dcm_agentx_context_end(void)
{
	agentx.refusals = 0;
}

size_t dcm_agentx_poll_prepare(struct pollfd *fds, size_t room, uint64_t *ret_due_ns)
{
	struct timeval timeout = {.tv_sec = INT_MAX / 1000};
	netsnmp_large_fd_set set;
	int highest = 0, block = 0;
	size_t count = 0;

	netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	snmp_select_info2(&highest, &set, &timeout, &block);
	for (int fd = 0; fd < highest && count < room; fd++)
		if (NETSNMP_LARGE_FD_ISSET(fd, &set))
			fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
	netsnmp_large_fd_set_cleanup(&set);
	*ret_due_ns = block ? UINT64_MAX
			    : dcm_now_ns() + (uint64_t)timeout.tv_sec * DCM_NSEC_PER_SEC +
				      (uint64_t)timeout.tv_usec * DCM_NSEC_PER_USEC;
	return count;
}

static bool is_readable(int fd)
{
	struct pollfd again = {.fd = fd, .events = POLLIN};

	return poll(&again, 1, 0) == 1 && !(again.revents & POLLNVAL);
}

/*
 * Descriptor by descriptor, each looked at once more: while the library reads one it may wait for
 * an answer of the master, and then reads the others as well. A second read of its internal pipe,
 * which blocks, would never return.
 */
static void read_ready(const struct pollfd *fds, size_t count)
{
	netsnmp_large_fd_set set;
	bool first = true;

	netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	for (size_t i = 0; i < count; i++) {
		if (!fds[i].revents || (!first && !is_readable(fds[i].fd)))
			continue;
		first = false;
		NETSNMP_LARGE_FD_ZERO(&set);
		NETSNMP_LARGE_FD_SET(fds[i].fd, &set);
		snmp_read2(&set);
	}
	netsnmp_large_fd_set_cleanup(&set);
}

/* What follows a request that was answered directly, mostly the next one of a walk. */
static void read_series(void)
{
	uint64_t end = dcm_now_ns() + SERIES_NS;

	while (agentx.answered && dcm_now_ns() < end) {
		struct pollfd fd = {.fd = session_socket(), .events = POLLIN};

		agentx.answered = false;
		if (fd.fd < 0 || poll(&fd, 1, SERIES_PAUSE_MS) != 1)
			return;
		read_ready(&fd, 1);
	}
}

void dcm_agentx_poll_dispatch(const struct pollfd *fds, size_t count)
{
	bool ready = false;

	for (size_t i = 0; i < count; i++)
		ready |= fds[i].revents != 0;
	agentx.answered = false;
	/* Before the timers: a ping waits for its answer and must not find old requests first. */
	if (ready)
		read_ready(fds, count);
	else
		snmp_timeout();
	read_series();
	run_alarms();
	netsnmp_check_outstanding_agent_requests();
	after_call();
}
