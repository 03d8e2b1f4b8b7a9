/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the senders of notifications do alike. Include Net-SNMP's headers first. */
#ifndef DCM_AGENT_NOTIFICATION_H
#define DCM_AGENT_NOTIFICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/complaint.h"

/*
 * Sends @variables, which are consumed. @err is that of making them: then nothing is sent, and
 * "cannot make @what" is said once until it works again. Returns whether it was sent.
 */
bool dcm_notification_send(netsnmp_variable_list *variables, int err, const char *what,
			   struct dcm_complaint *failing);

/*
 * Calls @send_next until it returns false, a few times at most: between two rounds the loop reads
 * what the master sends. @send_next sends one notification; without any it sets the time to ask
 * again. Returns the time of the next round.
 */
uint64_t dcm_notification_round(bool (*send_next)(void *part, uint64_t now_ns,
						  uint64_t *ret_due_ns),
				void *part, uint64_t now_ns);

#endif
