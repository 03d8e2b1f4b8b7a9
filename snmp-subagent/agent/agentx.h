/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The AgentX session (RFC 2741) through libnetsnmp: start, connection state, reconnecting, and the
 * library's descriptors and timers for a poll(2) loop. The library's state is global: one per
 * process. Its calls can block for DCM_AGENTX_TIMEOUT_SECONDS each while the master is silent.
 */
#ifndef DCM_SNMP_AGENTX_H
#define DCM_SNMP_AGENTX_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often a lost master is looked for. */
#define DCM_AGENTX_RETRY_SECONDS 2

/* How long the master may take for an answer: a snmpd that reloads its interfaces is silent for
 * almost three seconds at a time. */
#define DCM_AGENTX_TIMEOUT_SECONDS 4

/*
 * Told within the library's calls. @connected: opened, sysUpTime of the master is @uptime_ticks;
 * otherwise the session is gone.
 */
typedef void dcm_agentx_event(void *ctx, bool connected, uint32_t uptime_ticks);

struct snmp_pdu;

/*
 * Offered every Get and GetNext of the master before the library sees it. True: @response, a copy
 * of the request, has its variables replaced by the answers. False: the library answers.
 */
typedef bool dcm_agentx_direct(void *ctx, struct snmp_pdu *response, bool next);

struct dcm_agentx_options {
	const char *socket;	/* path, or a libnetsnmp transport address; "" for the default */
	unsigned ping_interval; /* seconds; 0 for the default of 15 */
	dcm_agentx_event *event;
	dcm_agentx_direct *direct; /* or NULL */
	void *ctx;
};

/*
 * Prepares the library as a subagent that reads no file, keeps no state and logs through dcm_log.
 * Register handlers next, then call dcm_agentx_open(). -EIO with libnetsnmp's message logged.
 */
int dcm_agentx_init(const struct dcm_agentx_options *options);

/* Opens the session, or starts to look for the master until it is there. */
void dcm_agentx_open(void);

/* Closes the session (AgentX Close, shutdown) and releases the library. */
void dcm_agentx_close(void);

bool dcm_agentx_connected(void);

/* Whether the session's socket takes a message without waiting for the master: there is room for
 * many of them. */
bool dcm_agentx_writable(void);

/* The master may not have taken our registrations. False after being read. */
bool dcm_agentx_registration_lost(void);

/* Sends all registrations once more, without unregistering first: snmpd 5.9 would then drop the
 * same registration of another session. */
void dcm_agentx_register_again(void);

/*
 * Around registrations in an SNMP context. The first one ever makes the library fill the new
 * context with three nodes of no use and register these with the master, which has made its own and
 * refuses ours: that is no loss, and not logged.
 */
void dcm_agentx_context_begin(const char *context);
void dcm_agentx_context_end(void);

/*
 * Writes the library's descriptors to @fds of @room entries. Returns their number, and when its
 * next timer is due (CLOCK_MONOTONIC; UINT64_MAX: there is none). Call anew before each poll: a
 * reconnect changes the set even where a number stays the same.
 */
size_t dcm_agentx_poll_prepare(struct pollfd *fds, size_t room, uint64_t *ret_due_ns);

/* Reads what is ready, then runs timers. */
void dcm_agentx_poll_dispatch(const struct pollfd *fds, size_t count);

#endif
