/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_SAMPLER_PRIVILEGES_H
#define DCM_SNMP_SAMPLER_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Gives up every capability but those of @needed (mask of 1 << CAP_*) and sets NO_NEW_PRIVS, so
 * that the agent gets no more either. With @agent_changes_user also keeps what is needed to
 * start the agent, which becomes that user, again, and to signal it.
 */
void dcm_sampler_privileges_drop(uint64_t needed, bool agent_changes_user);

#endif
