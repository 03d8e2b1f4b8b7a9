/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sampler process: the collector, the snapshot socket and the agent's supervisor in one poll
 * loop. No network and no libnetsnmp in here.
 */
#ifndef DCM_SNMP_SAMPLER_H
#define DCM_SNMP_SAMPLER_H

#include "snmp-subagent/command_line.h"

/* Runs until SIGTERM or SIGINT. Returns the exit status of the process. */
int dcm_sampler_main(const struct dcm_command_line *options);

#endif
