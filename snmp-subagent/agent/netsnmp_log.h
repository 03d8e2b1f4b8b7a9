/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sends libnetsnmp's messages to dcm_log, and only there; repetitions are counted, not printed. */
#ifndef DCM_SNMP_NETSNMP_LOG_H
#define DCM_SNMP_NETSNMP_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/units.h"

/* Takes over the library's log. @observer sees every message, suppressed ones too, and says whether
 * it is done with; or NULL. */
void dcm_netsnmp_log_start(bool (*observer)(const char *message));

#define DCM_MESSAGE_REPEAT_NS (60 * DCM_NSEC_PER_SEC)
#define DCM_MESSAGE_SLOTS     16

/* Remembers the last messages; zeroed to begin with (pure). */
struct dcm_message_filter {
	struct dcm_message_slot {
		uint64_t hash, printed_ns, suppressed;
	} slots[DCM_MESSAGE_SLOTS];
};

/*
 * Whether to print @message at @now_ns: not within DCM_MESSAGE_REPEAT_NS of the same one. Then
 * *@ret_suppressed says how many were left out since.
 */
bool dcm_message_filter_pass(struct dcm_message_filter *filter, const char *message,
			     uint64_t now_ns, uint64_t *ret_suppressed);

#endif
