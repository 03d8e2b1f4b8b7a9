/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A part of the agent process, as the loop sees it: agent.c tells every part the same events. Where
 * a function is NULL, the event is of no interest to the part. Nothing here waits for the kernel or
 * for the master.
 */
#ifndef DCM_SNMP_PART_H
#define DCM_SNMP_PART_H

#include "common/base/reason.h"
#include "common/model/config/config.h"
#include "snmp-tables/mib_objects.h"

struct dcm_metric_handler;
struct snmp_pdu;

/* What a part is made from. All of it is borrowed and outlives the part. */
struct dcm_part_context {
	const struct dcm_config *config;
	int snapshot_fd; /* the socket to the sampler */
	bool no_seccomp;
	const struct dcm_metric_handler *metrics; /* NULL before libnetsnmp has started */
};

struct dcm_part {
	/* NULL in @ret: the configuration does not want it. -errno with a reason. */
	int (*create)(const struct dcm_part_context *context, struct dcm_reason *reason,
		      void **ret);

	/* After the end of libnetsnmp. */
	void (*destroy)(void *part);

	/* The configuration was read again. */
	void (*configure)(void *part, const struct dcm_config *config);

	/* The snapshot to look at from now on, borrowed until the next call. NULL: none. */
	void (*swap)(void *part, const struct dcm_snapshot *snapshot);

	/* The AgentX session was opened, with the master's sysUpTime, or lost. Called within
	 * libnetsnmp: sends nothing. */
	void (*connection)(void *part, bool up, struct dcm_mib_uptime uptime);

	/* See dcm_agentx_direct. */
	bool (*direct)(void *part, struct snmp_pdu *pdu, bool next);

	/* Does what is due, before each poll. Returns when to call again at the latest, on
	 * CLOCK_MONOTONIC; UINT64_MAX: after the next event. */
	uint64_t (*run)(void *part, uint64_t now_ns);
};

#endif
