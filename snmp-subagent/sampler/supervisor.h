/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Starts the agent process, and starts it again when it has died. */
#ifndef DCM_SNMP_SUPERVISOR_H
#define DCM_SNMP_SUPERVISOR_H

#include <stdint.h>
#include <sys/types.h>

#include "common/base/complaint.h"
#include "common/base/units.h"
#include "common/model/config/config.h"
#include "snmp-subagent/command_line.h"

#define DCM_RESTART_FIRST_NS (200ULL * 1000000)
#define DCM_RESTART_LAST_NS  (5 * DCM_NSEC_PER_SEC)
/* An agent that lived this long was well: the next death starts over with the short pause. */
#define DCM_RESTART_WELL_NS (10 * DCM_NSEC_PER_SEC)

struct dcm_supervisor {
	pid_t pid; /* 0: not running */
	uint64_t started_ns;
	uint64_t due_ns; /* when to start it again; only while not running */
	uint64_t pause_ns;
	struct dcm_complaint failing; /* to start */
	struct dcm_complaint ended;   /* about the wait status + 1 */
};

void dcm_supervisor_init(struct dcm_supervisor *supervise);

/*
 * Starts the agent with the sampler's @config. *@ret_fd is this side of its snapshot socket. It
 * inherits that socket, a copy of @config and the standard descriptors, nothing else, and gets
 * SIGTERM when this thread dies. On failure (-errno) the next attempt is due after a pause.
 */
int dcm_supervisor_start(struct dcm_supervisor *supervise, const struct dcm_command_line *options,
			 const struct dcm_config *config, uint64_t now_ns, int *ret_fd);

/* Notices whether the agent has ended; logs how, unless the last one ended the same way at once. */
void dcm_supervisor_reap(struct dcm_supervisor *supervise, uint64_t now_ns);

void dcm_supervisor_signal(const struct dcm_supervisor *supervise, int signal);

/* SIGTERM, and SIGKILL after @grace_ms. Returns when it is gone. */
void dcm_supervisor_stop(struct dcm_supervisor *supervise, unsigned grace_ms);

/* The pause before the start that follows @pause_ns (0: the first). */
uint64_t dcm_supervisor_next_pause(uint64_t pause_ns, uint64_t lived_ns);

#endif
