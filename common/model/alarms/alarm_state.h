/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the alarm engine must not forget over a restart: sequence, alarm indexes, counters, active
 * alarms, the ring of transitions and how far they have been notified. Trends, rates and running
 * hold times start afresh.
 */
#ifndef DCM_MODEL_ALARM_STATE_H
#define DCM_MODEL_ALARM_STATE_H

#include "common/model/alarms/alarm.h"

#define DCM_ALARM_STATE_MAX_SIZE (1u << 20)

/*
 * Allocates *@ret, to be freed by the caller. -ENOMEM.
 *
 * Format, all integers in the host's byte order: magic (8 bytes), version (4), payload length (4),
 * FNV-1a 64 of the payload (8), payload. Strings are a 2-byte length and the bytes. A file of
 * another byte order or version fails by its magic or version and is ignored like a damaged one.
 */
int dcm_alarm_state_save(const struct dcm_alarm_engine *engine, void **ret, size_t *ret_size);

/*
 * Restores into a fresh @engine. -EINVAL with a reason: damaged, or not for this build; the engine
 * is then as it was.
 */
int dcm_alarm_state_load(struct dcm_alarm_engine *engine, const void *data, size_t size,
			 struct dcm_reason *reason);

#endif
